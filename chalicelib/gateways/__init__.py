"""Wires out of the process: mail, passwords, tokens. Only this package speaks their protocols."""
