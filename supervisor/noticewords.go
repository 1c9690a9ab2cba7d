package supervisor

import (
	"fmt"
	"strings"
	"time"
)

// This file has the texts of the notices: what people are told of an incident,
// and of what was done about it.

// dropNotice tells of trouble. That IBKR is lost is calm at first, since it often heals
// by itself: the reminder is urgent.
func dropNotice(d *decision, overdue bool) Notice {
	v := d.verdict
	n := Notice{Kind: NoticeDrop, Urgent: v.state != CutOff, Title: d.headline(v.title()), Body: why(d)}
	if v.state == Starting && overdue {
		n.Title = d.headline("still " + v.title())
		n.Body = "For " + Span(d.now.Sub(v.since)) + " now. " + n.Body
	}
	if v.state == Down && d.incident.lost != "" {
		n.Body += ". " + d.incident.lost
	}
	if at := d.logins.startAt; !at.IsZero() {
		n.Body += ". Gatelight starts it again at " + clock(at)
	}
	return n
}

// loopNotice tells of a Gateway that drops again and again, once for many drops.
func loopNotice(d *decision) Notice {
	n := Notice{Kind: NoticeLoop, Urgent: true, Title: d.headline("keeps dropping"),
		Body: fmt.Sprintf("%d drops in %s. %s", d.loop.drops, Span(d.now.Sub(d.loop.first)), why(d))}
	if lost := d.incident.lost; lost != "" {
		n.Body += ". " + lost
	}
	n.Body += ". You are told when it has been connected for a minute."
	return n
}

func loopEndedNotice(d *decision, ended time.Time) Notice {
	n := Notice{Kind: NoticeRecovery, Title: d.headline(d.verdict.title()), Body: "For a minute now."}
	if drops := d.loop.drops; drops > 1 {
		n.Body += fmt.Sprintf(" Before that it dropped %d times in %s.", drops, Span(ended.Sub(d.loop.first)))
	}
	return n
}

// namedLost is how many lost clients a notice names.
const namedLost = 3

// lostClients says which of these clients have lost their connection, "" for none.
func lostClients(clients []Client) string {
	var names []string
	for _, c := range (Snapshot{Clients: clients}).OtherClients() {
		names = append(names, ClientName(c))
	}
	if len(names) == 0 {
		return ""
	}
	text := count(len(names), "client", "clients") + " lost: "
	if more := len(names) - namedLost; more > 0 {
		return text + strings.Join(names[:namedLost], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return text + strings.Join(names, ", ")
}

func reminderNotice(d *decision) Notice {
	still := ""
	if d.incident.toldState == d.verdict.state {
		still = "still "
	}
	return Notice{Kind: NoticeReminder, Urgent: true, Title: d.headline(still + d.verdict.title()),
		Body: "For " + Span(d.now.Sub(d.incident.since)) + " now. " + why(d)}
}

func recoveryNotice(d *decision, i incident) Notice {
	title := d.verdict.title()
	if d.verdict.unmonitored(d.p) {
		title = "open again"
	}
	return Notice{Kind: NoticeRecovery, Title: d.headline(title), Body: recovery(d, i)}
}

// recovery says what works again, and how long it did not.
func recovery(d *decision, i incident) string {
	unmonitored := d.verdict.unmonitored(d.p)
	switch away := Span(d.now.Sub(i.unreachableSince)); {
	case i.loginOnly && unmonitored:
		return "The login was approved."
	case i.loginOnly:
		return "The login was approved; the API answers."
	case i.unreachableSince.IsZero() && i.toldState == CutOff:
		return fmt.Sprintf("IBKR is reached again after %s.", Span(d.now.Sub(i.since)))
	case i.unreachableSince.IsZero() && i.toldState == Zombies:
		return "The zombies are gone."
	case i.unreachableSince.IsZero():
		return fmt.Sprintf("The API can be used again after %s.", Span(d.now.Sub(i.since)))
	case unmonitored:
		return fmt.Sprintf("Port %d is open again after %s.", d.p.Port, away)
	case !d.verdict.verified:
		return fmt.Sprintf("Clients are connected again after %s.", away)
	default:
		return fmt.Sprintf("The API answers again after %s.", away)
	}
}

func twoFactorNotice(d *decision) Notice {
	return Notice{Kind: NoticeTwoFactor, Urgent: true, Title: d.headline(d.verdict.title()),
		Body: twoFactorRequest(d) + ". Gatelight is waiting; it won't restart the Gateway."}
}

func loginProblemNotice(d *decision) Notice {
	problem := d.process.loginProblem
	return Notice{Kind: NoticeLogin, Urgent: true, Title: d.headline(problem.Title), Body: Capitalise(problem.Text) + "."}
}

func budgetNotice(d *decision) Notice {
	n := Notice{Kind: NoticeBudget, Urgent: true, Title: d.headline("too many logins"),
		Body: fmt.Sprintf("Stopped after %s (login_budget), since IBKR locks accounts. Look at the log, then start it yourself.",
			count(d.logins.used(), "automatic login", "automatic logins"))}
	if d.logins.launchesFailed(d) {
		n.Title = d.headline("starts fail")
		n.Body = fmt.Sprintf("IBC has started it %d times, and no login came to its end, so it is stopped. Look at the log, then start it yourself.",
			d.logins.launches-1)
	}
	if problem := d.process.loginProblem.Text; problem != "" {
		n.Body = Capitalise(problem) + ". " + n.Body
	}
	return n
}

func failedNotice(d *decision, e ActionEnded) Notice {
	return Notice{Kind: NoticeFailed, Urgent: true, Title: "Could not " + e.Action.Phrase(d.subject()),
		Body: Capitalise(e.Err.Explanation())}
}

func copiedNotice(d *decision) Notice {
	return Notice{Kind: NoticeDone, Title: d.headline("IBC config copied"),
		Body: "IBC reads it at its next start. What was there before is kept beside it."}
}

func clearedNotice(d *decision, since time.Time) Notice {
	body := "The Gateway was restarted without a new login; the API answers again after %s."
	if !d.p.Monitor {
		body = "The Gateway was restarted without a new login, and listens again after %s."
	}
	return Notice{Kind: NoticeRecovery, Title: d.headline("zombies cleared"), Body: fmt.Sprintf(body, Span(d.now.Sub(since)))}
}

func gaveUpNotice(d *decision, times int) Notice {
	return Notice{Kind: NoticeFailed, Urgent: true, Title: d.headline("zombies come back"),
		Body: fmt.Sprintf("It was restarted %s in an hour because of them; fix the program that leaks them; gatelight zombies lists it.",
			count(times, "time", "times"))}
}
