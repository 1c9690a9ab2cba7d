package ibc

import (
	"testing"
	"time"
)

func TestTheTimeInAnAnswerToRestartIsRead(t *testing.T) {
	at := func(s string) time.Time {
		t, err := time.ParseInLocation("2006-01-02 15:04:05", s, time.Local)
		if err != nil {
			panic(err)
		}
		return t
	}
	const afternoon, night = "2026-11-23 14:05:12", "2026-11-23 23:59:58"
	for _, tt := range []struct {
		answer    string
		now, want string // "": no time is announced
	}{
		{"OK RESTART at 02:06 PM", afternoon, "2026-11-23 14:06:00"},
		{"OK Restarting at 02:06 PM", afternoon, "2026-11-23 14:06:00"}, // from IBC 3.16 to 3.23
		{"OK RESTART at 2:06 pm", afternoon, "2026-11-23 14:06:00"},
		{"OK RESTART at 02:06 p. m.", afternoon, "2026-11-23 14:06:00"},
		{"OK RESTART at 02:06\u202fPM", afternoon, "2026-11-23 14:06:00"}, // with a narrow space, as newer Javas have it
		{"OK RESTART at 02:06 午後", afternoon, "2026-11-23 14:06:00"},
		{"OK RESTART at 14:06", afternoon, "2026-11-23 14:06:00"},
		{"OK RESTART at 02:05 PM", afternoon, "2026-11-23 14:05:00"}, // read late
		{"OK RESTART at 12:00 AM", night, "2026-11-24 00:00:00"},
		{"OK RESTART at 12:50 AM", "2026-11-23 00:49:30", "2026-11-23 00:50:00"},
		{"OK RESTART at 12:01 PM", "2026-11-23 12:00:01", "2026-11-23 12:01:00"},
		{"OK RESTART at 07:06 PM", afternoon, "2026-11-23 14:06:00"}, // Java's clock is in another time zone
		{"OK RESTART at 02:06 AM", afternoon, "2026-11-23 14:06:00"},
		{"OK RESTART in progress", afternoon, ""},
		{"OK Restart in progress", afternoon, ""},
		{"ERROR RESTART at 02:06 PM", afternoon, ""},
	} {
		got, announced := restartTime([]string{"OK RESTART in progress", tt.answer}, at(tt.now))
		if announced != (tt.want != "") || announced && !got.Equal(at(tt.want)) {
			t.Errorf("%s, at %s: %s, %t; want %s", tt.answer, tt.now, got, announced, tt.want)
		}
	}
}

func TestAReplyIsFoundBehindAPrompt(t *testing.T) {
	for line, want := range map[string]string{
		"OK Goodbye\r\n":                   "OK Goodbye",
		"ibc> OK Shutting down\n":          "OK Shutting down",
		"IBC>ERROR Command invalid\n":      "ERROR Command invalid",
		"INFO IBC Command Server\n":        "",
		"ibc> INFO Restarting TWS\n":       "",
		"ibc> ":                            "",
		"\n":                               "",
		"HTTP/1.1 400 Bad Request\r\n":     "",
		"ERROR STOP already in progress\n": "ERROR STOP already in progress",
	} {
		if got := replyIn(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
