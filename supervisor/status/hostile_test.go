package status

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// hostile text sets a terminal's title, begins a line and turns the direction of
// what follows.
const hostile = "x\x1b]0;PWN\a\n\u202e\u2028"

// Every text of the document is hostile, whatever the program at the other end is.
func TestNoTextOfAnotherGatelightReachesATerminalRaw(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(b, &document); err != nil {
			t.Fatal(err)
		}
		if b, err = json.Marshal(withHostileTexts("", document)); err != nil {
			t.Fatal(err)
		}
		c := &Remote{now: supervisor.Now, most: maxDocument}
		w, err := c.decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		shown, err := json.Marshal(Encode(w, c.now()))
		if err != nil {
			t.Fatal(err)
		}
		all := string(shown) + fmt.Sprintf("%+v", w)
		if strings.Count(all, "x·]0;PWN· · ") < 2 {
			t.Errorf("%s: no hostile text has come here", path)
		}
		if supervisor.CleanText(all, 0) != all || bytes.Contains(shown, []byte(`\u001b`)) {
			t.Errorf("%s: %q", path, all)
		}
	}
}

// withHostileTexts adds to every text, but to times, and puts a zone into an address.
func withHostileTexts(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = withHostileTexts(key, value)
		}
	case []any:
		for i := range v {
			v[i] = withHostileTexts(key, v[i])
		}
	case string:
		switch {
		case key == "peer":
			return "[fe80::1%" + hostile + "]:5"
		case key != "at" && key != "since" && key != "until" && key != "started" && key != "last_seen" && !strings.HasSuffix(key, "_since") && !strings.HasSuffix(key, "_until") && !strings.HasSuffix(key, "_at"):
			return v + hostile
		}
	}
	return v
}
