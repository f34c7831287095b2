package main

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestCurlPrintsTheHeadAndTheBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Add("X-One", "1")
		writer.Header().Add("X-One", "2")
		writer.WriteHeader(http.StatusNotFound)
		fmt.Fprint(writer, request.Host, " ", request.Header.Get("End-User"))
	}))
	defer server.Close()
	var output, errors strings.Builder
	code := curl([]string{"-sS", "-i", "-m", "5", "-H", "Host: shop", "-H", "end-user: jason", server.URL}, &output, &errors)
	for _, part := range []string{"HTTP/1.1 404 Not Found\r\n", "x-one: 1\r\nx-one: 2\r\n", "\r\n\r\nshop jason"} {
		if code != 0 || !strings.Contains(output.String(), part) {
			t.Errorf("expected 0 and %q, got %d, %q, %s", part, code, output.String(), errors.String())
		}
	}
}

func TestCurlEndsWithItsOwnCodes(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for want, arguments := range map[int][]string{
		2:  {"-H"},
		3:  {"no-url"},
		6:  {"http://no-such-name.invalid"},
		7:  {"http://" + freeAddress(t)},
		28: {"-m", "1", "http://" + silent.Addr().String()},
	} {
		var output, errors strings.Builder
		if code := curl(arguments, &output, &errors); code != want || !strings.HasPrefix(errors.String(), fmt.Sprintf("curl: (%d) ", want)) {
			t.Errorf("%v: expected %d, got %d, %s", arguments, want, code, errors.String())
		}
	}
}

func TestACallTrustsTheOneCertificateForTheHostItAsksFor(t *testing.T) {
	made, err := selfSigned("shop.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	keyPair, err := tls.X509KeyPair([]byte(made.Certificate), []byte(made.Key))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(echo("shop"))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{keyPair}}
	server.StartTLS()
	defer server.Close()
	block, _ := pem.Decode([]byte(made.Certificate))
	other, _ := selfSigned("shop.example", time.Now())
	otherBlock, _ := pem.Decode([]byte(other.Certificate))
	for name, one := range map[string]struct {
		host string
		der  []byte
		want string
	}{
		"its certificate": {"shop.example", block.Bytes, "answered"},
		"another host":    {"other.example", block.Bytes, "error"},
		"another one":     {"shop.example", otherBlock.Bytes, "error"},
	} {
		roots, err := rootsOf("https", base64.StdEncoding.EncodeToString(one.der))
		if err != nil {
			t.Fatal(err)
		}
		target, _ := url.Parse(server.URL)
		request, _ := newRequest(target, list{"host=" + one.host}, "=", "")
		if result := callHTTP(request, false, roots); result.Outcome != one.want {
			t.Errorf("%s: expected %s, got %+v", name, one.want, result)
		}
	}
}

func TestTrustBelongsToHTTPSAlone(t *testing.T) {
	for _, one := range []struct{ scheme, trust string }{{"https", ""}, {"http", "AAAA"}, {"https", "?"}, {"https", "AAAA"}} {
		if _, err := rootsOf(one.scheme, one.trust); err == nil {
			t.Errorf("%v: expected an error", one)
		}
	}
}
