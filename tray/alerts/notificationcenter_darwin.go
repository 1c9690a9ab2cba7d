package alerts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// A notificationCenter is the notification centre of macOS 11 or newer, for an app. Methods
// and constants are those of the UserNotifications framework's headers
// (UNUserNotificationCenter.h, UNNotificationSettings.h, UNNotificationAction.h,
// UNNotificationCategory.h).
type notificationCenter struct {
	id objc.ID // lives as long as the process

	mu         sync.Mutex
	requestErr string             // of the request for permission: domain and code
	categories map[string]objc.ID // by their identifiers; retained
}

const (
	// UNAuthorizationOptionSound | UNAuthorizationOptionAlert
	permissions = 1<<1 | 1<<2
	// UNNotificationPresentationOptionSound, …List, …Banner
	presentation = 1<<1 | 1<<3 | 1<<4
)

// mainBundle is the identifier and the path of what this process runs from.
func mainBundle() (identifier, path string) {
	if _, err := framework("Foundation"); err != nil {
		return "", ""
	}
	pooled(func() {
		bundle := class("NSBundle").Send(sel("mainBundle"))
		identifier = goString(bundle.Send(sel("bundleIdentifier")))
		path = goString(bundle.Send(sel("bundlePath")))
	})
	return identifier, path
}

func framework(name string) (uintptr, error) {
	return purego.Dlopen("/System/Library/Frameworks/"+name+".framework/"+name, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
}

// openNotificationCenter must be called for a bundled app alone: anything else is ended by
// an exception that cannot be caught.
func openNotificationCenter() (*notificationCenter, error) {
	if _, err := framework("UserNotifications"); err != nil {
		return nil, fmt.Errorf("it does not load: %w", err)
	}
	c := &notificationCenter{categories: map[string]objc.ID{}}
	pooled(func() {
		c.id = class("UNUserNotificationCenter").Send(sel("currentNotificationCenter")).Send(sel("retain"))
	})
	if c.id == 0 {
		return nil, errors.New("there is none")
	}
	return c, nil
}

// requestPermission has macOS ask the person, the first time, whether Gatelight may show
// notifications. The answer comes when the person gives it, and is kept; it is
// read with [notificationCenter.settings].
func (c *notificationCenter) requestPermission() {
	pooled(func() {
		block := objc.NewBlock(func(_ objc.Block, _ bool, err objc.ID) {
			pooled(func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.requestErr = nsError(err)
			})
		})
		defer block.Release() // the centre keeps it for as long as it needs it
		c.id.Send(sel("requestAuthorizationWithOptions:completionHandler:"), uint(permissions), block)
	})
}

// nsError is its domain and code, "" for none.
func nsError(err objc.ID) string {
	if err == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d", goString(err.Send(sel("domain"))), objc.Send[int](err, sel("code")))
}

// settings fills in what macOS says about our alerts, if it does so in time.
func (c *notificationCenter) settings(ctx context.Context, m *macSettings) {
	type answer struct{ status, setting, style int }
	answers := make(chan answer, 1)
	pooled(func() {
		block := objc.NewBlock(func(_ objc.Block, s objc.ID) {
			answers <- answer{
				objc.Send[int](s, sel("authorizationStatus")),
				objc.Send[int](s, sel("alertSetting")),
				objc.Send[int](s, sel("alertStyle")),
			}
		})
		defer block.Release()
		c.id.Send(sel("getNotificationSettingsWithCompletionHandler:"), block)
	})
	select {
	case a := <-answers:
		m.Known, m.Status, m.Setting, m.Style = true, a.status, a.setting, a.style
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m.RequestErr = c.requestErr
}

// A macNotification is one notification. A later one with the same key replaces it.
type macNotification struct {
	Key, Title, Body string
	Thread           string // those of one thread are shown as a group; "": of none
	Sound            bool
	Buttons          []offeredButton
}

// add hands a notification to macOS, and waits until it was taken.
func (c *notificationCenter) add(ctx context.Context, n macNotification) error {
	taken := make(chan string, 1)
	pooled(func() {
		content := class("UNMutableNotificationContent").Send(sel("alloc")).Send(sel("init")).Send(sel("autorelease"))
		content.Send(sel("setTitle:"), nsString(n.Title))
		content.Send(sel("setBody:"), nsString(n.Body))
		if n.Thread != "" {
			content.Send(sel("setThreadIdentifier:"), nsString(n.Thread))
		}
		if n.Sound {
			content.Send(sel("setSound:"), class("UNNotificationSound").Send(sel("defaultSound")))
		}
		if len(n.Buttons) > 0 {
			content.Send(sel("setCategoryIdentifier:"), nsString(c.category(n.Buttons)))
		}
		request := class("UNNotificationRequest").Send(sel("requestWithIdentifier:content:trigger:"), nsString(n.Key), content, objc.ID(0)) // no trigger: now
		done := objc.NewBlock(func(_ objc.Block, err objc.ID) {
			pooled(func() { taken <- nsError(err) })
		})
		defer done.Release()
		c.id.Send(sel("addNotificationRequest:withCompletionHandler:"), request, done)
	})
	select {
	case refusal := <-taken:
		if refusal != "" {
			return fmt.Errorf("macOS does not take the notification: %s", refusal)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("macOS has not taken the notification in time: %w", ctx.Err())
	}
}

// remove takes a notification from the screen and from the list of those that
// were shown. macOS does it in the background, and says nothing of it.
func (c *notificationCenter) remove(key string) {
	pooled(func() {
		c.id.Send(sel("removeDeliveredNotificationsWithIdentifiers:"), nsArray(nsString(key)))
	})
}

// shown is how many of our notifications are on the screen or in the list, -1 when
// macOS does not say it in time.
func (c *notificationCenter) shown(ctx context.Context) int {
	answers := make(chan int, 1)
	pooled(func() {
		block := objc.NewBlock(func(_ objc.Block, all objc.ID) { answers <- objc.Send[int](all, sel("count")) })
		defer block.Release()
		c.id.Send(sel("getDeliveredNotificationsWithCompletionHandler:"), block)
	})
	select {
	case n := <-answers:
		return n
	case <-ctx.Done():
		return -1
	}
}

// category makes the buttons known, under an identifier: macOS wants to know
// all that there are, so those of older notifications stay.
func (c *notificationCenter) category(buttons []offeredButton) string {
	identifier := categoryID(buttons)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.categories[identifier]; known {
		return identifier
	}
	var actions []objc.ID
	for _, b := range buttons {
		actions = append(actions, class("UNNotificationAction").Send(sel("actionWithIdentifier:title:options:"), nsString(b.ID), nsString(b.Label), uint(0)))
	}
	c.categories[identifier] = class("UNNotificationCategory").Send(sel("categoryWithIdentifier:actions:intentIdentifiers:options:"),
		nsString(identifier), nsArray(actions...), nsArray(), uint(0)).Send(sel("retain"))
	all := class("NSMutableSet").Send(sel("set"))
	for _, category := range c.categories {
		all.Send(sel("addObject:"), category)
	}
	c.id.Send(sel("setNotificationCategories:"), all)
	return identifier
}

// listen has pressed called, on a thread of the system's, with the identifier
// of a button, and has notifications shown while Gatelight is in front. It may
// be called once in a process: the runtime keeps classes for ever.
func (c *notificationCenter) listen(pressed func(button string)) error {
	var protocols []*objc.Protocol
	// Optional: a delegate is asked for its methods, not for its protocol.
	if p := objc.GetProtocol("UNUserNotificationCenterDelegate"); p != nil {
		protocols = append(protocols, p)
	}
	delegate, err := objc.RegisterClass("GatelightNotificationDelegate", objc.GetClass("NSObject"), protocols, nil, []objc.MethodDef{
		{
			Cmd: sel("userNotificationCenter:willPresentNotification:withCompletionHandler:"),
			Fn: func(_ objc.ID, _ objc.SEL, _, _ objc.ID, done objc.Block) {
				callBlock(done, presentation)
			},
		},
		{
			Cmd: sel("userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:"),
			Fn: func(_ objc.ID, _ objc.SEL, _, response objc.ID, done objc.Block) {
				pooled(func() { pressed(goString(response.Send(sel("actionIdentifier")))) })
				callBlock(done)
			},
		},
	})
	if err != nil {
		return fmt.Errorf("cannot learn of pressed buttons of notifications: %w", err)
	}
	pooled(func() {
		// The centre does not retain its delegate; alloc has, and nobody releases it.
		c.id.Send(sel("setDelegate:"), objc.ID(delegate).Send(sel("alloc")).Send(sel("init")))
	})
	return nil
}
