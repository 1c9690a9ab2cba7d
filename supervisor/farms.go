package supervisor

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// A Farm is one of IBKR's data farms with the newest status that the Gateway
// has sent. A broken farm matters to those who trade. The Gateway's own link to
// IBKR may be up all the same.
type Farm struct {
	Kind   FarmKind   `json:"kind"`
	Name   string     `json:"name"` // "usfarm"; "" when the Gateway named none
	Status FarmStatus `json:"status"`
	At     time.Time  `json:"at"` // when the status was received
}

// A FarmKind is the kind of data that a farm serves.
type FarmKind string

// The kinds of farms.
const (
	MarketData     FarmKind = "market_data"
	HistoricalData FarmKind = "historical_data"
	Definitions    FarmKind = "security_definitions"
)

// A FarmStatus is the status of the Gateway's connection to a farm.
type FarmStatus string

// The statuses of a farm.
const (
	FarmOK         FarmStatus = "ok"
	FarmBroken     FarmStatus = "broken"
	FarmInactive   FarmStatus = "inactive" // idle; comes back on demand
	FarmConnecting FarmStatus = "connecting"
)

// maxFarms limits how many farms are kept, whatever a Gateway sends. A real one
// uses about a dozen.
const maxFarms = 32

// withFarm returns the list with one farm's newest status, sorted by kind and
// name. When the list is full, the farm with the oldest status is dropped.
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
	sort.Slice(all, func(i, j int) bool {
		return cmp.Or(cmp.Compare(all[i].Kind, all[j].Kind), cmp.Compare(all[i].Name, all[j].Name)) < 0
	})
	return all
}
