"""Views of bookings, stays and bills (docs/api.md, Values). An absent instant is null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings.bill_views import BillLineView, BillView, TaxView
from chalicelib.api.bookings.refund_views import CancellationView
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import Instant, MailAddress, MoneyView, WebUrl
from chalicelib.domain.bookings.booking import PaymentStatus
from chalicelib.domain.bookings.buyer import BuyerCategory
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.gateway import GatewayName, RefundState
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.site import ZoneKind

ShortCode = Annotated[
    str, Doc("Its short code, for the telephone and the desk. It gives no rights.", "9A-7M3R")
]

DemandPercent = Annotated[int, Doc("The per cent of the price to be paid, by demand.", 100)]


@dataclass(frozen=True)
class GuestView:
    name: str
    email: MailAddress | None
    phone: str | None
    room: Annotated[str | None, Doc("The room, or space, while the stay lasts.", "101")]


@dataclass(frozen=True)
class BuyerView:
    """The buyer, as the invoice names it."""

    category: BuyerCategory
    name: str | None
    gstin: Annotated[str | None, Doc("Of a business in India.", "27AAPFU0939F1ZV")]
    address: str | None


@dataclass(frozen=True)
class RefundView:
    """A refund through the gateway. By its `trace` the customer's bank finds it."""

    amount: MoneyView
    status: RefundState
    at: Instant
    trace: Annotated[str | None, Doc("A number of the bank.", "108522161022")]


@dataclass(frozen=True)
class PaymentView:
    method: PaymentMethod
    order_id: str | None
    status: PaymentStatus
    gateway: GatewayName | None
    pay_url: Annotated[WebUrl | None, Doc("Where it is paid, if the gateway has a page for it.")]
    amount: Annotated[MoneyView | None, Doc("What is awaited; null where nothing is.")]
    pay_until: Annotated[
        Instant | None, Doc("Until when it is to be paid; null where nothing is awaited.")
    ]
    amount_refunded: Annotated[MoneyView, Doc("What was paid back, or is on its way back.")]
    refunds: Annotated[tuple[RefundView, ...], Doc("The refunds through the gateway.")]


@dataclass(frozen=True)
class DepositView:
    """The deposit of a booking. It is no part of what the stay costs, and of what was paid for
    it."""

    amount: Annotated[MoneyView, Doc("What is asked for.")]
    held: Annotated[MoneyView, Doc("Taken, and neither given back nor kept.")]
    returned: Annotated[MoneyView, Doc("Given back, or on its way back.")]
    kept: Annotated[MoneyView, Doc("Kept for good, tax included.")]
    reason: Annotated[str, Doc("Why it was kept; empty where nothing was.", "Broken window")]


@dataclass(frozen=True)
class TimelineView:
    at: Instant
    event: str
    label: Annotated[
        Translated, Doc("The step in the reader's language, to be shown.", "Checked Out (Auto)")
    ]
    actor: str
    source: Source
    note: str


@dataclass(frozen=True)
class BookingView(Spoken):
    """A booking with its timer. `remaining_time` is in seconds and judged by `server_time`."""

    booking_id: Annotated[str, Doc("Names the booking everywhere.", "BK7Q2M9X4T1NG1QR00005")]
    code: ShortCode
    status: Status
    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    space_provisional: Annotated[bool, Doc("Whether another space may be given until arrival.")]
    kind: ZoneKind
    user_id: str | None
    start_time: Instant
    end_time: Instant
    actual_start_time: Instant | None
    actual_end_time: Instant | None
    remaining_time: Annotated[int, Doc("Seconds until the end, never below zero.", 3600)]
    is_expired: bool
    expiring_soon: Annotated[bool, Doc("Less than five minutes are left.")]
    overstay: Annotated[bool, Doc("Still checked in after the booked end.")]
    overstay_since: Annotated[
        Instant | None,
        Doc("The booked end of an overstay; otherwise null.", "2026-12-25T11:00:00Z"),
    ]
    server_time: Instant
    confirmed: Annotated[bool, Doc("Confirmed, or in a zone that asks for no confirmation.")]
    confirmed_at: Instant | None
    reminder_sent: bool
    reminder_sent_at: Instant | None
    auto_cancelled: bool
    auto_cancelled_at: Instant | None
    auto_cancel_reason: Annotated[
        str, Doc("Empty unless auto-cancelled.", "Not confirmed before event")
    ]
    auto_checkout: Annotated[bool, Doc("The stay was ended by an auto-checkout.")]
    auto_renew: Annotated[bool, Doc("The stay renews by itself before its end.")]
    language: Annotated[str | None, Doc("The language of its guest (BCP 47), where known.", "hi")]
    buyer: Annotated[BuyerView | None, Doc("Whom the invoice names; null: a private person.")]
    vehicle_number: str | None
    owner_name: str | None
    purpose: str | None
    season_pass_id: Annotated[str | None, Doc("The season pass that covers the stay.")]
    guests: tuple[GuestView, ...]
    qr_code: Annotated[str, Doc("The text inside the QR pass, for the gate's scanner.")]
    payment_status: PaymentStatus
    booking_fee: MoneyView
    demand_percent: DemandPercent
    promo_code: Annotated[str | None, Doc("The promo code it was made with.", "SUMMER20")]
    amount_paid: MoneyView
    amount_due: Annotated[MoneyView, Doc("During a stay the cost so far, less what is paid.")]
    deposit: Annotated[DepositView | None, Doc("Null where none is asked for.")]
    payment: PaymentView | None
    quote_until: Annotated[
        Instant | None,
        Doc("Until when the bill holds that was presented at the exit.", "2026-11-21T04:45:00Z"),
    ]
    cancellation: Annotated[
        CancellationView | None, Doc("Null once the stay has begun, and for a no-show.")
    ]
    duration_minutes: Annotated[int | None, Doc("Of the stay so far; null before it.", 66)]
    cost: Annotated[MoneyView | None, Doc("What the stay has cost so far; null without a bill.")]
    checked_out_by: str | None
    created_at: Instant
    updated_at: Instant
    version: int
    group_id: Annotated[str | None, Doc("The group it belongs to.")]


@dataclass(frozen=True)
class BookingDetailView(BookingView):
    """A booking with its timeline."""

    timeline: tuple[TimelineView, ...]


@dataclass(frozen=True)
class CheckedOutView(BookingDetailView):
    """A booking after a check-out without a scan, with its bill."""

    bill: BillView


@dataclass(frozen=True)
class CancelledView(BookingView):
    """A cancelled booking and its refund."""

    refund_eligible: bool
    refund_amount: MoneyView
    refund_reason: Translated
    message: Translated


@dataclass(frozen=True)
class StayView(Spoken):
    """A stay that has begun."""

    message: Translated
    entry_time: Instant
    space_id: str
    slot_number: str
    zone_name: str
    vehicle_number: str | None
    booking: BookingView


@dataclass(frozen=True)
class ExitView(Spoken):
    """The bill of a stay that has ended, and the change to give; or, as a quote, the bill that is
    presented before it is paid."""

    message: Translated
    duration_minutes: int
    units: int
    rate: MoneyView
    lines: tuple[BillLineView, ...]
    total: MoneyView
    tax: tuple[TaxView, ...]
    booking_fee: MoneyView
    amount_paid: Annotated[MoneyView, Doc("What was paid before the exit.")]
    amount_due: Annotated[MoneyView, Doc("The amount to pay at the exit.")]
    amount_received: MoneyView
    change: MoneyView
    payment: PaymentView | None
    entry_time: Instant | None
    exit_time: Instant
    quote_until: Annotated[
        Instant | None, Doc("Until when a quote holds; null at the exit.", "2026-11-21T04:45:00Z")
    ]
    may_leave: Annotated[bool, Doc("Whether the gate may open.")]
    zone_name: str
    slot_number: str
    vehicle_number: str | None
    booking: BookingView


@dataclass(frozen=True)
class CurrentView(Spoken):
    """The caller's live bookings; `session` is the newest of them."""

    active: bool
    session: BookingView | None
    sessions: tuple[BookingView, ...]


@dataclass(frozen=True)
class ActiveStayView:
    """An active stay."""

    booking_id: str
    code: ShortCode
    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    vehicle_number: str | None
    owner_name: str | None
    entry_time: Instant
    end_time: Instant
    duration_minutes: int
    overstay: bool
    overstay_minutes: int
    amount_due: MoneyView


@dataclass(frozen=True)
class ActiveStaysView:
    server_time: Instant
    count: int
    overstays: int
    items: tuple[ActiveStayView, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class ZoneStatusView:
    """How full a zone is at this moment. `reserved` are booked and not entered yet."""

    site: str
    zone_id: str
    zone_name: str
    total_slots: int
    occupied_slots: int
    reserved_slots: int
    available_slots: int
    occupancy_percent: Annotated[float, Doc("Occupied and reserved of all, one decimal.", 42.5)]


@dataclass(frozen=True)
class SlotStatusView:
    server_time: Instant
    items: tuple[ZoneStatusView, ...]
    next_cursor: str | None = None
