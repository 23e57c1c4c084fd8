"""Payment gateways: one port, an adapter for each (docs/decisions/payments.md)."""
