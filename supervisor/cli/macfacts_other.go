//go:build !darwin

package cli

import (
	"context"

	"gatelight/supervisor/doctor"
	"gatelight/supervisor/settings"
)

// macFacts are for macOS.
func macFacts(settings.Paths) func(context.Context) doctor.MacFacts { return nil }
