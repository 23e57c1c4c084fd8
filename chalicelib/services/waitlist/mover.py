"""The running offers of an account that got another mail address."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import effect
from chalicelib.domain.core.change import Change
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import lists


def mail_offers(deps: Deps, account: Account, *, moved_at: datetime) -> None:
    """Mail the offers of before `moved_at` again: what `offers.unended` costs, and a transaction
    where there are any. The time to claim stays as it is."""
    mails = [
        effect.mail("offer", entry.entry_id)
        for entry in lists.every_live(deps, account.account_id)
        if entry.lapses_at and entry.offered_at and entry.offered_at <= moved_at
    ]
    if mails:
        deps.commit(Change().sending(*mails))
