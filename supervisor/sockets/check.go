package sockets

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"time"

	"gatelight/supervisor"
)

// checkLimit is how long a check may take. It takes about 20 ms.
const checkLimit = 5 * time.Second

// Check proves that a reader sees what another process does: a child of ours
// listens, and holds both ends of a connection to itself. Our own listener would
// prove nothing: from macOS 27 on some ways to read the table show the caller's sockets
// and no others, and would pass without seeing anything else. command runs
// [Child].
func Check(ctx context.Context, reader interface {
	Look(context.Context, []int) (supervisor.Table, error)
}, command ...string) error {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start a child to look at: %w", err)
	}
	defer func() { // it ends with its input, or is killed; its exit status does not matter
		in.Close()
		_ = cmd.Wait()
	}()
	line, err := bufio.NewReader(io.LimitReader(out, 4<<10)).ReadString('\n')
	var connection struct{ Server, Client netip.AddrPort }
	if json.Unmarshal([]byte(line), &connection) != nil {
		return fmt.Errorf("the child to look at has failed: %q, %v", line, err)
	}
	port := int(connection.Server.Port())
	table, err := reader.Look(ctx, []int{port})
	if err != nil {
		return err
	}
	return checkView(table.Ports[port], cmd.Process.Pid, connection.Client)
}

// checkView compares what a look saw with what the child did.
func checkView(v supervisor.PortView, child int, client netip.AddrPort) error {
	switch {
	case v.Listener == nil:
		return fmt.Errorf("a port on which process %d listens was seen closed", child)
	case v.Listener.Process.PID != child:
		return fmt.Errorf("the listener of process %d was seen as process %d's", child, v.Listener.Process.PID)
	case len(v.Peers) != 1 || v.Peers[0].Addr != client || v.Peers[0].TCP != supervisor.Established:
		return fmt.Errorf("an open connection of process %d was not seen", child)
	case v.Peers[0].Client.PID != child:
		return fmt.Errorf("the client of process %d was seen as process %d's", child, v.Peers[0].Client.PID)
	}
	return nil
}

// Child is the process that [Check] looks at. It prints which addresses it has
// connected with each other, as JSON, and ends with its input.
func Child(in io.Reader, out io.Writer) (exit int) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(out, err)
		return 1
	}
	defer l.Close()
	client, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		fmt.Fprintln(out, err)
		return 1
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		fmt.Fprintln(out, err)
		return 1
	}
	defer server.Close()
	fmt.Fprintf(out, "{\"server\": %q, \"client\": %q}\n", l.Addr(), client.LocalAddr())
	_, _ = io.Copy(io.Discard, in)
	return 0
}
