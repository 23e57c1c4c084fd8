from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.core import effect, errors, localtime
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.effect import Delivery, EventName
from chalicelib.domain.realtime.event import KEPT, Event, event_id, first_number
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.site import Space
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import outbox as deliver
from chalicelib.services.realtime import emit, publish
from chalicelib.services.sites import blackouts, catalogue, spaces
from chalicelib.services.sites.blackouts import ClosureRequest
from chalicelib.store.events import EventItem
from tests import builders
from tests.batches import post, sweep, waiting
from tests.clock import NOON, Clock
from tests.fake_sockets import FakeSockets, fake_sockets, listen, with_realtime
from tests.hall import Hall
from tests.hotel import Hotel
from tests.races.crowd import rush
from tests.world import World

Deliver = Callable[[], list[object]]
FIRST = first_number(NOON)
LONGER = OpeningHours.from_json({"mon": ["06:00-22:00"]})


@pytest.fixture
def world(world: World) -> World:
    return with_realtime(world)


@pytest.fixture
def sockets(deps: Deps) -> FakeSockets:
    return fake_sockets(deps)


def logged(deps: Deps, site: str = "central") -> list[Event]:
    return list(deps.events.after(site, publish.START, limit=100))


# -- where they come from


def test_a_booking_and_its_end_are_told_in_their_order(world: World, deliver: Deliver) -> None:
    booking = world.book()
    deliver()
    world.enter(booking)
    deliver()
    world.leave(booking)
    deliver()
    assert [e.name for e in logged(world.deps)] == [
        "booking-updated", "availability-changed",
        "booking-updated",
        "booking-updated", "booking-checked-out", "availability-changed",
    ]  # fmt: skip


def test_a_site_that_publishes_nothing_pays_nothing(world: World, deps: Deps) -> None:
    world.add_site("quiet")
    world.add_zone("zone-q", world.zone_a.policy, site="quiet")
    before = set(waiting(deps))
    world.enter(world.book(zone="zone-q"), world.admin)
    kinds = [
        each.kind
        for batch in deps.outbox.due(deps.now() + timedelta(days=1), limit=50)
        for each in batch.effects
        if batch.batch_id not in before
    ]
    assert set(kinds) <= {"mail"}


def test_a_place_that_is_made_with_its_spaces_has_nothing_to_tell_yet(deps: Deps) -> None:
    """All in one transaction, as the demo data is."""
    site = builders.a_site(slug="north", realtime=True)
    zone = builders.a_zone(zone_id="zone-n", site="north")
    deps.commit(saving(site, zone, Space("zone-n", "A-001")))
    assert waiting(deps) == []


def test_every_door_tells_the_same(world: World, deliver: Deliver, clock: Clock) -> None:
    """A customer who cancels, a manager, and time."""
    wishes = [world.book(number=f"A-00{n}", minutes=60) for n in (1, 2, 3)]
    deliver()
    start = len(logged(world.deps))
    bookings.cancel(world.deps, world.user, wishes[0].booking_id, reason="", source="api")
    deliver()
    bookings.cancel(world.deps, world.staff, wishes[1].booking_id, reason="", source="staff_api")
    deliver()
    clock.move(minutes=61)
    sweeps.run(world.deps, "expire-bookings")
    deliver()
    told = [e.name for e in logged(world.deps)[start:]]
    assert told == ["booking-updated", "availability-changed"] * 3


# -- what they say


def test_an_event_says_what_is_the_case_when_it_leaves(world: World, deliver: Deliver) -> None:
    booking = world.book()
    world.enter(booking)
    deliver()
    updated = [e for e in logged(world.deps) if e.name == "booking-updated"]
    assert [e.data["status"] for e in updated] == ["active", "active"]
    assert [e.data["version"] for e in updated] == [2, 2]
    (zone, *_) = [e for e in logged(world.deps) if e.name == "availability-changed"]
    assert (zone.data["total_slots"], zone.data["available_slots"]) == (3, 2)


@pytest.mark.parametrize(
    ("name", "subject"),
    [("booking-updated", "BKAAAAAAAA1NG1QR00005"), ("availability-changed", "nowhere")],
)
def test_what_is_gone_is_no_news(
    world: World, deliver: Deliver, name: EventName, subject: str
) -> None:
    deliver()
    seen = len(logged(world.deps))
    post(world.deps, effect.event(name, "central", subject))
    deliver()
    assert waiting(world.deps) == []
    assert len(logged(world.deps)) == seen


def test_what_waits_when_a_site_falls_silent_is_dropped(world: World, deliver: Deliver) -> None:
    world.book()
    site = world.deps.catalogue.fresh_site("central")
    world.deps.commit(saving(site.evolve(realtime=False)))
    deliver()
    assert logged(world.deps) == []


# -- once


class Dies(FakeSockets):
    """The function ends between the log and the push."""

    def push(self, connection_ids: object, text: str) -> frozenset[str]:
        raise SystemExit


def test_a_crash_between_log_and_push_makes_no_second_event(
    world: World, deps: Deps, sockets: FakeSockets, clock: Clock
) -> None:
    listen(world, world.staff, "desk")
    world.book()
    (batch_id,) = waiting(deps)
    with pytest.raises(SystemExit):
        deliver.from_stream(replace(deps, sockets=Dies()), batch_id)
    clock.move(minutes=3)
    sweep(deps)
    assert [e.name for e in logged(deps)] == ["booking-updated", "availability-changed"]
    assert sockets.events_of("desk") == ["booking-updated", "availability-changed"]


@pytest.mark.engine2
def test_two_who_deliver_the_same_make_one_event_of_it(world: World, deps: Deps) -> None:
    booking = world.book()
    told = effect.event("booking-updated", "central", booking.booking_id)
    outcome = rush([lambda: publish.publish(deps, Delivery(told, "EF1.x", NOON))] * 6)
    assert outcome.answers == (True,) * 6
    assert [e.effect_id for e in logged(deps)] == ["EF1.x"]


@pytest.mark.engine2
def test_no_event_tells_of_an_older_state_than_the_events_before_it(
    world: World, deps: Deps
) -> None:
    """Two functions deliver: before the slow one logs what it has read, the quick one reads and
    logs a later state."""
    booking = world.book()
    slow, quick = (
        Delivery(effect.event("booking-updated", "central", booking.booking_id), f"EF{n}", NOON)
        for n in "12"
    )
    overtaken: list[Change] = []

    def commit(change: Change) -> None:
        if not overtaken:
            overtaken.append(change)
            world.enter(booking)
            publish.publish(deps, quick)
        deps.commit(change)

    publish.publish(replace(deps, commit=commit), slow)
    assert [e.effect_id for e in logged(deps)] == ["EF2", "EF1"]
    assert [e.data["status"] for e in logged(deps)] == ["active", "active"]


@pytest.mark.engine2
def test_many_at_once_leave_no_gap_in_the_log(world: World, deps: Deps) -> None:
    booking = world.book()
    told = effect.event("booking-updated", "central", booking.booking_id)
    rush(partial(publish.publish, deps, Delivery(told, f"EF{n}", NOON)) for n in range(8))
    assert [e.number for e in logged(deps)] == list(range(FIRST, FIRST + 8))


def test_an_effect_that_comes_back_late_finds_its_event_far_behind(
    world: World, deps: Deps, clock: Clock
) -> None:
    booking = world.book()
    told = effect.event("booking-updated", "central", booking.booking_id)
    for n in range(30):
        publish.publish(deps, Delivery(told, f"EF{n}", NOON))
        clock.move(seconds=20)
    publish.publish(deps, Delivery(told, "EF2", NOON))
    assert [e.effect_id for e in logged(deps)] == [f"EF{n}" for n in range(30)]


def test_ids_go_on_rising_when_a_log_has_been_empty(world: World, deps: Deps, clock: Clock) -> None:
    booking = world.book()
    told = effect.event("booking-updated", "central", booking.booking_id)
    for n in range(3):
        publish.publish(deps, Delivery(told, f"EF{n}", clock.now()))
    before = logged(deps)
    for item in EventItem.query("events#central"):
        item.delete()
    clock.move(days=7)
    publish.publish(deps, Delivery(told, "EF9", clock.now()))
    assert logged(deps)[0].event_id > before[-1].event_id


def test_the_log_is_kept_for_a_week(world: World, deliver: Deliver) -> None:
    world.book()
    deliver()
    until = int((world.deps.now() + KEPT).timestamp())
    first = next(iter(EventItem.query("events#central")))
    assert until <= int(first.ttl) <= until + 120


# -- reading on


def test_whoever_missed_something_reads_on_from_the_last_id(world: World, deliver: Deliver) -> None:
    world.book()
    deliver()
    page = publish.list_events(world.deps, world.staff, "central", cursor=None, limit=1)
    assert ([e.number for e in page.events], page.cursor) == ([FIRST], event_id(FIRST))
    rest = publish.list_events(world.deps, world.staff, "central", cursor=page.cursor, limit=10)
    assert [e.number for e in rest.events] == [FIRST + 1]
    end = publish.list_events(world.deps, world.staff, "central", cursor=rest.cursor, limit=10)
    assert (end.events, end.cursor) == ((), rest.cursor)


def _read(world: World, cursor: str | None) -> publish.EventPage:
    return publish.list_events(world.deps, world.staff, "central", cursor=cursor, limit=10)


def test_a_cursor_of_an_empty_log_leads_to_its_first_event_days_later(
    world: World, clock: Clock, deliver: Deliver
) -> None:
    start = _read(world, None).cursor
    subscribed = listen(world, world.staff, "desk")
    clock.move(days=6)
    assert _read(world, start).events == ()
    world.book()
    deliver()
    assert start == subscribed.cursor
    assert [e.name for e in _read(world, start).events] == [
        "booking-updated", "availability-changed",
    ]  # fmt: skip


def test_who_polls_a_silent_site_goes_on_for_ever(world: World, clock: Clock) -> None:
    page = _read(world, None)
    for _ in range(9):
        clock.move(days=3)
        page = _read(world, page.cursor)
        assert page.events == ()


def test_the_end_of_the_log_is_a_good_cursor_however_old(
    world: World, clock: Clock, deliver: Deliver
) -> None:
    world.book()
    deliver()
    end = _read(world, None).cursor
    clock.move(days=8)  # DynamoDB has not come by yet
    assert _read(world, end) == publish.EventPage((), end)


@pytest.mark.parametrize("behind", [-1, 5, 9_000_000_000])
def test_a_cursor_of_nothing_here_is_refused(
    world: World, deliver: Deliver, clock: Clock, behind: int
) -> None:
    """One from before the log, one from behind its end, one of another site."""
    for n in range(3):
        world.book(number=f"A-00{n + 1}")
        deliver()
    for item in list(EventItem.query("events#central"))[:2]:
        item.delete()
    with pytest.raises(errors.CursorExpired):
        _read(world, event_id(FIRST + behind + 1))


def test_events_that_may_go_at_any_moment_are_not_read(
    world: World, clock: Clock, deliver: Deliver
) -> None:
    """DynamoDB removes expired events in no order, which would look like a hole in the log."""
    world.book(number="A-001")
    deliver()
    clock.move(days=8)
    world.book(number="A-002")
    deliver()
    next(iter(EventItem.query("events#central", EventItem.sk > event_id(FIRST)))).delete()
    assert [e.number for e in _read(world, None).events] == [FIRST + 2, FIRST + 3]


def test_only_those_who_work_there_read_the_log(world: World) -> None:
    world.add_site("elsewhere")
    for who, site in ((world.user, "central"), (world.staff, "elsewhere")):
        with pytest.raises(errors.Forbidden):
            publish.list_events(world.deps, who, site, cursor=None, limit=10)


def test_an_event_joins_the_change_it_follows_from(world: World, deps: Deps) -> None:
    """One transaction: there is no booking without its events."""
    nothing = Change().sending(effect.mail("offer", "WL1"))
    assert emit.with_events(deps, nothing) == nothing
    world.book()
    (batch,) = deps.outbox.due(deps.now() + deliver.STREAM_LEASE, limit=5)
    assert [e.name for e in batch.effects] == [
        "booking-updated", "availability-changed", "booking_confirmed",
    ]  # fmt: skip


@pytest.mark.engine2
def test_time_that_goes_to_the_line_is_told_of_once_and_in_one_transaction(
    world: World, deps: Deps, clock: Clock
) -> None:
    """The first try is refused, because an entry waits; the second carries the offer too."""
    hall = Hall(world, clock)
    booking = hall.book()
    entry = hall.join(world.other)
    before = set(waiting(deps))
    hall.cancel(booking)
    [batch] = [
        each
        for each in deps.outbox.due(clock.now() + deliver.STREAM_LEASE, limit=50)
        if each.batch_id not in before
    ]
    assert [(each.name, each.subject_id) for each in batch.effects] == [
        ("booking-updated", booking.booking_id),
        ("availability-changed", "halls"),
        ("booking_cancelled", booking.booking_id),
        ("offer", entry.entry_id),
    ]


@pytest.mark.engine2
def test_of_a_cancellation_and_a_join_that_meet_everything_is_told_once(
    world: World, deps: Deps, clock: Clock
) -> None:
    hall = Hall(world, clock)
    booking = hall.book()
    hall.join(world.other)
    before = set(waiting(deps))
    rush([
        lambda: hall.cancel(booking),
        lambda: hall.cancel(booking),
        lambda: hall.join(hall.third),
        lambda: hall.join(hall.fourth),
    ])  # fmt: skip
    new = set(waiting(deps)) - before
    due = deps.outbox.due(clock.now() + deliver.STREAM_LEASE, limit=90)
    told = [each.name for batch in due if batch.batch_id in new for each in batch.effects]
    assert sorted(told) == [
        "availability-changed", "booking-updated", "booking_cancelled", "offer",
    ]  # fmt: skip


def test_a_guest_comes_and_leaves_and_their_room_is_told_of(
    world: World, clock: Clock, deliver: Deliver
) -> None:
    inn = Hotel(world, clock, site="central")
    inn.check_out(inn.stay())
    deliver()
    rooms = [e.data for e in logged(world.deps) if e.name == "room-status-changed"]
    assert [(room["space_id"], room["occupied"]) for room in rooms] == [("rooms.101", False)] * 2
    assert {room["condition"] for room in rooms} == {"CHECKOUT_DIRTY"}, "as it is when told"
    named = ("room_number", "old_status", "new_status", "source", "timestamp")
    assert [rooms[-1][name] for name in named] == [
        101, "OCCUPIED", "CHECKOUT_DIRTY", "staff_api", localtime.iso_ms(clock.now()),
    ]  # fmt: skip
    [out] = [e.data for e in logged(world.deps) if e.name == "booking-checked-out"]
    assert (out["room_number"], out["timestamp"]) == (101, localtime.iso_ms(clock.now()))


def test_a_blackout_of_a_site_is_told_of_in_each_of_its_zones(
    world: World, deliver: Deliver
) -> None:
    world.add_zone("zone-b", world.zone_a.policy)
    deliver()
    told = len(logged(world.deps))
    closing = ClosureRequest(None, "central", NOON, NOON + timedelta(hours=2))
    blackouts.create(world.deps, world.admin, closing, source_ip="203.0.113.7")
    deliver()
    new = logged(world.deps)[told:]
    assert [(e.name, e.subject_id) for e in new] == [
        ("availability-changed", "zone-a"), ("availability-changed", "zone-b"),
    ]  # fmt: skip


def _edits(deps: Deps, world: World) -> dict[str, Callable[[], object]]:
    who, here = world.owner, "203.0.113.7"
    return {
        "contact": lambda: catalogue.edit_site(
            deps, who, "central", {"contact": "desk@central.example"}, source_ip=here
        ),
        "colour": lambda: catalogue.edit_site(
            deps, who, "central", {"colour": "#1f6f5c"}, source_ip=here
        ),
        "note": lambda: spaces.edit_space(
            deps, who, "zone-a.A-001", {"note": "by the lift"}, source_ip=here
        ),
        "claim window": lambda: catalogue.edit_zone(
            deps, who, "zone-a", {"policy": {"claim_window": 9}}, source_ip=here
        ),
        "the same name": lambda: catalogue.edit_zone(
            deps, who, "zone-a", {"name": world.zone_a.name}, source_ip=here
        ),
        "out of use": lambda: spaces.edit_space(
            deps, who, "zone-a.A-001", {"active": False}, source_ip=here
        ),
        "name": lambda: catalogue.edit_zone(deps, who, "zone-a", {"name": "North"}, source_ip=here),
        "hours": lambda: catalogue.edit_site(
            deps, who, "central", {"opening_hours": LONGER}, source_ip=here
        ),
    }


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("contact", 0),
        ("colour", 0),
        ("note", 0),
        ("claim window", 0),
        ("the same name", 0),
        ("out of use", 1),
        ("name", 1),
        ("hours", 1),
    ],
)
def test_an_edit_is_told_of_only_where_a_listener_can_see_it(
    world: World, deliver: Deliver, edit: str, told: int
) -> None:
    deliver()
    before = len(logged(world.deps))
    _edits(world.deps, world)[edit]()
    deliver()
    new = logged(world.deps)[before:]
    assert [(e.name, e.subject_id) for e in new] == [("availability-changed", "zone-a")] * told
