package status

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A flood never ends.
type flood struct{ text []byte }

func (f flood) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat(f.text, len(p)/len(f.text)+1)), nil
}

// A program that has the lock and the socket of Gatelight may be a broken one.
func TestAnAnswerWithoutEndIsGivenUp(t *testing.T) {
	p := pathsOf(path(t))
	if err := os.MkdirAll(p.Runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(p.Runtime, "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"gateways":[{"why":"`)
		io.Copy(w, flood{[]byte("x")})
	})}
	ended := make(chan struct{})
	go func() { defer close(ended); server.Serve(l) }()
	defer func() { server.Close(); <-ended }()
	if r, err := Dial(t.Context(), p); err == nil || !strings.Contains(err.Error(), "no Gatelight answers") {
		t.Errorf("%v, %v", r, err)
	}
}

// roundTrip answers a client's requests without a connection.
type roundTrip func(*http.Request) (io.ReadCloser, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := f(r)
	return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, err
}

func TestAWatchWithoutEndOfItsLineIsGivenUp(t *testing.T) {
	c := &Remote{now: supervisor.Now, silence: watchSilence, most: maxDocument, http: &http.Client{Transport: roundTrip(func(*http.Request) (io.ReadCloser, error) {
		return io.NopCloser(flood{[]byte("data: x")}), nil
	})}}
	received := make(chan supervisor.Status, 1)
	_ = c.stream(t.Context(), watchSilence, func(w supervisor.Status) { replace(received, w) })
	if len(received) > 0 {
		t.Error("a status was received")
	}
}

// A Gatelight that hangs, or that only ever sends comments.
func TestASilentWatchIsOpenedAgain(t *testing.T) {
	for name, drip := range map[string]string{"silence": "", "comments": ": still here\n\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &Remote{now: supervisor.Now, silence: watchSilence, most: maxDocument, http: &http.Client{Transport: roundTrip(func(r *http.Request) (io.ReadCloser, error) {
					body, out := io.Pipe()
					go func() {
						for r.Context().Err() == nil {
							io.WriteString(out, drip)
							supervisor.Sleep(r.Context(), time.Second)
						}
						out.CloseWithError(r.Context().Err())
					}()
					return body, nil
				})}}
				began := time.Now()
				_ = c.stream(t.Context(), watchSilence, func(supervisor.Status) {})
				if took := time.Since(began); took != watchSilence {
					t.Errorf("after %v", took)
				}
			})
		})
	}
}

// A Gatelight that hangs keeps its connections, and sends nothing. What it sent
// last is shown for as long as it is good, which may be less than watchSilence.
func TestWatchSendsUnknownWhenTheStatusIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const good = 20 * time.Second
		c := &Remote{now: supervisor.Now, silence: watchSilence, most: maxDocument, http: &http.Client{Transport: roundTrip(func(r *http.Request) (io.ReadCloser, error) {
			w := connectedStatus("hello")
			w.Gateways[0].FreshUntil = supervisor.Now().Add(good)
			document, err := json.Marshal(Encode(w, supervisor.Now()))
			if err != nil {
				return nil, err
			}
			body, out := io.Pipe()
			go func() {
				fmt.Fprintf(out, "data: %s\n\n", document)
				<-r.Context().Done() // hangs
				out.CloseWithError(r.Context().Err())
			}()
			return body, nil
		})}}
		c.latest.Store(&supervisor.Status{})
		ctx, end := context.WithCancel(t.Context())
		watch := c.Watch(ctx)
		first := <-watch
		received := time.Now()
		second := <-watch
		if g := first.Gateways[0]; g.State != supervisor.Connected {
			t.Errorf("first: %v", g.State)
		}
		if g, after := second.Gateways[0], time.Since(received); g.State != supervisor.Unknown || after != good {
			t.Errorf("then: %v, after %v", g.State, after)
		}
		end()
		for range watch { // until it is closed
		}
	})
}
