package simgateway

import "time"

// command does STOP, RESTART and PAUSE (StopTask.java, RestartTask.java).
func (g *gateway) command(command string, c *commandChannel) {
	if command == "STOP" {
		g.stopCommand(c)
		return
	}
	if g.ibc.since(24, 0) {
		g.out.ibc("RestartTask: pauseOnly = %t", command == "PAUSE")
		g.out.ibc("RestartTask: verb = %s", command)
	}
	if !g.isRunning() {
		c.reply("ERROR " + command + " already in progress\n")
		c.close()
		return
	}
	if !g.beginRestart() {
		c.reply("ERROR " + command + " already in progress\n")
		c.close()
		return
	}
	if command == "PAUSE" {
		g.writeFlag("PAUSE")
	}
	if g.ibc.since(24, 0) {
		c.reply("OK " + command + " in progress\n")
	} else {
		c.reply("OK Restart in progress\n")
	}
	g.out.ibc("Getting main window")
	select { // IBC waits for the main window; the client waits for IBC
	case <-g.loggedIn:
	case <-g.ctx.Done():
		return
	}
	g.out.ibc("Main window already found")
	if g.scenes.NoRestartMenu {
		at := time.Now().Truncate(time.Minute).Add(time.Minute)
		g.out.ibc("Setting auto-restart time to %s", at.Format("03:04 PM"))
		c.reply("OK " + command + " at " + at.Format("03:04 PM") + "\n")
		c.close()
		if !g.pause(g.ctx, time.Until(at)) {
			return
		}
	}
	c.close()
	g.end(endRestart)
}

// beginRestart is false when a restart is under way already.
func (g *gateway) beginRestart() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.restarting
	g.restarting = true
	return !was
}

func (g *gateway) stopCommand(c *commandChannel) {
	if !g.isRunning() {
		c.reply("ERROR STOP already in progress\n")
		c.close()
		return
	}
	if g.ibc.since(19, 0) {
		c.reply("OK Shutting down: STOP command\n")
	} else {
		c.reply("OK Shutting down\n")
	}
	c.close()
	if g.scenes.IgnoreStop && g.isLoggedIn() {
		g.closingByMenu() // and there it stays
		return
	}
	g.end(endStop)
}

func (g *gateway) isRunning() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ending == notEnding
}

func (g *gateway) closingByMenu() {
	g.out.ibc("Login has completed: exiting via [File, Close] menu")
	g.out.ibc("Getting main window")
	g.out.ibc("Main window already found")
}

// shutdown plays the end that has begun and returns the exit status. SIGTERM
// cuts it short, as it does a JVM.
func (g *gateway) shutdown() int {
	g.mu.Lock()
	e := g.ending
	g.mu.Unlock()
	if g.term.Err() != nil {
		return exitTerminated
	}
	if !g.isLoggedIn() {
		if e == endColdReboot {
			g.writeFlag("COLDRESTART")
		}
		g.commands.shutdown()
		g.out.ibc("Login has not completed: exiting immediately")
		return 0
	}
	delay := g.scenes.RestartDelay
	switch e {
	case endStop:
		g.closingByMenu()
		g.confirmExit()
		delay = g.scenes.StopDelay
	case endRestart:
		g.confirmExit()
	}
	g.out.dialog("Shutdown progress", "Opened")
	if !g.pause(g.term, time.Duration(delay)) {
		return exitTerminated
	}
	g.commands.shutdown()
	g.out.dialog("Shutdown progress", "Activated", "Focused")
	if e == endRestart || e == endNightly {
		g.writeAutorestart()
	}
	return 0
}

// confirmExit is the question that IBC answers for the user.
func (g *gateway) confirmExit() {
	g.out.dialog(loginFrame, "Opened")
	g.out.ibc("Click button: Yes")
	g.out.dialog(loginFrame, "Activated", "Focused", "Lost focus", "Deactivated", "Closed")
}
