"""Payments through gateways: orders, what has become of them, refunds."""
