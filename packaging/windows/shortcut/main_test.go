package main

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestAShortcutHasItsTargetAndItsTexts(t *testing.T) {
	const target, description = `%LOCALAPPDATA%\Programs\Gatelight\gatelightw.exe`, "Gatelight"
	b, err := shortcut(target, description)
	if err != nil {
		t.Fatal(err)
	}
	// The sizes are those of [MS-SHLLINK].
	const headerSize, blockSize = 0x4C, 0x314
	texts := 2 + 2*len(description) + 2 + 2*len(target)
	if want := headerSize + texts + blockSize + 4; len(b) != want {
		t.Fatalf("%d bytes, want %d", len(b), want)
	}
	if size := binary.LittleEndian.Uint32(b); size != headerSize {
		t.Errorf("the header says %#x", size)
	}
	block := b[headerSize+texts:]
	if size, kind := binary.LittleEndian.Uint32(block), binary.LittleEndian.Uint32(block[4:]); size != blockSize || kind != 0xA0000001 {
		t.Errorf("the block is %#x, %#x", size, kind)
	}
	if ansi := string(bytes.TrimRight(block[8:8+260], "\x00")); ansi != target {
		t.Errorf("the target is %q", ansi)
	}
	var wide [260]uint16
	if err := binary.Read(bytes.NewReader(block[8+260:]), binary.LittleEndian, &wide); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimRight(string(utf16.Decode(wide[:])), "\x00"); got != target {
		t.Errorf("the target is %q", got)
	}
}

func TestATargetThatAShortcutCannotHoldIsRefused(t *testing.T) {
	for _, target := range []string{"", strings.Repeat("x", 260), `C:\Users\Jörg\gatelightw.exe`} {
		if _, err := shortcut(target, ""); err == nil {
			t.Errorf("%q was taken", target)
		}
	}
}
