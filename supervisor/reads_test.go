package supervisor_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// unboundedReads are functions that open a named pipe and wait, or read on to an
// end that may never come. What reads a file uses package regularfile, and what
// reads a conversation an [io.LimitReader].
var unboundedReads = []string{"os.ReadFile", "os.Open", "os.OpenInRoot", "io.ReadAll", "ioutil.ReadFile", "ioutil.ReadAll",
	"zip.OpenReader", "bufio.NewScanner"}

// boundedElsewhere are the places where one of them is right, and why.
var boundedElsewhere = map[string]string{
	"../supervisor/regularfile/open_windows.go os.OpenInRoot": "looks at what it has opened",
	"../supervisor/atomicfile/lock_unix.go os.Open":           "a folder, to sync it",
	"../supervisor/ibc/startmark_linux.go os.ReadFile":        "of /proc",
	"../supervisor/ibc/release/release.go io.ReadAll":         "of a LimitReader, in an archive of limited size",
	"../supervisor/monitor/lines.go io.ReadAll":               "of a LimitReader",
	"../supervisor/status/client.go bufio.NewScanner":         "with a limit of its own",
	"../supervisor/status/client.go io.ReadAll":               "of a LimitReader",
	"../supervisor/simgateway/control.go bufio.NewScanner":    "a line has at most 64 kB; from the demo's own process",
	"../packaging/macos/bundle/main.go os.ReadFile":           "a tool of the build",
}

// tools are rooms that are not in the program: what tests, pictures and
// measurements need.
var tools = []string{"supervisor/sockets/bench", "supervisor/testkit", "packaging/checkers", "packaging/archive", "packaging/linked", "tray/panel", "tray/panel/shots", "tray/fakedesktop",
	"tray/fakesupervisor", "tray/chaos"}

func TestEveryReadHasALimit(t *testing.T) {
	supervisor.ComputesMuch(t)
	set := token.NewFileSet()
	unused := map[string]bool{}
	for place := range boundedElsewhere {
		unused[place] = true
	}
	for _, f := range productFiles(t, set) {
		if slices.Contains(tools, f.room) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			name, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(unboundedReads, types.ExprString(name)) {
				return true
			}
			place := strings.ReplaceAll(f.path, `\`, "/") + " " + types.ExprString(name)
			if delete(unused, place); boundedElsewhere[place] == "" {
				t.Errorf("%s: %s has no limit; use package regularfile, or a LimitReader and say so here", set.Position(n.Pos()), types.ExprString(name))
			}
			return true
		})
	}
	for place := range unused {
		t.Errorf("%s is listed, and not there any more", place)
	}
}
