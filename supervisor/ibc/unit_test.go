package ibc

import "testing"

func TestTheUnitOfAProcess(t *testing.T) {
	const user = "/user.slice/user-1000.slice/user@1000.service/"
	for cgroups, want := range map[string]string{
		"0::" + user + "app.slice/gatelight.service\n":                            "gatelight.service",
		"0::" + user + "app.slice/app-gatelight@autostart.service\n":              "app-gatelight@autostart.service",
		"0::" + user + "app.slice/app-gnome-gatelight-4711.scope\n":               "app-gnome-gatelight-4711.scope",
		"0::" + user + "app.slice/gatelight-gateway-paper-4712.scope/inner\n":     "gatelight-gateway-paper-4712.scope",
		"0::/system.slice/gatelight.service\n":                                    "gatelight.service",
		"12:cpu:/x.service\n1:name=systemd:" + user + "gatelight.service\n0::/\n": "gatelight.service",
		"0::/user.slice/user-1000.slice/session-2.scope\n":                        "",
		"0::" + user + "init.scope\n":                                             "init.scope",
		"0::" + user + "\n":                                                       "",
		"0::/\n":                                                                  "",
		"":                                                                        "",
		"no such line":                                                            "",
	} {
		if got := unitOf(cgroups); got != want {
			t.Errorf("%q: %q, want %q", cgroups, got, want)
		}
	}
}

func TestAScopeHasANameThatSystemdTakes(t *testing.T) {
	if got, want := scopeName("my paper/№1", "17"), "gatelight-gateway-my_paper__1-17.scope"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
