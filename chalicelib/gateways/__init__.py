"""Gateways: adapters for mail, sockets, webhooks, tokens and passwords. Only this package knows
their protocols."""
