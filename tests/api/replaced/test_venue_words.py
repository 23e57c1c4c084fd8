"""The sentences of the venue system, each for the refusal that it stands for."""

from __future__ import annotations

import pytest

from chalicelib.api.replaced import timer_words, venue_words
from chalicelib.api.web import answers
from chalicelib.api.web.wording import Wording
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors

CONFIRM, JOIN, CLAIM, LEAVE = (
    venue_words.CONFIRM,
    venue_words.JOIN,
    venue_words.CLAIM,
    venue_words.LEAVE,
)
TAKEN = "Sorry, this slot has already been booked by someone else"
OWN = "You can only confirm your own bookings"


@pytest.mark.parametrize(
    ("words", "refusal", "status", "says"),
    [
        (CONFIRM, errors.NotYours(), 404, OWN),
        (CONFIRM, errors.BookingNotFound(), 404, OWN),  # as if it were not there
        (CONFIRM, errors.AlreadyEnded(), 409, "Only active bookings can be confirmed"),
        (CONFIRM, errors.IllegalTransition(), 409, "Cannot confirm past bookings"),
        (JOIN, errors.AlreadyBooked(), 409, "You already have a booking for this time slot"),
        (JOIN, errors.AlreadyWaiting(), 409, "You are already in the waitlist for this time slot"),
        (
            JOIN,
            errors.TooManyEntries().beyond(3),
            409,
            "Maximum 3 waitlist entries allowed per day",
        ),
        (CLAIM, errors.Forbidden(), 403, "You can only claim your own waitlist entries"),
        (CLAIM, errors.AlreadyClaimed(), 409, "This slot has already been claimed"),
        (
            CLAIM,
            errors.OfferExpired().after(15),
            410,
            "This notification has expired (15-minute window passed)",
        ),
        (CLAIM, errors.NotOffered(), 409, "You have not been notified yet"),
        (CLAIM, errors.SpaceTaken(), 409, TAKEN),
        (CLAIM, errors.ZoneFull(), 409, TAKEN),
        (CLAIM, errors.Unavailable(), 503, "Failed to claim slot. Please try again."),
        (LEAVE, errors.Forbidden(), 403, "You can only remove your own waitlist entries"),
    ],
)
def test_a_refusal_has_the_sentence_of_the_document(
    words: Wording, refusal: errors.Refusal, status: int, says: str
) -> None:
    answers.word(refusal, "en")
    said = words.refused(refusal, "r1")
    assert (said.status, said.body["error"]["message"]) == (status, says)
    assert said.body["error"]["code"] == refusal.code


def test_a_claim_that_fails_by_a_defect_has_the_sentence_of_the_document() -> None:
    said = answers.internal_error("r1", venue_words.CLAIM.plain, None)
    assert said.body["error"]["message"] == "Failed to claim slot. Please try again."


@pytest.mark.parametrize(
    ("status", "timer", "venue"),
    [
        ("pending", "pending", "pending"),
        ("booked", "booked", "confirmed"),
        ("active", "booked", "confirmed"),
        ("completed", "completed", "completed"),
        ("cancelled", "cancelled", "cancelled"),
        ("expired", "cancelled", "cancelled"),
    ],
)
def test_each_system_has_its_word_for_each_status(status: str, timer: str, venue: str) -> None:
    of_both = (words.STATUS[Status(status)] for words in (timer_words, venue_words))
    assert tuple(of_both) == (timer, venue)
