"""The rows that gateways have settled, compared with the ledger: what fits moves to the bank, what
does not waits for a person (docs/rules/payments.md, Settlement)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, TypeVar

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger, settlement
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName, SettlementRow
from chalicelib.domain.payments.review import Difference
from chalicelib.domain.payments.settlement import ComparedDay, PaidFor, Settled
from chalicelib.domain.season_passes.season_pass import SeasonPass
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
    """Compare the rows of a day, and return their number. For each hundred two batch reads, a read
    for each season pass, and a transaction for each row that was not settled before. Repeated, it
    moves nothing twice. Raises Unavailable, GatewayRefused."""
    count = 0
    for rows in _chunks(gateway.settlement(day)):
        count += len(rows)
        settled = deps.settlements.known((gateway.name, row.gateway_id) for row in rows)
        fresh = [row for row in rows if row.gateway_id not in settled]
        known = _paid_for(deps, fresh)
        for row in fresh:
            _settle(deps, gateway.name, known, row, day)
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


def _paid_for(deps: Deps, rows: Iterable[SettlementRow]) -> dict[str, PaidFor]:
    """The bookings and season passes that rows name: one batch read, and a read for each pass."""
    named = {payments.booking_of(row.order_reference) for row in rows if row.order_reference}
    passes = {each for each in named if ids.season_pass_key(each) is not None}
    found = {each.booking_id: _of_booking(each) for each in deps.bookings.many(named - passes)}
    for pass_id in passes:
        try:
            found[pass_id] = _of_pass(deps.season_passes.get(pass_id))
        except errors.SeasonPassNotFound:
            continue
    return found


def _of_booking(booking: Booking) -> PaidFor:
    return PaidFor(booking.booking_id, booking.site, booking.created_at, booking.payments)


def _of_pass(season_pass: SeasonPass) -> PaidFor:
    return PaidFor(
        season_pass.pass_id, season_pass.site, season_pass.created_at, season_pass.payments
    )


def _settle(
    deps: Deps, name: GatewayName, known: dict[str, PaidFor], row: SettlementRow, day: date
) -> None:
    """Move the money of a row to the bank, or keep what does not fit. Where it does not fit at
    first, the gateway is asked about its order: a message may have got lost."""
    owner = payments.booking_of(row.order_reference or "")
    paid_for = known.get(owner)
    reason = _mismatch(paid_for, row)
    if paid_for is not None and reason is not None and row.kind != "other":
        payer = _asked(deps, row)
        if payer is not None:
            paid_for = _of_booking(payer) if isinstance(payer, Booking) else _of_pass(payer)
            known[owner] = paid_for
            reason = _mismatch(paid_for, row)
    if paid_for is None or reason is not None:
        _keep(deps, name, paid_for, row, reason or "", day)
    else:
        _move(deps, name, paid_for, row)


def _asked(deps: Deps, row: SettlementRow) -> asking.Payer | None:
    """The booking, or the season pass, of a row after its order was asked about; None where the
    gateway refuses to answer for good. Raises Unavailable."""
    try:
        return asking.ask(deps, row.order_reference or "", source="sweep")
    except GatewayRefused as refused:
        log.warning("order refused", extra={"row": row.gateway_id, "code": refused.code})
        return None


def _mismatch(paid_for: PaidFor | None, row: SettlementRow) -> str | None:
    payment = None if paid_for is None else paid_for.find(row.order_reference)
    return settlement.mismatch(payment, row)


def _keep(
    deps: Deps,
    name: GatewayName,
    paid_for: PaidFor | None,
    row: SettlementRow,
    reason: str,
    day: date,
) -> None:
    site, owner = (paid_for.site, paid_for.booking_id) if paid_for else (None, None)
    since = paid_for.created_at if paid_for else None
    review.difference(deps, site, Difference(row.gateway_id, reason, owner, name, since), day)


def _move(deps: Deps, name: GatewayName, paid_for: PaidFor, row: SettlementRow) -> None:
    net = Money(settlement.net(row), row.amount.currency)
    now = deps.now()
    settled = Settled(name, row.gateway_id, paid_for.booking_id, net.minor, now)
    entry = ledger.settled(
        paid_for, name, net, entry_id=deps.new_id("LE"), at=now, actor=SYSTEM.account_id
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
