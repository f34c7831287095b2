package main

import (
	"context"
	"net"
	"testing"
	"time"
)

func TestEveryNameResolvesToTheOneAddressOverUDPAndTCP(t *testing.T) {
	address := freeAddress(t)
	go serveDNS("dns", address)
	for _, network := range []string{"udp", "tcp"} {
		resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var found []string
		var err error
		for found == nil && ctx.Err() == nil { // until it listens
			found, err = resolver.LookupHost(ctx, "outside.example.")
		}
		if len(found) != 1 || found[0] != "192.0.2.53" {
			t.Errorf("%s: expected 192.0.2.53 alone, got %v, %v", network, found, err)
		}
	}
}

func TestWhatIsNoQuestionGetsNoReply(t *testing.T) {
	for _, packet := range [][]byte{nil, make([]byte, 11), make([]byte, 40), append(make([]byte, 12), 63)} {
		if reply := resolve(packet); reply != nil {
			t.Errorf("%v: expected no reply, got %v", packet, reply)
		}
	}
}
