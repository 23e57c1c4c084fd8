"""All routes there are, of the JSON interface and of the pages, in the order of the OpenAPI
document."""

from __future__ import annotations

from typing import Final

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
from chalicelib.api.http import Routes
from chalicelib.pages import links

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
    openapi.routes,
)
