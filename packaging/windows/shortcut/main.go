// Command shortcut writes a shortcut of Windows, on any system:
//
//	shortcut -out Gatelight.lnk -target '%LOCALAPPDATA%\Programs\Gatelight\gatelightw.exe' -description 'Gatelight'
//
// The target may have variables of the environment, so that one shortcut serves
// every user.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"unicode/utf16"
)

func main() {
	out := flag.String("out", "", "the shortcut")
	target := flag.String("target", "", "the program that it starts")
	description := flag.String("description", "", "what is shown beside it")
	flag.Parse()
	content, err := shortcut(*target, *description)
	if err == nil {
		err = os.WriteFile(*out, content, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shortcut:", err)
		os.Exit(1)
	}
}

// The parts of a shortcut (Microsoft, [MS-SHLLINK] 2.1 and 2.5.4).
const (
	hasName               = 1 << 2
	hasIconLocation       = 1 << 6
	isUnicode             = 1 << 7
	hasExpString          = 1 << 9  // the target is in an environmentBlock
	preferEnvironmentPath = 1 << 25 // and it is the one that counts
	showNormal            = 1
	environmentBlock      = 0xA0000001
)

// A header is a ShellLinkHeader.
type header struct {
	Size       uint32
	Class      [16]byte
	Flags      uint32
	Attributes uint32
	Times      [3]uint64
	FileSize   uint32
	IconIndex  int32
	Show       uint32
	_          [12]byte // no hot key, and what is reserved
}

// An environment is an EnvironmentVariableDataBlock.
type environment struct {
	Size, Signature uint32
	ANSI            [maxTarget]byte
	Unicode         [maxTarget]uint16
}

// maxTarget is the room for a target, with the zero at its end.
const maxTarget = 260

// shellLink is the class of shortcuts, {00021401-0000-0000-C000-000000000046}.
var shellLink = [16]byte{0x01, 0x14, 0x02, 0x00, 8: 0xC0, 15: 0x46}

func shortcut(target, description string) ([]byte, error) {
	wide := utf16.Encode([]rune(target))
	if len(wide) == 0 || len(wide) >= maxTarget {
		return nil, fmt.Errorf("the target has %d characters; a shortcut has room for 1 to %d", len(wide), maxTarget-1)
	}
	env := environment{Signature: environmentBlock}
	env.Size = uint32(binary.Size(env))
	copy(env.Unicode[:], wide)
	for i, r := range target {
		if r >= 0x80 {
			return nil, fmt.Errorf("the target has %q; use a variable such as %%LOCALAPPDATA%% in place of a name", r)
		}
		env.ANSI[i] = byte(r)
	}
	h := header{Class: shellLink, Flags: hasName | hasIconLocation | isUnicode | hasExpString | preferEnvironmentPath, Show: showNormal}
	h.Size = uint32(binary.Size(h))

	var b bytes.Buffer
	for _, part := range []any{h, counted(description), counted(target), env, uint32(0)} { // 0: no more blocks
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// counted is a text with the number of its characters before it.
func counted(text string) []uint16 {
	wide := utf16.Encode([]rune(text))
	return append([]uint16{uint16(len(wide))}, wide...)
}
