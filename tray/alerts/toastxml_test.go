package alerts

import (
	"encoding/xml"
	"testing"

	"gatelight/supervisor"
)

func TestAToastHoldsTheTextsAsTheyAre(t *testing.T) {
	a := alert{Notice: supervisor.Notice{Title: `"paper" & <live>`, Body: "$(calc) disconnects\nx\x00y"}}
	text, err := toastXML(a, []offeredButton{{ID: "7", Label: "Restart & wait"}}, `C:\Users\Jo & co\gatelight.png`)
	if err != nil {
		t.Fatal(err)
	}
	const want = `<toast><visual><binding template="ToastGeneric"><text>&#34;paper&#34; &amp; &lt;live&gt;</text>` +
		`<text>$(calc) disconnects&#xA;xy</text><image placement="appLogoOverride" src="C:\Users\Jo &amp; co\gatelight.png"></image></binding></visual>` +
		`<actions><action activationType="foreground" content="Restart &amp; wait" arguments="7"></action></actions><audio silent="true"></audio></toast>`
	if text != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
}

func TestAnUrgentToastStaysLongerAndIsHeard(t *testing.T) {
	text, err := toastXML(alert{Notice: supervisor.Notice{Title: "a", Urgent: true}, Sound: true}, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	var got toast
	if err := xml.Unmarshal([]byte(text), &got); err != nil || got.Duration != "long" || got.Audio.Silent || got.Binding.Image != nil || len(got.Actions) > 0 {
		t.Errorf("%v: %s", err, text)
	}
}

func TestAToastHasNoMoreButtonsThanWindowsShows(t *testing.T) {
	text, err := toastXML(alert{}, make([]offeredButton, maxToastButtons+2), "")
	if err != nil {
		t.Fatal(err)
	}
	var got toast
	if err := xml.Unmarshal([]byte(text), &got); err != nil || len(got.Actions) != maxToastButtons {
		t.Errorf("%v: %d buttons", err, len(got.Actions))
	}
}
