"""The use cases: load, settle, decide, commit. Effects follow later, from the outbox."""
