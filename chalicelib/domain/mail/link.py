"""The purposes of links in mails."""

from __future__ import annotations

from typing import Literal, get_args

AccountPurpose = Literal["verify_email", "reset_password", "change_email"]
"""Links of an account; void when its password or its address changes."""

BookingPurpose = Literal["confirm", "cancel"]
"""Links of a booking; valid until its present start, through other changes of it, for the address
they were mailed to."""

ReceiptPurpose = Literal["receipt"]
"""Links to the receipt of a booking; valid for a year, for the address they were mailed to."""

EntryPurpose = Literal["claim", "decline"]
"""Links of a waitlist entry; valid until the start of the offered time, so that the page can say
that the offer has lapsed."""

PaymentPurpose = Literal["pay"]
"""Links to the page that takes a payment; valid for a year, for the address they were mailed to, or
for the bearer where the customer got one in an answer."""

MailboxPurpose = Literal["unsubscribe"]
"""Links of an address, independent of accounts; valid for a year."""

LinkPurpose = (
    AccountPurpose
    | BookingPurpose
    | ReceiptPurpose
    | EntryPurpose
    | PaymentPurpose
    | MailboxPurpose
)

ABOUT_ACCOUNTS: frozenset[str] = frozenset(get_args(AccountPurpose))
