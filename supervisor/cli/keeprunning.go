package cli

import "gatelight/supervisor/settings"

// saveKeepRunning writes into the settings whether a Gateway is to be kept
// running. The demo's settings end with it.
func (o serviceOptions) saveKeepRunning(gateway string) func(keep bool) error {
	if o.demo {
		return func(bool) error { return nil }
	}
	return func(keep bool) error {
		return editSettings(o.paths.Settings, func(b []byte) ([]byte, error) {
			return settings.SetKeepRunning(o.paths.Settings, b, gateway, keep)
		})
	}
}
