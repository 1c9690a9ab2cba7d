package cli

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"gatelight/supervisor/history"
)

// usageText is one line about arguments that the parser refuses: what is wrong, and
// what to write. The parser has only texts, in the words of its own code, so that
// this reads them; the scripts wrong-*.txt notice when they change.
func usageText(app *kong.Node, err error) string {
	node := nodeOf(app, err)
	help := "; see: " + node.FullPath() + " --help"
	text, meant, _ := strings.Cut(err.Error(), ", did you mean ")
	if meant != "" {
		meant = strings.Trim(strings.ReplaceAll(strings.TrimPrefix(meant, "one of "), `"`, ""), "?")
		help = "; did you mean " + choice(strings.Split(meant, ", ")) + "?"
	}
	word, isArgument := strings.CutPrefix(text, "unexpected argument ")
	flag, isFlag := strings.CutPrefix(text, "unknown flag ")
	missing, isMissing := strings.CutPrefix(text, "expected ")
	name, _, _ := strings.Cut(text, " ")
	f := flagOf(node, strings.TrimSuffix(name, ":"))
	path := node.Path()
	switch {
	case isArgument && len(node.Children) > 0:
		text = "there is no command " + strconv.Quote(strings.TrimSpace(path+" "+word))
	case isArgument:
		text = path + " takes no argument " + strconv.Quote(word)
		if len(node.Positional) == 0 && flagOf(node, "--gateway") != nil {
			help = "; to choose a Gateway: --gateway " + word
		}
	case isFlag:
		text = cmp.Or(path, app.Name) + " has no option " + flag
	case isMissing && len(node.Children) > 0:
		text = path + " needs a command behind it"
		var below []string
		for _, c := range node.Children {
			below = append(below, c.Name)
		}
		help = ": " + choice(below)
	case isMissing:
		text = path + " needs " + strings.ToUpper(strings.Trim(missing, `"<> .`))
	case f != nil:
		_, got, _ := strings.Cut(text, "but got ")
		return valueText(f, got, text)
	}
	return text + help
}

// valueText is about the value of an option. got begins with the value, in quotes.
func valueText(f *kong.Flag, got, text string) string {
	name, form := "--"+f.Name, ""
	switch f.Target.Interface().(type) {
	case bool:
		return name + " takes no value; leave it out to say no"
	case int:
		form = "a whole number, such as " + f.Default
	case time.Duration:
		form = "a duration, such as 90s, 5m or 2h"
	case history.Lookback:
		form = "a duration, such as 90m, 24h or 7d"
	}
	if f.Enum != "" {
		form = "one of " + strings.Join(f.EnumSlice(), ", ")
	}
	quoted, _ := strconv.QuotedPrefix(got)
	switch {
	case quoted == `"EOL"`, strings.Contains(text, "missing value"):
		return name + " needs a value: " + cmp.Or(form, name+" "+f.PlaceHolder)
	case quoted == "":
		return text // our own
	case form == "":
		return name + " needs a value, and " + quoted + " looks like an option; if it is the value: " + name + "=" + strings.Trim(quoted, `"`)
	}
	return name + ": " + quoted + " is not " + form
}

// nodeOf is the command that was read before an error.
func nodeOf(node *kong.Node, err error) *kong.Node {
	var failed *kong.ParseError
	if errors.As(err, &failed) {
		for _, p := range failed.Context.Path {
			if n := p.Node(); n != nil {
				node = n
			}
		}
	}
	return node
}

// flagOf is an option of a command, by its name with -- or its letter with -.
func flagOf(n *kong.Node, name string) *kong.Flag {
	for ; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if name == "--"+f.Name || f.Short != 0 && name == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// choice lists words: "a, b or c".
func choice(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
