//go:build unix && !linux

package config

import (
	"os"
	"testing"
)

// asNobody does it as a user for whom a read-only folder is read-only.
func asNobody(t *testing.T, do func() error) error {
	if os.Geteuid() == 0 {
		t.Skip("nothing is read-only for root")
	}
	return do()
}
