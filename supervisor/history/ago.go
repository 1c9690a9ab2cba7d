package history

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Ago is a length of time before now.
type Ago time.Duration

// longestAgo is more than any log holds.
const longestAgo = 10 * 366 * 24 * time.Hour

// UnmarshalText reads what [time.ParseDuration] reads, and days.
func (a *Ago) UnmarshalText(text []byte) error {
	s := string(text)
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	}
	if err != nil || d <= 0 || d > longestAgo {
		return fmt.Errorf("%q is no time to look back; write 90m, 24h or 7d", s)
	}
	*a = Ago(d)
	return nil
}

func (a Ago) String() string {
	d := time.Duration(a)
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
