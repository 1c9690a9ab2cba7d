package doctor

import (
	"context"
	"path"
	"path/filepath"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

// These checks are about what differs from Mac to Mac, and from one macOS to the
// next. Each has data, so that a report answers the question.

// MacFacts are what a Mac tells of itself and of this program. What could not be
// read is zero, or nil.
type MacFacts struct {
	Version      string   // of macOS: "15.4"
	Bundle       string   // the identifier of the app that the program runs from
	App          string   // the path of that app; "": it runs from none
	Signature    string   // what codesign prints of it
	Registered   []string // apps with our identifier that LaunchServices knows
	Copies       *int     // how many programs with our identifier run
	MenuBar      *supervisor.MenuBarReport
	MenuBarLives bool      // the program that has written it still runs
	Lid          *bool     // closed
	WokeAt       time.Time // when the Mac last woke up
	Power        string    // what pmset prints of the state
}

// A macChecker makes the checks of one Mac.
type macChecker struct {
	*checker
	MacFacts
}

func (c *checker) mac(ctx context.Context, file settings.File) {
	m := macChecker{c, c.Mac(ctx)}
	m.version()
	m.signature()
	m.registered()
	m.copies()
	m.menuBar()
	m.lastEnd()
	m.appManagement(file)
	m.darkWake()
}

// data adds values to the newest result.
func (c *checker) data(values map[string]any) {
	results := c.sections[len(c.sections)-1].Results
	for key, v := range values {
		switch v := v.(type) {
		case string:
			values[key] = known(v)
		case time.Time:
			values[key] = nil
			if !v.IsZero() {
				values[key] = v.UTC()
			}
		}
	}
	results[len(results)-1].Data = values
}

// known is a text, or null when it is empty.
func known(text string) any {
	if text == "" {
		return nil
	}
	return supervisor.CleanText(text, supervisor.MaxText)
}

func (c macChecker) version() {
	c.note("macos", "macOS %s; the sockets are read with %s", orUnknown(c.Version), c.Sockets.Reader())
	failed := ""
	if c.blind != nil {
		failed = c.blind.Error()
	}
	c.data(map[string]any{"version": c.Version, "arch": c.Machine.Arch, "reader": c.Sockets.Reader(), "reader_works": c.blind == nil, "reader_error": failed})
}

func orUnknown(text string) string {
	if text == "" {
		return "of an unknown version"
	}
	return text
}

// signature says how the app is signed: macOS lets some apps with an ad hoc
// signature show notifications, and others not.
func (c macChecker) signature() {
	s := parseSignature(c.Signature)
	switch {
	case c.App == "":
		c.warning("signature", "install it with: make install", "this is not Gatelight.app, and macOS gives a bare program neither a name nor notifications")
	case s.kind == "":
		c.warning("signature", "sign it: codesign --force --sign - "+c.App, "macOS finds no signature on %s", c.App)
	default:
		c.note("signature", "%s is signed: %s", c.App, s.kind)
	}
	c.data(map[string]any{"app": c.App, "bundle": c.Bundle, "identifier": s.identifier, "kind": s.kind, "team": s.team, "cdhash": s.cdhash})
}

// A signature is what codesign says of one.
type signature struct {
	identifier, team, cdhash string
	kind                     string // "adhoc", or who has signed; "" for none
}

// parseSignature reads what `codesign -d --verbose=2` prints.
func parseSignature(printed string) (s signature) {
	for line := range strings.Lines(printed) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch {
		case key == "Identifier":
			s.identifier = value
		case key == "TeamIdentifier" && value != "not set":
			s.team = value
		case key == "CDHash":
			s.cdhash = value
		case key == "Signature" && value == "adhoc", key == "Authority" && s.kind == "":
			s.kind = value
		}
	}
	return s
}

// registered: an app that LaunchServices does not know gets no notification
// centre, and one that it knows twice may be another copy.
func (c macChecker) registered() {
	const check = "launch services"
	switch {
	case c.App == "":
		return
	case c.Registered == nil:
		c.warning(check, "open the app once in the Finder", "macOS does not know Gatelight.app")
	case len(c.Registered) > 1:
		c.warning(check, "remove the copies that you do not use", "macOS knows several copies of Gatelight.app: %s", strings.Join(c.Registered, ", "))
	default:
		c.ok(check, "macOS knows %s", c.Registered[0])
	}
	c.data(map[string]any{"apps": c.Registered})
}

// copies: on macOS 26 two programs with one identifier may hide each other's icon.
func (c macChecker) copies() {
	const check = "copies"
	if c.Copies != nil && *c.Copies > 1 {
		c.warning(check, "quit the demo and other copies, if the icon is not to be seen", "%d copies of Gatelight.app run", *c.Copies)
	} else {
		c.note(check, "no other copy of Gatelight.app is known to run")
	}
	c.data(map[string]any{"running": c.Copies})
}

func (c macChecker) menuBar() {
	const check = "icon"
	r := c.MenuBar
	switch {
	case r == nil || !c.MenuBarLives || r.Ended:
		c.note(check, "no light runs that has said where its icon is; one says it ten seconds after its start")
	case r.Hidden() != "":
		c.warning(check, "make room in the menu bar; from macOS 26 on, also look at System Settings > Menu Bar", "the icon cannot be seen: %s", r.Hidden())
	default:
		c.ok(check, "the icon is in the menu bar, %.0f points wide", r.Width)
	}
	c.data(map[string]any{"report": r, "running": c.MenuBarLives})
}

// lastEnd says whether the light that ran last has come to its end in order:
// after a logout, or when it was ended while its menu was open.
func (c macChecker) lastEnd() {
	const check = "last end"
	r := c.MenuBar
	switch {
	case r == nil || c.MenuBarLives:
		return
	case r.Ended:
		c.ok(check, "the last light ended in order")
	default:
		c.warning(check, "see why with: gatelight logs", "the last light did not come to its end: it was killed, or the Mac was switched off")
	}
	c.data(map[string]any{"in_order": r.Ended, "pid": r.PID})
}

// appManagement: IBC's script renames the Gateway's app, and macOS asks the person
// whether the program that has started the script may do that (System Settings >
// Privacy & Security > App Management). Nobody can ask macOS for the answer.
func (c macChecker) appManagement(file settings.File) {
	const check = "app management"
	var apps, renamed []string
	for _, g := range file.Gateway {
		root := g.IBC.TWSPath
		for _, pattern := range []string{"*.app", "*/*.app"} {
			found, _ := filepath.Glob(filepath.Join(escapeGlob(root), pattern)) // the pattern is ours
			for _, app := range found {
				if strings.HasSuffix(path.Base(app), "-1.app") {
					renamed = append(renamed, app)
				} else if strings.Contains(app, "IB Gateway") || strings.Contains(app, "Trader Workstation") {
					apps = append(apps, app)
				}
			}
		}
	}
	switch {
	case len(renamed) > 0:
		c.ok(check, "IBC's script has renamed %s, so macOS lets it", strings.Join(renamed, ", "))
	case len(apps) > 0:
		c.note(check, "IBC's script renames the Gateway's app at its first start, and macOS may ask you whether Gatelight may do that: "+
			"System Settings > Privacy & Security > App Management")
	default:
		return
	}
	c.data(map[string]any{"apps": apps, "renamed": renamed, "allowed": allowedWhen(len(renamed) > 0)})
}

// allowedWhen is true, or null: that it has not happened yet says nothing.
func allowedWhen(seen bool) any {
	if seen {
		return true
	}
	return nil
}

// darkWake: a Mac with its lid closed wakes up now and then without a screen, and
// may not play a sound then.
func (c macChecker) darkWake() {
	text := "the lid is open, or there is none"
	if c.Lid != nil && *c.Lid {
		text = "the lid is closed: alerts may make no sound"
	} else if c.Lid == nil {
		text = "whether the lid is closed is not known"
	}
	c.note("sleep", "%s", text)
	c.data(map[string]any{"lid_closed": c.Lid, "woke_at": c.WokeAt, "power_state": strings.TrimSpace(c.Power)})
}
