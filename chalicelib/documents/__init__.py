"""Values into text or bytes: the QR pass, the calendar file, the mails. No clock, no I/O."""
