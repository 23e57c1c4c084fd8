"""What an import costs: memory that does not grow with the files, and few requests a booking. How
long 50,000 bookings take is in docs/decisions/import.md."""

from __future__ import annotations

import dataclasses
import io
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from local.importing import run
from local.importing.run import Options
from local.metering import Meter
from tests.local.importing.conftest import Bring
from tests.world import World


def table(deps: Deps, count: int) -> str:
    """So many bookings of an hour each, half of them over."""
    lines = ["id,status,start,end,space,customer"]
    for n in range(count):
        hours = timedelta(hours=2 + n // 6)
        ahead = n % 2 == 0
        start = deps.now() + hours if ahead else deps.now() - hours
        status = "booked" if ahead else "completed"
        end = start + timedelta(hours=1)
        space = f"zone-a.A-00{1 + n % 6 // 2}"
        lines.append(f"{n},{status},{start.isoformat()},{end.isoformat()},{space},user1")
    return "\n".join(lines) + "\n"


def peak(deps: Deps, path: Path, *, apply: bool) -> int:
    """The bytes of Python objects at the highest, above those before."""
    tracemalloc.start()
    try:
        code = run.run(deps, Options([path], apply=apply), io.StringIO())
        assert code == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("apply", [False, True])
def test_memory_does_not_grow_with_the_file(
    world: World, deps: Deps, tmp_path: Path, apply: bool
) -> None:
    """The store forgets what is written to it here: the embedded one keeps it in memory."""
    assert isinstance(deps.commit, UnitOfWork)
    forgetful = dataclasses.replace(deps, commit=lambda change: None)
    deps = dataclasses.replace(deps, commit=UnitOfWork(forgetful))
    peaks = []
    for count in (400, 400, 1200):
        path = tmp_path / f"bookings-{count}.csv"
        path.write_text(table(deps, count))
        peaks.append(peak(deps, path, apply=apply))
    _, small, large = peaks
    assert large < small * 1.15, peaks


def test_a_booking_costs_a_part_of_a_request(
    world: World, meter: Meter, deps: Deps, bring: Bring
) -> None:
    meter.reset()
    assert bring({"bookings.csv": table(deps, 1200)}).code == 0
    calls = meter.snapshot().requests
    assert calls["TransactWriteItems"] <= 1200 / 25, calls
    assert sum(calls.values()) <= 1200 / 8, calls
