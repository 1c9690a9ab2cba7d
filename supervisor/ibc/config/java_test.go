package config

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
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

// runJava runs a program of testdata, and gives the lines that it prints.
func runJava(t *testing.T, in io.Reader, arguments ...string) []string {
	t.Helper()
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
	run := exec.CommandContext(t.Context(), java, append([]string{"-Xshare:auto", "-XX:TieredStopAtLevel=1"}, arguments...)...)
	run.Stdin = in
	var complaint strings.Builder
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	return strings.Split(strings.ReplaceAll(string(out), "\r\n", "\n"), "\n")
}

// What java.util.Properties reads and what we read is the same, for 10,000
// files.
func TestParseAgreesWithJava(t *testing.T) {
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
	lines := runJava(t, &in, "testdata/Properties.java")
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

// timePieces are what generated times are made of.
var timePieces = []string{"0", "1", "7", "11", "13", "22", "24", "25", "59", "60", "99", ":", ":", ":", ":", " ", " ", "-", "+", ".", ",", "h", "\t",
	"AM", "PM", "am", "pm", "# x", "\"", "'", "Friday", "fri", "SUN", "Saturday", "Sat", "Thurs", "daily", "at", "\u00a0", "22:00", "7:05", "11:45 PM"}

// tooLarge is a number that no int of Java's holds.
var tooLarge = regexp.MustCompile(`[0-9]{10}`)

// What we say of a time is what Java reads, for 10,000 of them.
func TestTimesAgreeWithJava(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 24))
	var all []string
	for range 10_000 {
		s := ""
		for range 1 + r.IntN(6) {
			s += timePieces[r.IntN(len(timePieces))]
		}
		if s = strings.Trim(s, javaTrimSet); !tooLarge.MatchString(s) {
			all = append(all, s)
		}
	}
	all = append(all, "26:00", "-1:00", "Friday -1:00", "13: 05", "13 :05", "12:75", "Friday  22:00", "Friday\t22:00", "00:15 AM", "00:15 PM")
	read := 0
	for i, line := range runJava(t, strings.NewReader(strings.Join(all, "\n")+"\n"), "testdata/Readings.java")[:len(all)] {
		java := strings.Split(line, "|")
		clock, _ := javaClock(all[i])
		day, _ := javaDayAndClock(all[i])
		if name, at := splitDay(day); name != "" { // Java prints Fri
			name = strings.ToUpper(name[:1]) + strings.ToLower(name[1:3])
			day = name + " " + at
		}
		if clock != "" {
			read++
		}
		if clock != java[0] || day != java[1] || clock12.ok(all[i]) != (java[2] != "") {
			t.Errorf("%q: we read %q, %q and %v, Java %q", all[i], clock, day, clock12.ok(all[i]), java)
		}
	}
	if read < 500 {
		t.Errorf("only %d are times", read)
	}
}

// An address is one to us where it is one to Java; host names, which Java looks
// up, are left out.
func TestAddressesAgreeWithJava(t *testing.T) {
	all := []string{"127.0.0.1", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "::1", "[::1]", "[127.0.0.1]", "[::1", "::", "0", "0.0.0.0", "10.0", "256", "999.1", "300.0.0.1", "127.0.0.256",
		"1.2.3.4.5", "127.0.0.1.", "4294967296", "127.0.0.1/8", "127.0.0.1,127.0.0.2", "127.0.0.1:80", "127.0.0.*", "\"127.0.0.1\"", "127.0.0.1 # x", "::ffff:127.0.0.1", "1:2:3", "http://127.0.0.1", "${X}", "a b", ".", "1..2"}
	for i, java := range runJava(t, strings.NewReader(strings.Join(all, "\n")+"\n"), "testdata/Readings.java", "addresses")[:len(all)] {
		ours, ok := javaAddress(all[i])
		theirs, err := netip.ParseAddr(java)
		if ok && !ours.IsValid() {
			t.Errorf("%q is a host name to us, and %q to Java", all[i], java)
		}
		if ok != (err == nil) || ok && ours != theirs {
			t.Errorf("%q: we read %v (%v), Java %q", all[i], ours, ok, java)
		}
	}
}
