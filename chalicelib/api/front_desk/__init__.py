"""Routes of hotels and of their front desk."""
