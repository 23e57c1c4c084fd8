"""Season passes: periods, purchase, renewal, pause, transfer, refund."""
