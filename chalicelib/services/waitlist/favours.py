"""Favours in line: staff put a customer in line, or give an entry a priority. Both need a reason
and leave a trace: on the entry, on the booking that its claim makes, and in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

SEARCHED: Final = 100
"""The newest bookings, and entries, of a customer in which a site looks for its own."""


@dataclass(frozen=True)
class WaitlistRequest:
    """What to wait for: a zone or one space of it, and a time; naive times and dates are the
    site's. Staff may enter another customer `user_id`, and a `priority` (0 normal, lower first),
    with a `reason`."""

    zone_id: str
    number: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    nights: int | None = None
    priority: int = 0
    user_id: str | None = None
    reason: str = ""

    def is_favour(self, actor: Actor) -> bool:
        """Whether it asks for a priority, or for another customer than `actor`."""
        return self.priority != 0 or self.user_id not in (None, actor.account_id)


def waiting_customer(deps: Deps, actor: Actor, request: WaitlistRequest, zone: Zone) -> str:
    """The account that is to wait. For another customer, one query or two. Raises Forbidden for a
    favour by anyone but staff of the site, Invalid for one without a reason, and AccountNotFound
    for a customer who is unknown to the site, as for no account at all."""
    if not request.is_favour(actor):
        return actor.account_id
    access.require_works_at(actor, zone.site)
    if not request.reason:
        raise errors.Invalid({"reason": say("must_be_given_for_favour")})
    account = deps.accounts.get(request.user_id or actor.account_id)
    is_own = actor.owns(account.account_id)
    if not (account.active and (is_own or _is_known(deps, actor, account.account_id, zone.site))):
        raise errors.AccountNotFound()
    return account.account_id


def _is_known(deps: Deps, actor: Actor, user_id: str, site: str) -> bool:
    """Whether the customer has booked at the site, or waited there. Admins know all of them."""
    if actor.role is Role.ADMIN:
        return True
    booked = deps.bookings.of_owner(user_id, limit=SEARCHED).records
    if any(booking.site == site for booking in booked):
        return True
    waited = deps.waitlist.of_owner(user_id, limit=SEARCHED).records
    return any(entry.site == site for entry in waited)


def note(actor: Actor, request: WaitlistRequest) -> str:
    """What the entry keeps of a favour: the account that did it, and the reason."""
    return f"{actor.account_id}: {request.reason}" if request.is_favour(actor) else ""


def audited(deps: Deps, actor: Actor, change: Change, entry: Entry) -> Change:
    """`change`, with an audit event where the new `entry` is a favour."""
    if not entry.favour:
        return change
    _, _, reason = entry.favour.partition(": ")
    event = audit_events.event(
        deps,
        actor=actor,
        action="favour_in_line",
        subject=entry.entry_id,
        site=entry.site,
        detail=f"priority {entry.priority} for {entry.user_id}: {reason}",
    )
    return change.auditing(event)
