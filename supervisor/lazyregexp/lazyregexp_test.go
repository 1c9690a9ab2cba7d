package lazyregexp

import (
	"slices"
	"testing"
)

func TestItMatchesAsPackageRegexpDoes(t *testing.T) {
	r := New(`([a-z]+)=([0-9]+)`)
	switch {
	case !r.MatchString("-a=1-"), r.MatchString("a=b"), !r.Match([]byte("a=1")),
		r.FindString("-a=1-") != "a=1", !slices.Equal(r.FindStringIndex("-a=1-"), []int{1, 4}),
		!slices.Equal(r.FindStringSubmatch("-a=1-"), []string{"a=1", "a", "1"}),
		r.ReplaceAllString("a=1 b=2", "$2") != "1 2":
		t.Error("another answer")
	}
}

func TestAWrongOnePanicsAtItsFirstUse(t *testing.T) {
	r := New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	r.MatchString("")
}
