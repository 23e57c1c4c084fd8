"""Receipts, invoices, vouchers and credit notes: their layout on a page and on paper."""
