package history

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Lookback is how far back from now the log is read. On the command line it
// is written 90m, 24h or 7d.
type Lookback time.Duration

// maxLookback is more than any log holds.
const maxLookback = 10 * 366 * 24 * time.Hour

// UnmarshalText reads what [time.ParseDuration] reads, and days: "7d", "1.5d".
func (l *Lookback) UnmarshalText(text []byte) error {
	s := string(text)
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	}
	if err != nil || d <= 0 || d > maxLookback {
		return fmt.Errorf("%q is not a duration; write 90m, 24h or 7d", s)
	}
	*l = Lookback(d)
	return nil
}

func (l Lookback) String() string {
	d := time.Duration(l)
	switch {
	case d > 24*time.Hour && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return d.String()
}
