"""Use cases of the front desk: day lists, search, walk-ins, room assignment, bulk steps."""
