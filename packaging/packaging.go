// Package packaging holds what makes the program a part of each system: how it
// starts at login, what wraps it, and how it is installed.
package packaging

// BundleID names the program to macOS: in the app's Info.plist, and as the
// label and the file name of its LaunchAgent.
const BundleID = "io.github.gatelight.Gatelight"
