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

from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.sentence import At, Paragraph, Sentence, Wording, joined, say

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
    place. What it says becomes text there, in the language of the reader: without a `message` the
    sentence of the catalogues that is named as its code. `facts` are further values for programs.
    `site` and `subject` are those of its audit event, where the path does not name them. `message`
    is the text, once the API has made it (api/web/answers.py): in `language`, where it is known."""

    code: ClassVar[str] = "REFUSED"

    def __init__(
        self,
        message: Wording | None = None,
        *,
        fields: Mapping[str, Wording] | None = None,
        retry_after: int | None = None,
        site: str | None = None,
    ) -> None:
        self.wording: Wording = say(self.code.lower()) if message is None else message
        self.site = site
        self.subject: str | None = None
        self.fields: dict[str, Any] = dict(fields or {})
        self.language: Language | None = None
        self.message = ""
        self.retry_after = retry_after
        self.facts: Mapping[str, Any] = {}
        super().__init__(self.wording)

    @property
    def is_plain(self) -> bool:
        """Whether it says what its code says, and nothing more."""
        return self.wording == say(self.code.lower())


class Invalid(Refusal):
    """A malformed request; `fields` maps each faulty field to what it must be."""

    code = "VALIDATION_FAILED"

    def __init__(self, fields: Mapping[str, Wording], message: Wording | None = None) -> None:
        super().__init__(message, fields=fields)


class TooLarge(Refusal):
    code = "PAYLOAD_TOO_LARGE"


class NotAuthenticated(Refusal):
    code = "NOT_AUTHENTICATED"


class TokenExpired(NotAuthenticated):
    code = "TOKEN_EXPIRED"


class BadCredentials(NotAuthenticated):
    code = "BAD_CREDENTIALS"


class RefreshReused(NotAuthenticated):
    code = "REFRESH_REUSED"


class Forbidden(Refusal):
    code = "FORBIDDEN"


class NotFound(Refusal):
    code = "NOT_FOUND"


class BookingNotFound(NotFound):
    code = "BOOKING_NOT_FOUND"


class NotYours(BookingNotFound):
    """A booking of another customer: it answers like an unknown id, and the audit trail records
    it."""


class SiteNotFound(NotFound):
    code = "SITE_NOT_FOUND"


class ZoneNotFound(NotFound):
    code = "ZONE_NOT_FOUND"


class SpaceNotFound(NotFound):
    code = "SPACE_NOT_FOUND"


class AccountNotFound(NotFound):
    code = "ACCOUNT_NOT_FOUND"


class BlackoutNotFound(NotFound):
    code = "BLACKOUT_NOT_FOUND"


class SweepNotFound(NotFound):
    code = "SWEEP_NOT_FOUND"


class EntryNotFound(NotFound):
    code = "ENTRY_NOT_FOUND"


class WebhookNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"


class ApiKeyNotFound(NotFound):
    code = "API_KEY_NOT_FOUND"


class ShiftNotFound(NotFound):
    code = "SHIFT_NOT_FOUND"


class UnknownCode(NotFound):
    code = "CODE_NOT_FOUND"


class Conflict(Refusal):
    code = "CONFLICT"


class IllegalTransition(Conflict):
    code = "ILLEGAL_TRANSITION"


@dataclass(frozen=True)
class WayOn:
    """The way on from a refusal for want of space, ready for JSON: the time in the way, the next
    free one, and whether there is a waitlist to join; `text` says so."""

    taken: Mapping[str, str] | None
    next_free: Mapping[str, str] | None
    waitlist: bool
    text: Paragraph


class NoRoom(Conflict):
    """No space is free: one that was named, or any of a zone."""

    def with_way(self, way: WayOn, *, in_the_way: Sequence[str] | None) -> Self:
        """The refusal with the way on; `in_the_way` are the bookings that staff may know."""
        refusal = type(self)(joined(self.wording, way.text))
        found = {} if in_the_way is None else named({"bookings": in_the_way})
        refusal.facts = {
            "taken": way.taken, "next_free": way.next_free, "waitlist": way.waitlist, **found
        }  # fmt: skip
        return refusal


class SpaceTaken(NoRoom):
    code = "SPACE_TAKEN"


class ZoneFull(NoRoom):
    code = "ZONE_FULL"


class ZoneClosed(Conflict):
    code = "ZONE_CLOSED"


class OutsideOpeningHours(Conflict):
    code = "OUTSIDE_OPENING_HOURS"


class BlackedOut(Conflict):
    code = "BLACKED_OUT"


class WaitlistClosed(Conflict):
    code = "WAITLIST_CLOSED"


class StillFree(Conflict):
    code = "STILL_FREE"


class AlreadyWaiting(Conflict):
    code = "ALREADY_WAITING"


class AlreadyBooked(Conflict):
    code = "ALREADY_BOOKED"


class TooManyEntries(Conflict):
    code = "TOO_MANY_ENTRIES"

    def beyond(self, limit: int) -> Self:
        """The same refusal with the number of entries that a customer may have."""
        self.facts = {"limit": limit}
        return self


class NotOffered(Conflict):
    code = "NOT_OFFERED"


class AlreadyClaimed(Conflict):
    code = "ALREADY_CLAIMED"


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


class AddressNotVerified(Conflict):
    code = "EMAIL_NOT_VERIFIED"


class PaymentDue(Conflict):
    code = "PAYMENT_DUE"


class PaymentMethodUnavailable(Conflict):
    code = "PAYMENT_METHOD_UNAVAILABLE"


class NotEnoughCash(Conflict):
    code = "NOT_ENOUGH_CASH"


class NothingDue(Conflict):
    code = "NOTHING_DUE"


class NotCheckedIn(Conflict):
    code = "NOT_CHECKED_IN"


class AlreadyEntered(Conflict):
    code = "ALREADY_CHECKED_IN"


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


class CheckoutFailed(Conflict):
    code = "CHECKOUT_FAILED"


class RoomNotReady(Conflict):
    code = "ROOM_NOT_READY"

    @classmethod
    def of(cls, condition: str) -> Self:
        """The refusal with the condition of the room."""
        return cls(say("room_is", condition=condition))


class TooManyAttachments(Conflict):
    code = "TOO_MANY_ATTACHMENTS"


class AttachmentNotFound(NotFound):
    code = "ATTACHMENT_NOT_FOUND"


class RenewTooEarly(Conflict):
    code = "RENEW_TOO_EARLY"


class StaleVersion(Conflict):
    """The record was changed between our read and our write; retry_on_conflict repeats the step."""

    code = "CHANGED_MEANWHILE"


class AlreadyExists(Conflict):
    code = "ALREADY_EXISTS"


class ClosedMeanwhile(StaleVersion):
    """A place that a Change relies on was closed for good after it was read."""


class FreedTimeIsWaitedFor(StaleVersion):
    """A Change frees time that an entry waits for. The unit of work handles it."""


class EmailTaken(AlreadyExists):
    code = "EMAIL_TAKEN"


class IdRetired(AlreadyExists):
    code = "ID_RETIRED"


class InUse(Conflict):
    code = "IN_USE"

    @classmethod
    def naming(cls, message: Wording, found: Mapping[str, Sequence[str]]) -> Self:
        """The refusal with the fact `open`: the count and the first ids of each kind `found`."""
        refusal = cls(message)
        refusal.facts = named(found)
        return refusal


class RealtimeOff(Conflict):
    code = "REALTIME_OFF"


class TooManyWebhooks(Conflict):
    code = "TOO_MANY_WEBHOOKS"


class TooManyApiKeys(Conflict):
    code = "TOO_MANY_API_KEYS"


class ShiftOpen(Conflict):
    code = "SHIFT_OPEN"


class ShiftClosed(Conflict):
    code = "SHIFT_CLOSED"


class RequestInProgress(Conflict):
    code = "REQUEST_IN_PROGRESS"


class Gone(Refusal):
    code = "GONE"


class ClosedForGood(Gone):
    code = "CLOSED_FOR_GOOD"


class LinkExpired(Gone):
    code = "LINK_EXPIRED"


class PassReplaced(Gone):
    code = "PASS_REPLACED"


class CursorExpired(Gone):
    code = "CURSOR_EXPIRED"


class OfferExpired(Gone):
    code = "OFFER_EXPIRED"

    def after(self, minutes: int) -> Self:
        """The same refusal with the minutes for which the offer could be claimed."""
        self.facts = {"claim_window": minutes}
        return self


class PreconditionFailed(Refusal):
    code = "PRECONDITION_FAILED"


class VersionChanged(PreconditionFailed):
    code = "VERSION_CHANGED"


class Mismatch(Refusal):
    code = "IDEMPOTENCY_MISMATCH"


class TooMany(Refusal):
    code = "TOO_MANY_REQUESTS"


class LockedOut(TooMany):
    code = "LOCKED_OUT"


class Unavailable(Refusal):
    """`cause` is for the log: people read only that they may try again."""

    code = "UNAVAILABLE"

    def __init__(self, cause: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.cause = cause
