package find

import "fmt"

// Lacks says what is missing in an IBC that is not recommended, and what to do:
// lower case, no full stop.
func (i IBC) Lacks() string {
	lost := "a passkey cannot be used as the second factor"
	switch {
	case isOlder(i.Version, "3.21.1"):
		lost = "it waits at a login that was refused, and does not run Gateways with Java 17 (10.34 and newer) well"
	case !isOlder(i.Version, "3.22.0"):
		lost = "its log does not say why a login fails"
	}
	return fmt.Sprintf("IBC %s works, but %s; install IBC %s or newer with \"gatelight ibc install FILE.zip\"", i.Version, lost, RecommendedIBC)
}
