// Package panel is a real desktop for tests and pictures: Xvfb with a private
// session bus, the panel of XFCE, LXQt or MATE, which shows tray icons, and dunst,
// which shows notifications. What it reads are the pixels of the screen, and what
// it does goes through the pointer and the keyboard.
//
// It is slower than package fakedesktop, and closer to what a person has. Both
// need programs of the system: .ci/needs panel brings them.
//
// Linux only.
package panel
