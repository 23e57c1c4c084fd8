"""Bounces and complaints, reported by the mail service (docs/rules/confirmation.md: a reminder that
bounced never leads to a silent auto-cancel).

A hard bounce closes the address, a complaint stops optional mail to it, and the booking or offer
that waits for an answer to a lost mail is updated. Each step can be repeated. An event that cannot
be read is logged and dropped, because a retry could not read it either.
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

ON_LOST_MAIL: Final[Mapping[EffectName, Callable[[Deps, str, str], None]]] = {
    "reminder": confirmations.reminder_failed,
    "offer": offers.mail_failed,
}
"""The step after a lost mail: called with the subject of the mail and the reason."""


def receive(deps: Deps, text: str) -> None:
    """Process the message of an SNS notification. Raises StaleVersion or Unavailable where SNS has
    to deliver it again."""
    try:
        event = ses_events.read(text)
    except ValueError:
        log.warning("mail event not understood")
        return
    if event is not None:
        _apply(deps, event)


def mail_lost(deps: Deps, effect: Effect, why: str) -> None:
    """Update the subject of a mail that will never arrive, with the reason `why`; without effect
    for mails that need no answer."""
    step = ON_LOST_MAIL.get(effect.name)
    if step is not None:
        step(deps, effect.subject_id, why)


def _apply(deps: Deps, event: MailEvent) -> None:
    for address in event.addresses:
        if event.kind == "complaint":
            mailboxes.record_complaint(deps, address)
        elif event.is_hard:
            mailboxes.record_bounce(deps, address, event.at or deps.now())
    if event.is_lost and event.effect is not None:
        mail_lost(deps, event.effect, event.reason)
    log.info("mail event", extra=_log_fields(event))


def _log_fields(event: MailEvent) -> dict[str, object]:
    """The fields for the log, without the address."""
    return {
        "kind": event.kind,
        "hard": event.is_hard,
        "lost": event.is_lost,
        "effect": event.effect and event.effect.name,
        "subject": event.effect and event.effect.subject_id,
    }
