package config

import (
	"fmt"
	"slices"
	"strings"
)

// Diff says what changes from old to new, as a unified diff of the changed
// lines alone, or "" when nothing does. No secret is in it: of a line only the
// key of a known setting is shown, and its value where that is one of the few
// that such a key takes.
func Diff(oldName, newName string, old, new []byte) string {
	was, is := Parse(old), Parse(new)
	a, b := was.rows(), is.rows()
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	behind := 0
	for behind < min(len(a), len(b))-from && a[len(a)-1-behind] == b[len(b)-1-behind] {
		behind++
	}
	if from == len(a) && from == len(b) {
		return ""
	}
	d := hunks{old: was.shown(), new: is.shown()}
	fmt.Fprintf(&d.text, "--- %s\n+++ %s\n", oldName, newName)
	i, j := from, from
	for _, m := range common(a[from:len(a)-behind], b[from:len(b)-behind]) {
		d.hunk(i, from+m[0], j, from+m[1])
		i, j = from+m[0]+1, from+m[1]+1
	}
	d.hunk(i, len(a)-behind, j, len(b)-behind)
	return d.text.String()
}

// rows are the lines without the empty one behind the last line break.
func (f File) rows() []string {
	if n := len(f.lines); f.lines[n-1] == "" {
		return f.lines[:n-1]
	}
	return f.lines
}

// shown is what may be seen of each line.
func (f File) shown() []string {
	lines := slices.Clone(f.lines)
	for i, l := range lines {
		lines[i] = "# …" // unless it is a part of an entry
		if strings.TrimLeft(l, blanks) == "" {
			lines[i] = ""
		}
	}
	for _, e := range f.Entries {
		for i := e.First; i < e.Last; i++ {
			lines[i] = "…"
		}
		lines[e.First-1] = e.shown(f.lines[e.First-1])
	}
	return lines
}

func (e Entry) shown(raw string) string {
	s, ok := known(e.Key)
	switch {
	case !ok:
		return "…"
	case e.Value == "":
		return s.key + "="
	case s.kind.secret:
		return s.key + "=***"
	case e.First == e.Last && isPrintableASCII(raw) && !strings.Contains(raw, `\`) && s.shows(strings.Trim(e.Value, javaTrimSet)):
		return raw
	}
	return s.key + "=…"
}

type hunks struct {
	old, new []string
	text     strings.Builder
}

// hunk writes that old[i:to] became new[j:till].
func (d *hunks) hunk(i, to, j, till int) {
	if i == to && j == till {
		return
	}
	fmt.Fprintf(&d.text, "@@ -%s +%s @@\n", place(i, to), place(j, till))
	for _, l := range d.old[i:to] {
		d.text.WriteString("-" + l + "\n")
	}
	for _, l := range d.new[j:till] {
		d.text.WriteString("+" + l + "\n")
	}
}

// place is where lines stand, as diff writes it.
func place(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

// mostCells is how large a table of lines may get; beyond that all lines
// between the first and the last change count as changed.
const mostCells = 1 << 22

// common pairs the lines of a longest common subsequence.
func common(a, b []string) (pairs [][2]int) {
	if len(a) == 0 || len(b) == 0 || len(a) > mostCells/len(b) {
		return nil
	}
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width) // of what a[i:] and b[j:] have in common
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// Show is the entries of a file, as far as they may be seen: no secret, no value that
// might be one, and no comment.
func Show(b []byte) string {
	f := Parse(b)
	lines := f.shown()
	var text strings.Builder
	for _, e := range f.Entries {
		text.WriteString(lines[e.First-1] + "\n")
	}
	return text.String()
}
