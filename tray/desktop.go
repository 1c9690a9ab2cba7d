package tray

// title is the program's name where a desktop shows one.
const title = "Gatelight"
