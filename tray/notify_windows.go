package tray

func newPoster() poster { return newBeeep() }
