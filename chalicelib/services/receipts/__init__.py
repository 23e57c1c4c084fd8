"""Receipts, invoices, vouchers and credit notes: use cases."""
