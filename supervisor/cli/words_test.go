package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unclear are words and sentences that new users did not understand, or read the wrong
// way. No text that people see has one of them.
var unclear = []string{
	"without a face", "show the light", "the light waits", "in vain", "is the budget", "gatelight waits", "restarted meanwhile",
	"on a guess", "this is expected", "on its way back", "holding zombies", "blocked by zombies", "made by ", "nobody was seen",
	"gatelight itself", "hung up on", "asked to end by a signal", "begins to watch", "gatelight ends", "nobody can be asked here",
	`"to do:`, "runs goes on", "it says so in", "be mended", "anew", "names them", "whoever makes", "time to look back",
	"renew itself", "it lasts",
}

// notSeen are folders whose texts are for tests and for those who work on the program.
var notSeen = []string{".ci", "dist", "supervisor/simgateway", "supervisor/testkit", "tray/chaos", "tray/e2e", "tray/fakedesktop", "tray/panel",
	"supervisor/sockets/bench", "supervisor/monitor/e2e", "packaging/tools"}

func TestNoTextThatPeopleSeeIsUnclear(t *testing.T) {
	root := filepath.Join("..", "..")
	texts := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			for _, folder := range notSeen {
				if filepath.ToSlash(name) == folder {
					return filepath.SkipDir
				}
			}
			return nil
		}
		if filepath.Ext(name) == ".html" {
			page, err := os.ReadFile(path)
			for _, words := range unclear {
				if strings.Contains(strings.ToLower(string(page)), words) {
					t.Errorf("%s: say %q in another way", name, words)
				}
			}
			return err
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			texts++
			for _, words := range unclear {
				if strings.Contains(strings.ToLower(text.Value), words) {
					t.Errorf("%s: %s: say %q in another way", name, text.Value, words)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || texts < 1000 {
		t.Errorf("%d texts were read: %v", texts, err)
	}
}
