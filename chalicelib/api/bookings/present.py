"""Bookings, bills and stays as clients see them: records into views."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.api.bookings import bill_views, cancellation
from chalicelib.api.bookings.entry_views import WaitlistEntryView
from chalicelib.api.bookings.views import (
    ActiveStaysView,
    ActiveStayView,
    BookingDetailView,
    BookingView,
    CheckedOutView,
    CurrentView,
    ExitView,
    GuestView,
    PaymentView,
    RefundView,
    SlotStatusView,
    StayView,
    TimelineView,
    ZoneStatusView,
)
from chalicelib.api.web.values import MoneyView
from chalicelib.domain.bookings import online, timer
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.stays import check_out
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import lists
from chalicelib.texts import sentences

if TYPE_CHECKING:
    from chalicelib.services.bookings.lists import ZoneNow
    from chalicelib.services.stays.check_out import CheckedOut, Exit, Quote
    from chalicelib.services.waitlist.position import Position


def instant(at: datetime) -> str:
    """An instant as text."""
    return localtime.iso(at)


def maybe(at: datetime | None) -> str | None:
    """An instant as text, or null."""
    return None if at is None else localtime.iso(at)


def booking(deps: Deps, record: Booking) -> BookingView:
    """A booking as its customer and the staff of its site see it."""
    return BookingView(**fields(deps, record))


def booking_detail(deps: Deps, record: Booking) -> BookingDetailView:
    """A booking with its timeline."""
    timeline = tuple(
        TimelineView(instant(e.at), e.what, _label(deps, record, e), e.actor, e.source, e.note)
        for e in record.timeline
    )
    return BookingDetailView(**fields(deps, record), timeline=timeline)


def _label(deps: Deps, record: Booking, entry: TimelineEntry) -> str:
    """A step in the reader's language: "Checked Out", or "Checked Out (Auto)" where time ended the
    stay."""
    from chalicelib.texts import catalogue

    auto = record.auto_checkout and entry.what == Step.CHECK_OUT
    return catalogue.steps(deps.language)["checked_out_auto" if auto else entry.what]


def fields(deps: Deps, record: Booking) -> dict[str, Any]:
    """The fields of each view of a booking."""
    now = deps.now()
    zone = places.zone_of(deps, record)
    clock = timer.of(record, zone.policy, now)
    bill = _bill(deps, record, now)
    return {
        "booking_id": record.booking_id,
        "code": record.code,
        "status": record.status,
        "site": record.site,
        "zone_id": record.zone_id,
        "zone_name": zone.name,
        "space_id": record.space_id,
        "slot_number": record.number,
        "space_provisional": record.is_space_provisional,
        "kind": record.kind,
        "user_id": record.user_id,
        "start_time": instant(record.booked.start),
        "end_time": instant(record.booked.end),
        "actual_start_time": maybe(record.actual_start),
        "actual_end_time": maybe(record.actual_end),
        "remaining_time": clock.remaining,
        "is_expired": clock.expired,
        "expiring_soon": clock.soon,
        "overstay": record.overstays(now),
        "overstay_since": instant(record.booked.end) if record.overstays(now) else None,
        "server_time": instant(now),
        **_confirmation(record),
        "auto_checkout": record.auto_checkout,
        "auto_renew": record.details.auto_renew,
        "language": record.details.language,
        "vehicle_number": record.details.vehicle_number,
        "owner_name": record.details.owner_name,
        "purpose": record.details.purpose,
        "guests": tuple(
            GuestView(g.name, g.email, g.phone, record.guests_in) for g in record.details.guests
        ),
        "qr_code": deps.tokens.qr(record),
        "payment_status": record.payment_status,
        "booking_fee": MoneyView.of(Money(record.tariff.booking_fee, record.currency)),
        "amount_paid": MoneyView.of(record.amount_paid),
        "amount_due": MoneyView.of(_left_to_pay(record, bill)),
        "payment": _payment(record),
        "cancellation": cancellation.view(deps, record, now),
        "duration_minutes": _duration(record, now),
        "cost": None if bill is None else MoneyView.of(bill.charged),
        "checked_out_by": record.checked_out_by,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
        "version": record.version,
        "group_id": record.group_id,
    }


def _confirmation(record: Booking) -> dict[str, Any]:
    reminded_at = record.confirmation.reminded_at if record.confirmation else None
    cancelled = record.auto_cancel
    return {
        "confirmed": record.confirmed_at is not None,
        "confirmed_at": maybe(record.confirmed_at),
        "reminder_sent": reminded_at is not None,
        "reminder_sent_at": maybe(reminded_at),
        "auto_cancelled": cancelled is not None,
        "auto_cancelled_at": maybe(cancelled.at if cancelled else None),
        "auto_cancel_reason": cancelled.note if cancelled else "",
    }


def _bill(deps: Deps, record: Booking, now: datetime) -> Bill | None:
    """The bill of a stay, or the one so far."""
    if record.status is Status.ACTIVE:
        return check_out.bill_at(record, now, places.site_of(deps, record).tz)
    return record.bill


def _left_to_pay(record: Booking, bill: Bill | None) -> Money:
    if record.status is Status.ACTIVE and bill is not None:
        return bill.amount_due
    return online.amount_due(record)


def _duration(record: Booking, now: datetime) -> int | None:
    if record.actual_start is None:
        return None
    return Interval.of_stay(record.actual_start, record.actual_end or now).minutes


def _payment(record: Booking) -> PaymentView | None:
    if record.is_free:
        return None
    last = record.payments[-1] if record.payments else None
    awaited = last if last is not None and last.is_awaited else None
    return PaymentView(
        method=record.payment_method,
        order_id=last.order_id if last else None,
        status=record.payment_status,
        gateway=last.gateway if last else None,
        pay_url=awaited.pay_url if awaited else None,
        pay_until=maybe(awaited.expires_at if awaited else None),
        amount_refunded=MoneyView.of(Money(record.returned, record.currency)),
        refunds=tuple(_refunds(record)),
    )


def _refunds(record: Booking) -> Iterator[RefundView]:
    for payment in record.payments:
        for refund in payment.refunds:
            amount = MoneyView.of(Money(refund.minor, record.currency))
            yield RefundView(amount, refund.state, instant(refund.at), refund.trace)


def stay(deps: Deps, record: Booking) -> StayView:
    """The answer to an entry scan."""
    view = booking(deps, record)
    assert view.actual_start_time is not None
    return StayView(
        message=sentences.in_words(say("welcome", number=record.number), deps.language),
        entry_time=view.actual_start_time,
        space_id=view.space_id,
        slot_number=view.slot_number,
        zone_name=view.zone_name,
        vehicle_number=view.vehicle_number,
        booking=view,
    )


def leaving(deps: Deps, outcome: Exit) -> ExitView:
    """The answer to an exit scan."""
    view = booking(deps, outcome.booking)
    return _exit(
        view,
        outcome.bill,
        message=sentences.in_words(say("goodbye"), deps.language),
        amount_received=MoneyView.of(outcome.tender.amount),
        change=MoneyView.of(outcome.change),
        exit_time=view.actual_end_time or view.server_time,
        quote_until=None,
    )


def checked_out(deps: Deps, over: CheckedOut) -> CheckedOutView:
    """The answer to a check-out without a scan."""
    detail = booking_detail(deps, over.booking)
    return CheckedOutView(**vars(detail), bill=bill_views.BillView.of(over))


def quote(deps: Deps, presented: Quote) -> ExitView:
    """The bill that is presented before it is paid."""
    due, nothing = presented.bill.amount_due, MoneyView.of(Money.zero(presented.bill.currency))
    return _exit(
        booking(deps, presented.booking),
        presented.bill,
        message=sentences.in_words(say("is_due", due=due), deps.language),
        amount_received=nothing,
        change=nothing,
        exit_time=instant(presented.at),
        quote_until=maybe(presented.until),
    )


def _exit(view: BookingView, bill: Bill, **leaves: Any) -> ExitView:
    return ExitView(
        **leaves,
        duration_minutes=bill.duration_minutes,
        units=bill.units,
        rate=MoneyView.of(bill.rate),
        lines=bill_views.lines(bill),
        total=MoneyView.of(bill.charged),
        tax=bill_views.taxes(bill),
        booking_fee=MoneyView.of(bill.booking_fee),
        amount_paid=MoneyView.of(bill.amount_paid),
        amount_due=MoneyView.of(bill.amount_due),
        payment=view.payment,
        entry_time=view.actual_start_time,
        zone_name=view.zone_name,
        slot_number=view.slot_number,
        vehicle_number=view.vehicle_number,
        booking=view,
    )


def active_stays(deps: Deps, zones: tuple[ZoneNow, ...]) -> ActiveStaysView:
    """The active stays, overstays first."""
    now = deps.now()
    stays = [_active(deps, zone, record, now) for zone in zones for record in zone.active]
    stays.sort(key=lambda s: (-s.overstay_minutes, s.entry_time))
    return ActiveStaysView(
        server_time=instant(now),
        count=len(stays),
        overstays=sum(s.overstay for s in stays),
        items=tuple(stays),
    )


def _active(deps: Deps, zone: ZoneNow, record: Booking, now: datetime) -> ActiveStayView:
    assert record.actual_start is not None
    late = int((now - record.booked.end).total_seconds() // 60)
    return ActiveStayView(
        booking_id=record.booking_id,
        code=record.code,
        site=record.site,
        zone_id=record.zone_id,
        zone_name=zone.zone.name,
        space_id=record.space_id,
        slot_number=record.number,
        vehicle_number=record.details.vehicle_number,
        owner_name=record.details.owner_name,
        entry_time=instant(record.actual_start),
        end_time=instant(record.booked.end),
        duration_minutes=int((now - record.actual_start).total_seconds() // 60),
        overstay=now >= record.booked.end,
        overstay_minutes=max(0, late),
        amount_due=MoneyView.of(_left_to_pay(record, _bill(deps, record, now))),
    )


def slot_status(deps: Deps, zones: tuple[ZoneNow, ...]) -> SlotStatusView:
    """How full each zone is."""
    return SlotStatusView(instant(deps.now()), tuple(zone_status(zone) for zone in zones))


def zone_status(zone: ZoneNow) -> ZoneStatusView:
    """How full one zone is."""
    total, taken = len(zone.numbers), zone.occupied
    inside = len({record.number for record in zone.active} & set(zone.numbers))
    return ZoneStatusView(
        site=zone.site.slug,
        zone_id=zone.zone.zone_id,
        zone_name=zone.zone.name,
        total_slots=total,
        occupied_slots=inside,
        reserved_slots=taken - inside,
        available_slots=total - taken,
        occupancy_percent=round(100 * taken / total, 1) if total else 0.0,
    )


def current(deps: Deps, records: tuple[Booking, ...]) -> CurrentView:
    """The live bookings of a customer."""
    views = tuple(booking(deps, record) for record in records)
    return CurrentView(bool(views), views[0] if views else None, views)


def entry(deps: Deps, record: Entry, standing: Position) -> WaitlistEntryView:
    """A waitlist entry as its customer and the staff of its site see it."""
    now, until = deps.now(), record.lapses_at
    zone_name, space_id = places.zone_of(deps, record).name, _space_id(record, record.wish.number)
    return WaitlistEntryView(
        id=record.entry_id,
        status=record.status,
        site=record.site,
        zone_id=record.zone_id,
        zone_name=zone_name,
        space_id=space_id,
        venue=space_id or record.zone_id,
        venue_name=" ".join(filter(None, (zone_name, record.wish.number))),
        offered_space_id=_space_id(record, record.held),
        user_id=record.user_id,
        user=record.user_id,
        user_email=lists.email_of(deps, record),
        date=record.day,
        start_time=instant(record.interval.start),
        end_time=instant(record.interval.end),
        priority=record.priority,
        favour=record.favour or None,
        position=standing.position,
        chance=standing.chance,
        notified=record.offered_at is not None,
        notified_at=maybe(record.offered_at),
        expires_at=maybe(until),
        time_remaining=0 if until is None else max(0, int((until - now).total_seconds())),
        claimed=record.claimed_at is not None,
        claimed_at=maybe(record.claimed_at),
        booking_id=record.booking_id,
        expired=record.status is EntryStatus.EXPIRED,
        created_at=instant(record.created_at),
        updated_at=instant(record.updated_at),
        server_time=instant(now),
        version=record.version,
    )


def _space_id(record: Entry, number: str | None) -> str | None:
    return None if number is None else f"{record.zone_id}.{number}"


def as_json(view: Any) -> dict[str, Any]:
    """A view ready for JSON."""
    return serialize.fields(view)
