"""The sweep that asks gateways about orders left open and refunds not decided, without any message
of theirs: the safe path beside the fast one. It compares what they have settled, too."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

from chalicelib.domain.bookings import online
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.messages import KnownOrder, known_order
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.payments import asking, settlements

log = logging.getLogger("berth")

PAGE: Final = 100


def sweep(deps: Deps, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    """Ask about each order that is due: one query for each shard, and for each order two reads, one
    call and a write. Then compare what gateways have settled. With `dry_run` only name them."""
    report = SweepReport()
    for order in _due(deps):
        if out_of_time():
            report.more = True
            break
        report.due += 1
        if dry_run:
            _show(order, report)
        else:
            _ask(deps, order, report)
    if not report.more:
        settlements.sweep(deps, report, dry_run=dry_run, out_of_time=out_of_time)
    return report


def _due(deps: Deps) -> Iterator[KnownOrder]:
    """What is due in each shard: a page of it at most; the next run has the rest."""
    for shard in range(deps.payment_orders.shards):
        yield from deps.payment_orders.due(shard=shard, now=deps.now(), limit=PAGE)


def _ask(deps: Deps, order: KnownOrder, report: SweepReport) -> None:
    try:
        _ask_and_put_off(deps, order)
        report.done += 1
    except (errors.Unavailable, errors.StaleVersion):
        log.warning("order not asked about", extra={"payment": order.reference})
        report.failed += 1
    except Exception:
        log.exception("order not asked about", extra={"payment": order.reference})
        report.failed += 1


def _ask_and_put_off(deps: Deps, order: KnownOrder) -> None:
    payer = asking.ask(deps, order.reference, source="sweep")
    payment = None if payer is None else online.find(payer, order.reference)
    again = None if payment is None else known_order(payment, deps.now())
    if again is None:
        again = KnownOrder(order.gateway, order.order_id, order.reference, None)
    deps.payment_orders.put_off(again)


def _show(order: KnownOrder, report: SweepReport) -> None:
    assert order.ask_at is not None
    report.show(
        Affected(
            step="ask-gateway",
            subject=order.order_id,
            booking_id=payments.booking_of(order.reference),
            start=None,
            since=localtime.iso(order.ask_at),
        )
    )
