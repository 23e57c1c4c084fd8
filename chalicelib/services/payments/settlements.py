"""The rows that gateways have settled, compared with the ledger: what fits moves to the bank, what
does not waits for a person (docs/rules/payments.md, Settlement)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, TypeVar

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger, settlement
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName, SettlementRow
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.review import Difference
from chalicelib.domain.payments.settlement import ComparedDay, Settled
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.payments import asking, review

log = logging.getLogger("berth")

CHUNK: Final = 100

T = TypeVar("T")


def sweep(
    deps: Deps, report: SweepReport, *, dry_run: bool, out_of_time: Callable[[], bool]
) -> None:
    """Compare the days of each gateway that are over: one query while there are none. With
    `dry_run` only name them. A day that is broken off is compared again at the next run."""
    for name, day in _due(deps):
        if out_of_time():
            report.more = True
            return
        report.due += 1
        if dry_run:
            _show(name, day, report)
        elif not _compared(deps, name, day, report):
            return


def compare(deps: Deps, gateway: PaymentGateway, day: date) -> int:
    """Compare the rows of a day, and return their number. For each hundred two batch reads, and a
    transaction for each row that was not settled before. Repeated, it moves nothing twice. Raises
    Unavailable, GatewayRefused."""
    count = 0
    for rows in _chunks(gateway.settlement(day)):
        count += len(rows)
        settled = deps.settlements.known((gateway.name, row.gateway_id) for row in rows)
        fresh = [row for row in rows if row.gateway_id not in settled]
        bookings = _bookings(deps, fresh)
        for row in fresh:
            _settle(deps, gateway.name, bookings, row, day)
    return count


def _due(deps: Deps) -> Iterator[tuple[GatewayName, date]]:
    for name in settlement.LIST_ROWS:
        if name in deps.gateways.names:
            for day in settlement.days(deps.settlements.last(name), deps.now()):
                yield name, day


def _compared(deps: Deps, name: GatewayName, day: date, report: SweepReport) -> bool:
    gateway = deps.gateways.find(name)
    assert gateway is not None
    try:
        rows = compare(deps, gateway, day)
    except (errors.Refusal, GatewayRefused) as failure:
        log.warning("settlement not compared", extra={"day": f"{day}", "why": str(failure)})
        report.failed += 1
        return False
    deps.commit(saving(ComparedDay(name, day, rows)))
    report.done += 1
    return True


def _chunks(rows: Iterable[T]) -> Iterator[tuple[T, ...]]:
    found = iter(rows)
    while chunk := tuple(islice(found, CHUNK)):
        yield chunk


def _bookings(deps: Deps, rows: Iterable[SettlementRow]) -> dict[str, Booking]:
    """The bookings that rows name: one batch read."""
    named = {payments.booking_of(row.order_reference) for row in rows if row.order_reference}
    return {each.booking_id: each for each in deps.bookings.many(named)}


def _settle(
    deps: Deps, name: GatewayName, bookings: dict[str, Booking], row: SettlementRow, day: date
) -> None:
    """Move the money of a row to the bank, or keep what does not fit. Where it does not fit at
    first, the gateway is asked about its order: a message may have got lost."""
    booking = bookings.get(payments.booking_of(row.order_reference or ""))
    reason = settlement.mismatch(_payment(booking, row), row)
    if booking is not None and reason is not None and row.kind != "other":
        asking.ask(deps, row.order_reference or "", source="sweep")
        booking = bookings[booking.booking_id] = deps.bookings.get(booking.booking_id)
        reason = settlement.mismatch(_payment(booking, row), row)
    if booking is None or reason is not None:
        _keep(deps, name, booking, row, reason or "", day)
    else:
        _move(deps, name, booking, row)


def _payment(booking: Booking | None, row: SettlementRow) -> Payment | None:
    return None if booking is None else online.find(booking, row.order_reference or "")


def _keep(
    deps: Deps,
    name: GatewayName,
    booking: Booking | None,
    row: SettlementRow,
    reason: str,
    day: date,
) -> None:
    site, booking_id = (booking.site, booking.booking_id) if booking else (None, None)
    since = booking.created_at if booking else None
    found = Difference(row.gateway_id, reason, booking_id, name, since)
    review.difference(deps, site, found, day)


def _move(deps: Deps, name: GatewayName, booking: Booking, row: SettlementRow) -> None:
    net = Money(settlement.net(row), row.amount.currency)
    now = deps.now()
    settled = Settled(name, row.gateway_id, booking.booking_id, net.minor, now)
    entry = ledger.settled(
        booking, name, net, entry_id=deps.new_id("LE"), at=now, actor=SYSTEM.account_id
    )
    change = saving(settled)
    try:
        deps.commit(change.posting(entry) if entry.lines else change)
    except errors.AlreadyExists:
        return


def _show(name: GatewayName, day: date, report: SweepReport) -> None:
    over = datetime.combine(day, time(), UTC) + timedelta(days=1) - settlement.INDIA
    report.show(
        Affected(
            step="compare-settlement",
            subject=f"{name}/{day.isoformat()}",
            booking_id=None,
            start=None,
            since=localtime.iso(over),
        )
    )
