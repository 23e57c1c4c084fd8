"""Values into text or bytes: mails, calendar files, QR passes. No clock, no I/O."""
