package status

import (
	"testing"

	"gatelight/supervisor"
)

// Hundreds of readers of a big document must not cost hundreds of documents.
func TestADocumentIsMadeOnceForAllWhoWatch(t *testing.T) {
	w := supervisor.Status{Gateways: []supervisor.Snapshot{{Name: "paper", Zombies: make([]supervisor.Zombie, 15_000)}}}
	var e encoder
	first, _, err := e.encode(w)
	if err != nil || len(first) < 15_000 {
		t.Fatal(len(first), err)
	}
	made := 0
	for range 200 {
		text, _, err := e.encode(w)
		if err != nil {
			t.Fatal(err)
		}
		if &text[0] != &first[0] { // it is too old on a machine that stood still meanwhile
			made, first = made+1, text
		}
	}
	if made > 20 {
		t.Errorf("made %d times", made)
	}
	w.Gateways = []supervisor.Snapshot{{Name: "paper"}}
	if text, _, err := e.encode(w); err != nil || len(text) >= len(first) {
		t.Errorf("another status has the same document: %d bytes, %v", len(text), err)
	}
}
