// Command vmesh-echo is both ends of the traffic that checks judge: a server
// that tells who called it and how, and a caller that tells how a call ended.
package main

import (
	"fmt"
	"os"
	"strings"
)

const usage = `usage:
  vmesh-echo serve --name NAME [--http PORT]... [--tcp PORT]... [--udp PORT]...
                   [--dns PORT]...
  vmesh-echo call [--timeout 5s] [--http2] [--count 1] [--interval 1s] [--header K=V]... URL
`

func main() {
	if len(os.Args) < 2 {
		fail("expected a command: `serve` or `call`")
	}
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2:])
	case "call":
		call(os.Args[2:])
	default:
		fail("unknown command `%s`, expected `serve` or `call`", os.Args[1])
	}
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
