"""Sites, zones and spaces are closed for good: refused while something is open, and the past stays
readable (docs/rules/closing.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.errors import MOST_NAMED
from chalicelib.domain.sites.closing import OpenThings
from chalicelib.domain.sites.site import Space
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import bookings, lists, settle
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps
from chalicelib.services.operations import shifts
from chalicelib.services.sites import blackouts, catalogue, closing, spaces
from chalicelib.services.sites.blackouts import ClosureRequest
from chalicelib.services.stays import check_out
from chalicelib.services.waitlist import entries
from chalicelib.store.catalogue import Catalogue
from chalicelib.store.catalogue_item import SiteItem, ZoneItem
from local.metering import Meter
from tests import builders
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.wording import english
from tests.world import PASSWORD, World

HERE = "203.0.113.7"


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


@pytest.fixture(autouse=True)
def short_window(world: World) -> None:
    """Bookings of zone-a begin today or tomorrow, so that it has few sheets to close."""
    world.change_zone(world.zone_a, policy=dataclasses.replace(builders.METERED, advance_window=1))


def close_zone(world: World, zone_id: str) -> None:
    """Close a zone with all its spaces."""
    for space in world.deps.catalogue.fresh_spaces(zone_id):
        closing.close_space(world.deps, world.owner, space.space_id, source_ip=HERE)
    closing.close_zone(world.deps, world.owner, zone_id, source_ip=HERE)


def in_the_way(refused: pytest.ExceptionInfo[errors.InUse]) -> dict[str, int]:
    """The number of each kind that a refusal names."""
    return {kind: found["count"] for kind, found in refused.value.facts["open"].items()}


def unpaid_stay(world: World, clock: Clock) -> Booking:
    """A stay that time has ended with the bill left due."""
    world.change_zone(world.zone_a, policy=dataclasses.replace(builders.TIMED, advance_window=1))
    booking = world.enter(world.book())
    clock.move(minutes=61)
    return settle.read(world.deps, booking.booking_id)


# -- refused while something is open ---------------------------------------------------------------


def test_a_booked_space_is_not_closed_and_the_refusal_names_the_bookings(
    world: World, deps: Deps, clock: Clock
) -> None:
    made = [
        world.book(number="A-001", start=clock.now() + hours * HOUR, minutes=60).booking_id
        for hours in range(MOST_NAMED + 2)
    ]
    with pytest.raises(errors.InUse) as refused:
        closing.close_space(deps, world.owner, "zone-a.A-001", source_ip=HERE)
    named = refused.value.facts["open"]["bookings"]
    assert (named["count"], len(named["ids"])) == (len(made), MOST_NAMED)
    assert set(named["ids"]) < set(made)
    assert english(refused.value) == "Still open: 12 live bookings. Finish that first."


def test_another_write_to_a_sheet_does_not_leave_a_closing_halfway(hall: Hall, deps: Deps) -> None:
    tried: list[Change] = []

    def commit(change: Change) -> None:
        tried.append(change)
        if len(tried) == 2:  # the first sheets, after the record
            raise errors.StaleVersion()
        deps.commit(change)

    busy = dataclasses.replace(deps, commit=commit)
    closing.close_space(busy, hall.world.owner, "halls.A-001", source_ip=HERE)
    assert deps.catalogue.fresh_space("halls", "A-001").closed_at is not None


class Died(Exception):
    """The function was stopped in the middle."""


def test_a_repeated_closing_that_is_undone_leaves_the_space_active(hall: Hall, deps: Deps) -> None:
    """The first one died after it had saved the record, and a booking was on its way."""
    steps: list[Change] = []

    def commit(change: Change) -> None:
        steps.append(change)
        if len(steps) == 2:
            raise Died
        hall.book()
        deps.commit(change)

    with pytest.raises(Died):
        closing.close_space(
            dataclasses.replace(deps, commit=commit), hall.world.owner, "halls.A-001",
            source_ip=HERE,
        )  # fmt: skip
    before = deps.catalogue.fresh_space("halls", "A-001")
    assert (before.active, before.closed_at is None) == (False, False)
    for _ in range(2):
        with pytest.raises(errors.InUse):
            closing.close_space(deps, hall.world.owner, "halls.A-001", source_ip=HERE)
        again = deps.catalogue.fresh_space("halls", "A-001")
        assert (again.active, again.closed_at) == (True, None)
    assert deps.catalogue.numbers("halls") == ("A-001",)


def test_a_zone_that_is_closed_stays_so_when_its_closing_is_repeated_whatever_is_due_there(
    world: World, deps: Deps, clock: Clock
) -> None:
    due = unpaid_stay(world, clock)
    bookings.waive(deps, world.owner, due.booking_id, reason="fault of the gate")
    close_zone(world, "zone-a")
    closed = deps.catalogue.fresh_zone("zone-a")
    deps.commit(saving(dataclasses.replace(due, version=world.read(due).version + 1)))
    assert closing.open_in_zone(deps, world.owner, "zone-a").unpaid == (due.booking_id,)
    closing.close_zone(deps, world.owner, "zone-a", source_ip=HERE)
    assert deps.catalogue.fresh_zone("zone-a") == closed
    assert (closed.active, closed.closed_at is None, closed.reopens_as) == (False, False, None)


def test_a_space_is_closed_once_the_stay_in_it_is_paid(
    world: World, deps: Deps, clock: Clock
) -> None:
    booking = world.enter(world.book(number="A-001"))
    with pytest.raises(errors.InUse):
        closing.close_space(deps, world.owner, "zone-a.A-001", source_ip=HERE)
    clock.move(minutes=30)
    world.leave(booking)
    closing.close_space(deps, world.owner, "zone-a.A-001", source_ip=HERE)
    assert "A-001" not in deps.catalogue.numbers("zone-a")


def test_a_space_that_is_offered_or_waited_for_by_its_number_is_not_closed(hall: Hall) -> None:
    world = hall.world
    booked = hall.book()
    waiting = hall.join(world.other, number="A-001")
    hall.book(2, 3)
    hall.join(hall.third, 2, 3)
    found = closing.open_in_space(hall.deps, world.owner, "halls.A-001")
    assert found.waiting == (waiting.entry_id,)
    hall.cancel(booked)  # offered to the first
    found = closing.open_in_space(hall.deps, world.owner, "halls.A-001")
    assert found.waiting == (waiting.entry_id,)


def test_a_zone_with_a_debt_a_queue_and_bookings_names_all_of_them(
    world: World, deps: Deps, clock: Clock, hall: Hall
) -> None:
    due = unpaid_stay(world, clock)
    found = closing.open_in_zone(deps, world.owner, "zone-a")
    assert found == OpenThings(
        spaces=("zone-a.A-001", "zone-a.A-002", "zone-a.A-003"), unpaid=(due.booking_id,)
    )
    booked, waiting = hall.book(actor=world.other), hall.join(hall.third)
    with pytest.raises(errors.InUse) as refused:
        closing.close_zone(deps, world.owner, "halls", source_ip=HERE)
    assert in_the_way(refused) == {"spaces": 1, "bookings": 1, "waiting": 1}
    assert refused.value.facts["open"]["bookings"]["ids"] == [booked.booking_id]
    assert refused.value.facts["open"]["waiting"]["ids"] == [waiting.entry_id]


def test_a_site_is_closed_after_its_zones_and_its_shifts(world: World, deps: Deps) -> None:
    shift = shifts.open_shift(deps, world.staff, "central", "0", source_ip=HERE)
    with pytest.raises(errors.InUse) as refused:
        closing.close_site(deps, world.admin, "central", source_ip=HERE)
    assert in_the_way(refused) == {"zones": 1, "shifts": 1}
    close_zone(world, "zone-a")
    with pytest.raises(errors.InUse) as refused:
        closing.close_site(deps, world.admin, "central", source_ip=HERE)
    assert refused.value.facts["open"] == {"shifts": {"count": 1, "ids": [shift.shift_id]}}
    shifts.close(deps, world.staff, shift.shift_id, "0", note="", source_ip=HERE)
    closing.close_site(deps, world.admin, "central", source_ip=HERE)
    assert deps.catalogue.fresh_site("central").closed_at is not None


def test_an_account_with_an_open_shift_is_not_erased(world: World, deps: Deps) -> None:
    from chalicelib.services.accounts import erasure

    shift = shifts.open_shift(deps, world.staff, "central", "0", source_ip=HERE)
    with pytest.raises(errors.InUse) as refused:
        erasure.erase_me(deps, world.staff, password=PASSWORD, source_ip=HERE)
    assert refused.value.facts["open"]["shifts"]["ids"] == [shift.shift_id]


def test_the_owner_ends_the_entries_that_are_in_the_way_and_it_is_audited(hall: Hall) -> None:
    world = hall.world
    hall.book()
    waiting = hall.join(world.other)
    assert entries.leave(hall.deps, world.owner, waiting.entry_id).status is EntryStatus.EXPIRED
    assert entries.leave(hall.deps, world.owner, waiting.entry_id).status is EntryStatus.EXPIRED
    assert closing.open_in_zone(hall.deps, world.owner, "halls").waiting == ()
    day = hall.deps.audit.list_day("central", hall.clock.now().date(), 20).events
    assert [e.subject for e in day if e.action == "end_entry"] == [waiting.entry_id]


@pytest.mark.parametrize("who", ["user", "staff"])
def test_nobody_else_ends_the_entry_of_another_customer(hall: Hall, who: str) -> None:
    hall.book()
    waiting = hall.join(hall.world.other)
    with pytest.raises(errors.Forbidden):
        entries.leave(hall.deps, getattr(hall.world, who), waiting.entry_id)


@pytest.mark.usefixtures("by_http")
def test_the_look_at_what_is_open_does_not_grow_with_history(
    world: World, deps: Deps, clock: Clock, meter: Meter
) -> None:
    for _ in range(5):
        booking = world.enter(world.book(number="A-001"))
        clock.move(minutes=10)
        world.leave(booking)
    closing.open_in_zone(deps, world.owner, "zone-a")
    meter.reset()
    closing.open_in_zone(deps, world.owner, "zone-a")
    assert meter.snapshot().requests == {"GetItem": 1, "Query": 4}


# -- the past stays readable -----------------------------------------------------------------------


def test_after_a_closing_the_customer_reads_the_past_and_pays_what_is_due(
    world: World, deps: Deps, clock: Clock
) -> None:
    due = unpaid_stay(world, clock)
    waived = world.book(world.other)
    world.enter(waived)
    clock.move(minutes=61)
    settle.read(deps, waived.booking_id)
    # what an earlier version allowed: the places are closed although money is due
    for number in deps.catalogue.numbers("zone-a"):
        space = deps.catalogue.fresh_space("zone-a", number)
        deps.commit(saving(space.evolve(active=False, closed_at=clock.now())))
    zone, site = deps.catalogue.fresh_zone("zone-a"), deps.catalogue.fresh_site("central")
    deps.commit(saving(zone.evolve(active=False, closed_at=clock.now())))
    deps.commit(saving(site.evolve(active=False, closed_at=clock.now())))

    paid = check_out.check_out(deps, world.staff, due.booking_id, tender=builders.cash()).booking
    assert (paid.payment_status, paid.paid) == ("paid", 5000)
    gone = bookings.waive(deps, world.owner, waived.booking_id, reason="closed")
    assert gone.payment_status == "paid"
    assert [each.booking_id for each in lists.own(
        deps, world.user, Filters(), limit=5, after=None).records] == [due.booking_id]  # fmt: skip
    assert deps.bookings.unpaid("zone-a", limit=5) == ()


def test_a_closed_place_is_in_no_list_and_is_read_by_its_id(world: World, deps: Deps) -> None:
    close_zone(world, "zone-a")
    closing.close_site(deps, world.admin, "central", source_ip=HERE)
    assert catalogue.list_sites(deps, world.admin, limit=5, after=None).records == ()
    assert catalogue.list_sites(deps, world.owner, limit=5, after=None).records == ()
    assert catalogue.list_zones(deps, world.admin, None, limit=5, after=None).records == ()
    assert catalogue.list_zones(deps, world.owner, "central", limit=5, after=None).records == ()
    assert spaces.list_spaces(deps, world.owner, "zone-a", limit=5, after=None).records == ()
    assert catalogue.get_site(deps, world.owner, "central").name == "Central"
    assert catalogue.get_zone(deps, world.owner, "zone-a").tariff == builders.HOURLY
    assert spaces.get_space(deps, world.owner, "zone-a.A-001").closed_at is not None


def test_lists_go_on_after_closed_sites_page_by_page(world: World, deps: Deps) -> None:
    for slug in ("north", "south", "west"):
        world.add_site(slug)
    for slug in ("north", "south"):
        closing.close_site(deps, world.admin, slug, source_ip=HERE)
    first = catalogue.list_sites(deps, world.admin, limit=1, after=None)
    rest = catalogue.list_sites(deps, world.admin, limit=5, after=first.after)
    assert [site.slug for site in (*first.records, *rest.records)] == ["central", "west"]


def test_staff_of_two_sites_need_not_name_the_one_that_is_left(world: World, deps: Deps) -> None:
    world.add_site("north")
    both = world.add_account("both", Role.STAFF, "central", "north")
    with pytest.raises(errors.Invalid):
        current_site.named(deps, both, None)
    closing.close_site(deps, world.admin, "north", source_ip=HERE)
    assert current_site.named(deps, both, None).slug == "central"
    assert current_site.named(deps, both, "north").closed_at is not None  # its past


# -- ids are never given again ---------------------------------------------------------------------


def test_the_id_of_a_closed_place_is_never_given_again(world: World, deps: Deps) -> None:
    close_zone(world, "zone-a")
    world.add_zone("zone-b", builders.METERED, spaces=1)
    world.add_site("north")
    closing.close_site(deps, world.admin, "north", source_ip=HERE)
    closing.close_space(deps, world.owner, "zone-b.A-001", source_ip=HERE)
    again: tuple[Callable[[], object], ...] = (
        lambda: catalogue.create_site(
            deps, world.admin, builders.a_site(slug="north"), source_ip=HERE
        ),
        lambda: catalogue.create_zone(
            deps, world.owner, "zone-a", site="central", name="A", kind="parking", policy={},
            tariff={"rate": "50"}, active=True, source_ip=HERE,
        ),
        lambda: spaces.create_spaces(
            deps, world.owner, "zone-b", ["A-001", "A-002"], active=True, note=None, source_ip=HERE
        ),
    )  # fmt: skip
    for create in again:
        with pytest.raises(errors.IdRetired):
            create()
    assert deps.catalogue.spaces("zone-b") == ()


def test_an_id_in_use_is_refused_as_before(world: World, deps: Deps) -> None:
    with pytest.raises(errors.AlreadyExists) as refused:
        catalogue.create_site(deps, world.admin, builders.a_site(), source_ip=HERE)
    assert refused.value.code == "ALREADY_EXISTS"


# -- nothing about a closed place changes ----------------------------------------------------------


def test_nothing_about_a_closed_place_can_be_changed(world: World, deps: Deps) -> None:
    world.add_site("north")
    close_zone(world, "zone-a")
    closing.close_site(deps, world.admin, "north", source_ip=HERE)
    hour = (START, START + HOUR)
    steps: tuple[Callable[[], object], ...] = (
        lambda: catalogue.edit_site(deps, world.admin, "north", {"active": True}, source_ip=HERE),
        lambda: catalogue.edit_zone(deps, world.owner, "zone-a", {"active": True}, source_ip=HERE),
        lambda: spaces.edit_space(
            deps, world.owner, "zone-a.A-001", {"active": True}, source_ip=HERE
        ),
        lambda: spaces.create_spaces(
            deps, world.owner, "zone-a", ["Z-1"], active=True, note=None, source_ip=HERE
        ),
        lambda: catalogue.create_zone(
            deps, world.admin, "zone-n", site="north", name="N", kind="parking", policy={},
            tariff={"rate": "50"}, active=True, source_ip=HERE,
        ),
        lambda: blackouts.create(
            deps, world.owner, ClosureRequest("zone-a", None, *hour), source_ip=HERE
        ),
        lambda: shifts.open_shift(deps, world.admin, "north", "0", source_ip=HERE),
    )  # fmt: skip
    for step in steps:
        with pytest.raises(errors.ClosedForGood):
            step()


def test_blackouts_of_a_closed_zone_are_read_and_not_changed(world: World, deps: Deps) -> None:
    asked = ClosureRequest("zone-a", None, START, START + HOUR, "paint")
    made = blackouts.create(deps, world.owner, asked, source_ip=HERE)
    close_zone(world, "zone-a")
    listed = blackouts.list_blackouts(deps, world.owner, None, "zone-a", limit=20, after=None)
    assert [each.blackout for each in listed.records] == [made.blackout]
    assert blackouts.get(deps, world.owner, made.blackout_id).blackout == made.blackout
    every = blackouts.list_blackouts(deps, world.owner, None, None, limit=20, after=None)
    assert every.records == ()
    steps: tuple[Callable[[], object], ...] = (
        lambda: blackouts.create(deps, world.owner, asked, source_ip=HERE),
        lambda: blackouts.edit(
            deps, world.owner, made.blackout_id, {"end": START - HOUR}, source_ip=HERE
        ),
        lambda: blackouts.lift(deps, world.owner, made.blackout_id, source_ip=HERE),
    )
    for step in steps:
        with pytest.raises(errors.ClosedForGood):
            step()


def test_a_closed_zone_takes_neither_bookings_nor_entries(hall: Hall) -> None:
    hall.deps.catalogue.zone("halls")
    close_zone(hall.world, "halls")
    with pytest.raises(errors.ZoneClosed):
        hall.world.book(zone="halls", start=START, minutes=60)
    for number in (None, "A-001"):
        with pytest.raises(errors.ZoneClosed):
            hall.join(hall.world.other, number=number)


def test_an_instance_that_still_knows_the_space_does_not_book_it(
    world: World, deps: Deps, clock: Clock
) -> None:
    known = deps.catalogue.spaces("zone-a")
    closing.close_space(deps, world.owner, "zone-a.A-001", source_ip=HERE)

    class Stale(Catalogue):
        def spaces(self, zone_id: str) -> tuple[Space, ...]:
            return known

    elsewhere = World.__new__(World)
    elsewhere.__dict__ = {**vars(world), "deps": dataclasses.replace(deps, catalogue=Stale(30))}
    for start in (clock.now(), clock.now() + 24 * HOUR):
        with pytest.raises(errors.SpaceTaken):
            elsewhere.book(number="A-001", start=start, minutes=31 * 24 * 60)
    assert {elsewhere.book().number, elsewhere.book().number} == {"A-002", "A-003"}
    with pytest.raises(errors.ZoneFull):
        elsewhere.book()


# -- records that an earlier version deleted -------------------------------------------------------


def delete_really(world: World) -> None:
    """Leave no record of zone-a and its site."""
    ZoneItem("zones", "zone-a").delete()
    SiteItem("sites", "central").delete()
    world.deps.catalogue.forget()


def test_bookings_of_a_zone_that_was_really_deleted_are_read_and_paid(
    world: World, deps: Deps, clock: Clock
) -> None:
    due = unpaid_stay(world, clock)
    delete_really(world)
    paid = check_out.check_out(deps, world.staff, due.booking_id, tender=builders.cash()).booking
    assert paid.payment_status == "paid"
    with pytest.raises(errors.AlreadyEnded):
        bookings.cancel(deps, world.user, due.booking_id)


def test_live_bookings_of_a_zone_that_was_really_deleted_end_as_others_do(
    world: World, deps: Deps, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=dataclasses.replace(builders.TIMED, advance_window=1))
    forgotten, left = world.enter(world.book()), world.enter(world.book())
    later = world.book(start=clock.now() + 2 * HOUR, minutes=60)
    delete_really(world)
    check_out.check_out(deps, world.staff, left.booking_id, tender=builders.cash())
    clock.move(minutes=61)
    ended = lists.own(deps, world.user, Filters(), limit=20, after=None).records
    assert {each.booking_id: str(each.status) for each in ended} == {
        forgotten.booking_id: "completed",
        left.booking_id: "completed",
        later.booking_id: "booked",
    }
    cancelled = bookings.cancel(deps, world.user, later.booking_id).booking
    assert str(cancelled.status) == "cancelled"
