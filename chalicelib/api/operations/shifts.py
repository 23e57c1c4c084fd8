"""Routes of shifts: cash drawer, handover, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web import lists
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.values import Instant, MoneyView, maybe
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.constraints import Amount, Doc, Slug, Text
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations.shift import Report, Shift, Takings
from chalicelib.domain.payments.ledger import EntryKind
from chalicelib.services.operations import shifts

routes = Routes(__name__)

AtSite = Annotated[Slug, Doc("By default the one site where you work.", "central")]


@dataclass(frozen=True)
class OpenShift:
    """A shift to open."""

    cash_float: Annotated[str, Amount(), Doc("The cash in the drawer at the start.", "500.00")]
    site: AtSite | None = None


@dataclass(frozen=True)
class CloseShift:
    """The count and the note at the end of a shift."""

    cash_counted: Annotated[str, Amount(), Doc("The cash counted in the drawer.", "690.00")]
    note: Annotated[
        str,
        Text(min=0, max=1000, lines=True),
        Doc("A note for the next shift.", "The barrier at B sticks. Keys are in the safe."),
    ] = ""


@dataclass(frozen=True)
class OfSiteQuery:
    """Which page, of which site."""

    site: AtSite | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShiftView:
    """A shift, with the handover at its end."""

    shift_id: Annotated[str, Doc("The id of the shift.", "central.SH1NG2EK8000000007")]
    site: str
    account_id: Annotated[str, Doc("The account of the shift.", "US7Q2M9X4T")]
    opened_at: Instant
    closed_at: Instant | None
    closed_by: Annotated[str | None, Doc("Who closed it: its account, or an owner.")]
    cash_float: MoneyView
    cash_counted: MoneyView | None
    note: Annotated[str, Doc("A note for the next shift.")]
    version: int

    @classmethod
    def of(cls, shift: Shift) -> Self:
        return cls(
            shift_id=shift.shift_id,
            site=shift.site,
            account_id=shift.account_id,
            opened_at=localtime.iso(shift.opened_at),
            closed_at=maybe(shift.closed_at),
            closed_by=shift.closed_by,
            cash_float=MoneyView.of(shift.cash_float),
            cash_counted=_maybe(shift.cash_counted),
            note=shift.note,
            version=shift.version,
        )


@dataclass(frozen=True)
class TakingsView:
    """The cash of one kind of ledger entry; negative where it was paid out."""

    kind: Annotated[EntryKind, Doc("The kind of ledger entry.", "cash")]
    count: int
    amount: MoneyView

    @classmethod
    def of(cls, takings: Takings) -> Self:
        return cls(takings.kind, takings.count, MoneyView.of(takings.amount))


@dataclass(frozen=True)
class ShiftReportView(ShiftView):
    """A shift and the cash of its account, from the ledger."""

    payments: Annotated[int, Doc("Ledger entries that moved cash.", 2)]
    cash_taken: MoneyView
    takings: tuple[TakingsView, ...]
    cash_expected: Annotated[MoneyView, Doc("cash_float and cash_taken.")]
    difference: Annotated[
        MoneyView | None,
        Doc("cash_counted less cash_expected: below zero where cash is missing. Null while open."),
    ]
    incidents: Annotated[int, Doc("Incidents that its account reported during the shift.", 1)]

    @classmethod
    def of_report(cls, report: Report) -> Self:
        return cls(
            **vars(ShiftView.of(report.shift)),
            payments=report.payments,
            cash_taken=MoneyView.of(report.cash_taken),
            takings=tuple(map(TakingsView.of, report.takings)),
            cash_expected=MoneyView.of(report.cash_expected),
            difference=_maybe(report.difference),
            incidents=report.incidents,
        )


@routes.get("/api/staff/shifts", who=STAFF, query=OfSiteQuery, gives=[ShiftView])
def list_shifts(call: Call) -> Answer:
    """The shifts of a site with their notes, newest first."""
    query, what = call.query, f"shifts/{call.query.site or ''}"
    found = shifts.list_of(
        call.deps, call.actor, query.site, limit=query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, ShiftView.of)


@routes.post(
    "/api/staff/shifts",
    who=STAFF, takes=OpenShift, gives=ShiftView, status=201, once=True, sensitive=True,
)  # fmt: skip
def open_shift(call: Call) -> Answer:
    """Open a shift with the cash in the drawer. An account has one open shift per site."""
    body = call.body
    opened = shifts.open_shift(
        call.deps, call.actor, body.site, body.cash_float, source_ip=call.source_ip
    )
    return created(serialize.fields(ShiftView.of(opened)))


@routes.post(
    "/api/staff/shifts/{shift_id}/close",
    who=STAFF, takes=CloseShift, gives=ShiftView, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def close_shift(call: Call, shift_id: str) -> Answer:
    """Close a shift with the counted cash and a note. Repeated with the same values it gives the
    same answer."""
    body = call.body
    closed = shifts.close(
        call.deps, call.actor, shift_id, body.cash_counted, note=body.note, source_ip=call.source_ip
    )
    return ok(serialize.fields(ShiftView.of(closed)))


@routes.get("/api/staff/shifts/{shift_id}/report", who=STAFF, gives=ShiftReportView, sensitive=True)
def shift_report(call: Call, shift_id: str) -> Answer:
    """The cash taken in a shift, the expected cash, and for a closed shift the difference. For its
    account and for owners."""
    report = shifts.report(call.deps, call.actor, shift_id)
    return ok(serialize.fields(ShiftReportView.of_report(report)))


def _maybe(money: Money | None) -> MoneyView | None:
    return None if money is None else MoneyView.of(money)
