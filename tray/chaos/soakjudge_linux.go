package main

import (
	"fmt"
	"slices"
	"time"
)

// A column is one of the things that are measured, and how much more of it may be
// held in the last third than in the middle one: a share, and some more for
// what comes and goes.
type column struct {
	name  string
	of    func(reading) float64
	share float64
	more  float64
}

// columns have room for what a garbage collector and idle connections do.
var columns = []column{
	{"RSS, KiB", func(r reading) float64 { return float64(r.rss) }, 0.10, 2048},
	{"descriptors", func(r reading) float64 { return float64(r.descriptors) }, 0, 3},
	{"threads", func(r reading) float64 { return float64(r.threads) }, 0, 3},
	{"sockets", func(r reading) float64 { return float64(r.sockets) }, 0, 3},
}

// judge prints the readings and says what has grown.
func (w *world) judge(readings []reading) (grown []string) {
	fmt.Printf("%8s %9s %9s %12s %8s %8s %7s %10s\n", "after", "RSS KiB", "monitors", "descriptors", "threads", "sockets", "CPU %", "log bytes")
	var cpu []float64
	for i, r := range readings {
		percent := 0.0
		if i > 0 {
			before := readings[i-1]
			percent = float64(r.ticks-before.ticks) / (r.at - before.at).Seconds()
			cpu = append(cpu, percent)
		}
		fmt.Printf("%8v %9d %9d %12d %8d %8d %7.1f %10d\n", r.at.Round(time.Second), r.rss, r.monitors, r.descriptors, r.threads, r.sockets, percent, r.logBytes)
	}
	for _, c := range columns {
		var values []float64
		for _, r := range readings {
			values = append(values, c.of(r))
		}
		grown = append(grown, compare(c, values)...)
	}
	return append(grown, compare(column{name: "CPU, %", share: 0.5, more: 2}, cpu)...)
}

// compare the median of the last third with that of the middle one.
func compare(c column, values []float64) []string {
	third := len(values) / 3
	if third < 3 {
		return []string{fmt.Sprintf("%s: %d readings are too few to tell", c.name, len(values))}
	}
	middle, last := median(values[third:2*third]), median(values[2*third:])
	fmt.Printf("%s: median %.1f in the middle third, %.1f in the last\n", c.name, middle, last)
	if last > middle*(1+c.share)+c.more {
		return []string{fmt.Sprintf("%s: from %.1f to %.1f", c.name, middle, last)}
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
