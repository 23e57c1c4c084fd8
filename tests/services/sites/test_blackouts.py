from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.services.sites import blackout_bookings, blackouts
from chalicelib.services.sites.blackouts import Closure, ClosureRequest
from chalicelib.store import catalogue_item
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.wording import refuses
from tests.world import World

HOUR = timedelta(hours=1)
WHY = "The floor is polished"
MOST_PAGES = 20


@pytest.fixture
def world(world: World) -> World:
    """Every bay of two zones may be booked long ahead."""
    world.add_zone("lot", builders.METERED, spaces=3)
    return world


def close(
    world: World, *, hours: float = 4, actor: Actor | None = None, **place: str | None
) -> Closure:
    """Close zone-a from noon on, unless another place is meant."""
    where = {"zone_id": None, "site": None} | (place or {"zone_id": "zone-a"})
    wish = ClosureRequest(**where, start=NOON + 2 * HOUR, end=NOON + (2 + hours) * HOUR, reason=WHY)
    return blackouts.create(world.deps, actor or world.owner, wish, source_ip="-")


def hit(world: World, closure: Closure, limit: int = 100) -> list[str]:
    """The ids of all bookings it hits, page by page."""
    found: list[str] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = blackout_bookings.list_affected(
            world.deps, world.owner, closure.blackout_id, limit=limit, after=after
        )
        assert len(page.records) <= limit
        found += (booking.booking_id for booking in page.records)
        after = page.after
        if after is None:
            return found
    raise AssertionError("the list has no end")


# -- closing and opening again


def test_what_is_closed_cannot_be_booked_until_it_is_lifted(world: World) -> None:
    closure = close(world)
    with refuses(errors.BlackedOut, r"until Sat 21 Nov 2026, 18:00 .*: The floor"):
        world.book(start=NOON + 3 * HOUR)
    world.book(start=NOON + 6 * HOUR)
    world.book(zone="lot", start=NOON + 3 * HOUR)
    blackouts.lift(world.deps, world.owner, closure.blackout_id, source_ip="-")
    world.book(start=NOON + 3 * HOUR)


def test_a_closed_site_closes_all_its_zones_also_new_ones(world: World) -> None:
    closure = close(world, site="central")
    world.add_zone("new", builders.METERED)
    for zone in ("zone-a", "lot", "new"):
        with pytest.raises(errors.BlackedOut):
            world.book(zone=zone, start=NOON + 3 * HOUR)
    assert closure.blackout_id == f"site.central.{closure.blackout.key}"


def test_a_booking_cannot_be_moved_into_it(world: World) -> None:
    booking = world.book(start=NOON)
    close(world)
    late = reschedule.BookingEdit(end=NOON + 3 * HOUR)
    with pytest.raises(errors.BlackedOut):
        reschedule.modify(world.deps, world.user, booking.booking_id, late)


def test_a_blackout_survives_its_record(world: World, deps: Deps) -> None:
    for closure in (close(world), close(world, site="central")):
        deps.catalogue.forget()
        assert blackouts.get(deps, world.owner, closure.blackout_id).blackout == closure.blackout


def test_blackouts_stored_without_a_reason_are_read_all_the_same() -> None:
    start, end = int(NOON.timestamp()), int((NOON + HOUR).timestamp())
    assert catalogue_item.unpack_blackouts([[start, end]]) == (builders.a_blackout(NOON, 60),)


def test_a_repeated_request_makes_one_blackout(world: World, deps: Deps) -> None:
    wish = ClosureRequest("zone-a", None, NOON, NOON + HOUR)
    again = replace(deps, replay=Replay(NOON, b"seed"))
    made = [blackouts.create(again, world.owner, wish, source_ip="-") for _ in range(2)]
    assert made[0].blackout_id == made[1].blackout_id
    assert len(deps.catalogue.fresh_zone("zone-a").blackouts) == 1


def test_the_same_time_is_closed_once(world: World) -> None:
    close(world)
    with pytest.raises(errors.AlreadyExists):
        close(world)
    close(world, site="central")


@pytest.mark.parametrize("place", [{}, {"zone_id": "zone-a", "site": "central"}])
def test_a_blackout_belongs_to_a_zone_or_to_a_site(world: World, place: dict[str, Any]) -> None:
    wish = ClosureRequest(**{"zone_id": None, "site": None} | place, start=NOON, end=NOON + HOUR)
    with pytest.raises(errors.Invalid) as refused:
        blackouts.create(world.deps, world.owner, wish, source_ip="-")
    assert list(refused.value.fields) == ["zone_id"]


def test_it_can_be_made_longer_and_keeps_its_name(world: World) -> None:
    closure = close(world)
    changes = {"end": NOON + 9 * HOUR, "reason": "It takes longer"}
    edited = blackouts.edit(world.deps, world.owner, closure.blackout_id, changes, source_ip="-")
    assert edited.blackout_id == closure.blackout_id
    with refuses(errors.BlackedOut, "It takes longer"):
        world.book(start=NOON + 7 * HOUR)


def test_its_edit_is_checked_as_its_making_was(world: World) -> None:
    closure = close(world)
    for changes in ({"end": NOON + HOUR}, {"start": NOON - 2 * HOUR, "end": NOON - HOUR}):
        with pytest.raises(errors.Invalid) as refused:
            blackouts.edit(world.deps, world.owner, closure.blackout_id, changes, source_ip="-")
        assert list(refused.value.fields) == ["end"]


@pytest.mark.parametrize(
    "name", ["", "nonsense", "zone.zone-a", "zone.zone-a.7Q2M9X4T", "zone.nowhere.7Q2M9X4T",
             "zone..", "shelf.zone-a.7Q2M9X4T", "zone.\ud800.x"],
)  # fmt: skip
def test_an_unknown_blackout_is_not_found(world: World, name: str) -> None:
    with pytest.raises(errors.BlackoutNotFound):
        blackouts.get(world.deps, world.admin, name)


def test_one_that_was_lifted_is_gone(world: World) -> None:
    closure = close(world)
    blackouts.lift(world.deps, world.owner, closure.blackout_id, source_ip="-")
    with pytest.raises(errors.BlackoutNotFound):
        blackouts.lift(world.deps, world.owner, closure.blackout_id, source_ip="-")


def test_they_are_listed_by_their_start(world: World) -> None:
    world.add_site("elsewhere")
    world.add_zone("zone-x", builders.METERED, site="elsewhere")
    late, everywhere, other = (
        close(world, hours=6, zone_id="lot"),
        close(world, site="central"),
        close(world, zone_id="zone-a"),
    )
    foreign = close(world, zone_id="zone-x", actor=world.admin)
    listed = partial(_listed, world)
    mine = sorted(each.blackout_id for each in (late, everywhere, other))
    assert listed(world.owner, None, None) == listed(world.owner, "central", None) == mine
    assert foreign.blackout_id in listed(world.admin, None, None)
    in_zone_a = sorted(each.blackout_id for each in (everywhere, other))
    assert listed(world.owner, None, "zone-a") == in_zone_a


def _listed(world: World, actor: Actor, site: str | None, zone_id: str | None) -> list[str]:
    found: list[str] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = blackouts.list_blackouts(world.deps, actor, site, zone_id, limit=1, after=after)
        found += (closure.blackout_id for closure in page.records)
        after = page.after
        if after is None:
            return found
    raise AssertionError("the list has no end")


# -- whom it hits


def test_it_lists_who_overlaps_and_nobody_else(world: World) -> None:
    before = world.book(start=NOON, minutes=120)
    into = world.book(start=NOON + HOUR, minutes=61)
    inside = world.book(start=NOON + 3 * HOUR)
    out_of = world.book(start=NOON + 5 * HOUR, minutes=120)
    after = world.book(start=NOON + 6 * HOUR)
    elsewhere = world.book(zone="lot", start=NOON + 3 * HOUR)
    gone = world.book(start=NOON + 3 * HOUR)
    bookings.cancel(world.deps, world.user, gone.booking_id)
    found = hit(world, close(world))
    assert set(found) == {each.booking_id for each in (into, inside, out_of)}
    assert before.booking_id not in found
    assert after.booking_id not in found
    everywhere = hit(world, close(world, site="central"))
    assert set(everywhere) == {*found, elsewhere.booking_id}


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_booking_over_many_days_is_listed_once(world: World, limit: int) -> None:
    long = [
        world.book(number=f"A-00{n}", start=NOON + n * HOUR, minutes=5 * 24 * 60) for n in (1, 2)
    ]
    hours = (24, 48, 49, 50, 72)  # three of them in the same bay on the same day
    short = [world.book(zone="lot", number="A-001", start=NOON + n * HOUR) for n in hours]
    closure = close(world, hours=24 * 10, site="central")
    found = hit(world, closure, limit)
    assert sorted(found) == sorted(each.booking_id for each in (*long, *short))


def test_whoever_slipped_in_is_listed_too(world: World) -> None:
    """An instance that has not seen the blackout yet takes the booking; the list is the truth."""
    closure = close(world)
    stale = blackouts.get(world.deps, world.owner, closure.blackout_id)
    world.change_zone(world.zone_a, policy=builders.METERED)
    late = world.book(start=NOON + 3 * HOUR)
    assert stale.zone is not None
    world.change_zone(world.zone_a, policy=stale.zone.policy)
    assert hit(world, closure) == [late.booking_id]


def test_who_never_came_is_settled_before_anybody_is_listed(world: World, clock: Clock) -> None:
    world.book(start=NOON + 3 * HOUR, minutes=60)
    closure = close(world)
    clock.set(NOON + 5 * HOUR)
    assert hit(world, closure) == []


def test_listing_takes_one_query_a_zone_and_one_batch_read_a_page(
    world: World, meter: Meter
) -> None:
    for n in range(3):
        for zone in ("zone-a", "lot"):
            world.book(zone=zone, start=NOON + (2 + n) * HOUR)
    closure = close(world, site="central")
    hit(world, closure)
    meter.reset()
    page = blackout_bookings.list_affected(
        world.deps, world.owner, closure.blackout_id, limit=100, after=None
    )
    assert len(page.records) == 6
    requests = meter.snapshot().requests
    assert dict(requests) == {"GetItem": 1, "Query": 2, "BatchGetItem": 1}


# -- cancelling them


def test_they_are_cancelled_with_the_reason_and_all_money_back_however_late(
    world: World, clock: Clock, deliver: Callable[[], list[Any]]
) -> None:
    paying = world.book(start=NOON + 3 * HOUR)
    world.deps.commit(_paid(world, paying.booking_id))
    clock.move(minutes=30)
    closure = close(world)
    deliver()
    outcome = blackout_bookings.cancel(world.deps, world.owner, closure.blackout_id, after=None)
    (done,) = outcome.done
    assert (outcome.refused, outcome.after) == ((), None)
    assert (done.refund.eligible, done.refund.amount.minor) == (True, 5000)
    assert done.booking.status is Status.CANCELLED
    last = done.booking.timeline[-1]
    assert (last.source, last.note, last.actor) == ("blackout", WHY, world.owner.account_id)
    mail = deliver()[-1]
    assert mail.subject.startswith("Cancelled:")
    assert WHY in " ".join(mail.text.split())
    trail = world.deps.audit.list_day("central", NOON.date(), 10).events
    assert ("cancel_booking", paying.booking_id, WHY) in {
        (event.action, event.subject, event.detail) for event in trail
    }


def _paid(world: World, booking_id: str) -> Change:
    booking = world.deps.bookings.get(booking_id)
    return saving(replace(booking, paid=5000, version=booking.version + 1))


def test_a_stay_that_has_begun_is_listed_as_failed_and_stops_nobody(
    world: World, clock: Clock
) -> None:
    begun = world.enter(world.book(start=NOON, minutes=240))
    others = [world.book(start=NOON + (4 + n) * HOUR) for n in range(2)]
    closure = close(world)
    outcome = blackout_bookings.cancel(world.deps, world.owner, closure.blackout_id, after=None)
    assert {each.booking.booking_id for each in outcome.done} == {b.booking_id for b in others}
    (refused,) = outcome.refused
    assert refused.booking_id == begun.booking_id
    assert refused.refusal.code == "ILLEGAL_TRANSITION"
    again = blackout_bookings.cancel(world.deps, world.owner, closure.blackout_id, after=None)
    assert (again.done, len(again.refused)) == ((), 1)


def test_a_long_list_is_cancelled_page_by_page(world: World) -> None:
    most = blackout_bookings.MOST_CANCELLED
    world.add_zone("big", builders.METERED, spaces=most + 2)
    begun = world.enter(world.book(zone="big", start=NOON, minutes=240))
    made = {world.book(zone="big", start=NOON + 3 * HOUR).booking_id for _ in range(most + 1)}
    closure = close(world, site="central")
    gone: list[str] = []
    after: str | None = None
    for _ in range(2):
        outcome = blackout_bookings.cancel(
            world.deps, world.owner, closure.blackout_id, after=after
        )
        gone += (each.booking.booking_id for each in outcome.done)
        after = outcome.after
        assert len(outcome.done) + len(outcome.refused) <= most
    assert (set(gone), after) == (made, None)
    assert hit(world, closure) == [begun.booking_id]


def test_a_guest_without_an_address_is_cancelled_without_a_mail(
    world: World, deliver: Callable[[], list[Any]]
) -> None:
    guest = world.book(world.staff, start=NOON + 3 * HOUR, guests=(Guest("Ravi"),))
    closure = close(world)
    outcome = blackout_bookings.cancel(world.deps, world.owner, closure.blackout_id, after=None)
    assert [each.booking.booking_id for each in outcome.done] == [guest.booking_id]
    assert deliver() == []


def test_whoever_is_moved_away_meanwhile_keeps_the_booking(world: World) -> None:
    booking = world.book(start=NOON + 3 * HOUR)
    closure = close(world)
    away = reschedule.BookingEdit(start=NOON + 7 * HOUR)
    moving = _acting_after_first_read(
        world.deps,
        lambda: reschedule.modify(world.deps, world.user, booking.booking_id, away),
    )
    outcome = blackout_bookings.cancel(moving, world.owner, closure.blackout_id, after=None)
    assert (outcome.done, outcome.refused) == ((), ())
    assert world.read(booking).status is Status.BOOKED


def _acting_after_first_read(deps: Deps, act: Callable[[], object]) -> Deps:
    """Runs `act` once, before the first commit of a step."""
    todo = [act]

    def commit(change: Change) -> None:
        while todo:
            todo.pop()()
        deps.commit(change)

    return replace(deps, commit=commit)


def test_each_costs_one_read_and_one_transaction(world: World, meter: Meter) -> None:
    for n in range(3):
        world.book(start=NOON + (2 + n) * HOUR)
    closure = close(world)
    hit(world, closure)
    world.deps.catalogue.zone("zone-a")
    meter.reset()
    blackout_bookings.cancel(world.deps, world.owner, closure.blackout_id, after=None)
    requests = meter.snapshot().requests
    assert dict(requests) == {"GetItem": 1 + 3, "Query": 1, "TransactWriteItems": 3}
