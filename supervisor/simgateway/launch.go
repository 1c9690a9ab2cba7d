package simgateway

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// minRelaunchDelay keeps IBC's endless loops from eating a processor. The real
// ones take about 2 s, all of it spent in starting Java.
const minRelaunchDelay = 50 * time.Millisecond

// A launcher is ibcstart.sh while it runs.
type launcher struct {
	args           launchArgs
	stdout, stderr io.Writer
	sessionID      string
	restart        string // the folder of the autorestart file, once one was found
	signals        chan os.Signal
	ibc            version
}

func launchMain(args []string, stdout, stderr io.Writer) int {
	l := &launcher{stdout: stdout, stderr: stderr, sessionID: rand.Text()[:8], signals: make(chan os.Signal, 1)}
	signal.Notify(l.signals, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(l.signals)
	l.print("%s\nParsing arguments", banner)
	l.ibc = parseVersion(newestIBC)
	var err error
	if l.args, err = parseLaunchArgs(args); err == nil {
		l.banner()
		err = l.args.resolve()
	}
	var failure *scriptError
	if errors.As(err, &failure) {
		failure.print(stderr)
		return failure.code
	}
	if s, err := readScenes(l.args.scenes); err == nil { // java will complain about the error
		l.ibc = parseVersion(s.IBC)
	}
	l.prepare()
	return l.loop()
}

func (l *launcher) print(format string, args ...any) { fmt.Fprintf(l.stdout, format+"\n", args...) }

// banner repeats the arguments. Version in front is what the caller put into
// IBC_VRSN, as with the real script.
func (l *launcher) banner() {
	a, now := l.args, time.Now()
	l.print("\n%s\n", strings.Repeat("=", 80))
	l.print("Starting IBC version %s on %s at %s\n", os.Getenv("IBC_VRSN"), now.Format("2006-01-02"), now.Format("15:04:05"))
	l.print("Operating system: %s %s simulated\n", runtime.GOOS, runtime.GOARCH)
	l.print("Arguments:\n")
	l.print("TWS version = %s\nProgram = %s\nEntry point = %s", a.version, a.program, entryPoint)
	l.print("--tws-path = %s\n--tws-settings-path = %s\n--ibc-path = %s\n--ibc-ini = %s", a.twsPath, a.settingsPath, a.ibcPath, a.ini)
	l.print("--mode = %s\n--java-path = %s", a.mode, a.javaPath)
	for _, pair := range []struct {
		given bool
		names [2]string
	}{{a.hasUser, [2]string{"--user", "--pw"}}, {a.hasFIX, [2]string{"--fix-user", "--fix-pw"}}} {
		stars := ""
		if pair.given {
			stars = " ***"
		}
		l.print("%s =%s\n%s =%s", pair.names[0], stars, pair.names[1], stars)
	}
	l.print("")
}

func (l *launcher) prepare() {
	l.print("=================================\nGenerating the classpath")
	l.print("Classpath=%s\n", filepath.Join(l.args.folder, "jars", simulatedJar))
	l.print("Generating the JAVA VM options")
	l.print("Java VM Options=-DjtsConfigDir=%s -Dibcsessionid=%s", l.args.settings, l.sessionID)
	l.findAutorestart()
	l.print("\nDetermining the location of java executable")
	l.print("    java.runtime.version = simulated")
	l.print("Location of java executable=%s\n", executable())
	l.print("Renaming IB's TWS or Gateway start script to prevent restart without IBC\n")
}

// loop starts java again and again for as long as the script would.
func (l *launcher) loop() int {
	if !l.ibc.since(15, 0) {
		l.printStart()
	}
	for {
		if l.ibc.since(15, 0) {
			l.printStart()
		}
		code, signalled := l.runJava()
		l.print("IBC returned exit status %d", code)
		// As with the script, a signal ends java alone, which is started again if
		// it was about to restart. From a login loop a signal is the way out here,
		// so that nothing stays behind.
		if again := l.startsAgain(code); !again || signalled && l.restart == "" {
			l.print("%s finished\n", l.args.program)
			return code
		}
		l.print("IBC will restart shortly\nsleep 2")
		if !l.waitBeforeRestart() {
			return exitTerminated
		}
	}
}

// startsAgain is the script's decision after java has ended.
func (l *launcher) startsAgain(code int) bool {
	if code == exitNoDialogStatus {
		return true
	}
	// 3.19 and 3.20 look for the file in a folder that does not exist.
	if l.ibc.since(21, 0) && l.takeFlag("COLDRESTART") {
		l.restart = ""
		l.print("IBC will cold-restart shortly")
		return true
	}
	if l.findAutorestart() {
		if l.takeFlag("PAUSE") {
			l.print("IBC is paused")
			return false
		}
		return true
	}
	return code == exitTwoFactorGone && strings.EqualFold(l.args.onTimeout, "restart")
}

// takeFlag removes a file that java left for the script, and tells whether it
// was there.
func (l *launcher) takeFlag(name string) bool {
	return os.Remove(filepath.Join(l.args.settings, name+l.sessionID)) == nil
}

// findAutorestart looks one folder deep, as the script does. Of two files it
// cannot tell which is the right one, so it deletes both.
func (l *launcher) findAutorestart() (restart bool) {
	if !l.ibc.since(15, 0) { // which have no restarts without a login
		return false
	}
	l.printSince(23, "Finding autorestart file")
	found, err := filepath.Glob(filepath.Join(globQuote(l.args.settings), "*", "autorestart"))
	if err != nil || len(found) == 0 { // err is about the pattern, and this one is fine
		l.printSince(17, "autorestart file not found%s\n", l.words(": full authentication will be required"))
		return false
	}
	l.printSince(17, "autorestart file found at %s%s", found[0], l.words(": authentication will not be required"))
	if len(found) == 1 {
		l.restart = filepath.Base(filepath.Dir(found[0]))
		l.printSince(17, "AUTORESTART_OPTION is -Drestart=%s", l.restart)
		return true
	}
	for _, extra := range found[1:] {
		l.print("WARNING: deleting extra autorestart file found at %s", extra)
		os.Remove(extra)
	}
	l.print("WARNING: deleting first autorestart file found")
	os.Remove(found[0])
	l.print("WARNING: More than one autorestart file was found. IBC can't determine which is\n         the right one, so they've all been deleted. Full authentication will\n         be required.\n")
	return true
}

// printSince prints what the script of 3.minor and newer prints.
func (l *launcher) printSince(minor int, format string, args ...any) {
	if l.ibc.since(minor, 0) {
		l.print(format, args...)
	}
}

// words are those that the script says since 3.23.
func (l *launcher) words(text string) string {
	if l.ibc.since(23, 0) {
		return text
	}
	return ""
}

// globQuote makes a path match itself only.
func globQuote(path string) string {
	if runtime.GOOS == "windows" {
		return path // no escapes there; a settings path with brackets is not worth more
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// javaCommand is the command line of the Gateway process. It has the shape of
// the real one, and says what it is right behind the executable.
func (l *launcher) javaCommand() []string {
	args := []string{executable(), Command, "java", "-DjtsConfigDir=" + l.args.settings, "-Dibcsessionid=" + l.sessionID}
	if l.args.scenes != "" {
		args = append(args, "--scenes="+l.args.scenes)
	}
	if l.restart != "" {
		args = append(args, "-Drestart="+l.restart)
	}
	args = append(args, entryPoint, l.args.ini)
	if l.args.mode != "" {
		args = append(args, l.args.mode)
	}
	return args
}

// printStart is what the script prints before it starts java: each time, or up
// to 3.14 only the first time.
func (l *launcher) printStart() {
	line := l.javaCommand()
	l.print("Starting %s with this command:\n%q %s\n", l.args.program, line[0], strings.Join(line[1:], " "))
}

// runJava runs java to its end and hands on a signal that comes meanwhile.
func (l *launcher) runJava() (code int, signalled bool) {
	line := l.javaCommand()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr = l.stdout, l.stderr
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(l.stderr, "simgateway launch: cannot start java:", err)
		return 127, false // as a shell says "command not found"
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // its end is awaited right below
	for {
		select {
		case <-l.signals:
			signalled = true
			terminate(cmd.Process)
		case <-ended:
			code, killed := exitCode(cmd.ProcessState)
			if killed {
				fmt.Fprintf(l.stderr, "%s: line 536: %d Killed                  %s\n",
					filepath.Join(l.args.ibcPath, "scripts", "ibcstart.sh"), cmd.Process.Pid, strings.Join(line, " "))
			}
			return code % 256, signalled || l.pendingSignal()
		}
	}
}

// pendingSignal catches the signal that came together with java's end.
func (l *launcher) pendingSignal() bool {
	select {
	case <-l.signals:
		return true
	default:
		return false
	}
}

// waitBeforeRestart waits before the next start and reports whether there is to
// be one.
func (l *launcher) waitBeforeRestart() bool {
	delay := minRelaunchDelay
	if s, err := readScenes(l.args.scenes); err == nil { // java will complain about the error
		delay = max(delay, time.Duration(s.RelaunchDelay))
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.signals:
		return false
	}
}

func executable() string {
	exe, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return exe
}
