package packaging

func system(getenv func(string) string) (form, place, error) { return agentSystem(getenv) }
