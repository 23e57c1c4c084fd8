"""Bookings, bills and stays as clients see them: records into views."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.api.bookings import bill_views, booking_fields
from chalicelib.api.bookings.entry_views import WaitlistEntryView
from chalicelib.api.bookings.views import (
    ActiveStaysView,
    ActiveStayView,
    BookingDetailView,
    BookingView,
    CheckedOutView,
    CurrentView,
    ExitView,
    SlotStatusView,
    StayView,
    TimelineView,
    ZoneStatusView,
)
from chalicelib.api.web.values import MoneyView, instant, maybe
from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Step
from chalicelib.domain.core import serialize
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import lists
from chalicelib.texts import sentences

if TYPE_CHECKING:
    from chalicelib.services.bookings.lists import ZoneNow
    from chalicelib.services.stays.check_out import CheckedOut, Exit
    from chalicelib.services.stays.exit_quotes import Quote
    from chalicelib.services.waitlist.position import Position


def booking(deps: Deps, record: Booking) -> BookingView:
    """A booking as its customer and the staff of its site see it."""
    return BookingView(**booking_fields.of(deps, record))


def booking_detail(deps: Deps, record: Booking) -> BookingDetailView:
    """A booking with its timeline."""
    timeline = tuple(
        TimelineView(instant(e.at), e.what, _label(deps, record, e), e.actor, e.source, e.note)
        for e in record.timeline
    )
    return BookingDetailView(**booking_fields.of(deps, record), timeline=timeline)


def _label(deps: Deps, record: Booking, entry: TimelineEntry) -> str:
    """A step in the reader's language: "Checked Out", or "Checked Out (Auto)" where time ended the
    stay."""
    from chalicelib.texts import catalogue

    auto = record.auto_checkout and entry.what == Step.CHECK_OUT
    return catalogue.steps(deps.language)["checked_out_auto" if auto else entry.what]


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
        may_leave=True,
    )


def checked_out(deps: Deps, over: CheckedOut) -> CheckedOutView:
    """The answer to a check-out without a scan."""
    detail = booking_detail(deps, over.booking)
    return CheckedOutView(**vars(detail), bill=bill_views.BillView.of(over))


def quote(deps: Deps, presented: Quote) -> ExitView:
    """The bill that is presented before it is paid."""
    due = presented.bill.amount_due
    if presented.may_leave:
        unpaid = presented.booking.amount_owed
        text = say("left_unpaid", due=unpaid) if unpaid else say("paid_online")
        return _quoted(deps, presented, text)
    return _quoted(deps, presented, say("is_due", due=due))


def awaiting(deps: Deps, presented: Quote) -> ExitView:
    """The bill that is being paid online: what is awaited, or that the gateway gives no order."""
    payment = online.awaited(presented.booking)
    if payment is None or payment.state == "intended":
        return _quoted(deps, presented, say("no_order"))
    return _quoted(deps, presented, say("is_awaited", due=payment.amount))


def _quoted(deps: Deps, presented: Quote, text: Sentence) -> ExitView:
    nothing = MoneyView.of(Money.zero(presented.bill.currency))
    return _exit(
        booking(deps, presented.booking),
        presented.bill,
        message=sentences.in_words(text, deps.language),
        amount_received=nothing,
        change=nothing,
        exit_time=instant(presented.at),
        quote_until=maybe(presented.until),
        may_leave=presented.may_leave,
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
    bill = booking_fields.bill_of(deps, record, now)
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
        amount_due=MoneyView.of(booking_fields.left_to_pay(record, bill)),
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
