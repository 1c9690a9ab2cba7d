package ibc

import "fmt"

// An ibcVersion is a version of IBC; the zero value is one that is not known.
type ibcVersion struct{ major, minor, patch int }

// parseVersion reads "3.24.1". What follows the numbers, as in "3.8.4-beta.2",
// does not count.
func parseVersion(s string) (v ibcVersion) {
	if n, _ := fmt.Sscanf(s, "%d.%d.%d", &v.major, &v.minor, &v.patch); n < 2 {
		return ibcVersion{}
	}
	return v
}

// isBefore reports a known version that is older than major.minor.patch.
func (v ibcVersion) isBefore(major, minor, patch int) bool {
	other := ibcVersion{major, minor, patch}
	switch {
	case v == ibcVersion{}:
		return false
	case v.major != other.major:
		return v.major < other.major
	case v.minor != other.minor:
		return v.minor < other.minor
	}
	return v.patch < other.patch
}
