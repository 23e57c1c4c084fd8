"""Receipts, invoices, vouchers and credit notes: rules."""
