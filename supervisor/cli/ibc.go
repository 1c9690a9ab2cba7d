package cli

import (
	"fmt"
	"strings"

	"gatelight/supervisor/ibc/release"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
)

type ibcCommand struct {
	Install ibcInstall `cmd:"" help:"Unpack an IBC release that you have downloaded, and point the settings at it."`
}

type ibcInstall struct {
	File    string `arg:"" type:"path" help:"Its archive, such as IBCLinux-3.24.1.zip."`
	To      string `type:"path" placeholder:"FOLDER" help:"Where to; ~/ibc-VERSION otherwise."`
	Gateway string `placeholder:"NAME" help:"For which Gateway; for all that have no path of their own otherwise."`
}

func (c ibcInstall) Run(e *env) error {
	if _, _, err := configGateways(e, c.Gateway, false); err != nil {
		return err // before anything is done
	}
	done, err := release.Install(c.File, c.To)
	if err != nil {
		return err
	}
	if done.Already {
		fmt.Fprintf(e.stdout, "IBC %s is in %s already.\n", done.Version, done.Path)
	} else {
		fmt.Fprintf(e.stdout, "Unpacked IBC %s to %s.\n", done.Version, done.Path)
	}
	var set []string
	err = editSettings(e.paths.Settings, func(b []byte) (edited []byte, err error) {
		edited, set, err = settings.SetIBCPath(e.paths.Settings, b, c.Gateway, done.Path)
		return edited, err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Set path in %s, for %s.\n", e.paths.Settings, strings.Join(set, " and "))
	if other, err := status.Dial(e.ctx, e.paths); err == nil {
		other.Close()
		fmt.Fprintln(e.stdout, "The running Gatelight uses it when it is started again.")
	}
	return nil
}
