// Command container-disk keeps a KubeVirt containerDisk volume's container
// alive. virt-handler finds the container by the socket it listens on, and
// reads the disk from the container's root file system; removing the socket is
// how KubeVirt tells it to end.
package main

import (
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// checkInterval is how often the socket's existence is looked at.
const checkInterval = time.Second

func main() {
	log.SetFlags(0)
	copyPath := flag.String("copy-path", "", "path of the socket without its `.sock`")
	noOp := flag.Bool("no-op", false, "exit at once: an init container pulls the image this way")
	flag.Parse()
	if *noOp {
		return
	}
	if *copyPath == "" {
		log.Fatal("container-disk: expected --copy-path")
	}
	if err := keepAlive(*copyPath + ".sock"); err != nil {
		log.Fatal("container-disk: ", err)
	}
}

// keepAlive listens on the socket until it is removed or the container is told to stop.
func keepAlive(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go closeEveryConnection(listener)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	for check := time.NewTicker(checkInterval); ; {
		select {
		case <-stop:
			return listener.Close() // removes the socket as well
		case <-check.C:
			if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
				return nil
			}
		}
	}
}

func closeEveryConnection(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		connection.Close()
	}
}
