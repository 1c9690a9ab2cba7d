//go:build unix

package simgateway

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"testing"
)

// A client speaks the API in bytes.
type client struct {
	t    *testing.T
	conn *net.TCPConn
}

func (h *harness) connect() client { return client{h.t, dial(h.t, h.opts.APIPort)} }

func (c client) send(picture string) {
	c.t.Helper()
	if _, err := c.conn.Write(bytesOf(c.t, picture)); err != nil {
		c.t.Fatal(err)
	}
}

// frame reads one message with its length.
func (c client) frame() []byte {
	c.t.Helper()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c.conn, head); err != nil {
		c.t.Fatalf("no message: %v", err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(c.conn, body); err != nil {
		c.t.Fatalf("half a message: %v", err)
	}
	return append(head, body...)
}

func (c client) wants(pictures ...string) {
	c.t.Helper()
	for _, p := range pictures {
		if got, want := c.frame(), bytesOf(c.t, p); !bytes.Equal(got, want) {
			c.t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
}

// wantsText reads one message that holds text.
func (c client) wantsText(text string) {
	c.t.Helper()
	if got := c.frame(); !bytes.Contains(got, []byte(text)) {
		c.t.Fatalf("got %q, want something with %q", got, text)
	}
}

// wantsEnd checks that the server closes the connection now.
func (c client) wantsEnd() {
	c.t.Helper()
	if n, err := c.conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		c.t.Fatalf("not the end: %d bytes, %v", n, err)
	}
}

// login shakes hands at 187 with this client id and reads all that follows.
func (h *harness) login(id int) client {
	h.t.Helper()
	c := h.connect()
	c.hello()
	c.startAPI(id)
	for _, text := range []string{"DU1234567", "9\x001\x001\x00", "2104", "2106", "2158"} {
		c.wantsText(text)
	}
	return c
}

func (c client) hello() {
	c.t.Helper()
	c.send(`"API\0" 00000009 "v100..187"`)
	c.wantsText("187\x00")
}

func (c client) startAPI(id int) {
	c.t.Helper()
	body := "71\x002\x00" + strconv.Itoa(id) + "\x00\x00"
	if _, err := c.conn.Write(frame([]byte(body))); err != nil {
		c.t.Fatal(err)
	}
}
