package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// A completion script has a table: for each command ("" is the program alone)
// the words that may follow. What takes a value completes from a list where it
// has one, and from file names otherwise.

// candidate is a word that may follow, and what it is.
type candidate struct{ word, help string }

func candidates(app *kong.Application, n *kong.Node) (all []candidate) {
	for _, c := range following(app, n) {
		all = append(all, candidate{c.Name, help(c.Help)})
	}
	for _, f := range flags(n) {
		all = append(all, candidate{"--" + f.Name, help(f.Help)})
	}
	if n != app.Node {
		for _, f := range flags(app.Node) {
			all = append(all, candidate{"--" + f.Name, help(f.Help)})
		}
	}
	return all
}

// following are the commands that may follow a command: help takes all of them.
func following(app *kong.Application, n *kong.Node) []*kong.Node {
	if n.Parent == app.Node && n.Name == "help" {
		return children(app.Node)
	}
	return children(n)
}

// lists returns the options that take one of some words, each once.
func lists(app *kong.Application) (options []string, words map[string][]string) {
	words = map[string][]string{}
	walk(app.Node, nil, func(n *kong.Node, _ []string) {
		for _, f := range flags(n) {
			name := "--" + f.Name
			if f.Enum != "" && words[name] == nil {
				options = append(options, name)
				words[name] = f.EnumSlice()
			}
		}
	})
	return options, words
}

// pathLoop finds out which command the words before the cursor name. Bash and zsh
// understand it.
func pathLoop(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("    case \"$path $word\" in\n")
	walk(app.Node, nil, func(_ *kong.Node, words []string) {
		if len(words) > 0 {
			fmt.Fprintf(&b, "    ' %s') path=\"$path $word\" ;;\n", strings.Join(words, " "))
		}
	})
	b.WriteString("    esac\n")
	return strings.ReplaceAll(b.String(), "path", "command")
}

func bash(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(`# Completes the commands of gatelight in bash.
_gatelight() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word words=
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
` + pathLoop(app) + `  done
  COMPREPLY=()
  case $previous in
`)
	options, words := lists(app)
	for _, o := range options {
		fmt.Fprintf(&b, "  %s) COMPREPLY=($(compgen -W '%s' -- \"$current\")); return ;;\n", o, strings.Join(words[o], " "))
	}
	b.WriteString("  esac\n  case $command in\n")
	walk(app.Node, nil, func(n *kong.Node, words []string) {
		var list []string
		for _, c := range candidates(app, n) {
			list = append(list, c.word)
		}
		pattern := ""
		for _, w := range words {
			pattern += " " + w
		}
		fmt.Fprintf(&b, "  '%s') words='%s' ;;\n", pattern, strings.Join(list, " "))
	})
	b.WriteString(`  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gatelight gatelight
`)
	return b.String()
}

func zsh(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(`#compdef gatelight
# Completes the commands of gatelight in zsh.
_gatelight() {
  local command= word
  local -a candidates
  for word in "${(@)words[2,CURRENT-1]}"; do
` + pathLoop(app) + `  done
  case ${words[CURRENT-1]} in
`)
	options, words := lists(app)
	for _, o := range options {
		fmt.Fprintf(&b, "  %s) compadd -- %s; return ;;\n", o, strings.Join(words[o], " "))
	}
	b.WriteString("  esac\n  case $command in\n")
	walk(app.Node, nil, func(n *kong.Node, words []string) {
		pattern := ""
		for _, w := range words {
			pattern += " " + w
		}
		fmt.Fprintf(&b, "  '%s') candidates=(\n", pattern)
		for _, c := range candidates(app, n) {
			fmt.Fprintf(&b, "    %s\n", quote(strings.ReplaceAll(c.word, ":", `\:`)+":"+c.help))
		}
		b.WriteString("  ) ;;\n")
	})
	b.WriteString(`  esac
  _describe 'command or option' candidates
  _files
}
_gatelight "$@"
`)
	return b.String()
}

func fish(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("# Completes the commands of gatelight in fish.\n")
	walk(app.Node, nil, func(n *kong.Node, words []string) {
		where := fishCondition(n, words)
		for _, c := range following(app, n) {
			fmt.Fprintf(&b, "complete -c gatelight -f%s -a %s -d %s\n", where, c.Name, quote(help(c.Help)))
		}
		if len(words) == 0 {
			where = "" // every command takes the program's options
		}
		for _, f := range flags(n) {
			fmt.Fprintf(&b, "complete -c gatelight%s -l %s", where, f.Name)
			switch {
			case f.Enum != "":
				fmt.Fprintf(&b, " -x -a %s", quote(strings.Join(f.EnumSlice(), " ")))
			case !f.IsBool():
				b.WriteString(" -r")
			}
			fmt.Fprintf(&b, " -d %s\n", quote(help(f.Help)))
		}
	})
	return b.String()
}

// fishCondition says where the words and options of a command are offered.
func fishCondition(n *kong.Node, words []string) string {
	if len(words) == 0 {
		return " -n __fish_use_subcommand"
	}
	var conditions []string
	for _, w := range words {
		conditions = append(conditions, "__fish_seen_subcommand_from "+w)
	}
	if below := children(n); len(below) > 0 {
		names := make([]string, len(below))
		for i, c := range below {
			names[i] = c.Name
		}
		conditions = append(conditions, "not __fish_seen_subcommand_from "+strings.Join(names, " "))
	}
	return " -n " + quote(strings.Join(conditions, "; and "))
}

// quote quotes a text for a shell. Fish and POSIX shells read ” in another way,
// so an apostrophe becomes the typographical one.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "’") + "'" }
