"""The addresses that mail goes to: which of them take it, and what their readers want of it.

One record an address, whoever it belongs to, read once when a mail is about to leave. Only a hard
bounce, a complaint, or somebody who unsubscribes makes one; whoever follows a link mailed to
themselves is reachable again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.services.core import signed_links
from chalicelib.services.core.deps import Deps

UNSUBSCRIBE_LIFE: Final = timedelta(days=365)
"""How long the link in an optional mail works: people unsubscribe from old mails too."""


def wants(deps: Deps, effect: Effect, address: str) -> bool:
    """Whether the mail of `effect` may leave for `address`: not an optional one to somebody who
    wants none. Raises Undeliverable where mail bounces."""
    box = deps.mailboxes.get(mailbox.id_of(address))
    if box.is_closed_to(effect.name):
        raise Undeliverable("mail to this address has bounced")
    return not box.has_unsubscribed_from(effect.name)


def bounced(deps: Deps, address: str, at: datetime) -> None:
    """Mail to `address` will never arrive, as its last one showed at `at`."""
    _change(deps, mailbox.id_of(address), lambda box: box.bounced(at))


def complained(deps: Deps, address: str) -> None:
    """Its reader calls our mail unwanted: no optional mail goes there any more."""
    _change(deps, mailbox.id_of(address), lambda box: box.unsubscribed(deps.now()))


def proved(deps: Deps, address: str) -> tuple[Mailbox, ...]:
    """What to save along when somebody has followed a link mailed to `address`: nothing, or the
    mailbox that is reachable again."""
    box = deps.mailboxes.get(mailbox.id_of(address)).proved(deps.now())
    return () if box is None else (box,)


def unsubscribe_link(deps: Deps, address: str) -> str:
    """The link by which whoever reads `address` gets no optional mail any more."""
    until = deps.now() + UNSUBSCRIBE_LIFE
    return signed_links.url(deps, "unsubscribe", mailbox.id_of(address), until=until)


def open_link(deps: Deps, token: str) -> Mailbox:
    """The mailbox of an unsubscribe link. Raises LinkExpired for any other link."""
    return deps.mailboxes.get(_linked(deps, token))


def unsubscribe(deps: Deps, token: str) -> None:
    """No optional mail any more for whoever holds the link; done twice, the first counts. Raises
    LinkExpired."""
    _change(deps, _linked(deps, token), lambda box: box.unsubscribed(deps.now()))


def _linked(deps: Deps, token: str) -> str:
    """The id of the mailbox that a link was mailed to."""
    return signed_links.opened(deps, token, "unsubscribe").subject_id


def _change(deps: Deps, mailbox_id: str, step: Callable[[Mailbox], Mailbox | None]) -> None:
    """`step` on the mailbox as it is now: one read, and one transaction unless it changes
    nothing."""

    def once() -> None:
        changed = step(deps.mailboxes.get(mailbox_id))
        if changed is not None:
            deps.commit(saving(changed))

    deps.retry_on_conflict(once)
