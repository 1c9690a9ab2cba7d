package find

import (
	"fmt"
	"strings"
)

// The versions of IBC that matter.
const (
	// OldestIBC is the oldest one that is started. Those before it do not know
	// the login window of a Gateway from 10.22 (April 2023) on, which is titled
	// "IBKR Gateway": they never log in, and end with 1112 again and again (IBC
	// 3.17.0, GatewayLoginFrameHandler.java).
	OldestIBC = "3.17.0"

	// RecommendedIBC is the first one that says why a login fails and runs
	// Gateways with Java 17. From 3.22.0 to 3.23.0 its error texts are lost: they
	// go to stderr, which its script throws away (IBC 3.24.0, Utils.java and
	// ibcstart.sh).
	RecommendedIBC = "3.24.0"
)

// Supported reports why this IBC is not started; nil when it is. A version that
// is not known is no reason.
func (i IBC) Supported() error {
	if !isOlder(i.Version, OldestIBC) {
		return nil
	}
	return fmt.Errorf("IBC %s in %s does not know the login window of a Gateway of 2023 or newer and would start it again and again without a login; "+
		"install IBC %s or newer with \"gatelight ibc install FILE.zip\" and set path under [gateway.ibc] to it", i.Version, i.Path, RecommendedIBC)
}

// Recommended reports that nothing is known to be missing in this IBC.
func (i IBC) Recommended() bool { return !isOlder(i.Version, RecommendedIBC) }

// isOlder compares two releases by their numbers: 3.8.4-beta.2 counts as 3.8.4.
// What is no version is not older.
func isOlder(version, than string) bool {
	plain, _, _ := strings.Cut(version, "-")
	return numbers(plain) != nil && compare(plain, than) < 0
}
