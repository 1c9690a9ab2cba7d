package supervisor

import (
	"cmp"
	"slices"
	"time"
)

// A Farm is one of IBKR's data farms, as the Gateway last spoke of it. A broken
// one is a trader's problem; the Gateway's own link to IBKR may be fine.
type Farm struct {
	Kind   FarmKind   `json:"kind"`
	Name   string     `json:"name"` // "usfarm"; "" when the Gateway named none
	Status FarmStatus `json:"status"`
	At     time.Time  `json:"at"`
}

// A FarmKind is what a farm serves.
type FarmKind string

// The kinds of farms.
const (
	MarketData     FarmKind = "market_data"
	HistoricalData FarmKind = "historical_data"
	Definitions    FarmKind = "security_definitions"
)

// A FarmStatus is how the Gateway's connection to a farm is.
type FarmStatus string

// The statuses of a farm.
const (
	FarmOK         FarmStatus = "ok"
	FarmBroken     FarmStatus = "broken"
	FarmInactive   FarmStatus = "inactive" // idle; comes back on demand
	FarmConnecting FarmStatus = "connecting"
)

// maxFarms bounds what a Gateway can make us remember. A real one uses about a dozen.
const maxFarms = 32

// withFarm is the list with one farm's newest status, sorted by kind and name.
// When it is full, what was heard of the longest ago makes room.
func withFarm(farms []Farm, f Farm) []Farm {
	all := make([]Farm, 0, len(farms)+1)
	for _, known := range farms {
		if known.Kind != f.Kind || known.Name != f.Name {
			all = append(all, known)
		}
	}
	if len(all) == maxFarms {
		oldest := 0
		for i := range all {
			if all[i].At.Before(all[oldest].At) {
				oldest = i
			}
		}
		all = slices.Delete(all, oldest, oldest+1)
	}
	all = append(all, f)
	slices.SortFunc(all, func(a, b Farm) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return all
}
