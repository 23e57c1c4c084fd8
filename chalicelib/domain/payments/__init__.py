"""Money received and paid back: ledger entries and refunds."""
