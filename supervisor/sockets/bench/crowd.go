//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
)

// A crowd is processes that hold sockets nobody watches: established loopback
// connections, with both ends in the same process.
type crowd struct {
	cmds []*exec.Cmd
	ends []io.Closer
}

// gather starts the crowd and returns when every socket is there.
func gather(processes, sockets int) (*crowd, error) {
	c := &crowd{}
	if sockets == 0 {
		return c, nil
	}
	for range processes {
		out, err := c.start("hold", strconv.Itoa(sockets/processes))
		if err != nil {
			return c, err
		}
		if line, err := out.ReadString('\n'); line != "ready\n" {
			return c, fmt.Errorf("a process of the crowd has failed: %q, %v", line, err)
		}
	}
	return c, nil
}

// start runs this program as one of the crowd.
func (c *crowd) start(args ...string) (*bufio.Reader, error) {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c.cmds, c.ends = append(c.cmds, cmd), append(c.ends, in)
	return bufio.NewReader(out), nil
}

// disperse ends the crowd.
func (c *crowd) disperse() {
	for _, end := range c.ends {
		end.Close()
	}
	for _, cmd := range c.cmds {
		_ = cmd.Wait() // it ends with its input
	}
}

// member is one process of the crowd. It ends with its input.
func member(args []string) error {
	var held []net.Conn
	var err error
	switch args[0] {
	case "hold":
		var n int
		if n, err = strconv.Atoi(args[1]); err == nil {
			held, err = pairs(n)
		}
	case "probe":
		var conn net.Conn
		if conn, err = net.Dial("tcp", args[1]); err == nil {
			_, err = conn.Write([]byte("hello"))
			held = append(held, conn)
		}
	default:
		err = fmt.Errorf("nobody in the crowd can %q", args[0])
	}
	if err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	for _, conn := range held {
		conn.Close()
	}
	return err
}

// pairs are n sockets: both ends of n/2 connections.
func pairs(n int) ([]net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	var held []net.Conn
	for len(held) < n {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return held, err
		}
		server, err := l.Accept()
		if err != nil {
			return held, err
		}
		held = append(held, client, server)
	}
	return held, nil
}
