package simgateway

import "strconv"

// emptyLists are the requests for a list that clients wait for when they
// connect, and the message that ends it: this account has no orders, no
// executions and no positions. Numbers: IBKR's API, message.go of
// github.com/scmhub/ibapi.
var emptyLists = map[int]listEnd{
	5:  {id: 53, versioned: true},                // open orders
	6:  {id: 54, versioned: true, account: true}, // account updates
	7:  {id: 55, versioned: true, request: true}, // executions
	16: {id: 53, versioned: true},                // all open orders
	61: {id: 62, versioned: true},                // positions
	62: {id: 64, versioned: true, request: true}, // account summary
	74: {id: 72, versioned: true, request: true}, // positions of several accounts
	76: {id: 74, versioned: true, request: true}, // updates of several accounts
	99: {id: 102},                                // completed orders
}

// A listEnd is the message that ends a list, and what it holds.
type listEnd struct {
	id        int
	versioned bool // a version, in the text form
	request   bool // the id of the request
	account   bool
}

// emptyList answers a request for a list; nil: it is none, or ends one.
func (c codec) emptyList(r request, account string) []byte {
	end, known := emptyLists[r.id]
	if !known || end.account && !r.subscribes() {
		return nil
	}
	if r.fields == nil {
		var body []byte
		if end.request {
			id, err := varintOf(r.body, 1)
			if err != nil {
				return nil
			}
			body = varintField(body, 1, id)
		}
		if end.account {
			body = stringField(body, 1, account)
		}
		return protobuf(end.id, body)
	}
	var fields []string
	if end.versioned {
		fields = append(fields, "1")
	}
	if end.request {
		if len(r.fields) < 2 {
			return nil
		}
		fields = append(fields, r.fields[1])
	}
	if end.account {
		fields = append(fields, account)
	}
	return c.text(end.id, fields...)
}

// subscribes reports whether a request for account updates begins them.
func (r request) subscribes() bool {
	if r.fields == nil {
		on, err := varintOf(r.body, 1)
		return err == nil && on != 0
	}
	if len(r.fields) < 2 {
		return false
	}
	on, _ := strconv.ParseBool(r.fields[1])
	return on
}
