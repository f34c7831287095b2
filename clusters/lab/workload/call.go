package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// exchange is how one call ended, as one JSON line.
type exchange struct {
	Outcome string              `json:"outcome"`
	Error   string              `json:"error,omitempty"`
	Status  int                 `json:"status,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    string              `json:"body,omitempty"`
	Millis  float64             `json:"ms"`
}

// bodyLimit keeps a wrong answer from flooding logs and consoles.
const bodyLimit = 1 << 20

func call(arguments []string) {
	flags := flag.NewFlagSet("call", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	timeout := flags.Duration("timeout", 5*time.Second, "budget of one call, name resolution included")
	http2 := flags.Bool("http2", false, "speak cleartext HTTP/2")
	count := flags.Int("count", 1, "number of calls, each on a connection of its own")
	interval := flags.Duration("interval", time.Second, "pause between calls")
	var headers list
	flags.Var(&headers, "header", "request header K=V, may be repeated")
	flags.Parse(arguments)
	if flags.NArg() != 1 {
		fail("expected one URL, got %d arguments", flags.NArg())
	}
	target, err := url.Parse(flags.Arg(0))
	if err != nil || target.Host == "" {
		fail("expected a URL such as http://name:8080/path, got `%s`", flags.Arg(0))
	}

	var once func(context.Context) exchange
	switch target.Scheme {
	case "http":
		request, err := newRequest(target, headers)
		if err != nil {
			fail("%v", err)
		}
		once = func(ctx context.Context) exchange { return callHTTP(request.Clone(ctx), *http2) }
	case "tcp", "udp":
		if target.Port() == "" {
			fail("expected a port in `%s`", target)
		}
		once = func(ctx context.Context) exchange { return callSocket(ctx, target.Scheme, target.Host) }
	default:
		fail("unknown scheme `%s`, expected http, tcp or udp", target.Scheme)
	}

	lines := json.NewEncoder(os.Stdout)
	lines.SetEscapeHTML(false)
	for i := range *count {
		if i > 0 {
			time.Sleep(*interval)
		}
		ctx, cancel := context.WithTimeout(context.Background(), *timeout)
		start := time.Now()
		result := once(ctx)
		cancel()
		result.Millis = float64(time.Since(start).Microseconds()) / 1000
		lines.Encode(result)
	}
}

func newRequest(target *url.URL, headers list) (*http.Request, error) {
	request, err := http.NewRequest(http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, header := range headers {
		key, value, found := strings.Cut(header, "=")
		if !found {
			return nil, fmt.Errorf("expected --header K=V, got `%s`", header)
		}
		if strings.EqualFold(key, "host") {
			request.Host = value
			continue
		}
		request.Header.Add(key, value)
	}
	return request, nil
}

func callHTTP(request *http.Request, http2 bool) exchange {
	transport := &http.Transport{Protocols: new(http.Protocols)} // no proxy of the environment
	defer transport.CloseIdleConnections()
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return exchange{Outcome: outcome(err), Error: err.Error()}
	}
	defer response.Body.Close()
	result := exchange{Outcome: "answered", Status: response.StatusCode, Headers: map[string][]string{}}
	for key, values := range response.Header {
		result.Headers[strings.ToLower(key)] = values
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	result.Body = string(body)
	if err != nil {
		result.Outcome, result.Error = outcome(err), err.Error()
	}
	return result
}

// callSocket reads what a TCP server says first, or what a UDP server answers to one datagram.
func callSocket(ctx context.Context, network, address string) exchange {
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return exchange{Outcome: outcome(err), Error: err.Error()}
	}
	defer connection.Close()
	deadline, _ := ctx.Deadline()
	connection.SetDeadline(deadline)
	body, err := read(network, connection)
	if err != nil {
		return exchange{Outcome: outcome(err), Error: err.Error(), Body: body}
	}
	return exchange{Outcome: "answered", Body: body}
}

func read(network string, connection net.Conn) (string, error) {
	if network == "tcp" {
		line, err := bufio.NewReader(io.LimitReader(connection, bodyLimit)).ReadString('\n')
		return strings.TrimSuffix(line, "\n"), err
	}
	if _, err := connection.Write([]byte("ping")); err != nil {
		return "", err
	}
	packet := make([]byte, 64<<10)
	size, err := connection.Read(packet)
	return string(packet[:size]), err
}

// outcome names the way a call failed; a check judges the name, never the text of an error.
func outcome(err error) string {
	var resolution *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &resolution):
		return "dns"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	default:
		return "error"
	}
}
