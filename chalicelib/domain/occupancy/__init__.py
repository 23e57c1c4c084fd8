"""Sheets: which space is taken when, and by whom."""
