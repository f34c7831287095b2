package main

import (
	"encoding/binary"
	"io"
	"net"
)

// resolved is what every name resolves to: an address of TEST-NET-1, which nothing else in a cluster has. So an answer
// tells whether it came from here.
var resolved = [4]byte{192, 0, 2, 53}

// serveDNS answers every question for an IPv4 address, over UDP and TCP, and has no other record of any name.
func serveDNS(_, address string) error {
	socket, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- answerDatagrams(socket, resolve) }()
	go func() { failed <- answerStreams(listener) }()
	return <-failed
}

// answerStreams: over TCP a message comes after its length.
func answerStreams(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			var size uint16
			for binary.Read(connection, binary.BigEndian, &size) == nil {
				query := make([]byte, size)
				if _, err := io.ReadFull(connection, query); err != nil {
					return
				}
				reply := resolve(query)
				if reply == nil {
					return
				}
				connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
			}
		}()
	}
}

// resolve makes the reply to a query with one question (RFC 1035, section 4), and none to anything else.
func resolve(query []byte) []byte {
	const header = 12
	end := header
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5 // the root label, type and class
	if end > len(query) || query[2]&0x80 != 0 || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	isIPv4 := binary.BigEndian.Uint16(query[end-4:]) == 1
	reply := append([]byte{}, query[:end]...)
	// A response, authoritative, recursion desired as asked and available; one question, one answer or none.
	copy(reply[2:], []byte{0x84 | query[2]&1, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if isIPv4 {
		reply[7] = 1
		reply = append(reply, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4)
		reply = append(reply, resolved[:]...)
	}
	return reply
}
