"""All routes of the JSON interface and of the pages, in the order of the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from chalicelib.api import (
    admin,
    attachments,
    blackouts,
    bookings,
    confirmations,
    events,
    front_desk,
    groups,
    hotels,
    incidents,
    legacy,
    login,
    me,
    openapi,
    public,
    shifts,
    staff,
    users,
    waitlist,
    webhooks,
)
from chalicelib.api.http import Route, Routes
from chalicelib.pages import links


def declared() -> tuple[Route, ...]:
    """Every route, in the order of the document."""
    return tuple(route for routes in ALL for route in routes.declared)


@cache
def contract() -> dict[str, Any]:
    """The OpenAPI document, made when first asked for."""
    from chalicelib.api import document

    return document.document(declared())


ALL: Final[tuple[Routes, ...]] = (
    login.routes,
    me.routes,
    public.routes,
    groups.routes,
    bookings.routes,
    confirmations.routes,
    attachments.routes,
    waitlist.routes,
    staff.routes,
    shifts.routes,
    incidents.routes,
    front_desk.routes,
    hotels.routes,
    events.routes,
    admin.routes,
    blackouts.routes,
    users.routes,
    webhooks.routes,
    legacy.routes,
    links.routes,
    openapi.serve(contract),
)
