package alerts

import (
	"encoding/xml"
	"strings"
)

// A toast is a notification of Windows, in the form that its service reads
// ("Toast content schema", Microsoft). Every text in it is escaped: nothing of it
// is run or interpreted.
type toast struct {
	XMLName  xml.Name      `xml:"toast"`
	Duration string        `xml:"duration,attr,omitempty"` // long: 25 s instead of 5 s
	Binding  toastBinding  `xml:"visual>binding"`
	Actions  []toastAction `xml:"actions>action,omitempty"`
	Audio    toastAudio    `xml:"audio"`
}

type toastBinding struct {
	Template string      `xml:"template,attr"`
	Texts    []string    `xml:"text"`
	Image    *toastImage `xml:"image,omitempty"`
}

type toastImage struct {
	Placement string `xml:"placement,attr"`
	Source    string `xml:"src,attr"`
}

type toastAction struct {
	Type      string `xml:"activationType,attr"`
	Label     string `xml:"content,attr"`
	Arguments string `xml:"arguments,attr"`
}

type toastAudio struct {
	Silent bool `xml:"silent,attr"`
}

// maxToastButtons is how many buttons Windows shows.
const maxToastButtons = 5

// toastXML is the notification for an alert, with a picture at that path.
func toastXML(a alert, buttons []offeredButton, picture string) (string, error) {
	t := toast{
		Binding: toastBinding{Template: "ToastGeneric", Texts: []string{printable(a.Notice.Title), printable(a.Notice.Body)}},
		Audio:   toastAudio{Silent: !a.Sound},
	}
	if a.Notice.Urgent {
		t.Duration = "long"
	}
	if picture != "" {
		t.Binding.Image = &toastImage{"appLogoOverride", picture}
	}
	for _, b := range buttons[:min(len(buttons), maxToastButtons)] {
		t.Actions = append(t.Actions, toastAction{"foreground", printable(b.Label), b.ID})
	}
	text, err := xml.Marshal(t)
	return string(text), err
}

// printable leaves out what XML cannot hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, text)
}
