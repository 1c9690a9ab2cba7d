package packaging

func thisSystem(getenv func(string) string) (format, store, error) { return launchAgent(getenv) }
