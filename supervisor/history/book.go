package history

import (
	"maps"
	"slices"
	"time"

	"gatelight/supervisor"
)

// Before is how much of the log before a stretch of time has to be read to know
// what held at its beginning.
const Before = silence

// A Band is a stretch of time in which one state held, or nobody watched.
type Band struct {
	From, To time.Time
	State    supervisor.State // "": nobody watched, or what was seen is not known
	Phase    supervisor.Phase
	Expected bool
	Why      string
}

// Snapshot is as much of a snapshot as a band holds.
func (b Band) Snapshot() supervisor.Snapshot {
	return supervisor.Snapshot{State: b.State, Phase: b.Phase, Expected: b.Expected, Verified: true, Why: b.Why}
}

// Title names what held, as the menu does.
func (b Band) Title() string {
	if b.State == "" {
		return "not watched"
	}
	return b.Snapshot().Title()
}

// Length is how long it lasted.
func (b Band) Length() time.Duration { return b.To.Sub(b.From) }

// Within is how much of it lies after a time.
func (b Band) Within(from time.Time) time.Duration {
	if b.From.After(from) {
		from = b.From
	}
	return b.To.Sub(from)
}

func (b Band) same(o Band) bool {
	return b.State == o.State && b.Phase == o.Phase && (b.State != supervisor.Down || b.Expected == o.Expected)
}

// A Book takes entries in the order in which they were written, and makes the
// story of each Gateway from them. The zero value is an empty one.
type Book struct {
	pages map[string]*page
}

// A page is what is known of one Gateway: where its bands begin, and until when
// the log shows that somebody watched.
type page struct {
	begins    []Band
	heard     time.Time
	simulated bool
}

// Add takes one more entry, and returns what held before it, with its length
// until then.
func (b *Book) Add(e supervisor.Entry) (before Band) {
	if e.Gateway == "" {
		return Band{}
	}
	if b.pages == nil {
		b.pages = map[string]*page{}
	}
	p := b.pages[e.Gateway]
	if p == nil {
		p = &page{}
		b.pages[e.Gateway] = p
	}
	at := e.At.Round(0)
	p.simulated = e.Simulated
	p.listen(at, e.Kind == supervisor.EntrySupervision && e.From == "")
	before = p.now(at)
	next := Band{From: at, State: e.To, Phase: e.Phase, Expected: e.Expected, Why: e.Text}
	switch {
	case e.Kind == supervisor.EntryState && e.To != "", e.Kind == supervisor.EntrySupervision && e.To == "":
		p.begin(next)
	case e.Kind == supervisor.EntrySupervision: // it names the state, not the reason
		next.Why = ""
		if len(p.begins) == 0 && !e.Since.IsZero() && e.Since.Before(at) {
			next.From = e.Since
		}
		p.begin(next)
	}
	return before
}

// listen takes note that the log was written at that time. What it says of later
// times was written while the clock was wrong. After a long silence it is not
// known what held meanwhile, and neither is it when a Gatelight begins to watch
// and none has said that it ended.
func (p *page) listen(at time.Time, begins bool) {
	n := len(p.begins)
	for n > 0 && p.begins[n-1].From.After(at) {
		n--
	}
	p.begins = p.begins[:n]
	if silent := at.Sub(p.heard); !p.heard.IsZero() && (silent > silence || begins && silent >= 0) {
		p.begin(Band{From: p.heard})
	}
	p.heard = at
}

// now is the band that lasts.
func (p *page) now(at time.Time) Band {
	if len(p.begins) == 0 {
		return Band{From: at, To: at}
	}
	b := p.begins[len(p.begins)-1]
	b.To = at
	return b
}

func (p *page) begin(b Band) {
	if n := len(p.begins); n == 0 || !p.begins[n-1].same(b) {
		p.begins = append(p.begins, b)
	}
}

// A Track is the story of one Gateway over a stretch of time.
type Track struct {
	Gateway   string
	Simulated bool
	Bands     []Band // they join one another; the first may begin earlier
	Incidents []Incident
	Totals    []Total // the longest first
	Watched   time.Duration
}

// A Total is how long one thing held, all in all. Its band says what.
type Total struct {
	Band
	Time time.Duration
}

// Tracks are the stories of all Gateways from one time to another, by name. What
// the log does not reach is not watched.
func (b *Book) Tracks(from, to time.Time) []Track {
	var all []Track
	for _, name := range slices.Sorted(maps.Keys(b.pages)) {
		p := b.pages[name]
		bands := p.bands(from, to)
		t := Track{Gateway: name, Simulated: p.simulated, Incidents: incidents(bands)}
		t.Incidents = slices.DeleteFunc(t.Incidents, func(i Incident) bool { return !i.To.After(from) })
		t.Bands = slices.DeleteFunc(bands, func(b Band) bool { return !b.To.After(from) })
		t.total(from)
		all = append(all, t)
	}
	return all
}

// bands join one another from a time that is not after from, until to.
func (p *page) bands(from, to time.Time) []Band {
	begins := slices.Clone(p.begins)
	if len(begins) == 0 || begins[0].From.After(from) {
		begins = slices.Insert(begins, 0, Band{From: from})
	}
	if to.Sub(p.heard) > silence {
		begins = append(begins, Band{From: p.heard})
	}
	var bands []Band
	for i, b := range begins {
		b.To = to
		if i+1 < len(begins) && begins[i+1].From.Before(to) {
			b.To = begins[i+1].From
		}
		if b.Length() <= 0 {
			continue
		}
		if n := len(bands); n > 0 && bands[n-1].same(b) {
			bands[n-1].To = b.To
			continue
		}
		bands = append(bands, b)
	}
	return bands
}

// Noticed are the totals of a second or more. Each start of Gatelight is unknown
// for a few milliseconds.
func (t Track) Noticed() []Total {
	return slices.DeleteFunc(slices.Clone(t.Totals), func(o Total) bool { return o.Time < time.Second })
}

func (t *Track) total(from time.Time) {
	for _, b := range t.Bands {
		length := b.Within(from)
		if b.State != "" {
			t.Watched += length
		}
		i := slices.IndexFunc(t.Totals, func(o Total) bool { return o.Title() == b.Title() })
		if i < 0 {
			i = len(t.Totals)
			t.Totals = append(t.Totals, Total{Band: b})
		}
		t.Totals[i].Time += length
	}
	slices.SortStableFunc(t.Totals, func(a, b Total) int { return int(max(-1, min(1, b.Time-a.Time))) })
}
