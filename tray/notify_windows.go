package tray

func newPoster(func(Command)) poster { return newBeeep() }
