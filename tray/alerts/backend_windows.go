package alerts

import "context"

func newBackend(func(Press)) backend { return newBeeep() }

// inspect: Windows shows alerts as toasts, and does not say whether it did.
func inspect(context.Context) (Report, error) { return Report{By: "Windows", Sound: true}, nil }
