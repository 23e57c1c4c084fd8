"""Use cases of events: emit, publish, subscribe, deliver to webhooks."""
