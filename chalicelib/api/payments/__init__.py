"""Payments through gateways: orders, answers of checkouts, messages, refunds."""
