"""Season passes: plans, purchase, renewal, pause, transfer, cancellation."""
