package monitor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// No order can be sent from here. The package names these things of the library
// and no others, in particular not the client's type: so a client is an api, and
// an api has two functions.
func TestNothingElseOfTheLibraryIsReachable(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	var functions []string
	for _, file := range sources(t) {
		for _, imp := range file.Imports {
			if strings.Contains(imp.Path.Value, "scmhub/ibapi") && (imp.Name != nil || imp.Path.Value != `"github.com/scmhub/ibapi"`) {
				t.Errorf("%s must be imported as itself", imp.Path.Value)
			}
			if p := imp.Path.Value; p == `"reflect"` || p == `"unsafe"` {
				t.Errorf("%s could reach past the interface", p)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok && id.Name == "ibapi" {
					used[n.Sel.Name] = true
				}
			case *ast.TypeAssertExpr:
				if _, ok := n.Type.(*ast.InterfaceType); ok {
					t.Error("an assertion to an interface could widen the api")
				}
			case *ast.TypeSpec:
				if n.Name.Name == "api" {
					for _, f := range n.Type.(*ast.StructType).Fields.List {
						for _, name := range f.Names {
							functions = append(functions, name.Name)
						}
						if _, ok := f.Type.(*ast.FuncType); !ok || len(f.Names) == 0 {
							t.Error("the api holds something that is no function")
						}
					}
				}
			}
			return true
		})
	}
	if got, want := slices.Sorted(maps.Keys(used)), []string{"BAD_MESSAGE", "NewEClient", "SetLogger", "UNKNOWN_ID", "Wrapper"}; !slices.Equal(got, want) {
		t.Errorf("of the library, %v is used; want %v", got, want)
	}
	if want := []string{"connect", "reqCurrentTime"}; !slices.Equal(functions, want) {
		t.Errorf("the api has %v, want %v", functions, want)
	}
}

// The client stays in one function, as a variable of which nothing but the two
// methods is used, and leaves it as an api.
func TestTheClientIsMadeInOnePlace(t *testing.T) {
	t.Parallel()
	made := 0
	for _, file := range sources(t) {
		for _, decl := range file.Decls {
			fn, _ := decl.(*ast.FuncDecl)
			ast.Inspect(decl, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "NewEClient" {
					made++
					checkClient(t, fn)
				}
				return true
			})
		}
	}
	if made != 1 {
		t.Errorf("NewEClient is used %d times", made)
	}
}

// checkClient checks the function that calls NewEClient.
func checkClient(t *testing.T, fn *ast.FuncDecl) {
	t.Helper()
	if fn == nil || fn.Type.Results == nil || len(fn.Body.List) != 2 {
		t.Fatal("NewEClient must be in a function of two statements")
	}
	if id, ok := fn.Type.Results.List[0].Type.(*ast.Ident); !ok || id.Name != "api" {
		t.Error("the function must return an api")
	}
	assign, ok := fn.Body.List[0].(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 {
		t.Fatal("NewEClient's result must go into a variable")
	}
	variable := assign.Lhs[0].(*ast.Ident).Name
	uses, methods := 0, []string{}
	ast.Inspect(fn.Body.List[1], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == variable {
				uses++
			}
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Name == variable {
				methods = append(methods, n.Sel.Name)
			}
		}
		return true
	})
	if want := []string{"Connect", "ReqCurrentTime"}; !slices.Equal(methods, want) || uses != len(want) {
		t.Errorf("of the client, %v is used, in %d places; want %v alone", methods, uses, want)
	}
}

func sources(t *testing.T) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
	}
	if len(files) < 5 {
		t.Fatalf("only %d source files", len(files))
	}
	return files
}

// The same on the wire: what is not on the list does not pass, in either
// encoding.
func TestOnlyTwoRequestsPassTheGate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body    string
		version int
		want    int
		pass    bool
	}{
		{"71\x002\x0013\x00\x00", 187, 71, true},
		{"49\x001\x00", 187, 49, true},
		{"\x00\x00\x00\x472\x0013\x00\x00", 203, 71, true},
		{"\x00\x00\x01\x0f\x08\x0d", 213, 71, true},
		{"\x00\x00\x00\xf9", 213, 49, true},
		{"3\x0045\x001\x00", 187, 3, false},           // placeOrder
		{"\x00\x00\x00\x03rest", 203, 3, false},       // placeOrder
		{"\x00\x00\x00\xcb\x08\x01", 213, 3, false},   // placeOrder
		{"4\x001\x00", 187, 4, false},                 // cancelOrder
		{"58\x001\x00", 187, 58, false},               // reqGlobalCancel
		{"\x00\x00\x01\x02", 213, 58, false},          // reqGlobalCancel
		{"1\x0011\x00", 187, 1, false},                // reqMktData
		{"49\x001\x00", 0, -1, false},                 // before the handshake
		{"\x00\x00\x001", 187, -1, false},             // the other encoding
		{"49\x001\x00", 213, 0x34390031 - 200, false}, // the other encoding
		{"", 187, -1, false},
		{"", 213, -1, false},
	} {
		if got := messageID([]byte(tt.body), tt.version); got != tt.want || allowed[got] != tt.pass {
			t.Errorf("%q at %d: message %d, passes %v; want %d, %v", tt.body, tt.version, got, allowed[got], tt.want, tt.pass)
		}
	}
}
