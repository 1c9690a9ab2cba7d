package ibc

import (
	"context"
	"encoding/json"
	"fmt"

	"gatelight/supervisor"
	"gatelight/supervisor/sockets"
)

// startOnly makes the test binary a Gatelight that does nothing but start.
const startOnly = "start-only"

// startAndStay is that Gatelight. It says on stdout when it is about to start,
// and what has become of it.
func startAndStay(options string) int {
	var o Options
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		fmt.Println(err)
		return 1
	}
	o.Sockets = sockets.New()
	d := New(o)
	go d.Follow(context.Background(), func(supervisor.Event) {})
	<-d.Adopted()
	fmt.Println("starting")
	fmt.Println("started:", d.Perform(context.Background(), supervisor.PerformAction{Action: supervisor.Start}))
	select {}
}
