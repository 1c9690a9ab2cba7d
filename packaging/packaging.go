// Package packaging makes the program a part of the system: it starts the
// program at login. The folders below and install.sh build the app for macOS
// and install the program.
package packaging

// BundleID names the program to macOS: in the app's Info.plist, and as the
// label and the file name of its LaunchAgent.
const BundleID = "io.github.gatelight.Gatelight"
