package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHTTPAnswerCarriesTheRequestAsItArrived(t *testing.T) {
	for proto, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		address := freeAddress(t)
		go serveHTTP("web", address)
		target, _ := url.Parse("http://" + address + "/deep/path?q=1")
		request, err := newRequest(target, list{"x-one=1", "x-one=2", "host=other.example"}, "=", "")
		if err != nil {
			t.Fatal(err)
		}
		result := awaitAnswer(t, func(ctx context.Context) exchange { return callHTTP(request.Clone(ctx), http2, nil) })
		var got answer
		if err := json.Unmarshal([]byte(result.Body), &got); err != nil {
			t.Fatalf("%s: %v in %q", proto, err, result.Body)
		}
		if result.Status != 200 || got.Greeting != "Hello from web" || got.Proto != proto || got.Method != http.MethodGet ||
			got.Path != "/deep/path?q=1" || got.Host != "other.example" || got.Local != address ||
			strings.Join(got.Headers["X-One"], ",") != "1,2" {
			t.Errorf("%s: got %+v", proto, got)
		}
		if result.Headers["content-type"] == nil {
			t.Errorf("%s: expected lower-case header names, got %v", proto, result.Headers)
		}
	}
}

func TestAFormIsPosted(t *testing.T) {
	target, _ := url.Parse("http://shop/login")
	request, err := newRequest(target, nil, "=", "username=jason&passwd=")
	if err != nil || request.Method != http.MethodPost || request.FormValue("username") != "jason" {
		t.Errorf("got %v, %v", request, err)
	}
}

func TestTCPServerSpeaksFirstAndEchoesLines(t *testing.T) {
	address := freeAddress(t)
	go serveTCP("line", address)
	result := awaitAnswer(t, func(ctx context.Context) exchange { return callSocket(ctx, "tcp", address) })
	if result.Body != "Hello from line" {
		t.Errorf("got %q", result.Body)
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	connection.Write([]byte("one\ntwo\n"))
	connection.(*net.TCPConn).CloseWrite()
	all, _ := io.ReadAll(connection)
	if string(all) != "Hello from line\none\ntwo\n" {
		t.Errorf("got %q", all)
	}
}

func TestUDPServerAnswersWithThePayload(t *testing.T) {
	address := freeAddress(t)
	go serveUDP("dgram", address)
	result := awaitAnswer(t, func(ctx context.Context) exchange { return callSocket(ctx, "udp", address) })
	if result.Body != "Hello from dgram: ping" {
		t.Errorf("got %q", result.Body)
	}
}

func TestAFailedCallIsNamedAfterItsCause(t *testing.T) {
	behave := func(handle func(*net.TCPConn)) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				handle(connection.(*net.TCPConn))
			}
		}()
		return listener.Addr().String()
	}
	addresses := map[string]string{
		"refused": freeAddress(t),
		"dns":     "no-such-name.invalid:80",
		"timeout": behave(func(*net.TCPConn) {}),
		"closed":  behave(func(c *net.TCPConn) { c.Read(make([]byte, 4096)); c.Close() }),
		"reset":   behave(func(c *net.TCPConn) { c.Read(make([]byte, 1)); c.SetLinger(0); c.Close() }),
	}
	for want, address := range addresses {
		target, _ := url.Parse("http://" + address)
		request, _ := newRequest(target, nil, "=", "")
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		result := callHTTP(request.WithContext(ctx), false, nil)
		cancel()
		if result.Outcome != want || result.Error == "" {
			t.Errorf("expected %s, got %+v", want, result)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// awaitAnswer repeats a call while the server under test is not yet listening.
func awaitAnswer(t *testing.T, once func(context.Context) exchange) exchange {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for {
		result := once(ctx)
		if result.Outcome == "answered" {
			return result
		}
		if ctx.Err() != nil {
			t.Fatalf("no answer, last: %+v", result)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
