package cli

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"time"
)

// openFile shows a file in the desktop's own viewer.
func openFile(ctx context.Context, path string) error {
	opener := map[string][]string{
		"darwin":  {"/usr/bin/open", path},
		"windows": {"rundll32", "url.dll,FileProtocolHandler", path},
	}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open", path}
	}
	cmd := exec.Command(opener[0], opener[1:]...) // outlives us: it is the user's viewer now
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the viewer, or with us
	// An opener that cannot do it says so at once; one that is the viewer stays.
	wait := time.NewTimer(3 * time.Second)
	defer wait.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("cannot open %s: %w", path, err)
		}
	case <-wait.C:
	case <-ctx.Done():
	}
	return nil
}
