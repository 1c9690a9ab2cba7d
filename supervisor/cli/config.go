package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/settings"
)

// configCommand is about IBC's config.ini. Its commands work on files, whether
// or not a Gatelight is running.
type configCommand struct {
	New     configNew     `cmd:"" help:"Write a config.ini to begin with, its choices explained."`
	Check   configCheck   `cmd:"" help:"Say what is wrong with config.ini. Exit status: 0 no errors; 1 errors; 3 it cannot be read."`
	Diff    configDiff    `cmd:"" help:"Show what install would change, without secrets. Exit status: 0 nothing; 1 something; 3 a file cannot be read."`
	Path    configPath    `cmd:"" help:"Print where config.ini is."`
	Show    configShow    `cmd:"" help:"Print config.ini without its secrets."`
	Install configInstall `cmd:"" help:"Copy config_source to where IBC reads it, and keep what was there."`
}

type configNew struct {
	File    string `arg:"" optional:"" type:"path" help:"Where to; the settings' config otherwise."`
	Gateway string `help:"For which Gateway." placeholder:"NAME"`
}

func (c configNew) Run(e *env) error {
	all, chosen, err := configGateways(e, c.Gateway, false)
	if err != nil {
		return err
	}
	if len(chosen) > 1 {
		return e.fail(exitUsage, fmt.Errorf("several Gateways are set up; say which with --gateway: %s", gatewayNames(chosen)))
	}
	path := cmp.Or(c.File, chosen[0].IBC.Config)
	err = config.Create(path, config.New(configPlace(all, chosen[0])))
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is not overwritten; write to another file with: gatelight config new FILE", path)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Wrote %s. Put your login into it (IbLoginId and IbPassword), then try: gatelight config check\n", path)
	return nil
}

func cannotRead(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s; write one with: gatelight config new", path)
	}
	return fmt.Errorf("cannot read the config: %w", err)
}

type configPath struct {
	Gateway string `help:"Only this Gateway's." placeholder:"NAME"`
}

func (c configPath) Run(e *env) error {
	_, chosen, err := configGateways(e, c.Gateway, false)
	if err != nil {
		return err
	}
	for _, g := range chosen {
		fmt.Fprintln(e.stdout, g.IBC.Config)
	}
	return nil
}

type configShow struct {
	Gateway string `help:"Only this Gateway's." placeholder:"NAME"`
}

func (c configShow) Run(e *env) error {
	_, chosen, err := configGateways(e, c.Gateway, false)
	if err != nil {
		return err
	}
	for i, g := range chosen {
		b, err := config.Read(g.IBC.Config)
		if err != nil {
			return cannotRead(g.IBC.Config, err)
		}
		if len(chosen) > 1 {
			fmt.Fprintf(e.stdout, "%s# %s\n", map[bool]string{true: "\n"}[i > 0], g.IBC.Config)
		}
		fmt.Fprint(e.stdout, config.Show(b))
	}
	return nil
}

type configDiff struct {
	Gateway string `help:"Only this Gateway's." placeholder:"NAME"`
}

func (c configDiff) Run(e *env) error {
	_, chosen, err := configGateways(e, c.Gateway, true)
	if err != nil {
		return e.fail(exitUnknown, err)
	}
	status := exitError(exitOK)
	for _, g := range chosen {
		status = max(status, diffFiles(e, g.IBC.ConfigSource, g.IBC.Config))
	}
	return status
}

func diffFiles(e *env, source, target string) (status exitError) {
	is, err := config.Read(source)
	if err != nil {
		return e.fail(exitUnknown, fmt.Errorf("cannot read config_source, which the settings name: %w", err))
	}
	was, err := config.Read(target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return e.fail(exitUnknown, cannotRead(target, err))
	}
	if err == nil && bytes.Equal(is, was) {
		fmt.Fprintf(e.stdout, "%s is the same as %s.\n", target, source)
		return exitOK
	}
	text := config.Diff(target, source, was, is)
	if text == "" {
		text = fmt.Sprintf("%s and %s differ in the ends of their lines only.\n", target, source)
	}
	fmt.Fprint(e.stdout, text)
	return exitFailed
}

type configInstall struct {
	Gateway string `help:"Only this Gateway's." placeholder:"NAME"`
}

func (c configInstall) Run(e *env) error {
	all, chosen, err := configGateways(e, c.Gateway, true)
	if err != nil {
		return err
	}
	for _, g := range chosen {
		done, err := config.Install(g.IBC.ConfigSource, g.IBC.Config, configPlace(all, g), time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, done)
	}
	return nil
}

// configGateways are all Gateways of the settings, and those that a command is
// about: the named one, or all; only those with a config_source, if that is
// needed.
func configGateways(e *env, name string, needSource bool) (all, chosen []settings.Gateway, err error) {
	file, err := loadSettings(e)
	if err != nil {
		return nil, nil, err
	}
	chosen, err = gatewaysNamed(e, file, name)
	if err != nil || !needSource {
		return file.Gateway, chosen, err
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(g settings.Gateway) bool { return g.IBC.ConfigSource == "" })
	if len(chosen) == 0 {
		err = fmt.Errorf("no config_source is set in %s; under [gateway.ibc], write: config_source = \"FOLDER/config.ini\"", e.paths.Settings)
	}
	return file.Gateway, chosen, err
}

// configPlace is what the settings say about that Gateway, and the others' files.
func configPlace(all []settings.Gateway, g settings.Gateway) config.Place {
	p := config.Place{Port: g.Port, Mode: g.IBC.Mode, TWS: g.Program == "tws", TwoFactorTimeout: g.IBC.TwoFactorTimeout, SettingsPath: g.IBC.TWSSettingsPath}
	for _, other := range all {
		if other.Name != g.Name {
			p.Beside(other.Name, other.IBC.Config, other.IBC.TWSSettingsPath)
		}
	}
	return p
}
