package cli

import "strings"

// lidClosed reads what `ioreg -r -k AppleClamshellState -d 1` prints; nil: it does
// not tell, as on a Mac without a lid.
func lidClosed(printed string) *bool {
	for line := range strings.Lines(printed) {
		key, value, found := strings.Cut(line, " = ")
		if found && strings.Contains(key, `"AppleClamshellState"`) {
			return new(strings.TrimSpace(value) == "Yes")
		}
	}
	return nil
}
