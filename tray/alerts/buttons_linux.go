package alerts

import (
	"fmt"
	"os"
	"sync"
)

// dbusButtons remembers what the buttons on the screen do.
type dbusButtons struct {
	pressed   func(Press)
	supported bool // by the service

	mu      sync.Mutex
	presses map[string]Press // by the key of the button
	last    int              // number of the last key
}

// add gives each button a key, and lists them as Notify takes them. A key is good
// for one alert only, since every program on the bus receives every press.
func (d *dbusButtons) add(buttons []Button) (keys, actions []string) {
	actions = []string{}
	if !d.supported {
		return nil, actions
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, button := range buttons {
		d.last++
		key := fmt.Sprintf("gatelight-%d-%d", os.Getpid(), d.last)
		d.presses[key] = button.Do
		keys, actions = append(keys, key), append(actions, key, button.Label)
	}
	return keys, actions
}

// invoked takes the key of a button that was pressed, perhaps another program's.
func (d *dbusButtons) invoked(key any) {
	k, _ := key.(string)
	d.mu.Lock()
	p, known := d.presses[k]
	d.mu.Unlock()
	if known {
		d.pressed(p)
	}
}

func (d *dbusButtons) forget(keys []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range keys {
		delete(d.presses, k)
	}
}

func (d *dbusButtons) forgetAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.presses)
}
