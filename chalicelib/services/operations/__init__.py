"""Use cases of shifts, incidents and the audit trail."""
