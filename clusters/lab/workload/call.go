package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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
	data := flags.String("data", "", "form to POST, K=V&K=V; without it the request is a GET")
	trust := flags.String("trust", "", "certificate that an https server must have, its DER in base64")
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
	case "http", "https":
		roots, err := rootsOf(target.Scheme, *trust)
		if err != nil {
			fail("%v", err)
		}
		once = func(ctx context.Context) exchange {
			// Anew for each, as a body is read once.
			request, err := newRequest(target, headers, "=", *data)
			if err != nil {
				fail("%v", err)
			}
			return callHTTP(request.WithContext(ctx), *http2, roots)
		}
	case "tcp", "udp":
		if target.Port() == "" {
			fail("expected a port in `%s`", target)
		}
		once = func(ctx context.Context) exchange { return callSocket(ctx, target.Scheme, target.Host) }
	default:
		fail("unknown scheme `%s`, expected http, https, tcp or udp", target.Scheme)
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

// rootsOf is the one certificate that a server of the scheme may have.
func rootsOf(scheme, trust string) (*x509.CertPool, error) {
	if (scheme == "https") != (trust != "") {
		return nil, fmt.Errorf("expected --trust with https, and only there")
	}
	if trust == "" {
		return nil, nil
	}
	der, err := base64.StdEncoding.DecodeString(trust)
	if err != nil {
		return nil, fmt.Errorf("--trust is not base64: %w", err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("--trust is no certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	return roots, nil
}

func newRequest(target *url.URL, headers list, separator, form string) (*http.Request, error) {
	method := http.MethodGet
	if form != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, target.String(), strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, header := range headers {
		key, value, found := strings.Cut(header, separator)
		if !found {
			return nil, fmt.Errorf("expected a header K%sV, got `%s`", separator, header)
		}
		if strings.EqualFold(key, "host") {
			request.Host = value
			continue
		}
		request.Header.Add(key, value)
	}
	return request, nil
}

// callHTTP sends the request to the address of its URL; TLS is asked for the host of its `host` header, as curl's
// `--connect-to` has it.
func callHTTP(request *http.Request, http2 bool, roots *x509.CertPool) exchange {
	transport := &http.Transport{Protocols: new(http.Protocols)} // no proxy of the environment
	if roots != nil {
		host, _, _ := strings.Cut(request.Host, ":")
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: host}
	}
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
