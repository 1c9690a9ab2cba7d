package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// manPage returns gatelight(1), in the man macros of groff_man(7).
func manPage(app *kong.Application, date, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH GATELIGHT 1 %q %q \"User Commands\"\n", date, "gatelight "+version)
	fmt.Fprintf(&b, ".SH NAME\ngatelight \\- %s\n", roff(strings.TrimSuffix(lowerFirst(app.Help), ".")))
	b.WriteString(".SH SYNOPSIS\n.B gatelight\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR]...\n")
	b.WriteString(manDescription)
	b.WriteString(".SH COMMANDS\n")
	walk(app.Node, nil, func(n *kong.Node, words []string) {
		if len(words) == 0 || len(children(n)) > 0 {
			return
		}
		fmt.Fprintf(&b, ".SS %s\n%s\n", synopsis(n, words), roff(n.Help))
		for _, p := range n.Positional {
			fmt.Fprintf(&b, ".TP\n\\fI%s\\fR\n%s\n", roff(p.Name), roff(p.Help))
		}
		writeFlags(&b, flags(n))
		writeExamples(&b, n.Detail)
	})
	b.WriteString(".SH OPTIONS\nEvery command takes these.\n")
	writeFlags(&b, flags(app.Node))
	b.WriteString(manEnd)
	return b.String()
}

func synopsis(n *kong.Node, words []string) string {
	parts := []string{"gatelight", strings.Join(words, " ")}
	for _, p := range n.Positional {
		parts = append(parts, p.Summary())
	}
	if len(flags(n)) > 0 {
		parts = append(parts, "[OPTION]...")
	}
	return roff(strings.Join(parts, " "))
}

func writeFlags(b *strings.Builder, flags []*kong.Flag) {
	for _, f := range flags {
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(f.String()), roff(f.Help))
	}
}

// writeExamples writes the lines that are indented in the details of a command.
func writeExamples(b *strings.Builder, detail string) {
	b.WriteString(".PP\nExamples:\n.PP\n.RS 4\n.nf\n")
	for line := range strings.Lines(detail) {
		if example, ok := strings.CutPrefix(line, "    "); ok {
			b.WriteString(roff(example))
		}
	}
	b.WriteString(".fi\n.RE\n")
}

// roff escapes text. A line must not begin with a dot or an apostrophe, which
// begin a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// manDescription and manEnd are what the commands do not say themselves. The
// paths are those of Linux.
const manDescription = `.SH DESCRIPTION
Gatelight shows whether the API of an Interactive Brokers Gateway can be used.
Scripts ask Gatelight instead of the API port.
Without a command it shows the light in the menu bar, or in the terminal where
there is no desktop.
.PP
A Gatelight that runs supervises: it watches the Gateway, and starts, stops and
repairs it through IBC.
Only one supervises for each user; every command finds that one.
`

const manEnd = `.SH ENVIRONMENT
.TP
\fBGATELIGHT_CONFIG\fR
The settings file.
.TP
\fBGATELIGHT_STATE_DIR\fR
The folder of the event log, the logs and the lock.
.TP
\fBGATELIGHT_RUNTIME_DIR\fR
The folder of the control socket.
.SH FILES
.TP
\fI~/.config/gatelight/config.toml\fR
The settings. \fBgatelight init\fR writes them.
.TP
\fI~/.local/state/gatelight\fR
The event log, and the logs of Gatelight and of IBC.
.TP
\fI/usr/lib/systemd/user/gatelight.service\fR
Supervises without a desktop, where a package has installed it:
\fBsystemctl \-\-user enable \-\-now gatelight\fR
.SH SEE ALSO
.BR systemctl (1)
`
