"""Use cases of the waitlist: join, offer, claim, leave."""
