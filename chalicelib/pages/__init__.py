"""Pages for people without an app: rendered on the server, usable without script,
self-contained."""
