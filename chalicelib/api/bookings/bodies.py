"""Bodies and queries of requests about bookings, and the orders and edits they become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chalicelib.api.bookings.venue_words import VenueWords
from chalicelib.api.web.lists import FROM, TO, Cursor, PageSize
from chalicelib.api.web.moments import Moment, Nights
from chalicelib.domain.bookings import short_code
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.details import BookingDetails, DetailsEdit, Guest
from chalicelib.domain.bookings.group import MOST_SPACES, Scope
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import (
    Amount,
    BookingId,
    BookingRef,
    Doc,
    Integer,
    Items,
    LanguageTag,
    Minutes,
    Name,
    OwnerName,
    Plate,
    Slug,
    Text,
    ZoneRef,
)
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.bookings import lists, reschedule

SpaceId = Annotated[str, Text(max=80), Doc("The space.", "zone-a.A-001")]
Purpose = Annotated[str, Text(max=200, lines=True)]
Reason = Annotated[str, Text(max=200, lines=True)]
GuestLanguage = Annotated[
    LanguageTag, Doc("The language of the guest's mails, where no account has its own.", "hi")
]
PromoCode = Annotated[
    str, Text(max=60), Doc("A promo code, in any case. For one booking, not a group.", "SUMMER20")
]
MaxTotal = Annotated[
    str,
    Amount(),
    Doc("The most that all of it may cost; otherwise it is refused. As a quote says.", "110.00"),
]
BuyerBody = Annotated[Buyer, Doc("Whom the invoice names; a private person as a rule.")]
AutoRenew = Annotated[
    bool,
    Doc(
        "The stay renews by itself before its end, for the default duration of the zone, while its "
        "space is free: up to auto_renew_most times. Not in rooms."
    ),
]
Guests = Annotated[tuple[Guest, ...], Items(20)]


HowToPay = Annotated[
    PaymentMethod, Doc("By default as the account of the customer prefers, otherwise in cash.")
]


@dataclass(frozen=True)
class BookSlot:
    """Park now."""

    zone_id: ZoneRef
    vehicle_number: Plate
    owner_name: OwnerName
    minutes: Minutes | None = None
    payment_method: HowToPay | None = None
    max_total: MaxTotal | None = None
    promo_code: PromoCode | None = None

    @property
    def order(self) -> Order:
        return Order(
            self.zone_id,
            minutes=self.minutes,
            details=BookingDetails(self.vehicle_number, self.owner_name),
            payment_method=self.payment_method or PaymentMethod.CASH,
            max_total=self.max_total,
            promo_code=self.promo_code,
        )


@dataclass(frozen=True)
class CreateBooking(VenueWords):
    """Book a zone or one of its spaces, now or ahead; several spaces at once, or the same time on
    several dates."""

    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    quantity: Annotated[int, Integer(1, MOST_SPACES), Doc("Spaces of the zone, for one time.")] = 1
    repeat: Repeat | None = None
    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    purpose: Purpose | None = None
    guests: Guests = ()
    auto_renew: AutoRenew = False
    language: GuestLanguage | None = None
    buyer: BuyerBody | None = None
    payment_method: HowToPay | None = None
    max_total: MaxTotal | None = None
    promo_code: PromoCode | None = None

    @property
    def order(self) -> Order:
        """The order. Raises Invalid as `place` and `times` do."""
        zone_id, number = self.place(self.zone_id, self.space_id)
        start, end = self.times(self.start, self.end)
        return Order(
            zone_id,
            number,
            start=start,
            end=end,
            minutes=self.minutes,
            nights=self.nights,
            details=BookingDetails(
                self.vehicle_number,
                self.owner_name,
                self.purpose,
                self.guests,
                self.auto_renew,
                self.language,
                self.buyer,
            ),
            payment_method=self.payment_method or PaymentMethod.CASH,
            quantity=self.quantity,
            repeat=self.repeat,
            max_total=self.max_total,
            promo_code=self.promo_code,
        )


@dataclass(frozen=True)
class EditBooking:
    """What to change; a field that is left out stays as it is."""

    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    purpose: Purpose | None = None
    guests: Guests | None = None
    auto_renew: AutoRenew | None = None
    language: GuestLanguage | None = None
    buyer: BuyerBody | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None

    @property
    def edit(self) -> reschedule.BookingEdit:
        details = DetailsEdit(
            self.vehicle_number,
            self.owner_name,
            self.purpose,
            self.guests,
            self.auto_renew,
            self.language,
            self.buyer,
        )
        return reschedule.BookingEdit(details, self.start, self.end, self.minutes, self.nights)


@dataclass(frozen=True)
class CancelBooking:
    """Which booking to cancel; `session_id` is the older name of `booking_id`."""

    booking_id: BookingRef | None = None
    session_id: BookingRef | None = None
    reason: Reason = "cancelled by the customer"


@dataclass(frozen=True)
class CancelReason:
    """Why, and which bookings of the group."""

    reason: Reason = "cancelled by the customer"
    scope: Annotated[
        Scope,
        Doc("This booking; this one and those of its group that begin later; or the whole group."),
    ] = "one"


@dataclass(frozen=True)
class WithReason:
    reason: Reason


@dataclass(frozen=True)
class Nothing:
    """An empty body."""


@dataclass(frozen=True)
class HistoryQuery:
    """Which bookings, by their booked start."""

    status: Status | None = None
    zone_id: Slug | None = None
    from_: Annotated[datetime, FROM] | None = None
    to: Annotated[datetime, TO] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None

    @property
    def filters(self) -> lists.Filters:
        return lists.Filters(self.status, self.from_, self.to, self.zone_id)


ShortCode = Annotated[
    str,
    Text(max=20, read=short_code.read),
    Doc("Only the bookings with this short code.", "9A-7M3R"),
]
ByTime = Annotated[bool, Doc("True: only stays that time has ended. False: only the others.")]


@dataclass(frozen=True)
class BookingsQuery(HistoryQuery):
    """Staff name the site whose bookings they want; without one they get their own. A group comes
    earliest start first."""

    site: Slug | None = None
    group_id: Annotated[BookingId, Doc("Only the bookings of this group.")] | None = None
    code: ShortCode | None = None
    auto_checkout: ByTime | None = None

    @property
    def filters(self) -> lists.Filters:
        return lists.Filters(
            self.status,
            self.from_,
            self.to,
            self.zone_id,
            self.group_id,
            self.auto_checkout,
            self.code,
        )
