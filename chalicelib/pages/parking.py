"""The forms of the replaced parking system, at its own addresses: the entry of a walk-in and the
two scans. Each posts to its old URL and shows the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes
from chalicelib.pages import html
from chalicelib.services.bookings import availability

routes = Routes(__name__)

_DESIGN: Final = html.Design(
    styles=("page.css", "parking.css"),
    scripts=("parking.js",),
    allows=("connect-src 'self'", "img-src blob:"),
)


@dataclass(frozen=True)
class Field:
    """A field of a form; with `options` (values and labels) one of them is chosen."""

    name: str
    label: str
    longest: int = 400
    options: tuple[tuple[str, str], ...] = ()
    autofocus: bool = False


@dataclass(frozen=True)
class Form:
    """A page with one form, and the path it posts to."""

    title: str
    path: str
    button: str
    fields: tuple[Field, ...]


_QR_CODE: Final = Field("qr_code", "QR Code", autofocus=True)
_METHODS: Final = (("CASH", "Cash Payment"), ("ONLINE", "Online Payment"))
_ENTRY_SCAN: Final = Form("Entry scan", "/parking/entry-qr-scan", "Scan entry", (_QR_CODE,))
_EXIT_SCAN: Final = Form(
    "Exit scan",
    "/parking/exit-qr-scan",
    "Scan exit",
    (_QR_CODE, Field("payment_method", "Payment Method", options=_METHODS)),
)


@routes.get("/parking/entry", who=PUBLIC, gives="text/html")
def entry_form(call: Call) -> Answer:
    """The form of a walk-in. One query, for the zones to park in."""
    zones = availability.parking_zones(call.deps)
    fields = (
        Field("vehicle_number", "Vehicle Number", 20, autofocus=True),
        Field("owner_name", "Owner Name", 100),
        Field("zone_id", "Zone", options=tuple((zone.zone_id, zone.name) for zone in zones)),
    )
    return _page(call, Form("Vehicle entry", "/parking/entry", "Allocate a slot", fields))


@routes.get("/parking/entry-qr-scan", who=PUBLIC, gives="text/html")
def entry_scan_form(call: Call) -> Answer:
    """The form of the entry scan."""
    return _page(call, _ENTRY_SCAN)


@routes.get("/entry-qr-scan", who=PUBLIC, gives="text/html")
def short_entry_scan_form(call: Call) -> Answer:
    """The form of the entry scan."""
    return _page(call, _ENTRY_SCAN)


@routes.get("/parking/exit-qr-scan", who=PUBLIC, gives="text/html")
def exit_scan_form(call: Call) -> Answer:
    """The form of the exit scan."""
    return _page(call, _EXIT_SCAN)


@routes.get("/exit-qr-scan", who=PUBLIC, gives="text/html")
def short_exit_scan_form(call: Call) -> Answer:
    """The form of the exit scan."""
    return _page(call, _EXIT_SCAN)


def _page(call: Call, form: Form) -> Answer:
    action = call.deps.settings.base_url + form.path
    return html.answer(html.render(_DESIGN, "parking.html", form=form, action=action))
