"""Erasing a person from season passes: days and money remain (docs/rules/accounts.md, Erasure)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.season_passes import erasure
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core.deps import Deps

PAGE = 50


def live(deps: Deps, account_id: str) -> tuple[str, ...]:
    """The ids of the passes of an account that are valid, or will be."""
    return tuple(e.pass_id for e in _every(deps, account_id) if e.is_live(deps.now()))


def erase(deps: Deps, account_id: str) -> None:
    """Remove the person and the vehicle from the passes of an account: a query and a transaction
    for each."""
    for found in _every(deps, account_id):
        deps.retry_on_conflict(partial(_erase, deps, found.pass_id))


def _every(deps: Deps, account_id: str) -> Iterator[SeasonPass]:
    page = deps.season_passes.of_holder(account_id, limit=PAGE)
    yield from page.records
    while page.after is not None:
        page = deps.season_passes.of_holder(account_id, limit=PAGE, after=page.after)
        yield from page.records


def _erase(deps: Deps, pass_id: str) -> None:
    held = deps.season_passes.get(pass_id)
    if held.is_live(deps.now()):
        raise errors.InUse()
    change = saving(erasure.anonymous(held))
    at_gate = deps.season_passes.at_plate(held.site, held.compared_plate).season_pass
    if at_gate is not None and at_gate.pass_id == pass_id:
        change = change.deleting(at_gate)
    deps.commit(change)
