"""Answers to booking and cancelling: one shape for one booking and for a group."""

from __future__ import annotations

from typing import Any

from chalicelib.api.bookings import booking_fields, present
from chalicelib.api.bookings.group_views import CancellingView, KeptView, MadeView, MissedDateView
from chalicelib.api.bookings.views import CancelledView
from chalicelib.api.web import values
from chalicelib.api.web.values import MoneyView
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.services.bookings.book_group import Group
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.bookings.cancel_group import CancelledGroup, Kept
from chalicelib.services.core.deps import Deps
from chalicelib.texts import sentences


def made(deps: Deps, record: Booking) -> MadeView:
    """A booking that was made alone."""
    return MadeView(**booking_fields.of(deps, record), bookings=(), skipped=())


def made_group(deps: Deps, group: Group) -> MadeView:
    """Bookings made together: the first, with all of them."""
    return MadeView(
        **booking_fields.of(deps, group.bookings[0]),
        bookings=tuple(present.booking(deps, each) for each in group.bookings),
        skipped=tuple(
            MissedDateView(**sentences.worded(each.as_json, deps.language)) for each in group.missed
        ),
    )


def cancelling(deps: Deps, outcome: Cancelled) -> CancellingView:
    """A booking that was cancelled alone, and its refund."""
    return CancellingView(**_cancelled_fields(deps, outcome), cancelled=(), kept=())


def cancelling_group(deps: Deps, booking_id: str, outcome: CancelledGroup) -> CancellingView:
    """The booking that was named, those of its group that were cancelled, and those that were
    not."""
    count = len(outcome.cancelled)
    fields = next(
        (
            _cancelled_fields(deps, each)
            for each in outcome.cancelled
            if each.booking.booking_id == booking_id
        ),
        None,
    ) or _kept_fields(deps, next(k for k in outcome.kept if k.booking.booking_id == booking_id))
    text = sentences.in_words(say("bookings_cancelled", count=count), deps.language)
    return CancellingView(
        **fields | {"message": text},
        cancelled=tuple(CancelledView(**_cancelled_fields(deps, c)) for c in outcome.cancelled),
        kept=tuple(_kept(deps, each) for each in outcome.kept),
    )


def _cancelled_fields(deps: Deps, outcome: Cancelled) -> dict[str, Any]:
    return {
        **booking_fields.of(deps, outcome.booking),
        "refund_eligible": outcome.refund.eligible,
        "refund_amount": MoneyView.of(outcome.refund.amount),
        "refund_reason": sentences.in_words(outcome.refund.reason, deps.language),
        "message": sentences.in_words(say("booking_cancelled"), deps.language),
    }


def _kept_fields(deps: Deps, kept: Kept) -> dict[str, Any]:
    """The fields of a booking that is not cancelled: it has no refund."""
    return {
        **booking_fields.of(deps, kept.booking),
        "refund_eligible": False,
        "refund_amount": MoneyView.of(Money.zero(kept.booking.currency)),
        "refund_reason": sentences.in_words(kept.refusal.wording, deps.language),
    }


def _kept(deps: Deps, kept: Kept) -> KeptView:
    record, refusal = kept.booking, kept.refusal
    return KeptView(
        booking_id=record.booking_id,
        status=record.status,
        start_time=values.instant(record.booked.start),
        code=refusal.code,
        message=sentences.in_words(refusal.wording, deps.language),
    )
