package find

import (
	"slices"
	"strconv"
	"strings"
)

// numbers are the parts of a version: 1037 is [1037], 10.37 is [10 37]. There
// are none in what is no version.
func numbers(version string) (parts []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || part[0] == '+' || n < 0 {
			return nil
		}
		parts = append(parts, n)
	}
	return parts
}

// compare puts versions in the order of their numbers: 1045 comes after 978,
// and 10.45 after 10.9. What is no version comes before all that are.
func compare(a, b string) int { return slices.Compare(numbers(a), numbers(b)) }

// compareLeading puts names that are no versions in the order of the numbers
// that they begin with, as in 10.50.1d. Names without any come first.
func compareLeading(a, b string) int { return slices.Compare(leading(a), leading(b)) }

func leading(name string) []int {
	end := strings.IndexFunc(name, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		name = name[:end]
	}
	return numbers(strings.Trim(name, "."))
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
	if version[0] == '9' {
		return "9." + version[1:]
	}
	return version[:2] + "." + version[2:]
}
