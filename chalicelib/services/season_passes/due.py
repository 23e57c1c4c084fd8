"""What time does to season passes: an order lapses, the holder is reminded of the end, and the
renewal of one who has chosen it waits for its payment (docs/rules/passes.md, Renewal)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.change import Change
from chalicelib.domain.season_passes import sale, steps
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.season_passes import terms

log = logging.getLogger("berth")

PAGE: Final = 100


def sweep(
    deps: Deps, report: SweepReport, *, dry_run: bool, out_of_time: Callable[[], bool]
) -> SweepReport:
    """Handle each season pass that is due: one query for each shard, and for each pass one read and
    one transaction. With `dry_run` only name them."""
    for season_pass in _due(deps):
        if out_of_time():
            report.more = True
            break
        report.due += 1
        if dry_run:
            _show(season_pass, report)
        else:
            _handle(deps, season_pass, report)
    return report


def _due(deps: Deps) -> Iterator[SeasonPass]:
    for shard in range(deps.season_passes.shards):
        yield from deps.season_passes.due(shard=shard, now=deps.now(), limit=PAGE)


def _handle(deps: Deps, season_pass: SeasonPass, report: SweepReport) -> None:
    try:
        if settle(deps, season_pass.pass_id):
            report.done += 1
        else:
            report.skipped += 1
    except errors.StaleVersion:
        report.skipped += 1
    except Exception:
        log.exception("season pass not handled", extra={"season_pass": season_pass.pass_id})
        report.failed += 1


def settle(deps: Deps, pass_id: str) -> bool:
    """Handle a pass that may be due. False where nothing is due any more."""

    def once() -> bool:
        found = deps.season_passes.get(pass_id)
        change = _change(deps, found)
        if change is None:
            return False
        deps.commit(change)
        return True

    return deps.retry_on_conflict(once)


def _change(deps: Deps, season_pass: SeasonPass) -> Change | None:
    now = deps.now()
    if season_pass.due_at is None or season_pass.due_at > now:
        return None
    if not season_pass.is_live(now):
        return steps.due(season_pass, now)
    return _reminded(deps, season_pass)


def _reminded(deps: Deps, season_pass: SeasonPass) -> Change:
    """Remind the holder of the end; prepare the renewal of one who has chosen it. Its order is
    opened by the link in the mail: PhonePe keeps one for an hour at most."""
    now = deps.now()
    is_chosen = season_pass.auto_renew and deps.gateways.default is not None
    if season_pass.renewing is not None or not is_chosen:
        return steps.reminded(season_pass, now)
    try:
        plan = terms.of_renewal(deps, season_pass)
    except errors.SeasonPlanNotFound:
        return steps.reminded(season_pass, now)
    return steps.reminded(sale.renewing(season_pass, plan, now), now)


def _show(season_pass: SeasonPass, report: SweepReport) -> None:
    assert season_pass.due_at is not None
    report.show(
        Affected(
            step="season-pass",
            subject=season_pass.pass_id,
            booking_id=None,
            start=None,
            since=localtime.iso(season_pass.due_at),
        )
    )
