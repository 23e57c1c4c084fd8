"""Accounts, their mailboxes, and their erasure."""
