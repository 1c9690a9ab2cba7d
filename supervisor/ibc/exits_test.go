package ibc

import (
	"strings"
	"testing"

	"gatelight/supervisor"
)

// errorBlock is an error as IBC prints it.
func errorBlock(text string) string {
	row := strings.Repeat("!", 79) + "\n"
	return row + stamp + text + "\n" + row
}

// stamp is in front of IBC's words.
const stamp = "2026-11-23 14:55:57:403 IBC: "

// javaOf is the beginning of a Java process of that version of IBC.
func javaOf(version string) string {
	name := "version: "
	if parseVersion(version).isBefore(3, 17, 0) {
		name = "Version: "
	}
	return "Starting Gateway with this command:\n" + stamp + name + version + "\n"
}

// endOf is how a run has ended whose log this is, and whose script has ended
// with that status.
func endOf(t *testing.T, log string, status int) supervisor.Exit {
	t.Helper()
	l := writtenLog(t, log)
	l.read(func(supervisor.Event) {})
	if l.status >= 0 && status < signalStatus {
		status = l.status
	}
	return l.exit(supervisor.Now(), status)
}

func TestExitStatusesHaveAReason(t *testing.T) {
	for status, want := range map[int]meaning{
		-1: {supervisor.ExitUnknown, "nobody saw how"}, 0: {supervisor.ExitClosed, "it closed normally"},
		1: {supervisor.ExitNoJava, "IBC found no Java; install the Gateway again, which brings its own"},
		4: {supervisor.ExitBadInstall, "that Gateway version is not installed"}, 6: {supervisor.ExitBadConfig, "IBC's config.ini is missing"},
		1004:       {supervisor.ExitBadInstall, "that Gateway version is not installed"}, // StartIBC.bat
		1111 % 256: javaCodes[1111], 1112 % 256: {supervisor.ExitNoLoginDialog, "the login dialog never appeared"},
		99999 % 256: javaCodes[99999], // and not a signal
		136:         {supervisor.ExitSignal, "it was ended by signal 8"}, 137: {supervisor.ExitKilled, "it was killed"},
		143: {supervisor.ExitSignal, "SIGTERM"}, 42: {supervisor.ExitOther, "IBC ended with status 42"},
	} {
		got := endOf(t, "", status)
		if got.Status != status || got.Reason != want.reason || got.Why != want.text {
			t.Errorf("%d: %+v, want %+v", status, got, want)
		}
	}
}

func TestTheEndIsToldByTheLastWordsBeforeTheStatus(t *testing.T) {
	const returned = "IBC returned exit status "
	java, login := javaOf("3.24.1"), stamp+"Click button: Log In\n"
	logged := java + login + stamp + "Login has completed\n"
	scriptError := "=========================== An error has occurred =============================\n\n\n\nError: "
	for _, tt := range []struct {
		name, log string
		status    int
		reason    supervisor.ExitReason
		says      string
	}{
		// One status of the script, several failures.
		{"DISPLAY is not set", java + errorBlock("An exception has occurred:\nNo X11 DISPLAY variable was set,\nor no headful library support was found,\nbut this program performed an operation which requires it,") +
			stamp + "Exiting after error with exit code=1107\n" + returned + "83\n", 83, supervisor.ExitNoDisplay, "DISPLAY is not set"},
		{"nobody serves DISPLAY", java + errorBlock("An exception has occurred:\nCan't connect to X11 window server using ':75' as the value of the DISPLAY variable.") +
			stamp + "Exiting after error with exit code=1100\n" + returned + "76\n", 76, supervisor.ExitNoDisplay, "X server"},
		{"nobody serves DISPLAY, 3.16", javaOf("3.16.2") + errorBlock("An exception has occurred:\njava.awt.AWTError: Can't connect to X11 window server using ':75' as the value of the DISPLAY variable.\n\tat sun.awt.X11GraphicsEnvironment.initDisplay(Native Method)") +
			stamp + "Exiting with exit code=1100\n" + returned + "76\n", 76, supervisor.ExitNoDisplay, "X server"},
		{"the X server is killed", logged + "X connection to :99 broken (explicit kill or server shutdown).\n" + returned + "1\n", 1, supervisor.ExitNoDisplay, "went away"},
		{"the X server is killed, and the words are thrown away", logged + returned + "1\n", 1, supervisor.ExitOther, "X server"},
		{"an error long before is not the reason", logged + errorBlock("could not find auto logoff/restart time settings") + returned + "1\n", 1, supervisor.ExitOther, "X server"},
		{"the heap size is misspelt", "Starting Gateway with this command:\nInvalid maximum heap size: -Xmx2gm\nError: Could not create the Java Virtual Machine.\n" + returned + "1\n", 1,
			supervisor.ExitBadJava, "ibgateway.vmoptions"},
		{"Java refuses its options, and its words are thrown away", "Starting Gateway with this command:\n" + returned + "1\n", 1, supervisor.ExitBadJava, "ibgateway.vmoptions"},
		{"the heap is larger than the machine", "Starting Gateway with this command:\nError occurred during initialization of VM\nCould not reserve enough space for 4096000KB object heap\n" + returned + "1\n", 1,
			supervisor.ExitNoMemory, "memory"},
		{"Java is too old", "Starting Gateway with this command:\nException in thread \"main\" java.lang.UnsupportedClassVersionError: ibcalpha/ibc/IbcGateway has been compiled by a more recent version\n" + returned + "1\n", 1,
			supervisor.ExitBadJava, "newer Java"},
		{"Java is for another processor", "Starting Gateway with this command:\nibcstart.sh: line 536: /opt/jre/bin/java: cannot execute binary file: Exec format error\n" + returned + "126\n", 126,
			supervisor.ExitBadJava, "processor"},
		{"no Java", "Starting IBC version 3.24.1 on 2026-11-23 at 14:55:55\n" + scriptError + "Can\\'t find suitable Java installation\n", 1, supervisor.ExitNoJava, "found no Java"},
		{"no Java where java_path says", scriptError + "Java installaton at /opt/jre/java does not exist\n", 1, supervisor.ExitNoJava, "java_path"},
		{"no settings folder", scriptError + "TWS settings path: /srv/Jts does not exist\n", 5, supervisor.ExitBadInstall, "settings folder"},
		{"no IBC folder", scriptError + "IBC path: /srv/ibc does not exist\n", 5, supervisor.ExitBadInstall, "IBC's folder"},
		{"the same on Windows, where nobody sees the status", scriptError + "TWS settings path: C:\\Jts does not exist\r\n", -1, supervisor.ExitBadInstall, "settings folder"},
		{"ClosedownAt", java + errorBlock("Invalid ClosedownAt setting: '25 o''clock'; format should be: <[day ]hh:mm>   eg 22:00 or Friday 22:00") +
			stamp + "Exiting after error with exit code=1105\n" + returned + "81\n", 81, supervisor.ExitBadConfig, "ClosedownAt"},
		{"ColdRestartTime", java + errorBlock("Invalid ColdRestartTime setting: 'noon'; format should be: <hh:mm>   eg 13:00") +
			stamp + "Exiting with exit code=1105\n" + returned + "81\n", 81, supervisor.ExitBadConfig, "ColdRestartTime"},
		{"a Bypass setting, after the login", logged + errorBlock("Invalid setting value for 'BypassBondWarning'") +
			stamp + "Exiting with exit code=1105\n" + returned + "81\n", 81, supervisor.ExitBadConfig, "Bypass"},
		{"the jars are not a Gateway's", java + errorBlock("An exception has occurred:\nibgateway/GWClient") +
			stamp + "Exiting after error with exit code=1107\n" + returned + "83\n", 83, supervisor.ExitBadInstall, "jars"},
		{"the Gateway's start fails with a trace", javaOf("3.12.0") + errorBlock("Can't find the Gateway entry point: ibgateway.GWClient.main. Gateway is not correctly installed.\njava.lang.NoClassDefFoundError: ibgateway/GWClient\n\tat ibcalpha.ibc.IbcTws.startGateway(IbcTws.java:440)") +
			stamp + "Exiting with exit code=1107\n" + returned + "83\n", 83, supervisor.ExitBadInstall, "jars"},
		{"no memory left", logged + errorBlock("An exception has occurred:\njava.lang.OutOfMemoryError: Java heap space") +
			stamp + "Exiting with exit code=1100\n" + returned + "76\n", 76, supervisor.ExitNoMemory, "-Xmx"},
		{"the disk is full", java + errorBlock("An exception has occurred:\njava.io.IOException: No space left on device") +
			stamp + "Exiting with exit code=1100\n" + returned + "76\n", 76, supervisor.ExitDiskFull, "disk"},
		{"an error that nobody knows", java + errorBlock("An exception has occurred:\nCannot invoke \"javax.swing.JMenuBar.getMenu(int)\" because the bar of U1234567 is null") +
			stamp + "Exiting after error with exit code=1100\n" + returned + "76\n", 76, supervisor.ExitIBCError, "did not expect: Cannot invoke ••• because the bar of ••• is null"},
		{"3.22 and 3.23 print no error", javaOf("3.23.0") + stamp + "Exiting with exit code=1101\n" + returned + "77\n", 77, supervisor.ExitIBCError, "too new"},
		{"a number that nobody knows", java + stamp + "Exiting with exit code=1300\n" + returned + "20\n", 20, supervisor.ExitOther, "code 1300"},

		// Status 87, with and without an answer.
		{"a request that was answered", java + login + errorBlock("IBC closing because login has not completed after Second Factor Authentication") +
			stamp + "Exiting after error with exit code=1111\n" + returned + "87\n", 87, supervisor.ExitTwoFactorTimeout, "the login did not go on"},
		{"a request with IBC 3.12", javaOf("3.12.0") + login + errorBlock("IBC closing after Second Factor Authentication dialog timeout") +
			stamp + "Exiting with exit code=1111\n" + returned + "87\n", 87, supervisor.ExitTwoFactorTimeout, "not answered in time, or refused"},
		{"too many failed logins", javaOf("3.13.0") + login + stamp + "Too many failed login attempts\n" + errorBlock("IBC closing after too many failed login attempts") +
			stamp + "Exiting with exit code=1111\n" + returned + "87\n", 87, supervisor.ExitLoginFailed, "too many have failed"},

		// Status 88: the dialog is not there, or IBC does not know it.
		{"no window at all", java + errorBlock("IBC closing after TWS/Gateway failed to display login dialog") + stamp + "Exiting after error with exit code=1112\n" + returned + "88\n", 88,
			supervisor.ExitNoLoginDialog, "never appeared"},
		{"a window that an old IBC does not know", javaOf("3.12.0") + stamp + "Detected frame entitled: IBKR Gateway; event=Opened\n" + errorBlock("IBC closing after TWS/Gateway failed to display login dialog") +
			stamp + "Exiting with exit code=1112\n" + returned + "88\n", 88, supervisor.ExitNoLoginDialog, "too old"},
		{"a window in another language", java + stamp + "detected frame entitled: IBKR-Gateway; event=Opened\n" + errorBlock("IBC closing after TWS/Gateway failed to display login dialog") +
			stamp + "Exiting after error with exit code=1112\n" + returned + "88\n", 88, supervisor.ExitNoLoginDialog, "English"},

		// Status 0 is no proof of a normal end.
		{"STOP", logged + stamp + "CommandServer received command: STOP\n" + stamp + "Login has completed: exiting via [File, Close] menu\n" + returned + "0\n", 0, supervisor.ExitPlanned, "closed normally"},
		{"PAUSE", logged + stamp + "CommandServer received command: PAUSE\n" + returned + "0\nIBC is paused\n", 0, supervisor.ExitPlanned, "PAUSE"},
		{"ClosedownAt has come", logged + stamp + "Login has completed: exiting via [File, Close] menu\n" + returned + "0\n", 0, supervisor.ExitPlanned, "ClosedownAt"},
		{"it closed by itself", logged + stamp + "detected dialog entitled: Shutdown progress; event=Opened\n" + returned + "0\n", 0, supervisor.ExitClosed, "closed normally"},
		{"the other session was kept", java + login + stamp + "End this session and let the other session proceed (scenario 2)\n" + stamp + "Click button: Cancel\n" + returned + "0\n", 0,
			supervisor.ExitSessionElsewhere, "logged in elsewhere"},
		{"it kept the other session after the login", logged + stamp + "Other session may be primary, so end this session and let the other one proceed (scenario 6)\n" + returned + "0\n", 0,
			supervisor.ExitSessionElsewhere, "logged in elsewhere"},
		{"a refused login with 3.20", javaOf("3.20.0") + login + stamp + "Login failed\n" + stamp + "Cold restart in progress\n" + stamp + "Login has not completed: exiting immediately\n" + returned + "0\n", 0,
			supervisor.ExitLoginFailed, "refused the login"},
		{"a cold restart that does not happen", javaOf("3.19.0") + login + stamp + "Cold restart in progress\n" + stamp + "Login has not completed: exiting immediately\n" + returned + "0\n", 0,
			supervisor.ExitLoginFailed, "the login has failed"},
		{"the script was called without a version", "\nRuns IBC, thus loading TWS or the IB Gateway\n", 0, supervisor.ExitBadCall, "without a Gateway version"},

		{"killed together with its script, and the log tells of a stop", logged + stamp + "CommandServer received command: STOP\n", -1, supervisor.ExitUnknown, "nobody saw how"},
		{"killed together with its script, and a window's title was the script's last word", logged + returned + "0\n" + stamp + "detected dialog entitled: News; event=Opened\n", -1,
			supervisor.ExitUnknown, "nobody saw how"},
		{"a status that nobody knows", java + "libgcc: something went wrong\nfatal error: cannot open /home/trader/x of U7654321\n" + returned + "42\n", 42, supervisor.ExitOther, "cannot open /home/trader/x of •••"},
		{"a crash for want of memory", logged + "# There is insufficient memory for the Java Runtime Environment to continue.\n" + returned + "134\n", 134, supervisor.ExitNoMemory, "memory"},
		{"killed after X was mentioned", logged + "X connection to :1 is slow\n" + returned + "137\n", 137, supervisor.ExitKilled, "it was killed"},
		{"a killed Java on Windows", "Starting IBC with this command:\n" + stamp + "version: 3.24.1\nError level is 1\n", -1, supervisor.ExitKilled, "it was killed"},
		{"a Java that does not start on Windows", "Starting IBC with this command:\nError level is 1\n", -1, supervisor.ExitBadJava, "Java did not start"},
	} {
		if got := endOf(t, tt.log, tt.status); got.Reason != tt.reason || !strings.Contains(got.Why, tt.says) {
			t.Errorf("%s: %s: %s; want %s: …%s…", tt.name, got.Reason, got.Why, tt.reason, tt.says)
		}
	}
}
