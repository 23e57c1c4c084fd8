"""Refusals: every error that a client can meet.

    Refusal
    ├── Invalid            the request is malformed; `fields` names what is wrong with each
    ├── NotAuthenticated   not signed in, or no longer
    ├── Forbidden          signed in, but not allowed
    ├── NotFound           unknown, or not visible to this caller
    ├── Conflict           the present state does not allow it
    ├── Gone               no longer possible
    ├── Mismatch           an idempotency key was reused for another request
    ├── PreconditionFailed  the record is not as the request expects it
    ├── TooMany            slow down; `retry_after` seconds
    └── Unavailable        a backend is throttling; `retry_after` seconds

A leaf has a stable `code` that clients may branch on. The family decides the HTTP status, in one
table in `api/web/answers.py`. Messages are for gate attendants and guests: they say what to do
next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Self

MOST_NAMED: Final = 10
"""Ids that a refusal names of each kind."""


def named(found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The fact `open`: the number and the first ids of each kind of what is in the way."""
    return {
        "open": {
            kind: {"count": len(ids), "ids": list(ids[:MOST_NAMED])} for kind, ids in found.items()
        }
    }


class Refusal(Exception):
    """An error with a stable code. Rules and services raise it; the API maps it to a status in one
    place. `facts` are further values for programs, ready for JSON. `site` and `subject` are those
    of its audit event, where the path does not name them."""

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
        self.subject: str | None = None
        self.fields = fields or {}
        self.retry_after = retry_after
        self.facts: Mapping[str, Any] = {}
        super().__init__(self.message)


class Invalid(Refusal):
    """A malformed request; `fields` maps each faulty field to what it must be."""

    code = "VALIDATION_FAILED"
    default_message = "Some fields are invalid."

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
    default_message = "The name or the password is wrong."


class RefreshReused(NotAuthenticated):
    code = "REFRESH_REUSED"
    default_message = "This sign-in was used twice and has been revoked. Sign in again."


class Forbidden(Refusal):
    code = "FORBIDDEN"
    default_message = "You are not allowed to do this."


class NotFound(Refusal):
    code = "NOT_FOUND"
    default_message = "Not found."


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"
    default_message = "No such booking."


class NotYours(BookingNotFound):
    """A booking of another customer: it answers like an unknown id, and the audit trail records
    it."""


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


class ApiKeyNotFound(NotFound):
    code = "API_KEY_NOT_FOUND"
    default_message = "No such API key."


class ShiftNotFound(NotFound):
    code = "SHIFT_NOT_FOUND"
    default_message = "No such shift."


class UnknownCode(NotFound):
    code = "CODE_NOT_FOUND"
    default_message = "This QR code is not one of ours. Look the booking up by its number."


class Conflict(Refusal):
    code = "CONFLICT"
    default_message = "The present state does not allow this."


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"


@dataclass(frozen=True)
class WayOn:
    """The way on from a refusal for want of space, ready for JSON: the time in the way, the next
    free one, and whether there is a waitlist to join; `text` says so."""

    taken: Mapping[str, str] | None
    next_free: Mapping[str, str] | None
    waitlist: bool
    text: str


class NoRoom(Conflict):
    """No space is free: one that was named, or any of a zone."""

    def with_way(self, way: WayOn, *, in_the_way: Sequence[str] | None) -> Self:
        """The refusal with the way on; `in_the_way` are the bookings that staff may know."""
        refusal = type(self)(f"{self.message} {way.text}".strip())
        found = {} if in_the_way is None else named({"bookings": in_the_way})
        refusal.facts = {
            "taken": way.taken, "next_free": way.next_free, "waitlist": way.waitlist, **found
        }  # fmt: skip
        return refusal


class SpaceTaken(NoRoom):
    code = "SPACE_TAKEN"
    default_message = "This space is taken for that time."


class ZoneFull(NoRoom):
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
    default_message = "This time is still free. Book it."


class AlreadyWaiting(Conflict):
    code = "ALREADY_WAITING"
    default_message = "You are on the waitlist for this already."


class AlreadyBooked(Conflict):
    code = "ALREADY_BOOKED"
    default_message = "You hold a booking for this time already."


class TooManyEntries(Conflict):
    code = "TOO_MANY_ENTRIES"


class NotOffered(Conflict):
    code = "NOT_OFFERED"
    default_message = "Nothing is offered yet. You will get a mail when it is."


class AlreadyClaimed(Conflict):
    code = "ALREADY_CLAIMED"
    default_message = "You have claimed this offer. Look at your bookings."


class TooFarAhead(Conflict):
    code = "TOO_FAR_AHEAD"
    default_message = "The zone does not take bookings so far ahead yet."


class LocalTimeSkipped(Conflict):
    code = "LOCAL_TIME_SKIPPED"
    default_message = "The clock change skips that time on this date."


class LocalTimeTwice(Conflict):
    code = "LOCAL_TIME_TWICE"
    default_message = "The clock change repeats that time on this date."


class NoSuchDate(Conflict):
    code = "NO_SUCH_DATE"
    default_message = "This month does not have that day."


class DatesUnavailable(Conflict):
    """Some dates of a series are not available; the fact `dates` lists each with its reason."""

    code = "DATES_UNAVAILABLE"
    default_message = "Some of the dates are not available. Nothing is booked."

    def __init__(self, dates: Sequence[Mapping[str, str]]) -> None:
        super().__init__()
        self.facts = {"dates": list(dates)}


class QuotaReached(Conflict):
    code = "QUOTA_REACHED"
    default_message = "You have reached the limit of live bookings here."

    @classmethod
    def of(cls, limit: int | None) -> Self:
        """The refusal of a booking above `limit` live bookings."""
        if limit is None:
            return cls()
        bookings = "1 live booking" if limit == 1 else f"{limit} live bookings"
        return cls(f"The limit here is {bookings} per person.")


class AddressNotVerified(Conflict):
    code = "EMAIL_NOT_VERIFIED"
    default_message = "Confirm your e-mail address first, by the link in the mail we sent you."


class PaymentDue(Conflict):
    code = "PAYMENT_DUE"
    default_message = "An earlier stay is still unpaid. Settle it first."


class PaymentMethodUnavailable(Conflict):
    code = "PAYMENT_METHOD_UNAVAILABLE"
    default_message = "This payment method is not available here. Choose CASH."


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

    def with_way(
        self, next_free: Mapping[str, str] | None, text: str, *, waitlist: bool = False
    ) -> AlreadyEnded:
        """The refusal with a free time instead, and whether there is a waitlist to join."""
        refusal = AlreadyEnded(f"{self.message} {text}".strip())
        refusal.facts = {"next_free": next_free, "waitlist": waitlist}
        return refusal


class StayEnded(AlreadyEnded):
    """The guest of the booking has checked out."""


class BookingExpired(AlreadyEnded):
    """Nobody came in the time of the booking."""


class TooEarly(Conflict):
    """`advice` has a place `{when}` for the hour at which it opens."""

    code = "TOO_EARLY"

    def __init__(self, advice: str, opens_at: datetime, when: str | None = None) -> None:
        instant = f"{opens_at:%Y-%m-%dT%H:%M:%SZ}"
        super().__init__(advice.format(when=when or instant))
        self.facts = {"opens_at": instant}
        self.opens_at = opens_at
        self._advice = advice

    def worded(self, when: str) -> TooEarly:
        """The same refusal, with the hour as text for people."""
        return TooEarly(self._advice, self.opens_at, when)


class PlateMismatch(Conflict):
    code = "PLATE_MISMATCH"
    default_message = "The plate is not the one on the booking. Check both before opening."

    @classmethod
    def of(cls, booked: str) -> Self:
        """The refusal with the plate on the booking."""
        refusal = cls(f"The booking is for {booked}. Check both plates before opening.")
        refusal.facts = {"vehicle_number": booked}
        return refusal


class CheckoutFailed(Conflict):
    code = "CHECKOUT_FAILED"
    default_message = "This booking has no space to check out of."


class RoomNotReady(Conflict):
    code = "ROOM_NOT_READY"
    default_message = "The room is not ready. Take another one, or give a reason."

    @classmethod
    def of(cls, condition: str) -> Self:
        """The refusal with the condition of the room."""
        return cls(f"The room is {condition}. Take another one, or give a reason.")


class TooManyAttachments(Conflict):
    code = "TOO_MANY_ATTACHMENTS"
    default_message = "This stay has reached the limit of attachments."


class AttachmentNotFound(NotFound):
    code = "ATTACHMENT_NOT_FOUND"
    default_message = "No attachment of that kind and name is open on this stay."


class RenewTooEarly(Conflict):
    code = "RENEW_TOO_EARLY"
    default_message = "A stay can be renewed in its last five minutes or after its end."


class StaleVersion(Conflict):
    """The record was changed between our read and our write; retry_on_conflict repeats the step."""

    code = "CHANGED_MEANWHILE"
    default_message = "This was changed by someone else just now. Load it again and repeat."


class AlreadyExists(Conflict):
    code = "ALREADY_EXISTS"
    default_message = "This exists already."


class ClosedMeanwhile(StaleVersion):
    """A place that a Change relies on was closed for good after it was read."""


class FreedTimeIsWaitedFor(StaleVersion):
    """A Change frees time that an entry waits for. The unit of work handles it."""


class EmailTaken(AlreadyExists):
    code = "EMAIL_TAKEN"
    default_message = "There is an account with this address. Sign in or reset the password."


class IdRetired(AlreadyExists):
    code = "ID_RETIRED"
    default_message = "This id belonged to a place that is closed for good. Choose another one."


class InUse(Conflict):
    code = "IN_USE"
    default_message = "This is still in use."

    @classmethod
    def naming(cls, message: str, found: Mapping[str, Sequence[str]]) -> Self:
        """The refusal with the fact `open`: the count and the first ids of each kind `found`."""
        refusal = cls(message)
        refusal.facts = named(found)
        return refusal


class RealtimeOff(Conflict):
    code = "REALTIME_OFF"
    default_message = "This site publishes no events. Ask for its bookings instead."


class TooManyWebhooks(Conflict):
    code = "TOO_MANY_WEBHOOKS"
    default_message = "This site has reached the limit of webhooks. Delete one first."


class TooManyApiKeys(Conflict):
    code = "TOO_MANY_API_KEYS"
    default_message = "This site has reached the limit of API keys. Revoke one first."


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


class ClosedForGood(Gone):
    code = "CLOSED_FOR_GOOD"
    default_message = "This is closed for good. Its records stay; nothing about it can be changed."


class LinkExpired(Gone):
    code = "LINK_EXPIRED"
    default_message = "This link was used, has expired or was never valid. Ask for a new one."


class PassReplaced(Gone):
    code = "PASS_REPLACED"
    default_message = "This pass was replaced by a newer one. Ask for the pass in the latest mail."


class CursorExpired(Gone):
    code = "CURSOR_EXPIRED"
    default_message = (
        "Older events are no longer kept. Reload the data you show, then read without a cursor."
    )


class OfferExpired(Gone):
    code = "OFFER_EXPIRED"
    default_message = "This offer has lapsed and was passed on."


class PreconditionFailed(Refusal):
    code = "PRECONDITION_FAILED"
    default_message = "This is not as you expect it."


class VersionChanged(PreconditionFailed):
    code = "VERSION_CHANGED"
    default_message = "This has changed since you loaded it. Load it again, then repeat."


class Mismatch(Refusal):
    code = "IDEMPOTENCY_MISMATCH"
    default_message = "This Idempotency-Key was used for a different request."


class TooMany(Refusal):
    code = "TOO_MANY_REQUESTS"
    default_message = "Too many requests. Wait a moment and try again."


class LockedOut(TooMany):
    code = "LOCKED_OUT"
    default_message = "Too many wrong passwords. Wait and try again, or reset the password."


class Unavailable(Refusal):
    code = "UNAVAILABLE"
    default_message = "The service is busy. Try again in a moment."
