package config

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// pieces are what the generated files are made of: all that means something to
// java.util.Properties, in the neighbourhoods where it means something else.
var pieces = []string{
	"\\", "\\", "\\\\", "\n", "\n", "\n", "\r", "\r\n", " ", "\t", "\f", "=", "=", ":", "#", "!",
	"\\u00e9", "\\u0061", "\\ud83d\\ude00", "\\uDE00", "\\n", "\\t", "\\r", "\\f", "\\=", "\\:", "\\ ", "\\#", "\\\n", "\\\r\n", "\\\r",
	"a", "b", "1", "A", "IbPassword", "CommandServerPort", "7462", "\xe9", "\xc3\xa9", "\x00", "\x1a", "\x85", "\xa0", "\v",
}

// broken are those that Java refuses a file for.
var broken = []string{"\\u00", "\\ux123", "\\u", "u"}

func generated(r *rand.Rand) []byte {
	var b bytes.Buffer
	if r.IntN(50) == 0 { // Java reads 8192 bytes at a time
		b.WriteString("#" + strings.Repeat("x", 8180) + "\n")
	}
	from := pieces
	if r.IntN(10) == 0 {
		from = slices.Concat(pieces, broken)
	}
	for range r.IntN(24) {
		b.WriteString(from[r.IntN(len(from))])
	}
	return b.Bytes()
}

// What java.util.Properties reads and what we read is the same, for 10,000
// files.
func TestParseAgreesWithJava(t *testing.T) {
	java, err := exec.LookPath("java")
	if err == nil { // macOS has one that only says that there is none
		err = exec.CommandContext(t.Context(), java, "-version").Run()
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no Java: ", err)
		}
		t.Skip("there is no Java: ", err)
	}
	const seed, count = 7462, 10_000
	r := rand.New(rand.NewPCG(seed, seed))
	var files [][]byte
	var in bytes.Buffer
	for i := range count {
		b := generated(r)
		if i == 0 {
			b = New(testPlace)
		}
		files = append(files, b)
		binary.Write(&in, binary.BigEndian, int32(len(b)))
		in.Write(b)
	}
	run := exec.CommandContext(t.Context(), java, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "testdata/Properties.java")
	run.Stdin = &in
	var complaint strings.Builder
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	lines := strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
	if len(lines) != count+1 {
		t.Fatalf("Java has read %d files of %d", len(lines)-1, count)
	}
	different, refused := 0, 0
	for i, b := range files {
		ours := asJava(Parse(b))
		if ours == "refused" {
			refused++
		}
		if ours != lines[i] {
			if different++; different < 5 {
				t.Errorf("%q: Java reads %q, we %q", b, lines[i], ours)
			}
		}
	}
	if different > 0 || refused == 0 || refused == count {
		t.Errorf("%d of %d differ; %d are refused", different, count, refused)
	}
}

// asJava prints a file as testdata/Properties.java does.
func asJava(f File) string {
	if f.Broken != 0 {
		return "refused"
	}
	var pairs []string
	for k, v := range values(f) {
		pairs = append(pairs, fmt.Sprintf("%s:%s", utf16Hex(k), utf16Hex(v)))
	}
	slices.SortFunc(pairs, func(a, b string) int {
		return strings.Compare(strings.SplitN(a, ":", 2)[0], strings.SplitN(b, ":", 2)[0])
	})
	return strings.Join(pairs, " ")
}

func utf16Hex(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return hex.EncodeToString(b)
}
