package testkit

import (
	"net"
	"strconv"
	"testing"
)

func TestPortsAreGivenToOneTestAtATime(t *testing.T) {
	given := map[int]bool{}
	for range 200 {
		port := Port(t)
		if given[port] {
			t.Fatalf("port %d was given twice", port)
		}
		given[port] = true
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port))
		if err != nil {
			t.Fatalf("port %d is not free: %v", port, err)
		}
		l.Close()
	}
}

func TestAPortIsGivenBackAtTheEndOfItsTest(t *testing.T) {
	var port int
	t.Run("has it", func(t *testing.T) { port = Port(t) })
	mu.Lock()
	next = port - firstPort - 1
	mu.Unlock()
	if again := Port(t); again != port {
		t.Errorf("got %d, want %d again", again, port)
	}
}

func TestAwaitReturnsTheFirstValueThatFits(t *testing.T) {
	values := make(chan int, 3)
	values <- 1
	values <- 2
	values <- 3
	if got := Await(t, values, "an even one", func(v int) bool { return v%2 == 0 }); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
}
