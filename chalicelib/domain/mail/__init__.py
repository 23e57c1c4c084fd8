"""Mails as messages, and the links in them."""
