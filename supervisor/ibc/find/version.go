package find

import (
	"strconv"
	"strings"
)

// numbers are the parts of a version: 1037 is [1037], 10.37 is [10 37].
func numbers(version string) (parts []int, ok bool) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || part[0] == '+' || n < 0 {
			return nil, false
		}
		parts = append(parts, n)
	}
	return parts, true
}

// compare puts versions in the order of their numbers: 1045 comes after 978,
// and 10.45 after 10.9. What is no version comes before all that are.
func compare(a, b string) int {
	x, okX := numbers(a)
	y, okY := numbers(b)
	switch {
	case okX != okY && okX:
		return 1
	case okX != okY:
		return -1
	}
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] - y[i]
		}
	}
	return len(x) - len(y)
}

// localSpelling is a Gateway's version as this system's folders have it: 10.37
// on macOS, 1037 elsewhere (IBC's user guide). Before 10 there was 9, as in
// 978.
func (m Machine) localSpelling(version string) string {
	if m.OS != "darwin" {
		return strings.ReplaceAll(version, ".", "")
	}
	if strings.Contains(version, ".") || len(version) < 3 {
		return version
	}
	major := 2
	if version[0] == '9' {
		major = 1
	}
	return version[:major] + "." + version[major:]
}
