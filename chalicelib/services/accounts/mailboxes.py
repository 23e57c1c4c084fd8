"""Mailboxes: whether an address accepts a mail.

One record per address, independent of accounts, read before each mail is sent. It is created by a
hard bounce, a complaint or an unsubscription. A link from a mail, once followed, clears the bounce.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.core import unixtime
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.services.core import signed_links
from chalicelib.services.core.deps import Deps

MOST_ASKED: Final = 3
"""Mails of one kind that strangers can send to an address in one window of time."""

MOST_OF_ONE: Final = 2
MOST_AS_NEW: Final = 6
"""Mails a day to an address that accounts ask for as their new one: for one account, and for all
of them."""

DAY: Final = int(timedelta(days=1).total_seconds())
"""Seconds of a day (UTC)."""

UNSUBSCRIBE_LIFE: Final = timedelta(days=365)
"""The validity of an unsubscribe link: old mails are unsubscribed from too."""


def accepts(deps: Deps, effect: Effect, address: str) -> bool:
    """Whether the mail of `effect` may be sent to `address`: False for an optional mail after an
    unsubscription. One read. Raises Undeliverable where mail to the address bounces."""
    box = deps.mailboxes.get(mailbox.id_of(address))
    if box.is_closed_to(effect.name):
        raise Undeliverable("mail to this address has bounced")
    return not box.has_unsubscribed_from(effect.name)


def may_mail(
    deps: Deps, kind: str, subject: str, *, seconds: int = DAY, most: int = MOST_ASKED
) -> bool:
    """Count a mail of `kind` that was asked for: `subject` is its address, whether it has an
    account or not, or an account. False above the most of a window of `seconds`. One update."""
    window = unixtime.of(deps.now()) // seconds
    key = f"{kind}#{mailbox.id_of(subject)}"
    asked = deps.counters.count(key, window, ttl=(window + 2) * seconds)
    return asked <= most * deps.settings.limits_factor


def may_prove(deps: Deps, effect: Effect, address: str) -> bool:
    """Count a mail that asks to prove `address`, by days (UTC), so that strangers cannot flood it.
    The account that has the address and the accounts that want it are counted apart, each of the
    latter also by itself. So a stranger who asks for an address uses up the mails of no other
    account. One update, or two."""
    if effect.name != "change_email":
        return may_mail(deps, "proving", address)
    by_one = may_mail(deps, f"new#{effect.subject_id}", address, most=MOST_OF_ONE)
    return by_one and may_mail(deps, "new", address, most=MOST_AS_NEW)


def record_bounce(deps: Deps, address: str, at: datetime) -> None:
    """Record a hard bounce of `address` at `at`: one read and at most one transaction."""
    _change(deps, mailbox.id_of(address), lambda box: box.bounced(at))


def record_complaint(deps: Deps, address: str) -> None:
    """Record a complaint of `address`, which unsubscribes it from optional mail: one read and at
    most one transaction."""
    _change(deps, mailbox.id_of(address), lambda box: box.unsubscribed(deps.now()))


def after_proof(deps: Deps, address: str) -> tuple[Mailbox, ...]:
    """The mailbox to save after a link mailed to `address` was followed, or an empty tuple where it
    had not bounced: one read."""
    box = deps.mailboxes.get(mailbox.id_of(address)).proved(deps.now())
    return () if box is None else (box,)


def unsubscribe_link(deps: Deps, address: str, language: Language = LANGUAGES[0]) -> str:
    """The URL that unsubscribes `address` from optional mail, in a mail of that `language`."""
    until, subject = deps.now() + UNSUBSCRIBE_LIFE, mailbox.id_of(address)
    return signed_links.url(deps, "unsubscribe", subject, until=until, language=language)


def open_link(deps: Deps, token: str) -> Mailbox:
    """The mailbox of an unsubscribe link. Raises LinkExpired for any other link."""
    return deps.mailboxes.get(_mailbox_id(deps, token))


def unsubscribe(deps: Deps, token: str) -> None:
    """Unsubscribe the mailbox of a link from optional mail; without effect where it is
    unsubscribed. Raises LinkExpired."""
    _change(deps, _mailbox_id(deps, token), lambda box: box.unsubscribed(deps.now()))


def _mailbox_id(deps: Deps, token: str) -> str:
    """The id of the mailbox that a link was mailed to. Raises LinkExpired."""
    return signed_links.opened(deps, token, "unsubscribe").subject_id


def _change(deps: Deps, mailbox_id: str, step: Callable[[Mailbox], Mailbox | None]) -> None:
    """Read the mailbox, apply `step`, and save the result unless it is None."""

    def once() -> None:
        changed = step(deps.mailboxes.get(mailbox_id))
        if changed is not None:
            deps.commit(saving(changed))

    deps.retry_on_conflict(once)
