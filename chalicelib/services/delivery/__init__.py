"""Delivery of effects from the outbox."""
