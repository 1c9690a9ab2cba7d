package ibc

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
)

var (
	// errNoServer: config.ini sets no command server; what is left are signals.
	errNoServer = errors.New("IBC's command server is off; set CommandServerPort=7462 and BindAddress=127.0.0.1 in config.ini")
	// errNotOpen: config.ini sets one, and nobody listens there.
	errNotOpen = errors.New("IBC's command server is set in config.ini and does not listen")
	// errNoAnswer: there is one, and it hangs, as it does together with the
	// Gateway.
	errNoAnswer = errors.New("IBC's command server does not answer")
)

// notOpen says what may have become of the command server on that port.
func notOpen(port int) error {
	return fmt.Errorf("%w on port %d: the Gateway is still starting or about to end, or IBC could not open the port (its log says so)", errNotOpen, port)
}

// unreachable reports that a command has reached nobody, so that something else
// may be tried.
func unreachable(err error) bool {
	return errors.Is(err, errNoServer) || errors.Is(err, errNotOpen) || errors.Is(err, errNoAnswer)
}

const (
	// commandTimeout is how long the command server may take to answer. It
	// answers at once, or it hangs together with the Gateway.
	commandTimeout = 10 * time.Second
	// restOfAnswer is how long the rest of an answer may take. To RESTART IBC
	// says yes and then when, up to 2 s later (IBC 3.24.1, RestartTask.java).
	restOfAnswer = 5 * time.Second
)

// command sends one command to this Gateway's command server and returns its
// answer, a line that begins with OK or ERROR and maybe more such lines. It is
// the only function here that connects to anything, and it never connects to
// the API port.
func (d *Driver) command(ctx context.Context, word string) (answer []string, err error) {
	port, err := d.provenCommandPort(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	// Not localhost: IBC closes connections from ::1 at once.
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", notOpen(port), err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })()
	if _, err := conn.Write([]byte(word + "\n")); err != nil {
		return nil, fmt.Errorf("cannot send %s to IBC's command server: %w", word, err)
	}
	if answer, err = readAnswer(ctx, conn); len(answer) == 0 {
		return nil, fmt.Errorf("%w to %s: %w", errNoAnswer, word, err)
	}
	return answer, nil
}

// readAnswer reads lines until IBC closes the connection, says nothing more, or
// has said enough: what listens there may be no IBC, and never end.
func readAnswer(ctx context.Context, conn net.Conn) (answer []string, err error) {
	lines := bufio.NewReader(io.LimitReader(conn, 16<<10)) // IBC's are short
	for {
		line, err := lines.ReadString('\n')
		if reply := replyIn(line); reply != "" {
			answer = append(answer, reply)
			conn.SetReadDeadline(time.Now().Add(restOfAnswer))
		}
		if err = cmp.Or(err, ctx.Err()); err != nil { // its end may have come just before that deadline was set
			return answer, err
		}
	}
}

// replyIn is the reply in a line of IBC's, "" for none. The prompt that
// config.ini may set stands in front of it, and a line of its own is for people
// (SuppressInfoMessages=no).
func replyIn(line string) string {
	line = strings.TrimSpace(line)
	for _, kind := range []string{"INFO ", "ERROR ", "OK "} {
		if i := strings.Index(line, kind); i >= 0 {
			if kind == "INFO " {
				return ""
			}
			return line[i:]
		}
	}
	return ""
}

// CheckCommandServer reports why this Gateway's command server does not answer;
// nil when it does. It sends EXIT, which ends the conversation and nothing
// else, and only to a server that is proven to be this Gateway's.
func (d *Driver) CheckCommandServer(ctx context.Context) error {
	if err := d.adoptOnce(); err != nil {
		return err
	}
	answer, err := d.command(ctx, "EXIT")
	if refused, ok := errors.AsType[*supervisor.ActionError](err); ok { // this is no action
		return errors.New(refused.Explanation())
	}
	if err == nil && answer[0] != "OK Goodbye" {
		return fmt.Errorf("IBC answered EXIT with %q", answer[0])
	}
	return err
}
