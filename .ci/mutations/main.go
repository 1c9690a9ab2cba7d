// Mutations breaks the program on purpose, one promise at a time, and requires
// that the test which guards the promise fails. A test that passes in spite of
// the break guards nothing.
//
// No file of the tree changes: each break is a copy of one file, which the go
// command compiles in the file's place (-overlay). make mutations runs all of
// them, which takes some minutes; with -only it runs those whose description or
// test fits.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A mutation is one break.
type mutation struct {
	breaks string // what goes wrong with it, for people
	file   string // from the root of the repository
	old    string // occurs exactly once in the file
	new    string // stands there instead
	test   string // the test that must fail, in the file's package unless in says otherwise
	in     string // the package of the test, from the root; "": that of the file
}

// pkg is the package of the test as the go command takes it.
func (m mutation) pkg() string {
	if m.in != "" {
		return "./" + m.in
	}
	return "./" + filepath.ToSlash(filepath.Dir(m.file))
}

// mutations are all tables.
var mutations = slices.Concat(stateMutations, loginMutations, noticeMutations, gatewayMutations, fileMutations, trayMutations)

// apply returns the file's text with the break.
func (m mutation) apply(text string) (string, error) {
	switch n := strings.Count(text, m.old); {
	case m.old == "" || m.old == m.new:
		return "", errors.New("it changes nothing")
	case n != 1:
		return "", fmt.Errorf("its old text occurs %d times in %s, and must occur once: %q", n, m.file, m.old)
	}
	return strings.Replace(text, m.old, m.new, 1), nil
}

// testLimit is how long a test may take. A break that makes its test hang is
// caught, too.
const testLimit = 2 * time.Minute

func main() {
	only := flag.String("only", "", "run the breaks whose description or test fits this regular expression")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err == nil {
		err = run(wanted)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutations:", err)
		os.Exit(1)
	}
}

func run(wanted *regexp.Regexp) error {
	var chosen []mutation
	for _, m := range mutations {
		if wanted.MatchString(m.breaks) || wanted.MatchString(m.test) {
			chosen = append(chosen, m)
		}
	}
	folder, err := os.MkdirTemp("", "mutations-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := passWithoutBreak(chosen); err != nil {
		return err
	}
	missed := 0
	for _, m := range chosen {
		began := time.Now()
		err := m.caught(folder)
		verdict := "caught"
		if err != nil {
			verdict = "MISSED"
			missed++
		}
		fmt.Printf("%s  %5.1f s  %-78s  %s\n", verdict, time.Since(began).Seconds(), m.breaks, m.test)
		if err != nil {
			fmt.Printf("        %v\n", err)
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d breaks were not caught by their test", missed, len(chosen))
	}
	fmt.Printf("all %d breaks are caught\n", len(chosen))
	return nil
}

// passWithoutBreak requires that every named test exists and passes as the
// program is. A test that fails anyway would catch everything.
func passWithoutBreak(all []mutation) error {
	tests := map[string][]string{}
	for _, m := range all {
		tests[m.pkg()] = append(tests[m.pkg()], m.test)
	}
	for pkg, names := range tests {
		out, err := goTest(pkg, names, "")
		if err != nil {
			return fmt.Errorf("a test of %s fails without a break:\n%s", pkg, out)
		}
		for _, name := range names {
			if !strings.Contains(out, "--- PASS: "+name+" (") {
				return fmt.Errorf("%s did not run in %s:\n%s", name, pkg, out)
			}
		}
	}
	return nil
}

// caught is nil if the mutation compiles and its test fails with it.
func (m mutation) caught(folder string) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	path := filepath.Join(root, m.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	broken, err := m.apply(string(text))
	if err != nil {
		return err
	}
	copied, overlay := filepath.Join(folder, filepath.Base(m.file)), filepath.Join(folder, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: copied}})
	if err = errors.Join(err, os.WriteFile(copied, []byte(broken), 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return err
	}
	out, err := goTest(m.pkg(), []string{m.test}, overlay)
	switch {
	case err == nil:
		return errors.New("the test passes with it")
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
		return fmt.Errorf("it does not compile:\n%s", out)
	case !strings.Contains(out, "--- FAIL: "+m.test) && !strings.Contains(out, "panic: "):
		return fmt.Errorf("something else has failed: %v\n%s", err, out)
	}
	return nil
}

// goTest runs tests of one package, with an overlay if one is named. Tests that
// build the program themselves have the overlay, too.
func goTest(pkg string, names []string, overlay string) (output string, err error) {
	cmd := exec.Command("go", "test", "-vet=off", "-count=1", "-v", "-timeout", testLimit.String(),
		"-run", "^("+strings.Join(names, "|")+")$", pkg)
	cmd.Env = append(os.Environ(), "CI=true") // a test that lacks what it needs fails, and is not skipped
	if overlay != "" {
		cmd.Env = append(cmd.Env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
