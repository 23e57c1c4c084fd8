"""What the links in mails are for."""

from __future__ import annotations

from typing import Literal, get_args

AccountPurpose = Literal["verify_email", "reset_password"]
"""About an account; void when its password changes."""

BookingPurpose = Literal["confirm", "cancel"]
"""About a booking; good until its start, whatever else is changed about it meanwhile."""

EntryPurpose = Literal["claim", "decline"]
"""About a waitlist entry; good until the start of what is offered, so that a page can still say
that the offer has lapsed."""

MailboxPurpose = Literal["unsubscribe"]
"""About an address, whoever it belongs to; good for a year."""

LinkPurpose = AccountPurpose | BookingPurpose | EntryPurpose | MailboxPurpose

ABOUT_ACCOUNTS: frozenset[str] = frozenset(get_args(AccountPurpose))
