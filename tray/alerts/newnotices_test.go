package alerts

import (
	"slices"
	"testing"
	"time"

	"gatelight/supervisor"
)

func TestNoticesAreRaisedOnce(t *testing.T) {
	seen := map[string]supervisor.Notice{}
	n := func(seq uint64, after time.Duration) supervisor.Notice {
		return supervisor.Notice{Seq: seq, At: at.Add(after)}
	}
	g := supervisor.Snapshot{Name: "paper", Notices: []supervisor.Notice{n(1, -time.Hour), n(2, time.Second)}}
	for _, c := range []struct {
		what    string
		notices []supervisor.Notice
		want    []uint64
	}{
		{"one is from before the start", g.Notices, []uint64{2}},
		{"nothing new", g.Notices, nil},
		{"two were skipped", append(g.Notices, n(3, time.Minute), n(4, time.Minute)), []uint64{3, 4}},
		{"the clock was set back", append(g.Notices, n(4, time.Minute), n(5, -time.Hour)), []uint64{5}},
		{"so many that the last is not among them", []supervisor.Notice{n(7, -time.Hour), n(8, -50*time.Minute)}, []uint64{7, 8}},
		{"the supervisor was started anew", nil, nil},
		{"and counts from one again", []supervisor.Notice{n(1, time.Hour)}, []uint64{1}},
		{"another one has the same number", []supervisor.Notice{n(1, 2*time.Hour)}, []uint64{1}},
	} {
		g.Notices = c.notices
		var got []uint64
		for _, n := range newNotices(g, seen, at) {
			got = append(got, n.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: raised %v, want %v", c.what, got, c.want)
		}
	}
}
