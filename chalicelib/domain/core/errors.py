"""Every way Berth says no.

    Refusal
    ├── Invalid            the request is malformed; `fields` names what is wrong with each
    ├── NotAuthenticated   nobody, or nobody any more, is signed in
    ├── Forbidden          signed in, but not allowed
    ├── NotFound           no such thing (or not for this caller)
    ├── Conflict           the state of things does not allow it now
    ├── Gone               it was possible once
    ├── Mismatch           an idempotency key was reused for another request
    ├── TooMany            slow down; `retry_after` seconds
    └── Unavailable        a backend is throttling; `retry_after` seconds

A leaf has a stable `code` that clients may branch on. The family decides the HTTP status, in one
table in `api/http.py`. Messages are read by gate attendants and guests: they say what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self


class Refusal(Exception):
    """A named no. Raised by rules and services, mapped to a status once, at the edge. `facts` are
    what programs may want to know besides, ready for JSON."""

    code: ClassVar[str] = "REFUSED"
    default_message: ClassVar[str] = "This is not possible."

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: dict[str, str] | None = None,
        retry_after: int | None = None,
        site: str | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.site = site
        self.fields = fields or {}
        self.retry_after = retry_after
        self.facts: Mapping[str, Any] = {}
        super().__init__(self.message)


class Invalid(Refusal):
    """The request cannot be understood; `fields` maps each faulty field to what it must be."""

    code = "VALIDATION_FAILED"
    default_message = "Some fields are not right."

    def __init__(self, fields: dict[str, str], message: str | None = None) -> None:
        super().__init__(message, fields=fields)


class TooLarge(Refusal):
    code = "PAYLOAD_TOO_LARGE"
    default_message = "The body is too large."


class NotAuthenticated(Refusal):
    code = "NOT_AUTHENTICATED"
    default_message = "Sign in first."


class TokenExpired(NotAuthenticated):
    code = "TOKEN_EXPIRED"
    default_message = "Your sign-in has expired. Refresh it or sign in again."


class BadCredentials(NotAuthenticated):
    code = "BAD_CREDENTIALS"
    default_message = "The name or the password is not right."


class RefreshReused(NotAuthenticated):
    code = "REFRESH_REUSED"
    default_message = "This sign-in was used twice and has been revoked. Sign in again."


class Forbidden(Refusal):
    code = "FORBIDDEN"
    default_message = "You are not allowed to do this."


class NotFound(Refusal):
    code = "NOT_FOUND"
    default_message = "There is no such thing here."


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"
    default_message = "No such booking."


class NotYours(BookingNotFound):
    """Somebody else's booking: to the caller it does not exist, the audit trail knows better."""


class SiteNotFound(NotFound):
    code = "SITE_NOT_FOUND"
    default_message = "No such site."


class ZoneNotFound(NotFound):
    code = "ZONE_NOT_FOUND"
    default_message = "No such zone."


class SpaceNotFound(NotFound):
    code = "SPACE_NOT_FOUND"
    default_message = "No such space."


class AccountNotFound(NotFound):
    code = "ACCOUNT_NOT_FOUND"
    default_message = "No such account."


class BlackoutNotFound(NotFound):
    code = "BLACKOUT_NOT_FOUND"
    default_message = "No such blackout. It may have been lifted."


class SweepNotFound(NotFound):
    code = "SWEEP_NOT_FOUND"
    default_message = "No such sweep."


class EntryNotFound(NotFound):
    code = "ENTRY_NOT_FOUND"
    default_message = "No such waitlist entry."


class WebhookNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"
    default_message = "No such webhook."


class ShiftNotFound(NotFound):
    code = "SHIFT_NOT_FOUND"
    default_message = "No such shift."


class UnknownCode(NotFound):
    code = "CODE_NOT_FOUND"
    default_message = "This QR code is not one of ours. Look the booking up by its number."


class Conflict(Refusal):
    code = "CONFLICT"
    default_message = "This does not fit the present state."


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"


class SpaceTaken(Conflict):
    code = "SPACE_TAKEN"
    default_message = "This space is taken for that time."


class ZoneFull(Conflict):
    code = "ZONE_FULL"
    default_message = "No space of this zone is free for that time."


class ZoneClosed(Conflict):
    code = "ZONE_CLOSED"
    default_message = "This zone takes no bookings at present."


class OutsideOpeningHours(Conflict):
    code = "OUTSIDE_OPENING_HOURS"
    default_message = "The site is closed for some of that time."


class BlackedOut(Conflict):
    code = "BLACKED_OUT"
    default_message = "The zone is closed for some of that time."


class WaitlistClosed(Conflict):
    code = "WAITLIST_CLOSED"
    default_message = "This zone keeps no waitlist."


class StillFree(Conflict):
    code = "STILL_FREE"
    default_message = "This time can still be had. Book it."


class AlreadyWaiting(Conflict):
    code = "ALREADY_WAITING"
    default_message = "You are in line for this already."


class AlreadyBooked(Conflict):
    code = "ALREADY_BOOKED"
    default_message = "You hold a booking for this time already."


class TooManyEntries(Conflict):
    code = "TOO_MANY_ENTRIES"


class NotOffered(Conflict):
    code = "NOT_OFFERED"
    default_message = "It is not your turn yet. A mail will tell you."


class AlreadyClaimed(Conflict):
    code = "ALREADY_CLAIMED"
    default_message = "You have claimed this offer. Look at your bookings."


class TooFarAhead(Conflict):
    code = "TOO_FAR_AHEAD"
    default_message = "The zone does not take bookings so far ahead yet."


class LocalTimeSkipped(Conflict):
    code = "LOCAL_TIME_SKIPPED"
    default_message = "Clocks leave out that time on this date."


class LocalTimeTwice(Conflict):
    code = "LOCAL_TIME_TWICE"
    default_message = "Clocks show that time twice on this date."


class DatesUnavailable(Conflict):
    """Some dates of a series cannot be had; the fact `dates` names each with its reason."""

    code = "DATES_UNAVAILABLE"
    default_message = "Some of the dates cannot be had. Nothing is booked."

    def __init__(self, dates: Sequence[Mapping[str, str]]) -> None:
        super().__init__()
        self.facts = {"dates": list(dates)}


class QuotaReached(Conflict):
    code = "QUOTA_REACHED"
    default_message = "You have as many live bookings here as one person may have."

    @classmethod
    def of(cls, limit: int | None) -> Self:
        """The refusal of whoever would have more than `limit` live bookings."""
        if limit is None:
            return cls()
        bookings = "1 live booking" if limit == 1 else f"{limit} live bookings"
        return cls(f"One person may have {bookings} here, and you would have more.")


class PaymentDue(Conflict):
    code = "PAYMENT_DUE"
    default_message = "An earlier stay is still unpaid. Settle it first."


class PaymentMethodUnavailable(Conflict):
    code = "PAYMENT_METHOD_UNAVAILABLE"
    default_message = "This way of paying is not available here. Choose CASH."


class NotEnoughCash(Conflict):
    code = "NOT_ENOUGH_CASH"


class NothingDue(Conflict):
    code = "NOTHING_DUE"
    default_message = "Nothing is left to pay on this booking."


class NotCheckedIn(Conflict):
    code = "NOT_CHECKED_IN"
    default_message = "This booking has not been checked in. Check it in first."


class AlreadyEntered(Conflict):
    code = "ALREADY_CHECKED_IN"
    default_message = "This booking is already inside."


class AlreadyEnded(Conflict):
    code = "ALREADY_ENDED"


class TooEarly(Conflict):
    code = "TOO_EARLY"


class PlateMismatch(Conflict):
    code = "PLATE_MISMATCH"
    default_message = "The plate is not the one on the booking. Check both before opening."


class CheckoutFailed(Conflict):
    code = "CHECKOUT_FAILED"
    default_message = "This booking has no space to check out of."


class RoomNotReady(Conflict):
    code = "ROOM_NOT_READY"
    default_message = "The room is not ready. Take another one, or give a reason."

    @classmethod
    def of(cls, condition: str) -> Self:
        """The refusal that names the room's condition."""
        return cls(f"The room is {condition}. Take another one, or give a reason.")


class TooManyAttachments(Conflict):
    code = "TOO_MANY_ATTACHMENTS"
    default_message = "This stay has as many attachments as one may have."


class AttachmentNotFound(NotFound):
    code = "ATTACHMENT_NOT_FOUND"
    default_message = "Nothing of that kind and name is open on this stay."


class RenewTooEarly(Conflict):
    code = "RENEW_TOO_EARLY"
    default_message = "A stay can be renewed in its last five minutes or after its end."


class StaleVersion(Conflict):
    """Somebody else changed it between our read and our write; the unit of work retries these."""

    code = "CHANGED_MEANWHILE"
    default_message = "This was changed by somebody else just now. Look again and repeat."


class AlreadyExists(Conflict):
    code = "ALREADY_EXISTS"
    default_message = "This exists already."


class FreedTimeIsWaitedFor(StaleVersion):
    """Time was to be given back for which somebody waits; never leaves `services/line.py`."""


class EmailTaken(AlreadyExists):
    code = "EMAIL_TAKEN"
    default_message = "There is an account with this address. Sign in or reset the password."


class InUse(Conflict):
    code = "IN_USE"
    default_message = "This is still in use."


class RealtimeOff(Conflict):
    code = "REALTIME_OFF"
    default_message = "This site publishes no events. Ask for its bookings instead."


class TooManyWebhooks(Conflict):
    code = "TOO_MANY_WEBHOOKS"
    default_message = "This site has as many webhooks as a site may have. Delete one first."


class ShiftOpen(Conflict):
    code = "SHIFT_OPEN"
    default_message = "You have a shift open at this site. Close it first."


class ShiftClosed(Conflict):
    code = "SHIFT_CLOSED"
    default_message = "This shift was closed with another count or note. They stand as they are."


class RequestInProgress(Conflict):
    code = "REQUEST_IN_PROGRESS"
    default_message = "The first request with this key is still running. Repeat it shortly."


class Gone(Refusal):
    code = "GONE"
    default_message = "This is no longer possible."


class LinkExpired(Gone):
    code = "LINK_EXPIRED"
    default_message = "This link was used, has expired or was never valid. Ask for a new one."


class CursorExpired(Gone):
    code = "CURSOR_EXPIRED"
    default_message = (
        "Events behind this are no longer kept. Load what you show anew and read on without it."
    )


class OfferExpired(Gone):
    code = "OFFER_EXPIRED"
    default_message = "This offer has lapsed and went to the next in line."


class Mismatch(Refusal):
    code = "IDEMPOTENCY_MISMATCH"
    default_message = "This Idempotency-Key was used for a different request."


class TooMany(Refusal):
    code = "TOO_MANY_REQUESTS"
    default_message = "Too many requests. Wait a little and try again."


class LockedOut(TooMany):
    code = "LOCKED_OUT"
    default_message = "Too many wrong passwords. Wait and try again, or reset the password."


class Unavailable(Refusal):
    code = "UNAVAILABLE"
    default_message = "The service is busy. Try again in a moment."
