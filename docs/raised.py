"""The refusals that a function of chalicelib can raise: those that it names, other than to catch
them, and those of every function it names (docs/decisions/contract.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any, Final

from chalicelib.api.bookings import booking_fields
from chalicelib.domain.bookings import allowance, group_dates
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.services.accounts import api_keys
from chalicelib.services.bookings import settle
from chalicelib.services.core import places
from chalicelib.services.realtime import webhooks
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.services.waitlist import offers
from chalicelib.store import accounts, audit
from docs import raised_by_one
from docs.raised_by_one import Kind

_OF_A_RECORD: Final = (
    errors.Forbidden, errors.NotFound, errors.StaleVersion, errors.Unavailable,
    errors.VersionChanged,
)  # fmt: skip
"""Any step on a record may be refused so."""

LETS_THROUGH: Final[Mapping[Any, tuple[Kind, ...]]] = {
    # other refusals of a write are those of the records made for it
    UnitOfWork.__call__: (errors.StaleVersion, errors.Unavailable),
    # a step that is due is possible; its records were found by a read of them
    settle.settled: (errors.StaleVersion, errors.Unavailable),
    settle.each: (errors.StaleVersion, errors.Unavailable),
    offers.each: (errors.StaleVersion, errors.Unavailable),
    # a booking just made can begin, a count can be given back, a bill shown is of a stay
    Booking.started_if_due: (),
    allowance.released: (),
    booking_fields.bill_of: (),
    # what is taken away passes no limit
    api_keys.revoke: _OF_A_RECORD,
    webhooks.delete: _OF_A_RECORD,
    # too far ahead is the reason of a date in a list; alone such a start is Invalid
    group_dates._of_that_date: (errors.Invalid,),
    # ids of our own, and places that are not stored
    accounts.locator_of: (),
    audit.writes: (),
    places._unknown_site: (),
    places._unknown_zone: (),
}
"""What a function lets through, where its source says more than can happen."""


def refusals(roots: Iterable[FunctionType]) -> dict[FunctionType, frozenset[Kind]]:
    """The refusals of every function that is reachable from `roots`."""
    found = _reachable(roots)
    kinds = {
        function: {kind for kind in its.kinds if _passes(function, kind)}
        for function, its in found.items()
    }
    grows = True
    while grows:
        grows = False
        for function, its in found.items():
            before = len(kinds[function])
            for called, mask in its.calls:
                passed = (k for k in kinds[called] if not raised_by_one.caught(k, mask))
                kinds[function].update(k for k in passed if _passes(function, k))
            grows |= len(kinds[function]) > before
    return {function: frozenset(those) for function, those in kinds.items()}


def _reachable(roots: Iterable[FunctionType]) -> dict[FunctionType, raised_by_one.Found]:
    found: dict[FunctionType, raised_by_one.Found] = {}
    left = list(roots)
    while left:
        function = left.pop()
        if function not in found:
            found[function] = raised_by_one.read(function)
            left += [called for called, _ in found[function].calls]
    return found


def _passes(function: FunctionType, kind: Kind) -> bool:
    return function not in LETS_THROUGH or issubclass(kind, LETS_THROUGH[function])
