package spelling

import "testing"

func TestDistanceCountsLetters(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		enough, want int
	}{
		{"port", "port", 4, 0},
		{"prot", "port", 4, 2},
		{"prt", "port", 4, 1},
		{"", "port", 9, 4},
		{"port", "", 9, 4},
		{"colour", "color", 4, 1},
		{"something", "else", 3, 3}, // it has given up
	} {
		if got := Distance(c.a, c.b, c.enough); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
