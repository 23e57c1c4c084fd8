"""An order: what a request asks to book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.payments.tender import PaymentMethod


@dataclass(frozen=True)
class Order:
    """A zone or one space of it, from `start` (now, where absent) until `end`, or for some minutes
    or nights; naive times and dates are the site's. `quantity` spaces at once, or a `repeat` on
    other dates, make it a group. A `walk_in` is at the gate or the desk, and pays no booking
    fee. It is refused if it costs more than `max_total`, a decimal amount. A
    `promo_code` is for a booking of its own."""

    zone_id: str
    number: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    nights: int | None = None
    details: BookingDetails = NO_DETAILS
    payment_method: PaymentMethod = PaymentMethod.CASH
    quantity: int = 1
    repeat: Repeat | None = None
    walk_in: bool = False
    max_total: str | None = None
    promo_code: str | None = None

    def in_language(self, language: str | None) -> Order:
        """The order of a customer who reads `language`, unless it names one itself."""
        if language is None or self.details.language is not None:
            return self
        return replace(self, details=replace(self.details, language=language))

    @property
    def is_group(self) -> bool:
        """Whether it asks for more than one booking."""
        return self.quantity > 1 or self.repeat is not None
