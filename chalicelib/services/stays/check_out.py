"""Check-out: by an exit scan at the gate, by staff, or by the guest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import PaymentMethod, Tender, TenderRequest
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.stays import check_out as rules
from chalicelib.domain.stays import online_exit
from chalicelib.domain.stays.earlier_end import EarlierEnd
from chalicelib.domain.stays.online_exit import may_leave
from chalicelib.gateways.passes import QrClaims
from chalicelib.services.bookings import cover, ending, settle
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import check_in


@dataclass(frozen=True)
class Exit:
    """A stay that ended at the gate, its bill, and the tender that paid it."""

    booking: Booking
    bill: Bill
    tender: Tender

    @property
    def change(self) -> Money:
        """The change for the customer."""
        return self.tender.amount - self.bill.amount_due


@dataclass(frozen=True)
class CheckedOut:
    """A stay that ended without a scan, or a no-show, and the tender that this request took for it:
    None where it took nothing, as in a repeated request."""

    booking: Booking
    tender: Tender | None

    @property
    def bill(self) -> Bill:
        assert self.booking.bill is not None
        return self.booking.bill

    @property
    def change(self) -> Money | None:
        """The change for the customer; None without a tender."""
        return None if self.tender is None else self.tender.amount - self.bill.amount_due


def scan_exit(
    deps: Deps,
    actor: Actor,
    code: str,
    *,
    tender: TenderRequest | None,
    plate: str | None = None,
    source: Source = "gate_exit",
) -> Exit:
    """Check out by an exit scan, or take the payment of a stay that an auto-checkout left unpaid,
    or of a no-show: one read and one transaction. Without a `tender` nothing is paid, so it may be
    missing only where nothing is due. A `plate` is checked against the booking. Raises UnknownCode,
    Forbidden, PlateMismatch, NotCheckedIn, AlreadyEnded, NotEnoughCash, PaymentMethodUnavailable,
    Invalid for a faulty amount or a missing method."""
    claims = deps.tokens.read_qr(code)

    def once() -> Exit:
        booking = read_at_gate(deps, actor, claims, plate)
        with audit_events.about(booking.booking_id, booking.site):
            deps.as_expected(booking)
            return exit_settled(deps, actor, booking, tender=tender, source=source)

    return deps.retry_on_conflict(once)


def read_at_gate(deps: Deps, actor: Actor, claims: QrClaims, plate: str | None) -> Booking:
    """The booking of a pass, settled: one read."""
    booking = settle.read(deps, claims.booking_id, leaving=True)
    check_in.require_valid_pass(actor, booking, claims)
    with audit_events.about(booking.booking_id, booking.site):
        check_in.require_plate(booking, plate)
    return cover.prolonged(deps, booking)


def exit_settled(
    deps: Deps, actor: Actor, booking: Booking, *, tender: TenderRequest | None, source: Source
) -> Exit:
    """Check out a booking that has just been read at the gate. A stay that was just paid online is
    let out, once. Raises StaleVersion, and what `scan_exit` refuses."""
    now = deps.now()
    if may_leave(booking, now):
        return _let_out(deps, actor, booking, source, now)
    return _exit(deps, actor, booking, tender, source, now)


def _let_out(deps: Deps, actor: Actor, booking: Booking, source: Source, now: datetime) -> Exit:
    change = online_exit.scanned(booking, by=actor, source=source, now=now)
    deps.commit(change)
    assert booking.bill is not None
    due = booking.bill.amount_due
    return Exit(change.booking, booking.bill, Tender(PaymentMethod.ONLINE, due))


def _exit(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    request: TenderRequest | None,
    source: Source,
    now: datetime,
) -> Exit:
    tender = _taken_at_gate(request, amount_due(deps, booking, now))
    if rules.amount_due(booking):
        change = rules.pay_due(
            booking, tender, by=actor, source=source, at=now, entry_id=deps.new_id("LE")
        )
    else:
        change = ending.end_stay(deps, booking, by=actor, source=source, at=now, tender=tender)
    deps.commit(change)
    bill = change.booking.bill
    assert bill is not None
    return Exit(change.booking, bill, tender)


def _taken_at_gate(request: TenderRequest | None, due: Money) -> Tender:
    if request is not None:
        return request.for_bill(due)
    if due:
        raise errors.Invalid({"payment_method": say("must_be_given_for_due", due=due)})
    return Tender(PaymentMethod.CASH, due)


def amount_due(deps: Deps, booking: Booking, now: datetime) -> Money:
    """The amount that is to be paid at the exit."""
    if booking.status is Status.ACTIVE:
        tz = places.site_of(deps, booking).tz
        return rules.bill_at(booking, now, tz).amount_due
    return rules.amount_due(booking)


def check_out(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    *,
    tender: TenderRequest | None,
    source: Source = "staff_api",
    site: str | None = None,
    earlier: EarlierEnd | None = None,
) -> CheckedOut:
    """Check out without a scan: one read and one transaction. Staff may take a `tender`, in the
    same call or in a later one; without a tender what is due stays due. Staff may end a forgotten
    stay at an `earlier` instant, which is audited. Guests may check out in zones without check-in.
    Repeated, it answers as the first time. Raises NotCheckedIn, AlreadyEnded, CheckoutFailed,
    NotEnoughCash, Forbidden, Invalid for a faulty amount or an impossible end."""

    def once() -> CheckedOut:
        booking = settle.read(deps, booking_id, leaving=True)
        check_in.require_party(actor, booking, site)
        _require_may_check_out(
            deps, actor, booking, pays=tender is not None, earlier=earlier is not None
        )
        deps.as_expected(booking)
        if earlier is None:
            return check_out_settled(deps, actor, booking, tender=tender, source=source)
        return _end_earlier(deps, actor, booking, earlier, tender=tender, source=source)

    return deps.retry_on_conflict(once)


def check_out_settled(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    *,
    tender: TenderRequest | None,
    source: Source,
    reason: str = "",
    audits: tuple[AuditEvent, ...] = (),
) -> CheckedOut:
    """Check out a booking that has just been read and settled, with the `audits` of a destructive
    check-out and its `reason`. Raises StaleVersion and what `check_out` refuses."""
    now = deps.now()
    if rules.has_owed(booking):
        return _pay_due(deps, actor, booking, tender, source)
    booking = cover.prolonged(deps, booking)
    taken = tender.for_bill(amount_due(deps, booking, now)) if tender else None
    change = ending.end_stay(
        deps, booking, by=actor, source=source, at=now, tender=taken, reason=reason
    )
    deps.commit(change.auditing(*audits))
    return CheckedOut(change.booking, taken)


def _end_earlier(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    earlier: EarlierEnd,
    *,
    tender: TenderRequest | None,
    source: Source,
) -> CheckedOut:
    """End a stay at an earlier instant. One that has ended then is paid like others. Raises
    AlreadyEnded for one that has ended at another instant."""
    now, tz = deps.now(), places.site_of(deps, booking).tz
    earlier = earlier.on_clocks_of(tz)
    if booking.bill is not None and booking.actual_end == earlier.at:
        return _pay_due(deps, actor, booking, tender, source)
    booking.require_step(Step.CHECK_OUT)
    earlier.require_within(booking, now)
    booking = cover.prolonged(deps, booking)
    taken = tender.for_bill(rules.bill_at(booking, earlier.at, tz).amount_due) if tender else None
    change = ending.end_stay(
        deps, booking, by=actor, source=source, at=now, tender=taken, earlier=earlier
    )
    ended = audit_events.of_booking(deps, actor, booking, "end_stay_earlier", detail=earlier.note)
    deps.commit(change.auditing(ended))
    return CheckedOut(change.booking, taken)


def _require_may_check_out(
    deps: Deps, actor: Actor, booking: Booking, *, pays: bool, earlier: bool
) -> None:
    if actor.works_at(booking.site):
        return
    if earlier:
        raise errors.Forbidden(say("only_staff_end_earlier"), site=booking.site)
    if pays:
        raise errors.Forbidden(say("only_staff_take_cash"), site=booking.site)
    if places.zone_of(deps, booking).policy.check_in != "none":
        raise errors.Forbidden(say("check_out_at_desk"))


def _pay_due(
    deps: Deps, actor: Actor, booking: Booking, tender: TenderRequest | None, source: Source
) -> CheckedOut:
    """Take the tender for a completed stay or a no-show. Without a tender, or with nothing due, the
    booking stays as it is."""
    due = rules.amount_due(booking)
    if tender is None or not due:
        return CheckedOut(booking, None)
    taken = tender.for_bill(due)
    change = rules.pay_due(
        booking,
        taken,
        by=actor,
        source=source,
        at=deps.now(),
        entry_id=deps.new_id("LE"),
    )
    deps.commit(change)
    return CheckedOut(change.booking, taken)
