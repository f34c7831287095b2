// Command vmesh-echo is both ends of the traffic that checks judge: a server
// that tells who called it and how, and a caller that tells how a call ended.
// It also plays the services of Istio's sample Bookinfo.
package main

import (
	"fmt"
	"os"
	"path"
	"strings"
)

const usage = `usage:
  vmesh-echo serve --name NAME [--http PORT]... [--tcp PORT]... [--udp PORT]...
                   [--dns PORT]...
  vmesh-echo call [--timeout 5s] [--http2] [--count 1] [--interval 1s] [--header K=V]...
                  [--data FORM] [--trust CERTIFICATE] URL
  vmesh-echo bookinfo [--port 9080] [SERVICE-VERSION]
  vmesh-echo certificate HOST
`

func main() {
	// The images that this program stands in for have curl.
	if path.Base(os.Args[0]) == "curl" {
		os.Exit(curl(os.Args[1:], os.Stdout, os.Stderr))
	}
	if len(os.Args) < 2 {
		fail("expected a command, one of %s", strings.Join(commandNames, ", "))
	}
	command, known := commands[os.Args[1]]
	if !known {
		fail("unknown command `%s`, expected one of %s", os.Args[1], strings.Join(commandNames, ", "))
	}
	command(os.Args[2:])
}

var commandNames = []string{"serve", "call", "bookinfo", "certificate"}

var commands = map[string]func([]string){
	"serve": serve, "call": call, "bookinfo": bookinfo, "certificate": certificate,
}

// fail ends the program with the exit code for wrong usage.
func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "vmesh-echo: "+format+"\n"+usage, values...)
	os.Exit(2)
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}
