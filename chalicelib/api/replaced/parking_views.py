"""Answers of the replaced parking system. An amount is a JSON number, only `hourly_rate` is text;
fields that its document does not name are ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from chalicelib.api.bookings.views import ZoneStatusView
from chalicelib.api.replaced import parking_words as words
from chalicelib.api.replaced.parking_words import PaymentWord, StatusWord
from chalicelib.api.web.values import Instant, WebUrl, instant, maybe
from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays.check_out import Exit
from chalicelib.services.stays.exit_quotes import Quote
from chalicelib.texts import sentences

SessionId = Annotated[str, Doc("Names the booking.", "BK7Q2M9X4T1NG1QR00005")]
Number = Annotated[float, Doc("An amount in the currency of the site.", 100.0)]


def _number(money: Money) -> float:
    return float(money.text())


@dataclass(frozen=True)
class ParkedData:
    """A slot and the pass to it."""

    session_id: SessionId
    qr_code: str
    slot_number: str
    zone_name: str
    vehicle_number: str | None
    booking_id: SessionId
    zone_id: str
    booking_fee: Number
    start_time: Instant
    end_time: Instant
    status: StatusWord
    payment_status: PaymentWord

    @classmethod
    def of(cls, deps: Deps, booking: Booking) -> Self:
        return cls(
            session_id=booking.booking_id,
            qr_code=deps.tokens.qr(booking),
            slot_number=booking.number,
            zone_name=places.zone_of(deps, booking).name,
            vehicle_number=booking.details.vehicle_number,
            booking_id=booking.booking_id,
            zone_id=booking.zone_id,
            booking_fee=_number(Money(booking.tariff.booking_fee, booking.currency)),
            start_time=instant(booking.booked.start),
            end_time=instant(booking.booked.end),
            status=words.STATUS[booking.status],
            payment_status=words.payment(booking),
        )


@dataclass(frozen=True)
class ParkedAnswer:
    """A slot is allocated."""

    success: bool
    message: str
    data: ParkedData


@dataclass(frozen=True)
class EnteredData:
    """A stay that has begun."""

    session_id: SessionId
    vehicle_number: str | None
    entry_time: Instant
    slot_number: str
    booking_id: SessionId
    status: StatusWord

    @classmethod
    def of(cls, booking: Booking) -> Self:
        assert booking.actual_start is not None
        return cls(
            session_id=booking.booking_id,
            vehicle_number=booking.details.vehicle_number,
            entry_time=instant(booking.actual_start),
            slot_number=booking.number,
            booking_id=booking.booking_id,
            status=words.STATUS[booking.status],
        )


@dataclass(frozen=True)
class EnteredAnswer:
    """The entry is recorded."""

    success: bool
    message: str
    data: EnteredData


@dataclass(frozen=True)
class LeftData:
    """A stay that has ended, and its bill."""

    session_id: SessionId
    vehicle_number: str | None
    exit_time: Instant | None
    entry_time: Instant | None
    amount_charged: Annotated[float, Doc("What the stay cost.", 100.0)]
    payment_method: PaymentMethod
    slot_number: str
    booking_id: SessionId
    duration_minutes: int
    total_amount: Number
    booking_fee: Number
    amount_due: Number
    amount_received: Number
    change: Number
    status: StatusWord
    payment_status: PaymentWord
    order_id: Annotated[str | None, Doc("The order that is to be paid, with ONLINE.", "order_Nx2")]
    pay_url: Annotated[WebUrl | None, Doc("Where it is paid, if the gateway has a page for it.")]

    @classmethod
    def of(cls, outcome: Exit) -> Self:
        """A stay that was paid at the exit."""
        return cls._of(
            outcome.booking,
            outcome.bill,
            exit_time=maybe(outcome.booking.actual_end),
            payment_method=outcome.tender.method,
            amount_received=_number(outcome.tender.amount),
            change=_number(outcome.change),
        )

    @classmethod
    def quoted(cls, presented: Quote) -> Self:
        """A bill that is presented before it is paid."""
        return cls._of(
            presented.booking,
            presented.bill,
            exit_time=instant(presented.at),
            payment_method=presented.booking.payment_method,
            amount_received=0.0,
            change=0.0,
        )

    @classmethod
    def _of(cls, booking: Booking, bill: Bill, **leaves: Any) -> Self:
        awaited = online.awaited(booking)
        return cls(
            **leaves,
            session_id=booking.booking_id,
            vehicle_number=booking.details.vehicle_number,
            entry_time=maybe(booking.actual_start),
            amount_charged=_number(bill.charged),
            slot_number=booking.number,
            booking_id=booking.booking_id,
            duration_minutes=bill.duration_minutes,
            total_amount=_number(bill.charged),
            booking_fee=_number(bill.booking_fee),
            amount_due=_number(bill.amount_due),
            status=words.STATUS[booking.status],
            payment_status=words.payment(booking),
            order_id=awaited.order_id if awaited else None,
            pay_url=awaited.pay_url if awaited else None,
        )


@dataclass(frozen=True)
class LeftAnswer:
    """The exit is recorded."""

    success: bool
    message: str
    data: LeftData


@dataclass(frozen=True)
class CancelledData:
    """A booking that is over, and its refund."""

    session_id: SessionId
    vehicle_number: str | None
    refund_eligible: bool
    refund_amount: Number
    refund_reason: str
    slot_number: str
    booking_id: SessionId
    amount_due: Annotated[float, Doc("What a stay that had begun has cost.", 0.0)]
    status: StatusWord

    @classmethod
    def of(cls, deps: Deps, over: Cancelled) -> Self:
        booking, refund = over.booking, over.refund
        return cls(
            session_id=booking.booking_id,
            vehicle_number=booking.details.vehicle_number,
            refund_eligible=refund.eligible,
            refund_amount=_number(refund.amount),
            refund_reason=_reason(deps, over),
            slot_number=booking.number,
            booking_id=booking.booking_id,
            amount_due=_number(check_out.amount_due(booking)),
            status=words.STATUS[booking.status],
        )


def _reason(deps: Deps, over: Cancelled) -> str:
    """The old words, where the refund follows from the time since the booking; otherwise ours."""
    booking = over.booking
    by_terms = booking.tariff.cancellation is not None
    if by_terms or booking.cancelled_by_site or booking.actual_start is not None:
        return sentences.in_words(over.refund.reason, "en")
    window = booking.free_to_cancel(places.zone_of(deps, booking).policy)
    return words.refund_reason(booking, eligible=over.refund.eligible, window=window)


@dataclass(frozen=True)
class CancelledAnswer:
    """The booking is cancelled, or its stay is over."""

    success: bool
    message: str
    data: CancelledData


@dataclass(frozen=True)
class ZoneAnswer:
    """How full a zone is; a slot that is booked and not entered yet counts as occupied."""

    success: bool
    zone_name: str
    total_slots: int
    occupied_slots: int
    available_slots: int
    occupancy_percent: Annotated[float, Doc("Occupied of all.", 30.0)]
    hourly_rate: Annotated[
        str | None, Doc("What an hour that begins now costs; null unless by the hour.", "50.00")
    ]
    zone_id: str

    @classmethod
    def of(cls, zone: Zone, site: Site, status: ZoneStatusView, now: datetime) -> Self:
        rate = zone.tariff.hourly_rate_at(now, site.tz)
        return cls(
            success=True,
            zone_name=status.zone_name,
            total_slots=status.total_slots,
            occupied_slots=status.total_slots - status.available_slots,
            available_slots=status.available_slots,
            occupancy_percent=status.occupancy_percent,
            hourly_rate=None if rate is None else rate.text(),
            zone_id=status.zone_id,
        )
