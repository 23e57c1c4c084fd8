"""Use cases of events: emit, publish, subscribe, call webhooks."""
