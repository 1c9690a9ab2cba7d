package supervisor

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// theirFiles are the files that the processes of these tests have.
var theirFiles = []string{
	"/home/me/trader.py", "trader.py", "app/__main__.py", "bot/run.py", "run.sh", "bot.js", "x.jar", "probe.rb", "/opt/IB Gateway/jre/My Java",
	"tr\x1b]0;PWN\a.py",
}

func isTheirFile(name string) bool { return slices.Contains(theirFiles, name) }

func TestTheCommandIsAProgramAndAScriptThatExists(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/bin/trader|--password|s3cret":                    "trader",
		"/usr/bin/python3.11|/home/me/trader.py|--account|DU1": "python3.11 trader.py",
		"python3|-u|trader.py|s3cret":                          "python3 trader.py",
		"python3|-uB|trader.py":                                "python3 trader.py",
		"Python|trader.py":                                     "Python trader.py",
		"pythonw.exe|trader.py":                                "pythonw.exe trader.py",
		"python|-m|app|s3cret":                                 "python -m app",
		"python|-u|-m|bot.run":                                 "python -m bot.run",
		"python|-m|s3cret":                                     "python",
		"python|-m|../../etc/s3cret":                           "python",
		"python3|-c|password='s3cret'":                         "python3",
		"python3|-uc|password='s3cret'|trader.py":              "python3",
		"python3|-W|s3cret|trader.py":                          "python3",
		"python3|gone.py":                                      "python3",
		"python3|-":                                            "python3",
		"python3|tr\x1b]0;PWN\a.py":                            "python3 tr·]0;PWN·.py",
		"node|--inspect|bot.js|s3cret":                         "node bot.js",
		"node|-e|s3cret":                                       "node",
		"node|--eval=s3cret|bot.js":                            "node",
		"ruby|-w|probe.rb":                                     "ruby probe.rb",
		"ruby|-e|s3cret":                                       "ruby",
		"perl|-we|s3cret|trader.py":                            "perl",
		"bash|run.sh|s3cret":                                   "bash run.sh",
		"-bash|-l|run.sh":                                      "bash run.sh",
		"bash|-lc|s3cret":                                      "bash",
		"bash|-s|--|--token|s3cret|run.sh":                     "bash",
		"bash|-o|s3cret|run.sh":                                "bash",
		"java|-jar|x.jar|s3cret":                               "java x.jar",
		"java|-Dpassword=s3cret|-jar|x.jar":                    "java",
		"java|-cp|s3cret|Main":                                 "java",
		"pwsh|-NoProfile|-file|run.sh":                         "pwsh run.sh",
		"pwsh|-Command|s3cret":                                 "pwsh",
		"deno|run|-A|bot.js":                                   "deno bot.js",
		"shutter|run.sh":                                       "shutter",
		"trader --password=s3cret":                             "trader",
		"trader: password s3cret":                              "trader",
		"trader=s3cret":                                        "trader",
		"--password=s3cret":                                    "-password",
		"nginx: worker process":                                "nginx",
		"/opt/IB Gateway/jre/My Java|-jar|x.jar":               "My Java",
		"/nowhere/python3 --password=s3cret|trader.py":         "python3 trader.py",
		"tr\x1b]0;PWN\a":                                       "tr",
		"":                                                     "",
		"/":                                                    "",
		strings.Repeat("a", 2*MaxName):                         strings.Repeat("a", MaxName-1) + "…",
	} {
		if got := CommandName(strings.Split(line, "|"), isTheirFile); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if got := CommandName(nil, isTheirFile); got != "" {
		t.Errorf("without arguments: %q", got)
	}
}

// Whatever a command line is, no argument comes out of it but the name of a file
// that exists, and of the first one only a word.
func FuzzCommandName(f *testing.F) {
	for _, line := range []string{"python3|-uc|s3cret", "bash|-s|--|--token|s3cret", "java|-jar|x.jar", "trader --password=s3cret", "python|-m|app", "node|run|-A|bot.js|s3cret"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		argv := strings.Split(line, "|")
		program, script, has := strings.Cut(CommandName(argv, isTheirFile), " ")
		if !isTheirFile(argv[0]) && strings.ContainsAny(program, " =:") {
			t.Errorf("%q: the program is %q", line, program)
		}
		if !has || isTheirFile(argv[0]) {
			return
		}
		module, isModule := strings.CutPrefix(script, "-m ")
		named := slices.ContainsFunc(argv[1:], func(arg string) bool {
			if isModule {
				return arg == module && (isTheirFile(strings.ReplaceAll(arg, ".", "/")+".py") || isTheirFile(arg+"/__main__.py"))
			}
			return isTheirFile(arg) && CleanText(path.Base(arg), MaxName) == script
		})
		if !named {
			t.Errorf("%q: the script is %q", line, script)
		}
	})
}
