//go:build linux

package panel

import (
	"fmt"
	"os"
	"path/filepath"
)

// The size of the screen, unless Options say another, and of the panel at its top, in
// pixels at scale 1.
const (
	usualWidth, usualHeight = 900, 640
	panelHeight             = 32
)

// The desktop's own colour, which no theme has: whatever differs from it is a
// window.
const (
	darkBackground  = "#2d4a63"
	lightBackground = "#8fb0c9"
)

// urgentFrame is the colour of the frame around an urgent notification.
const urgentFrame = "#c0392b"

// A bus on which only what the panel needs can be started, so that nothing else of
// the machine comes up.
const busConfig = `<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

const gtkConfig = `[Settings]
gtk-theme-name=%s
gtk-font-name=%s
gtk-application-prefer-dark-theme=%t
gtk-enable-animations=false
gtk-xft-antialias=1
gtk-xft-hinting=1
gtk-xft-hintstyle=hintslight
gtk-xft-rgba=none
`

// A click on a notification does what it offers, and waves it away. Of several
// buttons dunst offers a choice in a program, which is chooseButton here.
const dunstConfig = `[global]
    dmenu = /bin/sh %s
    monitor = 0
    follow = none
    scale = %d
    width = 340
    origin = bottom-right
    offset = 14x14
    font = %s
    frame_width = 1
    corner_radius = 6
    padding = 12
    horizontal_padding = 12
    text_icon_padding = 10
    separator_height = 1
    icon_position = left
    min_icon_size = 32
    max_icon_size = 32
    notification_limit = 4
    history_length = 200
    show_age_threshold = -1
    show_indicators = no
    mouse_left_click = do_action, close_current
    markup = full
    format = "<b>%%s</b>\n%%b"
    alignment = left
    word_wrap = yes
    ellipsize = end
    frame_color = "%s"
    background = "%s"
    foreground = "%s"
[urgency_low]
    timeout = 0
[urgency_normal]
    timeout = 0
[urgency_critical]
    timeout = 0
    frame_color = "%s"
`

// chooseButton chooses, of dunst's lines, the one with the label in a file.
const chooseButton = `exec grep -m 1 -F "#$(cat %q) "
`

// configure writes the settings of everything that will run.
func (s *Screen) configure() error {
	theme, frame, back, fore := s.Theme, "#b0b0b0", "#fafafa", "#202020"
	if s.Dark {
		frame, back, fore = "#4a4a4a", "#262626", "#eeeeee"
	}
	if theme == "" {
		theme = "Adwaita"
	}
	bus := fmt.Sprintf(busConfig, s.busPath(), filepath.Join(s.dir, "services"))
	program := s.program()
	files := map[string]string{
		"bus.conf":                    bus,
		"config/gtk-3.0/settings.ini": fmt.Sprintf(gtkConfig, theme, s.font(1), s.Dark),
		"choose-button":               fmt.Sprintf(chooseButton, s.buttonPath()),
		"config/dunst/dunstrc":        fmt.Sprintf(dunstConfig, filepath.Join(s.dir, "choose-button"), s.scale(), s.font(s.scale()), frame, back, fore, urgentFrame),
		"config/" + program.settings:  program.config(s.Options),
	}
	for _, name := range program.services {
		exe, err := serviceProgram(name)
		if err != nil {
			return err
		}
		files["services/"+name+".service"] = "[D-BUS Service]\nName=" + name + "\nExec=" + exe + "\n"
	}
	for name, text := range files {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	for _, name := range []string{"run", "home", "screen"} {
		if err := os.MkdirAll(filepath.Join(s.dir, name), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// buttonPath is the file with the label of the button to press.
func (s *Screen) buttonPath() string { return filepath.Join(s.dir, "button") }

// font is the font with its size in points. GTK scales it; dunst scales all but
// its text.
func (s *Screen) font(scale int) string {
	family := s.Font
	if family == "" {
		family = "DejaVu Sans"
	}
	return fmt.Sprintf("%s %d", family, 10*scale)
}

func (o Options) scale() int { return max(o.Scale, 1) }
