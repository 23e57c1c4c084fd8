"""Pages for people without an app: server-rendered, usable without a script, nothing from
elsewhere."""
