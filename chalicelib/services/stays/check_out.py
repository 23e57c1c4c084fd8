"""Going out: the gate's exit scan, and every check-out that is not time's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.stays import check_out as rules
from chalicelib.services.bookings import ending, settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import check_in


@dataclass(frozen=True)
class Exit:
    """A stay that has ended at the gate, its bill, and the cash that changed hands."""

    booking: Booking
    bill: Bill
    received: Money
    change: Money


def exit_by_code(
    deps: Deps,
    actor: Actor,
    code: str,
    *,
    payment_method: str,
    received: str | None,
    source: Source = "gate_exit",
) -> Exit:
    """An exit scan: one read and one transaction. CASH takes `received` (what is due, where it is
    left out) and gives change; a stay that was ended by time and left unpaid is paid now. Raises
    UnknownCode, Forbidden, NotCheckedIn, AlreadyEnded, NotEnoughCash."""
    booking_id = deps.tokens.read_qr(code).booking_id
    return deps.retry_on_conflict(
        lambda: _exit_once(deps, actor, booking_id, payment_method, received, source)
    )


def _exit_once(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    payment_method: str,
    received: str | None,
    source: Source,
) -> Exit:
    booking = settle.read(deps, booking_id)
    if not actor.works_at(booking.site):
        raise errors.Forbidden("This pass is for another site.", site=booking.site)
    now = deps.now()
    due = _due(deps, booking, now)
    if due and payment_method != "CASH":
        raise errors.PaymentMethodUnavailable()
    cash = _cash(received, due)
    if rules.amount_due(booking):
        change = rules.pay_due(
            booking, cash, by=actor, source=source, at=now, entry_id=deps.new_id("LE")
        )
    else:
        change = ending.ending(deps, booking, by=actor, source=source, at=now, received=cash)
    deps.commit(change)
    bill = change.booking.bill
    assert bill is not None
    return Exit(change.booking, bill, cash, cash - due)


def _due(deps: Deps, booking: Booking, now: datetime) -> Money:
    if booking.status is Status.ACTIVE:
        tz = deps.catalogue.site(booking.site).tz
        return rules.bill_at(booking, now, tz).amount_due
    return rules.amount_due(booking)


def _cash(received: str | None, due: Money) -> Money:
    if received is None:
        return due
    try:
        return Money.parse(received, due.currency)
    except ValueError as error:
        raise errors.Invalid({"amount_received": str(error)}) from None


def check_out(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    *,
    received: str | None,
    source: Source = "staff_api",
    site: str | None = None,
) -> Booking:
    """Check-out without a scan: one read and one transaction. Staff may take cash with it, then or
    afterwards; without, what is due stays due. The guest may where nobody checks in. Repeated, it
    answers as the first time. Raises NotCheckedIn, AlreadyEnded, CheckoutFailed, NotEnoughCash."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        check_in.require_party(actor, booking, site)
        _require_may_check_out(deps, actor, booking, takes_cash=received is not None)
        return check_out_read(deps, actor, booking, received=received, source=source)

    return deps.retry_on_conflict(once)


def check_out_read(
    deps: Deps, actor: Actor, booking: Booking, *, received: str | None, source: Source
) -> Booking:
    """The same for a booking that has just been read. Raises StaleVersion too."""
    now = deps.now()
    if booking.status is Status.COMPLETED:
        return _paid_late(deps, actor, booking, received, source)
    cash = None if received is None else _cash(received, _due(deps, booking, now))
    change = ending.ending(deps, booking, by=actor, source=source, at=now, received=cash)
    deps.commit(change)
    return change.booking


def _require_may_check_out(deps: Deps, actor: Actor, booking: Booking, *, takes_cash: bool) -> None:
    if actor.works_at(booking.site):
        return
    if takes_cash:
        raise errors.Forbidden("Only staff can take cash.", site=booking.site)
    if deps.catalogue.zone(booking.zone_id).policy.check_in != "none":
        raise errors.Forbidden("Leave through the gate or check out at the desk.")


def _paid_late(
    deps: Deps, actor: Actor, booking: Booking, received: str | None, source: Source
) -> Booking:
    """A stay that is over: cash settles what it still owes, otherwise it stays as it is."""
    due = rules.amount_due(booking)
    if received is None or not due:
        return booking
    change = rules.pay_due(
        booking,
        _cash(received, due),
        by=actor,
        source=source,
        at=deps.now(),
        entry_id=deps.new_id("LE"),
    )
    deps.commit(change)
    return change.booking
