package simgateway

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A console is IBC's log: what it writes to its standard output.
type console struct {
	mu   sync.Mutex
	w    io.Writer
	ibc3 version // whose words these are
}

func (c *console) write(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.w, text) // a log nobody reads any more is no reason to stop
}

// raw prints a line without a timestamp.
func (c *console) raw(format string, args ...any) {
	c.write(fmt.Sprintf(format, args...) + "\n")
}

// stamped is a line with the time in front. Up to 3.16.2 its first letter is a
// capital.
func (c *console) stamped(message string) string {
	if !c.ibc3.since(17, 0) && message != "" {
		message = strings.ToUpper(message[:1]) + message[1:]
	}
	now := time.Now()
	return fmt.Sprintf("%s:%03d IBC: %s\n", now.Format("2006-01-02 15:04:05"), now.Nanosecond()/1e6, message)
}

// ibc prints a line the way IBC does.
func (c *console) ibc(format string, args ...any) {
	c.write(c.stamped(fmt.Sprintf(format, args...)))
}

// boxed prints an error between two rows of exclamation marks. That of 3.22 and
// 3.23 nobody sees: their script throws it away.
func (c *console) boxed(format string, args ...any) {
	if c.ibc3.since(22, 0) && !c.ibc3.since(24, 0) {
		return
	}
	row := strings.Repeat("!", 79) + "\n"
	c.write(row + c.stamped(fmt.Sprintf(format, args...)) + row)
}

// exception prints an error of Java's, whose text stands without a timestamp.
func (c *console) exception(err error) {
	c.boxed("An exception has occurred:\n%v", err)
}

// frame and dialog print what IBC sees happen to a window.
func (c *console) frame(title string, events ...string)  { c.window("frame", title, events) }
func (c *console) dialog(title string, events ...string) { c.window("dialog", title, events) }

func (c *console) window(kind, title string, events []string) {
	for _, event := range events {
		c.ibc("detected %s entitled: %s; event=%s", kind, title, event)
	}
}
