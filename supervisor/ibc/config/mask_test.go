package config

import (
	"strings"
	"testing"
)

func TestMaskHidesSecretsInEveryForm(t *testing.T) {
	const file = "IbLoginId = trader1 \r\n" +
		"IbPassword=an\\=old\\\\one\n" +
		"IbPassword:c4nary\\u0021 with spaces\\\n   and more\n" +
		"FIXLoginId=fix\tid\nFIXPassword=p\xfcss\n" +
		"IbPasword=misspelt\nPassword=elsewhere\nTWS_USERID=variable\n" +
		"TradingMode=paper\nCommandServerPort=7462\n"
	var m Mask
	m.Learn([]byte(file))
	for _, secret := range []string{
		"trader1", `an\=old\\one`, `an=old\one`, `an=old\\one`, // as it stands, as it is, and quoted in a log
		`c4nary\u0021 with spaces`, "c4nary! with spacesand more", "and more", `c4nary\\u0021 with spaces`,
		"fix\tid", `fix\tid`, "p\u00fcss", "p\xfcss", "p?ss", "misspelt", "elsewhere", "variable",
	} {
		for _, line := range []string{secret, "x" + secret + "y", secret + secret, `msg="it is ` + secret + `"`} {
			if got := m.Line(line); strings.Contains(got, secret) {
				t.Errorf("%q: %q", line, got)
			}
		}
	}
	for _, line := range []string{
		"2026-11-23 14:55:57:403 IBC: Login attempt: 1", "TradingMode=paper", "--user = ", "--pw =", "/User =", "",
		"IBC: CommandServer started and is ready to accept commands on port 7462",
	} {
		if got := m.Line(line); got != line {
			t.Errorf("%q: %q, want it as it is", line, got)
		}
	}
}

// What a log calls by a secret's name is one, whoever's it was.
func TestMaskHidesValuesOfSecretKeys(t *testing.T) {
	for line, want := range map[string]string{
		"IbPassword=c4nary":                            "IbPassword=" + Masked,
		"2026 IBC:     IbPassword = c4nary more":       "2026 IBC:     IbPassword = " + Masked,
		"iblOGINiD: c4nary":                            "iblOGINiD: " + Masked,
		`{"FIXPassword": "c4nary"}`:                    `{"FIXPassword": ` + Masked,
		"FIXLoginId c4nary":                            "FIXLoginId " + Masked,
		"ibcstart.sh 1045 -g --user=c4nary --pw=other": "ibcstart.sh 1045 -g --user=" + Masked,
		`StartIBC.bat "/PW:c4nary"`:                    `StartIBC.bat "/PW:` + Masked,
		"the IbPassword":                               "the IbPassword",
	} {
		if got := (Mask{}).Line(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("c4nary", "before ", " after")
	f.Add(`a\b`, "", "")
	f.Add("aaa", "aa", "a")
	f.Add("IbPassword", "IbPassword=", "")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		file := []byte("IbPassword=" + secret + "\n")
		value := Parse(file).Value("IbPassword")
		if value == "" || strings.Contains(value, "•") {
			return // what is put in its place could be a part of it
		}
		var m Mask
		m.Learn(file)
		if got := m.Line(before + value + after); strings.Contains(got, value) {
			t.Errorf("%q shows %q", got, value)
		}
	})
}
