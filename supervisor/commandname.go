package supervisor

import (
	"path/filepath"
	"strings"
	"unicode"
)

// CommandName is the part of an argument vector that may be shown: the name of
// the program, and of its script if the program is an interpreter. Arguments
// carry secrets, and some programs write their arguments, or anything else, into
// the first one. So a text comes out of the vector only where it is proven to be
// a name: the first word of the first argument, and an argument that isFile
// reports as an existing regular file, as that process sees it.
func CommandName(argv []string, isFile func(path string) bool) string {
	if len(argv) == 0 {
		return ""
	}
	name := programName(argv[0], isFile)
	if script := scriptOf(interpreterNamed(name), argv[1:], isFile); script != "" {
		return name + " " + script
	}
	return name
}

// programName is the program in a first argument, which a process can replace by
// any title, such as "trader: password=…".
func programName(first string, isFile func(string) bool) string {
	if !isFile(first) {
		first = strings.TrimPrefix(first, "-") // a login shell
		if end := strings.IndexFunc(first, func(r rune) bool { return !partOfName(r) }); end >= 0 {
			first = first[:end]
		}
	}
	return CleanText(baseName(first), MaxName)
}

// partOfName reports the characters of a name or path that no title uses between
// its words.
func partOfName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`._-+/\`, r)
}

// baseName is the last part of a path, and "" where that is none.
func baseName(path string) string {
	if base := filepath.Base(path); base != "." && base != string(filepath.Separator) {
		return base
	}
	return ""
}

// An interpreter is a program whose first argument that is no flag is a script.
// Only flags that take no value are here: what follows another one may be a
// program text.
type interpreter struct {
	name    string
	letters string // flags of one letter, which may stand together: -uB
	words   string // other flags, and words before a script, each with a blank before and after it
}

var interpreters = []interpreter{
	{"python", "bBdEiIOPqRsSuvx", ""},
	{"node", "", " --inspect --enable-source-maps --no-warnings --trace-warnings --watch "},
	{"deno", "A", " run --allow-all --allow-net --allow-read --allow-env "},
	{"bun", "", " run --watch --hot "},
	{"ruby", "dsUvw", ""},
	{"perl", "tTuUwWX", ""},
	{"sh", "aefhikluvx", ""},
	{"bash", "aefhikluvx", " --login --noprofile --norc --posix "},
	{"zsh", "aefhikluvx", ""},
	{"java", "", " -jar -server -ea "},
	{"pwsh", "", " -noprofile -nologo -noninteractive -file "},
}

// interpreterNamed is the interpreter with that name, with or without a version:
// "python3.11", "Python", "javaw.exe". It is zero for any other program.
func interpreterNamed(name string) interpreter {
	name = strings.TrimSuffix(strings.ToLower(name), ".exe")
	name = strings.TrimSuffix(strings.TrimRight(name, "0123456789."), "w")
	for _, i := range interpreters {
		if i.name == name {
			return i
		}
	}
	return interpreter{}
}

// scriptOf is the script that an interpreter with these arguments runs, "" where
// that is not proven.
func scriptOf(i interpreter, args []string, isFile func(string) bool) string {
	if i.name == "" {
		return ""
	}
	for n, arg := range args {
		switch {
		case i.name == "python" && arg == "-m" && n+1 < len(args) && isModule(args[n+1], isFile):
			return CleanText("-m "+args[n+1], MaxName)
		case i.isFlag(arg):
		case strings.HasPrefix(arg, "-") || !isFile(arg):
			return ""
		default:
			return CleanText(baseName(arg), MaxName)
		}
	}
	return ""
}

// isFlag reports a flag after which no value follows.
func (i interpreter) isFlag(arg string) bool {
	letters, short := strings.CutPrefix(arg, "-")
	return short && letters != "" && strings.Trim(letters, i.letters) == "" ||
		!strings.Contains(arg, " ") && strings.Contains(i.words, " "+strings.ToLower(arg)+" ")
}

// isModule reports the name of a Python module in the working folder.
func isModule(name string, isFile func(string) bool) bool {
	if strings.Trim(name, ".") != name || strings.ContainsFunc(name, func(r rune) bool { return !partOfName(r) || r == '/' || r == '\\' }) {
		return false
	}
	path := strings.ReplaceAll(name, ".", "/")
	return isFile(path+".py") || isFile(path+"/__main__.py")
}
