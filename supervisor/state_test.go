package supervisor

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files again")

// diagram draws the rules in their order, one line for each.
func diagram() string {
	widest := 0
	for _, r := range rules {
		widest = max(widest, len(r.needs))
	}
	var b strings.Builder
	for i, r := range rules {
		fmt.Fprintf(&b, "//	%-*s ──▶ %s\n", widest, r.needs, r.state)
		if i < len(rules)-1 {
			b.WriteString("//	  │ else\n")
		}
	}
	return b.String()
}

func TestTheDiagramInTheDocumentationShowsTheRules(t *testing.T) {
	const file, from, to = "doc.go", "supports:\n//\n", "//\n// A look is fresh"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), from)
	drawn, tail, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatalf("%s does not have the lines around the diagram", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(head+from+diagram()+to+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if drawn != diagram() {
		t.Errorf("the diagram in %s is not that of the rules; run go test ./supervisor -run Diagram -update", file)
	}
}
