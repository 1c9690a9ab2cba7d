package tray

// OnMainThread runs the program. Here nothing belongs to the first thread.
func OnMainThread(program func() int) (status int) { return program() }
