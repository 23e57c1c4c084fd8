"""All routes of the API and of the pages, in the order of the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from chalicelib.api.accounts import api_keys, login, me, users
from chalicelib.api.bookings import attachments, bookings, confirmations, groups, quotes
from chalicelib.api.front_desk import front_desk, hotels, swaps
from chalicelib.api.operations import incidents, shifts
from chalicelib.api.payments import deposits, payments
from chalicelib.api.payments import history as payment_history
from chalicelib.api.payments import webhooks as payment_webhooks
from chalicelib.api.promos import promos
from chalicelib.api.realtime import events, webhooks
from chalicelib.api.receipts import papers
from chalicelib.api.replaced import hotel, parking, timer, venue
from chalicelib.api.replaced import payments as parking_payments
from chalicelib.api.season_passes import plans as season_plans
from chalicelib.api.season_passes import season_passes
from chalicelib.api.sites import admin, affected, blackouts, public
from chalicelib.api.stays import auto_checkouts, gate
from chalicelib.api.waitlist import entries
from chalicelib.api.web import openapi
from chalicelib.api.web.http import Routes
from chalicelib.api.web.route import Route
from chalicelib.pages import links, receipts, start
from chalicelib.pages import parking as parking_pages
from chalicelib.pages import payments as pay_pages


def declared() -> tuple[Route, ...]:
    """All routes, in the order of the OpenAPI document."""
    return tuple(route for each in ALL for route in each.declared)


@cache
def contract() -> dict[str, Any]:
    """The OpenAPI document, built at the first request."""
    from chalicelib.api.web import openapi_document

    return openapi_document.document(declared())


routes: Final = openapi.serve(contract, home=__name__)
"""Those that publish the contract: they need this module, and with it all the others."""

ALL: Final[tuple[Routes, ...]] = (
    login.routes,
    me.routes,
    public.routes,
    groups.routes,
    bookings.routes,
    confirmations.routes,
    quotes.routes,
    payments.routes,
    deposits.routes,
    payment_history.routes,
    payment_webhooks.routes,
    season_plans.routes,
    season_passes.routes,
    papers.routes,
    receipts.routes,
    attachments.routes,
    entries.routes,
    gate.routes,
    auto_checkouts.routes,
    shifts.routes,
    incidents.routes,
    front_desk.routes,
    hotels.routes,
    hotel.routes,
    swaps.routes,
    events.routes,
    admin.routes,
    affected.routes,
    blackouts.routes,
    promos.routes,
    users.routes,
    api_keys.routes,
    webhooks.routes,
    parking.routes,
    parking_payments.routes,
    timer.routes,
    venue.routes,
    parking_pages.routes,
    links.routes,
    pay_pages.routes,
    start.routes,
    routes,
)
