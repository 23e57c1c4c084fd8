"""Use cases of accounts: sign-in, profile, users, erasure, mailboxes."""
