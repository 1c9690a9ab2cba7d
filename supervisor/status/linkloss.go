package status

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"gatelight/supervisor"
)

// This file says why a host cannot be reached.

// reasonOfLoss says why there is no connection, in the words of the command if it
// has said some.
func reasonOfLoss(err error) error {
	if by := (commandEnded{}); errors.As(err, &by) {
		return by
	}
	if sent := new(url.Error); errors.As(err, &sent) { // it begins with a made-up address
		err = sent.Err
	}
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection has ended")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return errors.New("no answer in time")
	}
	return err
}

func (l *Link) whyLost(g supervisor.Snapshot) string {
	why := fmt.Sprintf("%s cannot be reached: %s", l.name, strings.TrimSuffix(supervisor.CleanText(l.lost.Error(), 300), "."))
	if !g.EvidenceAt.IsZero() {
		why += ". Last heard at " + g.EvidenceAt.Local().Format("15:04:05")
	}
	return why
}

// lostNotice is the same one for as long as the loss lasts.
func (l *Link) lostNotice(g supervisor.Snapshot) supervisor.Notice {
	n := supervisor.Notice{Seq: 1, ID: 1<<62 + uint64(l.lostAt.UnixNano()), At: l.lostAt.Add(lostNoticeAfter), Kind: supervisor.NoticeLost,
		State: supervisor.Unknown, Title: l.name + " cannot be reached",
		Body: "Nothing is known of its Gateways. They may be well, and nothing is done to them. " + supervisor.CleanText(l.lost.Error(), 300)}
	if k := len(g.Notices); k > 0 {
		n.Seq = g.Notices[k-1].Seq + 1
	}
	return n
}
