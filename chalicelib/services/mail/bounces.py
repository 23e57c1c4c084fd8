"""Returned mail: what the mail service tells of mails that have left (docs/rules/confirmation.md: a
reminder that bounced never leads to a silent auto-cancel).

A hard bounce closes the address, a complaint stops optional mail to it, and whoever waits for an
answer to a mail that was lost is told. Each of these may be repeated. What is no event of ours is
logged and forgotten, for it would be no better the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from chalicelib.domain.core.effect import Effect, EffectName
from chalicelib.gateways import ses_events
from chalicelib.gateways.ses_events import MailEvent
from chalicelib.services.accounts import mailboxes
from chalicelib.services.bookings import confirmations
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offers

log = logging.getLogger("berth")

WAITING_FOR: Final[Mapping[EffectName, Callable[[Deps, str, str], None]]] = {
    "reminder": confirmations.reminder_failed,
    "offer": offers.mail_failed,
}
"""What to do when a mail is lost: it gets the subject of the mail, and why it never arrived."""


def receive(deps: Deps, text: str) -> None:
    """Carry out what the message of an SNS notification tells. Raises StaleVersion or Unavailable
    when that has to be tried again."""
    try:
        event = ses_events.read(text)
    except ValueError:
        log.warning("mail event not understood")
        return
    if event is not None:
        _carry_out(deps, event)


def lost(deps: Deps, effect: Effect, why: str) -> None:
    """The mail of `effect` will never arrive: whoever waits for it is told `why`."""
    told = WAITING_FOR.get(effect.name)
    if told is not None:
        told(deps, effect.subject_id, why)


def _carry_out(deps: Deps, event: MailEvent) -> None:
    for address in event.addresses:
        if event.kind == "complaint":
            mailboxes.record_complaint(deps, address)
        elif event.is_hard:
            mailboxes.record_bounce(deps, address, event.at or deps.now())
    if event.is_lost and event.effect is not None:
        lost(deps, event.effect, event.why)
    log.info("mail event", extra=_about(event))


def _about(event: MailEvent) -> dict[str, object]:
    """For the log, which names no address."""
    return {
        "kind": event.kind,
        "hard": event.is_hard,
        "lost": event.is_lost,
        "effect": event.effect and event.effect.name,
        "subject": event.effect and event.effect.subject_id,
    }
