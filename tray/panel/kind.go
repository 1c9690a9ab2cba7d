//go:build linux

package panel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Kind is a program that is the panel.
type Kind string

// The panels. Each has its own way of reading icons and menus over the bus.
const (
	XFCE Kind = "" // with libdbusmenu, its left button opens the menu
	LXQt Kind = "lxqt"
	MATE Kind = "mate"
)

// A program is how a panel is started.
type program struct {
	desktop  string   // what XDG_CURRENT_DESKTOP says
	command  []string // with its arguments
	services []string // what the bus may start for it, by name
	settings string   // the file with its settings, in the folder of settings
	config   func(Options) string
	iconSize int    // how big it draws icons, at scale 1
	menuWith string // the number of the button that opens a menu
}

func (o Options) program() program {
	return map[Kind]program{
		XFCE: {
			desktop: "XFCE", command: []string{"xfce4-panel", "--disable-wm-check", "--sm-client-disable"},
			services: []string{"org.xfce.Xfconf"}, // keeps the settings
			settings: "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml",
			config:   func(o Options) string { return fmt.Sprintf(xfceConfig, o.Dark, panelHeight) },
			iconSize: 22, menuWith: "1",
		},
		LXQt: {
			desktop: "LXQt", command: []string{"lxqt-panel"},
			settings: "lxqt/panel.conf",
			config:   func(Options) string { return fmt.Sprintf(lxqtConfig, panelHeight, panelHeight) },
			iconSize: panelHeight - 2, menuWith: "3",
		},
		MATE: {
			desktop: "MATE", command: []string{"mate-panel"},
			services: []string{"org.mate.panel.applet.NotificationAreaAppletFactory"}, // the part with the icons
			settings: "glib-2.0/settings/keyfile",
			config:   func(Options) string { return fmt.Sprintf(mateConfig, panelHeight) },
			iconSize: panelHeight, menuWith: "3",
		},
	}[o.Kind]
}

// serviceProgram is what the bus of this machine starts for a name.
func serviceProgram(name string) (string, error) {
	file := filepath.Join("/usr/share/dbus-1/services", name+".service")
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the panel needs %s: %w; .ci/needs panel brings it", name, err)
	}
	for line := range strings.Lines(string(b)) {
		if exe, ok := strings.CutPrefix(strings.TrimSpace(line), "Exec="); ok {
			return exe, nil
		}
	}
	return "", fmt.Errorf("%s does not say what to start", file)
}

const xfceConfig = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="%t"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="%d"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
      <property name="single-row" type="bool" value="true"/>
      <property name="hide-new-items" type="bool" value="false"/>
      <property name="menu-is-primary" type="bool" value="true"/>
    </property>
  </property>
</channel>
`

const lxqtConfig = `[General]
panels=panel1
iconTheme=Adwaita

[panel1]
plugins=spacer, statusnotifier
position=Top
alignment=0
desktop=0
width=100
width-percent=true
panelSize=%d
iconSize=%d
animation-duration=0
hidable=false
lockPanel=true

[spacer]
type=spacer
expandable=true

[statusnotifier]
type=statusnotifier
`

const mateConfig = `[org/mate/panel/general]
toplevel-id-list=['top']
object-id-list=['notification-area']
enable-animations=false

[org/mate/panel/toplevels/top]
expand=true
orientation='top'
size=%d
enable-animations=false

[org/mate/panel/objects/notification-area]
object-type='applet'
applet-iid='NotificationAreaAppletFactory::NotificationArea'
toplevel-id='top'
position=0
relative-to-edge='end'
locked=true
`
