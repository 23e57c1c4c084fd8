"""An import that is run twice, is interrupted, or meets another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import Change
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.store.booking_item import BookingItem
from local.importing import run
from local.importing.run import Options
from tests.local.importing.conftest import Bring, booking_of, new_id
from tests.world import World

CUSTOMERS = "id,email,name\n" + "".join(f"{n},p{n}@example.org,Person {n}\n" for n in range(30))
BOOKINGS = "id,status,start,end,space,customer\n" + "".join(
    f"{n},booked,2026-12-{1 + n // 10:02} {8 + n % 10:02}:00,,zone-a.A-00{1 + n % 3},{n % 30}\n"
    for n in range(120)
)
FILES = {"customers.csv": CUSTOMERS, "bookings.csv": BOOKINGS}


class PowerCut(Exception):
    """The machine stops."""


def made(deps: Deps) -> int:
    """How many bookings there are at the site."""
    return sum(1 for _ in BookingItem.by_site.query("central"))


def cut_off(deps: Deps, after: int) -> Deps:
    """A store that stops after so many transactions."""
    left = [after]
    assert isinstance(deps.commit, UnitOfWork)
    store = deps.commit.deps.commit

    def commit(change: Change) -> None:
        if left[0] == 0:
            raise PowerCut
        left[0] -= 1
        store(change)

    return dataclasses.replace(deps, commit=UnitOfWork(dataclasses.replace(deps, commit=commit)))


def trail(deps: Deps) -> list[AuditEvent]:
    """The audit events of imports, the oldest first."""
    page = deps.audit.list_day(None, deps.now().date(), 100)
    return [event for event in reversed(page.events) if event.action.endswith("import")]


def test_an_import_is_audited_with_its_files_and_counts(deps: Deps, bring: Bring) -> None:
    bring(FILES, apply=False)
    assert trail(deps) == []
    for _ in range(2):  # the second finds everything there
        bring(FILES, source="old-garage")
    begun, ended = trail(deps)
    assert (begun.actor, begun.action, begun.subject) == ("operator", "begin_import", "old-garage")
    assert (ended.action, ended.site) == ("end_import", None)
    files = "customers.csv, bookings.csv"
    assert begun.detail == f"{files}; customers: 30, bookings: 120"
    assert ended.detail == f"{files}; customers: 30, bookings: 120"


def test_an_import_that_is_interrupted_is_audited_all_the_same(
    deps: Deps, tmp_path: Path, bring: Bring
) -> None:
    paths = [tmp_path / name for name in FILES]
    for path in paths:
        path.write_text(FILES[path.name])
    with pytest.raises(PowerCut):
        run.run(cut_off(deps, 2), Options(paths, apply=True))
    assert [event.action for event in trail(deps)] == ["begin_import"]
    bring(FILES)
    assert [event.action for event in trail(deps)] == ["begin_import", "begin_import", "end_import"]


def test_a_second_run_finds_everything_and_writes_nothing(deps: Deps, bring: Bring) -> None:
    assert bring(FILES).code == 0
    ids = [new_id(str(n)) for n in range(120)]
    again = bring(FILES)
    assert (again.code, made(deps)) == (0, 120)
    assert "bookings: 120 rows, 120 of them brought over before" in again.text
    assert "Everything is here already. Nothing was written." in again.text
    assert [new_id(str(n)) for n in range(120)] == ids


def test_new_ids_do_not_follow_from_old_ones(deps: Deps, bring: Bring) -> None:
    """Two systems, or two stages, that know the same old id get different new ones."""
    one = BOOKINGS.splitlines()[0] + "\n1,cancelled,2026-12-01 10:00,,zone-a.A-001,\n"
    assert bring({"bookings.csv": one}, source="north").code == 0
    assert bring({"bookings.csv": one}, source="south").code == 0
    north, south = (booking_of(deps, "1", source) for source in ("north", "south"))
    assert north.booking_id != south.booking_id
    assert made(deps) == 2


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_an_interrupted_run_is_finished_by_the_next(
    world: World, deps: Deps, bring: Bring, tmp_path: Path, after: int
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    options = Options([tmp_path / name for name in FILES], apply=True)
    with pytest.raises(PowerCut):
        run.run(cut_off(deps, after), options)
    assert made(deps) < 120
    assert bring(FILES).code == 0
    assert made(deps) == 120
    assert len({booking_of(deps, str(n)).booking_id for n in range(120)}) == 120


def test_a_booking_made_meanwhile_stops_the_run_and_keeps_its_space(
    world: World, deps: Deps, tmp_path: Path
) -> None:
    """It comes between the check and the write."""
    path = tmp_path / "bookings.csv"
    path.write_text("id,status,start,end,space\n1,booked,2026-12-01 08:00,,zone-a.A-001\n")
    assert isinstance(deps.commit, UnitOfWork)
    store = deps.commit.deps.commit
    come: list[Booking] = []

    def commit(change: Change) -> None:
        if not come:
            start = deps.now().replace(month=12, day=1, hour=2, minute=30)
            come.append(world.book(number="A-001", start=start))
        store(change)

    late = dataclasses.replace(deps, commit=UnitOfWork(dataclasses.replace(deps, commit=commit)))
    assert run.run(late, Options([path], apply=True)) == 1
    assert new_id("1") is None
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001", start=come[0].booked.start)


def test_two_runs_at_once_make_each_booking_once(
    world: World, deps: Deps, bring: Bring, tmp_path: Path
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    options = Options([tmp_path / name for name in FILES], apply=True)
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda _: run.run(deps, options), range(2)))
    assert codes == [0, 0]
    assert made(deps) == 120


@pytest.mark.parametrize("read", range(4))
def test_a_run_that_another_overtakes_before_a_read_of_sheets_goes_on_after_it(
    world: World, deps: Deps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    options = Options([tmp_path / name for name in FILES], apply=True)
    of_places, codes = type(deps.sheets).of_places, list[int]()
    left = [read]

    def overtaken(store: Any, places: Iterable[tuple[str, str, str]]) -> tuple[Sheet, ...]:
        left[0] -= 1
        if left[0] == -1:
            codes.append(run.run(deps, options))
        return of_places(store, places)

    monkeypatch.setattr(type(deps.sheets), "of_places", overtaken)
    codes.append(run.run(deps, options))
    assert codes == [0, 0]
    assert made(deps) == 120
