"""What a gateway shows of a payment, recorded with its season pass: money that buys or renews it,
money that goes back, refunds that are decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.core import effect
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import movements
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes import money, sale
from chalicelib.domain.season_passes.season_pass import SeasonPass


def record(
    before: SeasonPass,
    seen: Payment,
    *,
    source: Source,
    now: datetime,
    entry_id: str,
    may_sell: bool = True,
) -> Change | None:
    """The change that records `seen`, a payment as the gateway shows it now; None where nothing is
    new. Money that the pass waits for buys or renews it; any other goes back in full, also where
    the pass cannot be sold any more (not `may_sell`)."""
    known = before.find(seen.reference)
    if known is None or seen == known:
        return None
    came = seen.received - known.received
    after = _noted(before, known, seen, source, now)
    if may_sell and came > 0 and _is_wanted(before, seen):
        after = sale.sold(
            replace(after, version=before.version),
            by=SYSTEM, source=source, now=now, payment=seen,
        )  # fmt: skip
        after = money.paid_back(after, seen.kept - seen.amount.minor, now)
        change = money.posted(before, after, entry_id=entry_id, now=now)
        return change.sending(*_mail(after, "season_pass_sold"))
    returned = after.returned
    after = money.paid_back(after, min(came, seen.kept), now)
    change = money.posted(before, after, entry_id=entry_id, now=now)
    if after.returned > returned:
        return change.sending(*_mail(after, "season_pass_returned", seen))
    return change


def _is_wanted(before: SeasonPass, seen: Payment) -> bool:
    """Whether the new money of a payment is what the pass waits for: its price, late or not, or
    that of a renewal. A pass without a vehicle, whose holder was erased, waits for none."""
    plan = before.renewing if before.status == "active" else before.plan
    if plan is None or before.status == "cancelled" or not before.compared_plate:
        return False
    return seen.is_settled and seen.kept > 0 and seen.amount.minor == plan.price


def _noted(
    before: SeasonPass, known: Payment, seen: Payment, source: Source, now: datetime
) -> SeasonPass:
    """The next version with `seen`: refunds that the gateway has decided stand on the timeline."""
    noted = replace(
        before.noted(now),
        payments=payments.put(before.payments, seen),
        paid=before.paid + seen.received - known.received,
    )
    for refund in movements.decided(known, seen):
        what = "refunded" if refund.state == "processed" else "refund_failed"
        amount = Money(refund.minor, before.currency).text()
        noted = noted.with_step(what, at=now, by=SYSTEM, source=source, note=amount)
        noted = replace(noted, version=before.version + 1)
    return noted


def _mail(
    after: SeasonPass, name: effect.MailName, payment: Payment | None = None
) -> tuple[effect.Effect, ...]:
    if not after.has_mailbox:
        return ()
    subject = after.pass_id if payment is None else payment.reference.replace("_", "/")
    return (effect.mail(name, subject),)
