package supervisor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// This file holds the code to ARCHITECTURE.md and to the shape of the core.

const module = "gatelight/"

// A sourceFile is one Go file of the product: no test, no testdata, no other
// module.
type sourceFile struct {
	room string // its folder below the root, as ARCHITECTURE.md names it
	path string
	ast  *ast.File
}

func productFiles(t *testing.T, set *token.FileSet) []sourceFile {
	t.Helper()
	const root = ".."
	var all []sourceFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, other := os.Stat(filepath.Join(path, "go.mod"))
			hidden := strings.HasPrefix(d.Name(), ".") && path != root
			if d.Name() == "testdata" || d.Name() == "dist" || hidden || other == nil && path != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		room, _ := filepath.Rel(root, filepath.Dir(path))
		if room = filepath.ToSlash(room); room == "." {
			room = "main.go"
		}
		all = append(all, sourceFile{room, path, file})
		return err
	})
	if err != nil || len(all) < 100 {
		t.Fatalf("only %d files were read: %v", len(all), err)
	}
	return all
}

func TestImportsAreTheArrowsOfArchitecture(t *testing.T) {
	supervisor.ComputesMuch(t)
	page, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	mayImport := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9/.]+)` \\|[^|]*\\|([^|]*)\\|$").FindAllStringSubmatch(string(page), -1) {
		rooms := []string{strings.TrimSpace(row[2])}
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1) {
			rooms = append(rooms, quoted[1])
		}
		mayImport[row[1]] = rooms
	}
	used := map[string]map[string]bool{}
	for _, f := range productFiles(t, token.NewFileSet()) {
		if used[f.room] == nil {
			used[f.room] = map[string]bool{}
		}
		for _, spec := range f.ast.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if room, ours := strings.CutPrefix(path, module); ours {
				used[f.room][room] = true
			} else if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && slices.Contains(mayImport[f.room], "standard library only") {
				t.Errorf("%s imports %s; it may import the standard library only", f.path, path)
			}
		}
	}
	for room, imports := range used {
		may, listed := mayImport[room]
		if !listed && !strings.HasSuffix(room, "/e2e") { // they hold tests, and a doc.go
			t.Errorf("ARCHITECTURE.md does not list %s", room)
		}
		for imported := range imports {
			if !slices.Contains(may, imported) && !slices.Contains(may, "everything") {
				t.Errorf("%s imports %s, and ARCHITECTURE.md has no such arrow", room, imported)
			}
		}
		for _, arrow := range may {
			if _, isRoom := used[arrow]; isRoom && !imports[arrow] {
				t.Errorf("ARCHITECTURE.md lets %s import %s, which it does not", room, arrow)
			}
		}
	}
	for room := range mayImport {
		if used[room] == nil && strings.Contains(room, "/") {
			t.Errorf("ARCHITECTURE.md lists %s, and there is no such package", room)
		}
	}
}

// core type-checks this package without what it imports. That is enough to know
// the types of its own values.
func core(t *testing.T) (*token.FileSet, map[string]*ast.File, *types.Info, *types.Package) {
	t.Helper()
	set := token.NewFileSet()
	files := map[string]*ast.File{}
	for _, f := range productFiles(t, set) {
		if f.room == "supervisor" {
			files[filepath.Base(f.path)] = f.ast
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: emptyImporter{}, Error: func(error) {}}
	pkg, _ := conf.Check("gatelight/supervisor", set, slices.Collect(maps.Values(files)), info)
	return set, files, info, pkg
}

// An emptyImporter gives packages with nothing in them.
type emptyImporter struct{}

func (emptyImporter) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, filepath.Base(path))
	pkg.MarkComplete()
	return pkg, nil
}

func TestPartsAreWrittenInTheirOwnFilesOnly(t *testing.T) {
	supervisor.ComputesMuch(t)
	set, files, info, pkg := core(t)
	memory := pkg.Scope().Lookup("memory").Type().Underlying().(*types.Struct)
	home := map[string]string{} // type of a part -> its file
	for i := range memory.NumFields() {
		named, ok := memory.Field(i).Type().(*types.Named)
		if ok && named.Obj().Pkg() == pkg {
			home[named.Obj().Name()] = filepath.Base(set.Position(named.Obj().Pos()).Filename)
		}
	}
	if len(home) < 10 {
		t.Fatalf("memory has %d parts: %v", len(home), home)
	}
	partOf := func(e ast.Expr) string {
		typ := info.Types[e].Type
		if p, ok := typ.(*types.Pointer); ok {
			typ = p.Elem()
		}
		if named, ok := typ.(*types.Named); ok && home[named.Obj().Name()] != "" {
			return named.Obj().Name()
		}
		return ""
	}
	writes := 0
	for name, file := range files {
		// written follows an expression from what is written to what holds it.
		var written func(e ast.Expr)
		written = func(e ast.Expr) {
			switch e := e.(type) {
			case *ast.SelectorExpr:
				if part := partOf(e.X); part != "" {
					writes++
					if home[part] != name {
						t.Errorf("%s: a field of %s is written outside %s", set.Position(e.Pos()), part, home[part])
					}
				}
				written(e.X)
			case *ast.IndexExpr:
				written(e.X)
			case *ast.StarExpr:
				if part := partOf(e.X); part != "" && home[part] != name {
					t.Errorf("%s: %s is replaced outside %s", set.Position(e.Pos()), part, home[part])
				}
				written(e.X)
			case *ast.ParenExpr:
				written(e.X)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					_, local := left.(*ast.Ident) // a copy
					if part := partOf(left); part != "" && !local && home[part] != name {
						t.Errorf("%s: %s is replaced outside %s", set.Position(left.Pos()), part, home[part])
					}
					written(left)
				}
			case *ast.IncDecStmt:
				written(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND && partOf(n.X) == "" { // &m.port hands out a part; &d.port.view would hand out a field
					written(n.X)
				}
			case *ast.CompositeLit:
				if part := partOf(n); part != "" && len(n.Elts) > 0 && home[part] != name {
					t.Errorf("%s: a %s is made outside %s", set.Position(n.Pos()), part, home[part])
				}
			}
			return true
		})
	}
	if writes < 80 {
		t.Errorf("only %d writes were found: the test is blind", writes)
	}
}

func TestDecideFitsOnOneScreen(t *testing.T) {
	supervisor.ComputesMuch(t)
	set, files, _, _ := core(t)
	for _, decl := range files["decide.go"].Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "Decide" {
			if n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; n > 40 {
				t.Errorf("Decide has %d lines, at most 40 are readable at once", n)
			}
			return
		}
	}
	t.Error("decide.go has no Decide")
}

func TestNoTypeHasMoreThan25Methods(t *testing.T) {
	supervisor.ComputesMuch(t)
	methods := map[string]map[string]bool{}
	for _, f := range productFiles(t, token.NewFileSet()) {
		if f.room == "supervisor/simgateway" || f.room == "tray/fakedesktop" || f.room == "tray/chaos" || strings.HasPrefix(f.room, "tray/panel") {
			continue // simulators and test desktops
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			typ := strings.TrimPrefix(types.ExprString(fn.Recv.List[0].Type), "*")
			key := f.room + "." + typ
			if methods[key] == nil {
				methods[key] = map[string]bool{}
			}
			methods[key][fn.Name.Name] = true // once, although each system has a file of its own
		}
	}
	for typ, names := range methods {
		if len(names) > 25 {
			t.Errorf("%s has %d methods", typ, len(names))
		}
	}
}

// retired are words that were once used for things that have a standard name.
// One thing has one word.
var retired = map[string]string{
	"tend": "action, logins", "eyes": "SocketReader", "looker": "poller", "hurry": "pollNow", "calm": "quiet",
	"deaf": "unreachable", "doubt": "holdStateUntil", "doubts": "warnings", "doubtful": "warning",
	"healed": "lastEndedAt", "vain": "failed", "mind": "check", "unasked": "without a request",
	"acquaintance": "connKey", "sighting": "lastSeen", "stranger": "foreignGateway",
	"witness": "confirmGuard", "witnesses": "confirmGuard", "newcomer": "unseenClient", "ledger": "queue",
	"ladder": "backends", "rung": "backend", "ears": "callbacks", "book": "Timeline",
	"rig": "harness", "stage": "harness", "ward": "harness", "glass": "screen",
}

func TestRetiredWordsAreGone(t *testing.T) {
	supervisor.ComputesMuch(t)
	set := token.NewFileSet()
	hump := regexp.MustCompile(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)
	for _, f := range productFiles(t, set) {
		if f.room == "supervisor/simgateway" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			for _, word := range hump.FindAllString(id.Name, -1) {
				if now := retired[strings.ToLower(word)]; now != "" {
					t.Errorf("%s: %s: the word for %q is now: %s", set.Position(id.Pos()), id.Name, word, now)
				}
			}
			return true
		})
		if base := strings.TrimSuffix(filepath.Base(f.path), ".go"); retired[base] != "" {
			t.Errorf("%s: the word for %q is now: %s", f.path, base, retired[base])
		}
	}
}
