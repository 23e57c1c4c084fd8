"""Routes of papers: receipts, invoices, vouchers, credit notes."""
