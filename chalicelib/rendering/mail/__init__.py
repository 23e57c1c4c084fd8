"""Mails and their parts: amounts, times, prices, calendar files, QR passes."""
