"""The waitlist: entries, the queue for freed time, estimated chances."""
