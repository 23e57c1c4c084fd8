"""Refusals of a booking, from its making to its check-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chalicelib.domain.core.errors.families import Conflict, Gone, NotFound, named
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import At, Paragraph, Sentence, Wording, joined, say


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"


class NotYours(BookingNotFound):
    """A booking of another customer: it answers like an unknown id, and the audit trail records
    it."""


class UnknownCode(NotFound):
    code = "CODE_NOT_FOUND"


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"


@dataclass(frozen=True)
class WayOn:
    """The way on from a refusal for want of space, ready for JSON: the time in the way, the next
    free one, whether there is a waitlist to join, and other spaces that are free for the booking;
    `text` says so."""

    taken: Mapping[str, str] | None
    next_free: Mapping[str, str] | None
    waitlist: bool
    text: Paragraph
    free_spaces: Sequence[str] = ()


class NoRoom(Conflict):
    """No space is free: one that was named, or any of a zone."""

    def with_way(self, way: WayOn, *, in_the_way: Sequence[str] | None) -> Self:
        """The refusal with the way on; `in_the_way` are the bookings that staff may know."""
        refusal = type(self)(joined(self.wording, way.text))
        found = {} if in_the_way is None else named({"bookings": in_the_way})
        if way.free_spaces:
            found["free_spaces"] = list(way.free_spaces)
        refusal.facts = {
            "taken": way.taken, "next_free": way.next_free, "waitlist": way.waitlist, **found
        }  # fmt: skip
        return refusal


class SpaceTaken(NoRoom):
    code = "SPACE_TAKEN"


class ZoneFull(NoRoom):
    code = "ZONE_FULL"


class AlreadyBooked(Conflict):
    code = "ALREADY_BOOKED"


class TooFarAhead(Conflict):
    code = "TOO_FAR_AHEAD"


class LocalTimeSkipped(Conflict):
    code = "LOCAL_TIME_SKIPPED"


class LocalTimeTwice(Conflict):
    code = "LOCAL_TIME_TWICE"


class NoSuchDate(Conflict):
    code = "NO_SUCH_DATE"


class DatesUnavailable(Conflict):
    """Some dates of a series are not available; the fact `dates` lists each with its reason."""

    code = "DATES_UNAVAILABLE"

    def __init__(self, dates: Sequence[Mapping[str, str | Wording]]) -> None:
        super().__init__()
        self.facts = {"dates": list(dates)}


class QuotaReached(Conflict):
    code = "QUOTA_REACHED"

    @classmethod
    def of(cls, limit: int | None) -> Self:
        """The refusal of a booking above `limit` live bookings."""
        if limit is None:
            return cls()
        return cls(say("quota_of", count=limit))


class TooEarly(Conflict):
    """The word `when` of its sentence is the hour at which it opens."""

    code = "TOO_EARLY"

    def __init__(self, advice: Sentence, opens_at: datetime) -> None:
        super().__init__(advice)
        self.facts = {"opens_at": f"{opens_at:%Y-%m-%dT%H:%M:%SZ}"}
        self.opens_at = opens_at
        self._advice = advice

    def at(self, when: At) -> TooEarly:
        """The same refusal, with the hour for people."""
        return TooEarly(self._advice.with_words(when=when), self.opens_at)


class PlateMismatch(Conflict):
    code = "PLATE_MISMATCH"

    @classmethod
    def of(cls, booked: str) -> Self:
        """The refusal with the plate on the booking."""
        refusal = cls(say("plate_booked", plate=booked))
        refusal.facts = {"vehicle_number": booked}
        return refusal


class AlreadyEntered(Conflict):
    code = "ALREADY_CHECKED_IN"


class NotCheckedIn(Conflict):
    code = "NOT_CHECKED_IN"


class CheckoutFailed(Conflict):
    code = "CHECKOUT_FAILED"


class AlreadyEnded(Conflict):
    code = "ALREADY_ENDED"

    def with_way(
        self, next_free: Mapping[str, str] | None, text: Wording, *, waitlist: bool = False
    ) -> AlreadyEnded:
        """The refusal with a free time instead, and whether there is a waitlist to join."""
        refusal = AlreadyEnded(joined(self.wording, text))
        refusal.facts = {"next_free": next_free, "waitlist": waitlist}
        return refusal


class StayEnded(AlreadyEnded):
    """The guest of the booking has checked out."""


class BookingExpired(AlreadyEnded):
    """Nobody came in the time of the booking."""


class PaymentDue(Conflict):
    code = "PAYMENT_DUE"


class PriceChanged(Conflict):
    """The booking costs more than the request takes; the fact `price` is what it costs."""

    code = "PRICE_CHANGED"

    @classmethod
    def of(cls, price: Money, message: Wording) -> Self:
        """The refusal with the price of now."""
        refusal = cls(message)
        refusal.facts = {"price": price.as_json()}
        return refusal


class PaymentMethodUnavailable(Conflict):
    code = "PAYMENT_METHOD_UNAVAILABLE"


class ExitNotScanned(Conflict):
    code = "EXIT_NOT_SCANNED"


class NotEnoughCash(Conflict):
    code = "NOT_ENOUGH_CASH"


class NothingDue(Conflict):
    code = "NOTHING_DUE"


class RenewTooEarly(Conflict):
    code = "RENEW_TOO_EARLY"


class TooManyAttachments(Conflict):
    code = "TOO_MANY_ATTACHMENTS"


class AttachmentNotFound(NotFound):
    code = "ATTACHMENT_NOT_FOUND"


class LinkExpired(Gone):
    code = "LINK_EXPIRED"


class PassReplaced(Gone):
    code = "PASS_REPLACED"
