//go:build unix

package logtail

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeOrDeviceIsNotFollowed(t *testing.T) {
	pipe, device := newFakeLog(t, Tail{}), newFakeLog(t, Tail{ByName: true})
	if err := syscall.Mkfifo(pipe.tail.Path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", device.tail.Path); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*fakeLog{pipe, device} {
		if _, err := l.tail.Read(l.collect); err == nil || !strings.Contains(err.Error(), l.tail.Path) {
			t.Error(err)
		}
	}
}
