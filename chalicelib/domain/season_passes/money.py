"""What a step of a season pass posts and sends, and whether its books agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import books
from chalicelib.domain.core import effect
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger, movements, paying_back
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.ledger import (
    GATEWAY_ACCOUNTS,
    EntryKind,
    LedgerEntry,
    LedgerLine,
)
from chalicelib.domain.season_passes.season_pass import SeasonPass


def posted(
    before: SeasonPass, after: SeasonPass, *, entry_id: str, now: datetime, by: Actor = SYSTEM
) -> Change:
    """The change that saves `after`, with the ledger entry of what moved since `before`, and a task
    for each refund to ask for and for each order that nobody may pay any more."""
    change = saved(before, after)
    moved = _moved(before, after)
    if any(moved.values()):
        change = change.posting(
            LedgerEntry(
                entry_id=entry_id,
                at=now,
                site=after.site,
                booking_id=after.pass_id,
                actor=by.account_id,
                kind=_kind(before, after),
                lines=tuple(LedgerLine(name, minor) for name, minor in moved.items() if minor),
                currency=after.currency,
            )
        )
    refunded = movements.with_refund_to_ask(before.payments, after.payments)
    return change.sending(*(effect.ask_gateway(each.reference) for each in refunded))


def saved(before: SeasonPass, after: SeasonPass) -> Change:
    """The change that saves `after`, with a task for each order that nobody may pay any more."""
    lost = payments.lost(before.payments, after.payments)
    return saving(after).sending(*(effect.ask_gateway(each.reference) for each in lost))


def _kind(before: SeasonPass, after: SeasonPass) -> EntryKind:
    if after.kept < before.kept:
        return "refunded"
    return "cash" if _by_hand(after) > _by_hand(before) else "captured"


def _moved(before: SeasonPass, after: SeasonPass) -> dict[str, int]:
    """What goes into each account. A refund gives back its share of the tax."""
    gateways, fees = movements.at_gateways(before.payments, after.payments)
    sold, tax = _sold(after) - _sold(before), _tax(after) - _tax(before)
    untaxed = _untaxed(after) - _untaxed(before)
    return {
        **{GATEWAY_ACCOUNTS[name]: minor for name, minor in gateways.items()},
        ledger.GATEWAY_FEES: fees,
        ledger.CASH: _by_hand(after) - _by_hand(before),
        ledger.PREPAID: prepaid(before) - prepaid(after),
        ledger.REVENUE: tax - sold,
        ledger.TAX: untaxed - tax,
        ledger.REFUNDED: _back(after) - _back(before) - untaxed,
    }


def _by_hand(season_pass: SeasonPass) -> int:
    """The money in drawers."""
    return season_pass.paid - _received(season_pass) - season_pass.by_hand


def _back(season_pass: SeasonPass) -> int:
    """What of the price was paid back."""
    return max(_sold(season_pass) - season_pass.kept, 0)


def _untaxed(season_pass: SeasonPass) -> int:
    """The tax in it."""
    sold = _sold(season_pass)
    return _tax(season_pass) * _back(season_pass) // sold if sold else 0


def _received(season_pass: SeasonPass) -> int:
    return sum(payment.received for payment in season_pass.payments)


def _sold(season_pass: SeasonPass) -> int:
    return sum(term.minor for term in season_pass.terms)


def _tax(season_pass: SeasonPass) -> int:
    return sum(term.tax for term in season_pass.terms)


def prepaid(season_pass: SeasonPass) -> int:
    """What is kept beyond what was sold, in minor units."""
    return max(season_pass.kept - _sold(season_pass), 0)


def paid_back(season_pass: SeasonPass, minor: int, now: datetime) -> SeasonPass:
    """The pass with refunds of `minor`: through the gateways what came through them, the latest
    payment first; the rest from a drawer."""
    if minor <= 0:
        return season_pass
    back, left = paying_back.pay_back(season_pass.payments, minor, now)
    return replace(season_pass, payments=back, by_hand=season_pass.by_hand + left)


def unused_share(season_pass: SeasonPass, now: datetime) -> Money:
    """What a cancellation pays back: of each term the price of its unused days, rounded down, and
    never more than is kept."""
    minor = sum(term.minor * days // term.days.count for term, days in season_pass.unused(now))
    return Money(min(minor, season_pass.kept), season_pass.currency)


def faults_of(season_pass: SeasonPass, entries: Iterable[LedgerEntry]) -> tuple[str, ...]:
    """What of all ledger entries of a season pass does not agree with it, in words for staff;
    nothing where they agree."""
    return tuple(_faults(season_pass, tuple(entries)))


_MONEY = (ledger.CASH, ledger.GATEWAY_FEES, *GATEWAY_ACCOUNTS.values())
"""The accounts in which money lies that was received."""


def _faults(season_pass: SeasonPass, entries: tuple[LedgerEntry, ...]) -> Iterator[str]:
    held = books.sums(entry for entry in entries if entry.kind != "settled")
    for name, (expected, accounts) in _balances(season_pass).items():
        found = sum(held[account] for account in accounts)
        if found != expected:
            yield f"{name}: {expected} by the season pass, {found} by the ledger"


def _balances(season_pass: SeasonPass) -> dict[str, tuple[int, tuple[str, ...]]]:
    """What should lie in some accounts together, by its name."""
    at_gateways, _ = movements.at_gateways((), season_pass.payments)
    return {
        "received and not paid back": (season_pass.kept, _MONEY),
        "prepaid": (-prepaid(season_pass), (ledger.PREPAID,)),
        "owed": (0, (ledger.RECEIVABLE,)),
        "earned": (
            _back(season_pass) - _sold(season_pass),
            (ledger.REVENUE, ledger.TAX, ledger.REFUNDED),
        ),
        "tax": (_untaxed(season_pass) - _tax(season_pass), (ledger.TAX,)),
        **{
            name: (at_gateways.get(name, 0), (account,))
            for name, account in GATEWAY_ACCOUNTS.items()
        },
    }
