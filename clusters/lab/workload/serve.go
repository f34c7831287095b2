package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// answer is what an HTTP caller gets: who answered, and the request as it arrived here.
type answer struct {
	Greeting string      `json:"greeting"`
	Name     string      `json:"name"`
	Remote   string      `json:"remote"`
	Local    string      `json:"local"`
	Proto    string      `json:"proto"`
	Method   string      `json:"method"`
	Path     string      `json:"path"`
	Host     string      `json:"host"`
	Headers  http.Header `json:"headers"`
}

func serve(arguments []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	name := flags.String("name", "", "name in every answer")
	ports := map[string]*list{"http": {}, "tcp": {}, "udp": {}, "dns": {}}
	for protocol, values := range ports {
		flags.Var(values, protocol, protocol+" port, may be repeated")
	}
	flags.Parse(arguments)
	switch {
	case flags.NArg() > 0:
		fail("unexpected argument `%s`", flags.Arg(0))
	case *name == "":
		fail("expected --name")
	case len(*ports["http"])+len(*ports["tcp"])+len(*ports["udp"])+len(*ports["dns"]) == 0:
		fail("expected at least one port")
	}

	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	failed := make(chan error, 1)
	start := map[string]func(string, string) error{
		"http": serveHTTP, "tcp": serveTCP, "udp": serveUDP, "dns": serveDNS,
	}
	for protocol, values := range ports {
		for _, port := range *values {
			go func() { failed <- fmt.Errorf("%s port %s: %w", protocol, port, start[protocol](*name, ":"+port)) }()
		}
	}
	select {
	case err := <-failed:
		log.Fatal(err)
	case <-stopped.Done():
	}
}

// serveHTTP answers HTTP/1.1 and cleartext HTTP/2 with prior knowledge on one port.
func serveHTTP(name, address string) error {
	server := &http.Server{Addr: address, Handler: echo(name), Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	return server.ListenAndServe()
}

func echo(name string) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(writer).Encode(answer{
			Greeting: "Hello from " + name,
			Name:     name,
			Remote:   request.RemoteAddr,
			Local:    fmt.Sprint(request.Context().Value(http.LocalAddrContextKey)),
			Proto:    request.Proto,
			Method:   request.Method,
			Path:     request.URL.RequestURI(),
			Host:     request.Host,
			Headers:  request.Header,
		})
	})
}

// serveTCP speaks first, as SMTP or SSH do: a proxy that waits for the client's first bytes is found out.
func serveTCP(name, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			fmt.Fprintf(connection, "Hello from %s\n", name)
			for lines := bufio.NewScanner(connection); lines.Scan(); {
				fmt.Fprintf(connection, "%s\n", lines.Bytes())
			}
		}()
	}
}

func serveUDP(name, address string) error {
	socket, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	return answerDatagrams(socket, func(packet []byte) []byte {
		return append([]byte("Hello from "+name+": "), packet...)
	})
}

// answerDatagrams sends what answer makes of each packet to whom it came from; nil is no answer.
func answerDatagrams(socket net.PacketConn, answer func([]byte) []byte) error {
	packet := make([]byte, 64<<10)
	for {
		size, client, err := socket.ReadFrom(packet)
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue // the client of an earlier answer is gone
		}
		if err != nil {
			return err
		}
		if reply := answer(packet[:size]); reply != nil {
			socket.WriteTo(reply, client)
		}
	}
}
