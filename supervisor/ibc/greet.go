package ibc

import (
	"context"
	"fmt"
)

// Greet sees whether this Gateway's command server answers. It sends EXIT, which
// ends the conversation and nothing else, and only to a server that is proven to
// be this Gateway's.
func (d *Driver) Greet(ctx context.Context) error {
	if r := <-d.current; r == nil { // nobody follows it here
		left, err := d.adopt()
		d.current <- left
		if err != nil {
			return err
		}
	} else {
		d.current <- r
	}
	reply, err := d.command(ctx, "EXIT")
	if err == nil && reply != "OK Goodbye" {
		err = fmt.Errorf("IBC answered EXIT with %q", reply)
	}
	return err
}
