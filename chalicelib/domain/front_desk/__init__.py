"""The day lists and the search of a front desk."""
