package simgateway

import "fmt"

// A version is one of IBC 3, whose words have changed with time.
type version struct{ minor, patch int }

// parseVersion reads "3.24.1"; the zero version is none.
func parseVersion(s string) (v version) {
	var major int
	if n, _ := fmt.Sscanf(s, "%d.%d.%d", &major, &v.minor, &v.patch); n < 2 || major != 3 {
		return version{}
	}
	return v
}

// since reports that the version is 3.minor.patch or newer.
func (v version) since(minor, patch int) bool {
	return v.minor > minor || v.minor == minor && v.patch >= patch
}
