//go:build race

package supervisor

func init() { raceDetector = true }
