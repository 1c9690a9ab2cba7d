package status

import (
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// Hundreds of readers of a big document must not cost hundreds of documents.
func TestADocumentIsMadeOnceForAllWhoWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := supervisor.Status{Gateways: []supervisor.Snapshot{{Name: "paper", Zombies: make([]supervisor.Zombie, 15_000)}}}
		e := newEncoder()
		encode := func() []byte {
			one, err := e.encode(w)
			if err != nil {
				t.Fatal(err)
			}
			return one.text
		}
		first := encode()
		if len(first) < 15_000 {
			t.Fatalf("%d bytes", len(first))
		}
		for range 200 {
			if text := encode(); &text[0] != &first[0] {
				t.Fatal("it was made again at once")
			}
		}
		time.Sleep(sameFor)
		if text := encode(); &text[0] == &first[0] {
			t.Error("it is handed out although its ages are old")
		}
		w.Gateways = []supervisor.Snapshot{{Name: "paper"}}
		if text := encode(); len(text) >= len(first) {
			t.Errorf("another status has the same document: %d bytes", len(text))
		}
	})
}
