"""Routes of what a customer has paid and still owes."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api.payments.history_views import DuesView, DueView, PaymentsView
from chalicelib.api.web import lists
from chalicelib.api.web.http import USER, Answer, Call, Routes, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.core import serialize
from chalicelib.services.bookings import bookings
from chalicelib.services.payments import history

routes = Routes(__name__)


@dataclass(frozen=True)
class PaymentsQuery:
    """Which page."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@routes.get("/api/bookings/{booking_id}/payments", who=USER, gives=PaymentsView)
def get_payments(call: Call, booking_id: str) -> Answer:
    """The payments and refunds of a booking, with their states and the bank's numbers."""
    booking = bookings.get(call.deps, call.actor, booking_id)
    return ok(serialize.fields(PaymentsView.of(booking)))


@routes.get("/api/me/payments", who=USER, query=PaymentsQuery, gives=[PaymentsView])
def list_own_payments(call: Call) -> Answer:
    """Your bookings that you have paid for, online or by hand, newest booking first. A page may
    have fewer entries than `limit` and still a `next_cursor`."""
    what = "payments"
    found = history.own(
        call.deps, call.actor, limit=call.query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, PaymentsView.of)


@routes.get("/api/me/dues", who=USER, gives=DuesView)
def get_own_dues(call: Call) -> Answer:
    """What you owe for stays and no-shows, each with the page on which it is paid. While something
    is due, its owner's sites take no further booking of yours."""
    owed = history.dues(call.deps, call.actor)
    return ok(serialize.fields(DuesView(tuple(map(DueView.of, owed)))))
