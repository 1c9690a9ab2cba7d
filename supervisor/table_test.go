package supervisor

import "testing"

func TestCommandNameTellsNoArguments(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{nil, ""},
		{[]string{"/usr/bin/trader", "--password", "s3cret"}, "trader"},
		{[]string{"/usr/bin/python3.11", "/home/me/trader.py", "--account", "DU1"}, "python3.11 trader.py"},
		{[]string{"python3", "-u", "trader.py"}, "python3 trader.py"},
		{[]string{"python", "-m", "ib_insync.app", "s3cret"}, "python -m ib_insync.app"},
		{[]string{"python3", "-c", "password='s3cret'"}, "python3"},
		{[]string{"node", "--inspect", "bot.js", "s3cret"}, "node bot.js"},
		{[]string{"java", "-jar", "x.jar", "s3cret"}, "java"},
		{[]string{"shutter", "s3cret"}, "shutter"},
		{[]string{"bash", "run.sh"}, "bash run.sh"},
	} {
		if got := CommandName(c.argv); got != c.want {
			t.Errorf("%q: %q, want %q", c.argv, got, c.want)
		}
	}
}
