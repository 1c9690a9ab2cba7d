package config

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gatelight/supervisor/atomicfile"
)

//go:embed template.ini
var template string

// New is a config.ini to begin with. Its comments explain its choices; the user
// fills in the login.
func New(p Place) []byte {
	fill := strings.NewReplacer("{{mode}}", p.Mode, "{{port}}", strconv.Itoa(p.FreePort()), "{{restart}}", p.freeRestart())
	return []byte(fill.Replace(template))
}

// Create writes a config.ini where there is none, with mode 0600.
func Create(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot make the folder of IBC's config: %w", err)
	}
	atomicfile.Sweep(path)
	draft, err := atomicfile.New(path)
	if err == nil {
		defer draft.Discard()
		err = draft.Write(content, 0o600)
	}
	if err == nil {
		err = draft.CommitNew(path)
	}
	if err != nil {
		return fmt.Errorf("cannot write a new config: %w", err)
	}
	return nil
}

// FreePort is a command server port that no Gateway of the settings has: the
// usual one, 7462, or the next free one.
func (p Place) FreePort() int {
	taken := map[int]bool{p.Port: true}
	for _, other := range p.CommandPorts {
		taken[other] = true
	}
	port := 7462
	for taken[port] || DefaultAPIPorts[port] != "" {
		port++
	}
	return port
}

// freeRestart is a restart time that no Gateway with the same settings folder
// has: the usual one, 11:45 PM, or one before it.
func (p Place) freeRestart() string {
	for minute := 23*60 + 45; minute > 0; minute -= 2 * leastApart {
		at := suggestClock12(fmt.Sprintf("%02d:%02d", minute/60, minute%60))
		free := true
		for _, other := range p.RestartTimes {
			apart, ok := minutesApart(at, other)
			free = free && !(ok && apart < leastApart)
		}
		if free {
			return at
		}
	}
	return "11:45 PM"
}
