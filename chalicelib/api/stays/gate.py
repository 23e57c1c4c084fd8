"""Entry and exit at a gate, check-in and check-out without a scan, and the spaces right now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from chalicelib.api.bookings import present, views
from chalicelib.api.bookings.bodies import Nothing, Reason
from chalicelib.api.web.http import STAFF, USER, Answer, Call, Routes, ok
from chalicelib.api.web.moments import Moment
from chalicelib.api.web.wording import Wording
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.constraints import Amount, Doc, Plate, Slug, Text
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.stays.earlier_end import EarlierEnd
from chalicelib.services.bookings import lists
from chalicelib.services.stays import check_in as check_in_service
from chalicelib.services.stays import check_out as check_out_service
from chalicelib.services.stays import exit_quotes, online_exits

routes = Routes(__name__)

HowPaid = Annotated[
    PaymentMethod, Doc("How the bill is paid. Left out: nothing is paid.", PaymentMethod.CASH)
]
Received = Annotated[
    str, Amount(), Doc("The money handed over. Left out: exactly what is due.", "150.00")
]
EndedAt = Annotated[
    Moment,
    Doc(
        "When a forgotten stay really ended: an instant, or a local time of the site; not before "
        "its start and not in the future.",
        "2026-11-21T05:15:00Z",
    ),
]
WhyEarlier = Annotated[Reason, Doc("Why nobody checked it out then; required with ended_at.")]
QrCode = Annotated[str, Text(max=400, code=True), Doc("What the scanner read from the pass.")]

_TECHNICAL: Final = "Technical issue, please wait"
_UNKNOWN: Final = ((errors.UnknownCode, "QR code not found, please check booking"),)
_PROCESSED: Final = "Entry already processed"
ENTRY_WORDS: Final = Wording(
    _TECHNICAL,
    instead=(*_UNKNOWN, (errors.BookingExpired, "Booking expired, please rebook")),
    before=((errors.AlreadyEntered, _PROCESSED), (errors.StayEnded, _PROCESSED)),
)
EXIT_WORDS: Final = Wording(_TECHNICAL, instead=_UNKNOWN)
"""The words for attendants."""


@dataclass(frozen=True)
class EntryScan:
    """A pass at the entry; with a plate it is checked against the booking."""

    qr_code: QrCode
    vehicle_number: Plate | None = None


@dataclass(frozen=True)
class ExitScan:
    """A pass at the exit; with a plate it is checked against the booking. Where anything is due,
    `payment_method` is required. A `quote` takes nothing and ends nothing: it presents the bill."""

    qr_code: QrCode
    vehicle_number: Plate | None = None
    quote: bool = False
    payment_method: HowPaid | None = None
    amount_received: Received | None = None

    @property
    def tender(self) -> TenderRequest | None:
        """What is paid, if the request says how. Raises Invalid for an amount without a method."""
        if self.payment_method is not None:
            return TenderRequest(self.payment_method, self.amount_received)
        if self.amount_received is not None:
            raise errors.Invalid(
                {"payment_method": say("must_be_given_with", other="amount_received")}
            )
        return None


@dataclass(frozen=True)
class LetOut:
    """A pass at the exit whose bill cannot be paid now, and why."""

    qr_code: QrCode
    reason: Reason
    vehicle_number: Plate | None = None


@dataclass(frozen=True)
class QuoteScan:
    """A pass at the exit, before the bill is paid."""

    qr_code: QrCode
    vehicle_number: Plate | None = None


@dataclass(frozen=True)
class CheckOut:
    """Staff may take the payment with the check-out. Where neither a method nor an amount is named,
    nothing is paid and what is due stays due; an amount alone is cash. Staff end a forgotten stay
    at an earlier instant with `ended_at` and `reason`: the bill follows that instant."""

    payment_method: HowPaid | None = None
    amount_received: Received | None = None
    ended_at: EndedAt | None = None
    reason: WhyEarlier | None = None

    @property
    def earlier(self) -> EarlierEnd | None:
        """The earlier end, if the request says so. Raises Invalid for one field without the
        other."""
        return EarlierEnd.stated(self.ended_at, self.reason)

    @property
    def tender(self) -> TenderRequest | None:
        """What is paid, if the request says so."""
        return TenderRequest.stated(self.payment_method, self.amount_received)


@dataclass(frozen=True)
class SiteQuery:
    """Which site; without one all sites where the caller works."""

    site: Slug | None = None


@routes.post(
    "/api/staff/entry",
    who=STAFF, takes=EntryScan, gives=views.StayView, once=True, sensitive=True, versioned=True,
    keys=KeyScope.SCANS, refusal=ENTRY_WORDS.refused, plain=ENTRY_WORDS.plain,
)  # fmt: skip
def staff_entry(call: Call) -> Answer:
    """Scan a pass at the entry: the stay begins."""
    booking = check_in_service.scan_entry(
        call.deps, call.actor, call.body.qr_code, plate=call.body.vehicle_number
    )
    return ok(present.as_json(present.stay(call.deps, booking)))


@routes.post(
    "/api/staff/exit",
    who=STAFF, takes=ExitScan, gives=views.ExitView, once=True, sensitive=True, versioned=True,
    keys=KeyScope.SCANS, refusal=EXIT_WORDS.refused, plain=EXIT_WORDS.plain,
)  # fmt: skip
def staff_exit(call: Call) -> Answer:
    """Scan a pass at the exit: the stay is billed, paid and ends. With ONLINE it goes on until the
    payment has arrived: repeat the scan to ask for it."""
    body = call.body
    if body.quote:
        return _quote(call, body)
    outcome = online_exits.scan_exit(
        call.deps, call.actor, body.qr_code, tender=body.tender, plate=body.vehicle_number
    )
    if isinstance(outcome, exit_quotes.Quote):
        return ok(present.as_json(present.awaiting(call.deps, outcome)))
    return ok(present.as_json(present.leaving(call.deps, outcome)))


@routes.post(
    "/api/staff/let-out",
    who=STAFF, takes=LetOut, gives=views.ExitView, once=True, sensitive=True, versioned=True,
    refusal=EXIT_WORDS.refused, plain=EXIT_WORDS.plain,
)  # fmt: skip
def let_out(call: Call) -> Answer:
    """Let a car out unpaid, with a reason, so that a failing payment service keeps nobody in: the
    stay ends, and what it costs is due. Audited."""
    body = call.body
    left = online_exits.let_out(
        call.deps, call.actor, body.qr_code, reason=body.reason, plate=body.vehicle_number
    )
    return ok(present.as_json(present.quote(call.deps, left)))


@routes.post(
    "/api/staff/exit-quote",
    who=STAFF, takes=QuoteScan, gives=views.ExitView, once=True, sensitive=True,
    keys=KeyScope.SCANS, refusal=EXIT_WORDS.refused, plain=EXIT_WORDS.plain,
)  # fmt: skip
def present_bill(call: Call) -> Answer:
    """Present the bill of a stay before it is paid. It holds for 15 minutes: an exit in that time
    costs what was presented."""
    return _quote(call, call.body)


@routes.get(
    "/api/staff/exit-quote",
    who=STAFF, query=QuoteScan, gives=views.ExitView, sensitive=True, keys=KeyScope.SCANS,
    refusal=EXIT_WORDS.refused, plain=EXIT_WORDS.plain,
)  # fmt: skip
def get_exit_quote(call: Call) -> Answer:
    """The same, for clients that read it."""
    return _quote(call, call.query)


def _quote(call: Call, scan: ExitScan | QuoteScan) -> Answer:
    presented = exit_quotes.quote_exit(
        call.deps, call.actor, scan.qr_code, plate=scan.vehicle_number
    )
    return ok(present.as_json(present.quote(call.deps, presented)))


@routes.post(
    "/api/bookings/{booking_id}/check-in",
    who=USER, takes=Nothing, gives=views.BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def check_in(call: Call, booking_id: str) -> Answer:
    """Check in without a scan: staff anywhere, the guest where nobody checks in."""
    return _detail(call, check_in_service.check_in(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/check-out",
    who=USER, takes=CheckOut, gives=views.CheckedOutView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def check_out(call: Call, booking_id: str) -> Answer:
    """End a stay without a scan; the answer has the bill and the change to give. A repeated request
    changes nothing."""
    body = call.body
    over = check_out_service.check_out(
        call.deps, call.actor, booking_id, tender=body.tender, earlier=body.earlier
    )
    return ok(present.as_json(present.checked_out(call.deps, over)))


@routes.get(
    "/api/staff/active-sessions",
    who=STAFF, query=SiteQuery, gives=views.ActiveStaysView, keys=KeyScope.READS,
)  # fmt: skip
def active_sessions(call: Call) -> Answer:
    """The active stays with their duration and cost so far, overstays first."""
    return ok(present.as_json(present.active_stays(call.deps, _zones(call))))


@routes.get(
    "/api/staff/slot-status",
    who=STAFF, query=SiteQuery, gives=views.SlotStatusView, keys=KeyScope.READS,
)  # fmt: skip
def slot_status(call: Call) -> Answer:
    """How full each zone is."""
    return ok(present.as_json(present.slot_status(call.deps, _zones(call))))


def _zones(call: Call) -> tuple[lists.ZoneNow, ...]:
    return lists.at_work(call.deps, call.actor, call.query.site)


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))
