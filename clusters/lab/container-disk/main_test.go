package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheSocketClosesEveryConnectionAndItsRemovalEndsTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deeper", "disk_0.sock")
	ended := make(chan error, 1)
	go func() { ended <- keepAlive(path) }()

	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		connection, err := net.Dial("unix", path)
		if err != nil {
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
			continue
		}
		if _, err := connection.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("expected the connection to be closed, got %v", err)
		}
		break
	}
	select {
	case err := <-ended:
		t.Fatalf("ended while its socket is there: %v", err)
	case <-time.After(2 * checkInterval):
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * checkInterval):
		t.Error("still running without its socket")
	}
}
