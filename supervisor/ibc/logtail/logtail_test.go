package logtail

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A fakeLog is a log file and what a Tail has read of it.
type fakeLog struct {
	t    *testing.T
	tail Tail
	read []string
}

func newFakeLog(t *testing.T, tail Tail) *fakeLog {
	tail.Path = filepath.Join(t.TempDir(), "ibc.log")
	if tail.MaxLine == 0 {
		tail.MaxLine = 4 << 10
	}
	l := &fakeLog{t: t, tail: tail}
	t.Cleanup(l.tail.Close)
	return l
}

func (l *fakeLog) collect(line string) { l.read = append(l.read, line) }

func (l *fakeLog) write(text string) {
	l.t.Helper()
	f, err := os.OpenFile(l.tail.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// expects reads on, and compares all lines that were read so far.
func (l *fakeLog) expects(want ...string) {
	l.t.Helper()
	if _, err := l.tail.Read(l.collect); err != nil {
		l.t.Fatal(err)
	}
	if !slices.Equal(l.read, want) {
		l.t.Fatalf("read %q, want %q", l.read, want)
	}
}

func TestLinesAreReadOnceWhenTheyAreComplete(t *testing.T) {
	const text = "one\r\ntwo\n\nfour \r\n"
	for size := 1; size <= len(text); size++ {
		l := newFakeLog(t, Tail{})
		for piece := range slices.Chunk([]byte(text), size) {
			l.write(string(piece))
			if grown, err := l.tail.Read(l.collect); !grown || err != nil {
				t.Fatalf("pieces of %d: grown %t, %v", size, grown, err)
			}
		}
		l.expects("one", "two", "", "four ")
	}
}

func TestAnIncompleteLineIsReadByFlush(t *testing.T) {
	l := newFakeLog(t, Tail{})
	l.write("one\ntwo")
	l.expects("one")
	l.tail.Flush(l.collect)
	l.tail.Flush(l.collect)
	l.expects("one", "two")
}

func TestAMissingFileIsReadWhenItExists(t *testing.T) {
	l := newFakeLog(t, Tail{})
	if grown, err := l.tail.Read(l.collect); grown || err != nil {
		t.Errorf("grown %t, %v", grown, err)
	}
	l.write("one\n")
	l.expects("one")
}

func TestATruncatedFileIsReadFromItsBeginning(t *testing.T) {
	l := newFakeLog(t, Tail{})
	l.write("one\nhal")
	l.expects("one")
	if err := os.Truncate(l.tail.Path, 0); err != nil {
		t.Fatal(err)
	}
	l.write("two\n")
	l.expects("one", "hal", "two")
}

func TestARotatedFileIsReadToItsEndAndThenTheNewOne(t *testing.T) {
	l := newFakeLog(t, Tail{ByName: true})
	l.write("one\n")
	l.expects("one")
	l.write("two\nhal")
	if err := os.Rename(l.tail.Path, l.tail.Path+".1"); err != nil {
		t.Fatal(err)
	}
	l.expects("one", "two")
	l.write("new\n")
	l.expects("one", "two", "hal", "new")
}

func TestARenamedFileIsFollowedWithoutByName(t *testing.T) {
	l := newFakeLog(t, Tail{})
	l.write("one\n")
	l.expects("one")
	old := l.tail.Path
	if err := os.Rename(old, old+".1"); err != nil {
		t.Fatal(err)
	}
	l.write("of the new file\n")
	l.tail.Path = old + ".1"
	l.write("two\n")
	l.tail.Path = old
	l.expects("one", "two")
}

func TestOnlyTheLastBytesOfALongFileAreRead(t *testing.T) {
	l := newFakeLog(t, Tail{Last: 10})
	l.write(strings.Repeat("a line of the past\n", 100) + "the end\n")
	l.expects("the end")
	l.write("and on\n")
	l.expects("the end", "and on")
}

// A Java command line is thousands of characters long, and a broken program may
// print without end: neither is kept in memory.
func TestALongLineIsCutAndNotKept(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{long + "\nshort\n", []string{"xxxxxxxx", "short"}},
		{"1234567\r" + long + "\nshort\n", []string{"1234567\r", "short"}},
		{"12345678\r" + long + "\nshort\n", []string{"12345678", "short"}},
		{"1234567\r\n12345678\r\n123456789\n", []string{"1234567", "12345678", "12345678"}},
	} {
		for _, size := range []int{3, 32 << 10, 3 << 20} {
			tail, read := Tail{MaxLine: 8}, []string(nil)
			for piece := range slices.Chunk([]byte(tt.text), size) {
				tail.split(piece, func(line string) { read = append(read, line) })
				if cap(tail.rest) > 64 {
					t.Fatalf("%d bytes are kept", cap(tail.rest))
				}
			}
			if !slices.Equal(read, tt.want) {
				t.Errorf("%.20q in pieces of %d: %q, want %q", tt.text, size, read, tt.want)
			}
		}
	}
}

func FuzzTail(f *testing.F) {
	f.Add([]byte("one\r\ntwo\n\nthree"), 3)
	f.Add([]byte("a line that is longer than the limit\nx"), 20)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		cut = max(0, min(cut, len(text)))
		read := func(pieces ...[]byte) (lines []string) {
			tail := Tail{MaxLine: 8}
			for _, p := range pieces {
				tail.split(p, func(line string) { lines = append(lines, line) })
			}
			return lines
		}
		whole := read(text)
		if parts := read(text[:cut], text[cut:]); !slices.Equal(parts, whole) {
			t.Errorf("cut at %d: %q, want %q", cut, parts, whole)
		}
		if len(whole) != bytes.Count(text, []byte("\n")) {
			t.Errorf("%d lines of %q", len(whole), text)
		}
	})
}

// Read ends although the writer is faster. What is missing is read next time.
func TestAFileThatGrowsWhileItIsReadIsReadUpToItsEndThen(t *testing.T) {
	l := newFakeLog(t, Tail{})
	l.write("1\n")
	for want := range 3 {
		if _, err := l.tail.Read(func(line string) {
			l.collect(line)
			l.write("more\n")
		}); err != nil || len(l.read) != want+1 {
			t.Fatalf("%q, %v", l.read, err)
		}
	}
}
