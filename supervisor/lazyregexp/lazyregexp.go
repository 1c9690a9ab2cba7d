// Package lazyregexp compiles a regular expression at its first use. Most calls of
// Gatelight, such as those of a script for the status, use none of them, and to
// compile all takes a tenth of their time.
package lazyregexp

import (
	"regexp"
	"sync"
)

// A Regexp is a regular expression whose methods are those of regexp.Regexp. It
// can be used by several goroutines at once.
type Regexp struct {
	compile func() *regexp.Regexp
}

// New makes one of the syntax of package regexp. With a wrong one its first use
// panics, so every one needs a test that uses it.
func New(text string) *Regexp {
	return &Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

func (r *Regexp) Match(b []byte) bool { return r.compile().Match(b) }

func (r *Regexp) MatchString(s string) bool { return r.compile().MatchString(s) }

func (r *Regexp) FindString(s string) string { return r.compile().FindString(s) }

func (r *Regexp) FindStringIndex(s string) []int { return r.compile().FindStringIndex(s) }

func (r *Regexp) FindStringSubmatch(s string) []string { return r.compile().FindStringSubmatch(s) }

func (r *Regexp) ReplaceAllString(s, by string) string { return r.compile().ReplaceAllString(s, by) }
