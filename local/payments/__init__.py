"""Emulators of the payment gateways, for `make run` and for tests."""
