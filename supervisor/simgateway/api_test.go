//go:build unix

package simgateway

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

func TestHandshakesOfAllEncodings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		server, client    int
		startAPI          string
		accounts, next    string
		farm              string
		askTime, tellTime string
	}{
		{176, 225, `00000009 "71\02\013\0\0"`, `0000000f "15\01\0DU1234567\0"`, `00000006 "9\01\01\0"`, "4\x002\x00-1\x002104\x00", `00000005 "49\01\0"`, "49\x001\x00"},
		{187, 225, `00000009 "71\02\013\0\0"`, `0000000f "15\01\0DU1234567\0"`, `00000006 "9\01\01\0"`, "4\x002\x00-1\x002104\x00", `00000005 "49\01\0"`, "49\x001\x00"},
		{213, 225, `00000006 0000010f 080d`, `0000000f 000000d7 0a09 "DU1234567"`, `00000006 000000d1 0801`, "\x00\x00\x00\xcc\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10", `00000004 000000f9`, "\x00\x00\x00\xf9\x08"},
		{213, 176, `00000009 "71\02\013\0\0"`, `0000000f "15\01\0DU1234567\0"`, `00000006 "9\01\01\0"`, "4\x002\x00-1\x002104\x00", `00000005 "49\01\0"`, "49\x001\x00"},
		{206, 225, `0000000a 00000047 "2\013\0\0"`, `00000010 0000000f "1\0DU1234567\0"`, `00000008 00000009 "1\01\0"`, "\x00\x00\x00\xcc\x08\xff", `00000006 00000031 "1\0"`, "\x00\x00\x00\x311\x00"},
	} {
		t.Run(strconv.Itoa(tc.server)+"–"+strconv.Itoa(tc.client), func(t *testing.T) {
			t.Parallel()
			h := launchAndLogIn(t, Options{ServerVersion: tc.server})
			c := h.connect()
			c.send(`"API\0" 00000009 "v100..` + strconv.Itoa(tc.client) + `"`)
			c.wantsText(strconv.Itoa(min(tc.server, tc.client)) + "\x00")
			c.send(tc.startAPI)
			c.wants(tc.accounts, tc.next)
			if got := c.frame(); !bytes.HasPrefix(got[4:], []byte(tc.farm)) || !bytes.Contains(got, []byte("Market data farm connection is OK:usfarm")) {
				t.Errorf("2104: %q", got)
			}
			c.wantsText("HMDS data farm")
			c.wantsText("Sec-def data farm")
			c.send(tc.askTime)
			c.wantsText(tc.tellTime)
			if n := h.counts(); n.Handshakes != 1 || n.Sessions != 1 || n.CurrentTime != 1 || n.First[0] != (firstSeen{17, "API\x00"}) {
				t.Errorf("counts: %+v", n)
			}
		})
	}
}

// A client that connects asks for its orders and positions, and some wait 10 s
// for each answer.
func TestListsAreEmptyAndEnd(t *testing.T) {
	t.Parallel()
	text := [][2]string{
		{`00000004 "5\01\0"`, `00000005 "53\01\0"`},
		{`00000005 "16\01\0"`, `00000005 "53\01\0"`},
		{`00000005 "99\01\0"`, `00000004 "102\0"`},
		{`00000005 "61\01\0"`, `00000005 "62\01\0"`},
		{`00000010 "6\02\01\0DU1234567\0"`, `0000000f "54\01\0DU1234567\0"`},
		{`0000000d "7\03\042\0\0\0\0\0\0\0"`, `00000008 "55\01\042\0"`},
		{`0000000c "62\01\0-9\0All\0"`, `00000008 "64\01\0-9\0"`},
		{`00000009 "74\01\07\0\0\0"`, `00000007 "72\01\07\0"`},
		{`0000000b "76\01\08\0\0\00\0"`, `00000007 "74\01\08\0"`},
	}
	h := launchAndLogIn(t, Options{})
	c := h.login(13)
	for _, pair := range text {
		c.send(pair[0])
		c.wants(pair[1])
	}
	c.send(`00000010 "6\02\00\0DU1234567\0"`) // ends the updates: no answer
	c.send(`00000005 "61\01\0"`)
	c.wants(`00000005 "62\01\0"`)

	h = launch(t, Options{ServerVersion: 213})
	h.waitForLog(configured, 1)
	c = h.connect()
	c.send(`"API\0" 00000009 "v100..225"`)
	c.wantsText("213\x00")
	c.send(`00000006 0000010f 080d`)
	for range 5 { // accounts, next id and farms
		c.frame()
	}
	for _, pair := range [][2]string{
		{`00000004 000000cd`, `00000004 000000fd`},                                               // open orders
		{`00000004 00000105`, `00000004 00000106`},                                               // positions
		{`00000006 000000cf 082a`, `00000006 000000ff 082a`},                                     // executions
		{`00000006 000000ce 0801`, `0000000f 000000fe 0a09 "DU1234567"`},                         // account updates
		{`0000000f 00000106 08f7ffffffffffffffff01`, `0000000f 00000108 08f7ffffffffffffffff01`}, // account summary, id -9
	} {
		c.send(pair[0])
		c.wants(pair[1])
	}
}

func TestAHelloMayArriveInPieces(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	c := h.connect()
	for _, b := range bytesOf(t, `"API\0" 00000013 "v100..187 +PACEAPI "`) {
		if _, err := c.conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	c.wantsText("187\x00")
}

func TestLinkChangesArePushedToAllClients(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	a, b := h.login(1), h.login(2)
	for _, step := range [][2]string{
		{"link down", "\x00-1\x001100\x00"}, {"link up", "\x00-1\x001102\x00"},
		{"link down", "\x00-1\x001100\x00"}, {"link up lost", "\x00-1\x001101\x00"},
		{"push 10197 No market data during competing live session", "\x00-1\x0010197\x00No market data"},
	} {
		h.control(step[0])
		a.wantsText(step[1])
		b.wantsText(step[1])
	}
	h.control("link down")
	c := h.connect()
	c.hello()
	c.startAPI(3)
	c.wantsText("DU1234567")
	c.wantsText("9\x001\x001\x00")
	c.wantsText("\x00-1\x002110\x00")
}

func TestAClientIDInUseIsRefused(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	first := h.login(13)
	second := h.connect()
	second.hello()
	second.startAPI(13)
	second.wantsText("\x00-1\x00326\x00")
	second.wantsEnd()
	first.conn.Close()
	testkit.Eventually(t, "the id is free again", func() bool { return h.counts().Sessions == 0 })
	h.login(13)
}

func TestBadMessagesEndTheConnection(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	c := h.connect()
	c.send(`"GET / HTTP/1.0"`)
	c.wantsEnd()
	c = h.login(1)
	c.send(`7fffffff`)
	c.wantsText("\x00-1\x00507\x00")
	c.wantsEnd()
	c = h.connect()
	c.send(`"API\0" 00000009 "v300..310"`) // too new for this server
	c.wantsEnd()
	c = h.login(1)
	c.send(`00000006 "9999\0x"  00000005 "49\01\0"`) // unknown requests are read and ignored
	c.wantsText("49\x001\x00")
}

func TestEarlyPortAnswersAfterTheLogin(t *testing.T) {
	t.Parallel()
	h := launch(t, Options{EarlyPort: true, TwoFactor: Never})
	h.waitForLog("Second Factor Authentication initiated", 1)
	c := h.connect()
	c.send(`"API\0" 00000009 "v100..187"`)
	testkit.Eventually(t, "accepted", func() bool { return h.counts().Accepted == 1 })
	if n := h.counts(); n.Hellos != 0 {
		t.Errorf("answered before the login: %+v", n)
	}
	h.control("approve")
	c.wantsText("187\x00")
}

func TestAHangingGatewayAnswersAfterResume(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	old := h.login(1)
	h.control("hang")
	old.send(`00000005 "49\01\0"`)
	h.control("link down") // a Gateway that hangs tells nobody
	fresh := h.connect()
	fresh.send(`"API\0" 00000009 "v100..187"`)
	testkit.Eventually(t, "accepted", func() bool { return h.counts().Accepted == 2 })
	if n := h.counts(); n.CurrentTime != 0 || n.Hellos != 1 || n.Sessions != 1 {
		t.Errorf("answered: %+v", n)
	}
	h.control("resume")
	old.wantsText("49\x001\x00")
	fresh.wantsText("187\x00")
}

func TestStuckConnectionsStayUnread(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	old := h.login(1)
	h.control("stick all")
	old.send(`00000005 "49\01\0"`)
	stuck := h.connect()
	stuck.send(`"API\0" 00000009 "v100..187"`)
	testkit.Eventually(t, "stuck", func() bool { return h.counts().Stuck == 1 })
	h.control("unstick")
	old.wantsText("49\x001\x00")
	h.login(2)
	if n := h.counts(); n.Stuck != 1 || n.First[1].Bytes != 0 {
		t.Errorf("the stuck connection was read: %+v", n)
	}
	h.control("stick 1")
	h.connect()
	testkit.Eventually(t, "stuck", func() bool { return h.counts().Stuck == 2 })
	h.login(3)
}

func TestWrongControlCommandsAreErrors(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	for _, line := range []string{"", "dance", "link sideways", "push", "push x y", "stick x", "stick -1", "probe", "probe x y", "approve"} {
		if answer, err := Control(t.Context(), h.layout.Control, line); err == nil {
			t.Errorf("%q: %s", line, answer)
		}
	}
	if _, err := Control(t.Context(), h.layout.Control+"x", "counts"); err == nil || !strings.Contains(err.Error(), "cannot control") {
		t.Errorf("no socket: %v", err)
	}
}
