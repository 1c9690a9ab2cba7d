// Package fakedesktop is a headless desktop for tests: a private session bus
// with a panel and a notification service on it.
//
// The bus is the real dbus-daemon, so that what reaches a test has been through
// the same wire format, name changes and broken connections as on a person's
// desktop. Only the two programs at the far end are fakes: the panel
// (org.kde.StatusNotifierWatcher and its host), which reads the tray item back
// as pixels, text and menu entries, and org.freedesktop.Notifications, which
// remembers every notification. All three can go away and come back.
//
// The program under test is a process of its own with [Desktop.Env] in its
// environment. It may also live in the test's process, once: the tray library
// and the shared D-Bus connection are global and cannot be had a second time.
//
// Linux only, and imported by tests only.
package fakedesktop
