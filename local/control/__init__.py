"""The control surface of the local runtime, `/_local`: JSON for scripts, pages for people."""
