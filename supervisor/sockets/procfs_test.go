package sockets

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// dirent is one record as getdents64(2) writes it.
func dirent(name string) []byte {
	size := (direntHead + len(name) + 1 + 7) &^ 7
	b := make([]byte, size)
	binary.NativeEndian.PutUint16(b[16:], uint16(size))
	copy(b[direntHead:], name)
	return b
}

func TestNamesAreReadUntilToldToStop(t *testing.T) {
	all := slices.Concat(dirent("."), dirent(".."), dirent("4711"), dirent("self"))
	for _, tt := range []struct {
		name string
		in   []byte
		most int
		want string
	}{
		{"all of them", all, 9, ". .. 4711 self"},
		{"until told to stop", all, 3, ". .. 4711"},
		{"an empty directory", nil, 9, ""},
		{"a record that ends early", all[:len(dirent("."))+20], 9, "."},
		{"a record without a size", make([]byte, 64), 9, ""},
	} {
		var got []string
		direntNames(tt.in, func(name []byte) bool {
			got = append(got, string(name))
			return len(got) < tt.most
		})
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestTheInodeIsReadFromALinkToASocketAlone(t *testing.T) {
	for link, want := range map[string]uint64{
		"socket:[12345]": 12345, "socket:[0]": 0, "socket:[18446744073709551615]": 0,
		"pipe:[12345]": 0, "socket:[12345": 0, "socket:[]": 0, "socket:[12x]": 0, "/dev/null": 0, "": 0,
	} {
		inode, ok := socketInode([]byte(link))
		if inode != want || ok != (want != 0 || link == "socket:[0]") {
			t.Errorf("%q: %d, %v; want %d", link, inode, ok, want)
		}
	}
}

func FuzzProcfs(f *testing.F) {
	f.Add(slices.Concat(dirent("4711"), dirent("self")))
	f.Add([]byte("socket:[12345]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		direntNames(b, func(name []byte) bool {
			if len(name) == 0 {
				t.Error("a name that is none")
			}
			total += direntHead + len(name)
			return true
		})
		if total > len(b) {
			t.Errorf("%d bytes of names and heads from %d", total, len(b))
		}
		socketInode(b)
	})
}
