from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations.incident import IncidentKind
from chalicelib.domain.operations.shift import Shift
from chalicelib.services.core.deps import Deps
from chalicelib.services.operations import incidents, shifts
from chalicelib.services.operations.incidents import NewIncident
from chalicelib.services.stays import check_out
from tests.builders import cash
from tests.clock import NOON, Clock
from tests.wording import english, refuses
from tests.world import World

HERE = "203.0.113.7"


def opened(world: World, actor: Actor | None = None, cash: str = "500.00") -> Shift:
    return shifts.open_shift(world.deps, actor or world.staff, "central", cash, source_ip=HERE)


def closed(
    world: World, shift: Shift, counted: str = "500.00", note: str = "", by: Actor | None = None
) -> Shift:
    actor = by or world.staff
    return shifts.close(world.deps, actor, shift.shift_id, counted, note=note, source_ip=HERE)


def pays(world: World, clock: Clock, minutes: int = 30) -> Money:
    """A guest comes, stays and pays cash; what they were billed."""
    stay = world.enter(world.book())
    clock.move(minutes=minutes)
    return world.leave(stay).bill.amount_due


def inr(minor: int) -> Money:
    return Money(minor, "INR")


# -- the cash


def test_a_shift_knows_what_was_taken_in_it_and_what_is_missing(world: World, clock: Clock) -> None:
    pays(world, clock)
    clock.move(seconds=1)
    shift = opened(world)
    bills = [pays(world, clock, minutes) for minutes in (30, 90)]
    closed(world, shift, "640", "Ten short, no idea why.")
    pays(world, clock)
    report = shifts.report(world.deps, world.staff, shift.shift_id)
    assert bills == [inr(5000), inr(10000)]
    assert (report.payments, report.cash_taken) == (2, inr(15000))
    assert (report.cash_expected, report.difference) == (inr(65000), inr(-1000))
    assert [each.kind for each in report.takings] == ["cash"]


def test_the_report_of_an_open_shift_is_up_to_the_minute(world: World, clock: Clock) -> None:
    shift = opened(world)
    assert shifts.report(world.deps, world.staff, shift.shift_id).cash_expected == inr(50000)
    pays(world, clock)
    report = shifts.report(world.deps, world.staff, shift.shift_id)
    assert (report.payments, report.difference) == (1, None)


def test_a_shift_over_midnight_utc_counts_both_days(world: World, clock: Clock) -> None:
    clock.set(datetime(2026, 11, 21, 22, 0, tzinfo=UTC))
    shift = opened(world)
    for _ in range(3):  # paid at 22:50, 23:40 and 0:30
        pays(world, clock, 50)
    closed(world, shift)
    report = shifts.report(world.deps, world.staff, shift.shift_id)
    assert (report.payments, report.cash_taken) == (3, inr(15000))


def test_a_shift_of_three_days_counts_the_one_in_the_middle(world: World, clock: Clock) -> None:
    shift = opened(world)
    for _ in range(3):
        pays(world, clock)
        clock.move(days=1)
    assert shifts.report(world.deps, world.staff, shift.shift_id).payments == 3


def test_what_a_colleague_takes_is_in_their_shift_and_not_in_this_one(
    world: World, clock: Clock
) -> None:
    mine, theirs = opened(world), opened(world, world.owner)
    stay = world.enter(world.book())
    code = world.deps.tokens.qr(stay)
    check_out.scan_exit(world.deps, world.owner, code, tender=cash())
    counts = [
        shifts.report(world.deps, world.owner, each.shift_id).payments for each in (mine, theirs)
    ]
    assert counts == [0, 1]


def test_cash_taken_without_a_scan_counts_and_a_stay_left_unpaid_does_not(
    world: World, clock: Clock
) -> None:
    shift = opened(world)
    unpaid, paid = (world.enter(world.book()) for _ in range(2))
    clock.move(minutes=10)
    check_out.check_out(world.deps, world.staff, unpaid.booking_id, tender=None)
    check_out.check_out(world.deps, world.staff, paid.booking_id, tender=cash("50"))
    report = shifts.report(world.deps, world.staff, shift.shift_id)
    assert (report.payments, report.cash_taken) == (1, inr(5000))
    check_out.check_out(world.deps, world.staff, unpaid.booking_id, tender=cash("50"))
    assert shifts.report(world.deps, world.staff, shift.shift_id).payments == 2


def test_what_is_taken_and_closed_and_opened_within_a_second_counts_once(
    world: World, clock: Clock
) -> None:
    first = opened(world)
    pays(world, clock)
    closed(world, first, "550")
    second = opened(world, cash="550")
    counts = [
        shifts.report(world.deps, world.staff, each.shift_id).payments for each in (first, second)
    ]
    assert counts == [1, 0]
    assert second.opened_at == clock.now() + timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [0, 45])
def test_an_exit_still_on_its_way_when_the_shift_is_closed_is_in_its_report(
    world: World, clock: Clock, deps: Deps, seconds: int
) -> None:
    """Also where its id is made up to a minute after its instant."""
    shift = opened(world)
    stay = world.enter(world.book())
    clock.move(minutes=30)
    left: list[Change] = []
    slow = _slow(deps, left.append, seconds)
    code = deps.tokens.qr(stay)
    check_out.scan_exit(slow, world.staff, code, tender=cash())
    clock.move(seconds=1)
    closed(world, shift, "550")
    assert shifts.report(deps, world.staff, shift.shift_id).difference == inr(5000)
    deps.commit(left[0])
    report = shifts.report(deps, world.staff, shift.shift_id)
    assert (report.payments, report.difference) == (1, inr(0))


def _slow(deps: Deps, commit: Callable[[Change], None], seconds: int) -> Deps:
    """Makes its ids so much later than it looks at the clock."""

    class Slow(Deps):
        def new_id(self, prefix: str) -> str:
            return replace(deps, now=lambda: deps.now() + timedelta(seconds=seconds)).new_id(prefix)

    return Slow(**vars(deps) | {"commit": commit})


def test_incidents_reported_meanwhile_are_counted(world: World, clock: Clock) -> None:
    new = NewIncident(IncidentKind.DAMAGE, "The barrier is bent.", site="central")
    incidents.report(world.deps, world.staff, new)
    clock.move(minutes=1)
    shift = opened(world)
    for actor in (world.staff, world.staff, world.owner):
        incidents.report(world.deps, actor, new)
    assert shifts.report(world.deps, world.staff, shift.shift_id).incidents == 2
    closed(world, shift)
    clock.move(seconds=1)
    incidents.report(world.deps, world.staff, new)
    assert shifts.report(world.deps, world.staff, shift.shift_id).incidents == 2


# -- opening and closing


def test_one_shift_at_a_time_at_each_site(world: World, clock: Clock) -> None:
    world.add_site("hotel", currency="EUR", timezone="Europe/Dublin")
    both = world.add_account("both", Role.STAFF, "central", "hotel")
    first = opened(world, both)
    with pytest.raises(errors.ShiftOpen):
        opened(world, both)
    there = shifts.open_shift(world.deps, both, "hotel", "20", source_ip=HERE)
    assert there.cash_float == Money(2000, "EUR")
    opened(world, world.staff)
    closed(world, first, by=both)
    assert opened(world, both).shift_id != first.shift_id


def test_the_site_may_be_left_out_by_who_works_at_one(world: World) -> None:
    def anywhere(actor: Actor) -> Shift:
        return shifts.open_shift(world.deps, actor, None, "0", source_ip=HERE)

    world.add_site("hotel")
    assert anywhere(world.staff).site == "central"
    for actor in (world.admin, world.add_account("both", Role.STAFF, "central", "hotel")):
        with pytest.raises(errors.Invalid) as refused:
            anywhere(actor)
        assert set(refused.value.fields) == {"site"}


@pytest.mark.parametrize("cash", ["1.005", "5 EUR", "much"])
def test_cash_is_an_amount_in_the_currency_of_the_site(world: World, cash: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        opened(world, cash=cash)
    assert set(refused.value.fields) == {"cash_float"}
    shift = opened(world)
    with pytest.raises(errors.Invalid) as refused:
        closed(world, shift, cash)
    assert set(refused.value.fields) == {"cash_counted"}


def test_closed_again_with_the_very_same_it_answers_as_the_first_time(
    world: World, clock: Clock
) -> None:
    shift = opened(world)
    first = closed(world, shift, "480", "Keys.")
    clock.move(minutes=5)
    assert closed(world, shift, "480.00", "Keys.") == first == world.deps.shifts.get(shift.shift_id)
    with pytest.raises(errors.ShiftClosed):
        closed(world, shift, "490", "Keys.")
    assert audited(world) == ["close_shift 480.00 INR", "open_shift 500.00 INR"]


def audited(world: World) -> list[str]:
    found = world.deps.audit.list_day("central", NOON.date(), limit=50)
    assert {event.source_ip for event in found.events} == {HERE}
    return sorted(f"{event.action} {event.detail}" for event in found.events)


def test_an_owner_may_close_what_somebody_forgot(world: World) -> None:
    shift = opened(world)
    done = closed(world, shift, "500", by=world.owner)
    assert (done.account_id, done.closed_by) == (world.staff.account_id, world.owner.account_id)
    opened(world)


def test_a_colleague_neither_closes_a_shift_nor_reads_what_it_took(world: World) -> None:
    shift = opened(world)
    colleague = world.add_account("staff9", Role.STAFF, "central")
    for act in (
        partial(closed, world, shift, by=colleague),
        partial(shifts.report, world.deps, colleague, shift.shift_id),
    ):
        with refuses(errors.Forbidden, "colleague"):
            act()


def test_another_sites_shift_is_told_from_none_by_nobody(world: World) -> None:
    shift = opened(world)
    stranger = world.add_account("staffx", Role.OWNER, "elsewhere")
    told = set()
    for shift_id in (shift.shift_id, "central.SH1NG2EK8000000007"):
        with pytest.raises(errors.Forbidden) as refused:
            shifts.report(world.deps, stranger, shift_id)
        told.add(english(refused.value))
    assert len(told) == 1
    with pytest.raises(errors.ShiftNotFound):
        shifts.report(world.deps, world.staff, "central.SH1NG2EK8000000007")


def test_who_no_longer_works_there_leaves_the_closing_to_an_owner(world: World) -> None:
    shift = opened(world)
    gone = replace(world.staff, sites=frozenset())
    with pytest.raises(errors.Forbidden):
        closed(world, shift, by=gone)
    assert not closed(world, shift, by=world.owner).is_open


# -- handing over


def test_who_comes_next_reads_the_note_of_the_last_one(world: World, clock: Clock) -> None:
    first = closed(world, opened(world), "700", "Keys are in the safe.\nB sticks.")
    clock.move(minutes=1)
    second = opened(world, world.owner, "700")
    found = shifts.list_of(world.deps, world.staff, None, limit=5, after=None)
    assert found.records == (second, first)
    assert found.records[1].note == "Keys are in the safe.\nB sticks."


def test_a_site_whose_name_is_a_day_keeps_its_shifts_apart(world: World, clock: Clock) -> None:
    """The entries of a day lie under `<site>#<day>`: no two sites share a partition."""
    world.add_site("2026-11-21")
    odd = world.add_account("odd", Role.OWNER, "2026-11-21")
    world.add_site("shifts")
    world.add_zone("zone-s", world.zone_a.policy, site="shifts")
    keeper = world.add_account("keeper", Role.STAFF, "shifts")
    stay = world.enter(world.book(zone="zone-s"), keeper)
    check_out.check_out(world.deps, keeper, stay.booking_id, tender=cash("50"))
    assert shifts.list_of(world.deps, odd, None, limit=5, after=None).records == ()
