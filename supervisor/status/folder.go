package status

import (
	"fmt"
	"os"
	"runtime"
)

// makePrivate makes a folder, or closes an existing one of the user to others:
// who can replace the lock or the socket can pretend to be Gatelight. It refuses
// a folder that is not the user's own, and one that everybody can write to, such
// as /tmp, which must stay open. The variable names another folder.
func makePrivate(dir, variable string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder %s: %w; make it yourself, or set %s to another one", dir, err, variable)
	}
	return checkPrivate(dir, variable)
}

// checkPrivate is makePrivate for a folder that is there. The state folder may
// be a link, as people have who keep their files elsewhere; the runtime folder
// is made by Gatelight or the system, and a link there is somebody's trick.
func checkPrivate(dir, variable string) error {
	stat := os.Lstat
	if variable == stateVariable {
		stat = os.Stat
	}
	info, err := stat(dir)
	if err != nil {
		return err
	}
	if variable == stateVariable && info.IsDir() && !ownedByUser(info) {
		return fmt.Errorf("the state folder %s belongs to another user; run gatelight as that user, or set %s to a folder of yours", dir, variable)
	}
	if !info.IsDir() || !ownedByUser(info) {
		return fmt.Errorf("%s is not a folder of yours; remove it, or set %s", dir, variable)
	}
	if runtime.GOOS == "windows" { // has access lists instead
		return nil
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("%s is open to everybody; set %s to a folder of Gatelight's own", dir, variable)
	}
	if info.Mode().Perm() == 0o700 {
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("cannot close the folder %s to others: %w; set %s to another one", dir, err, variable)
	}
	return nil
}

// The variables that name other folders.
const (
	stateVariable   = "GATELIGHT_STATE_DIR"
	runtimeVariable = "GATELIGHT_RUNTIME_DIR"
)
