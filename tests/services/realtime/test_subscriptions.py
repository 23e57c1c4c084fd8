from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.realtime.event import event_id, first_number
from chalicelib.gateways.tokens import ACCESS_LIFE
from chalicelib.services.accounts import sign_in
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import subscriptions
from chalicelib.services.realtime.subscriptions import MOST_CLOSED, MOST_PER_ACCOUNT
from chalicelib.store.subscriptions import ListenerItem
from tests.clock import NOON, Clock
from tests.fake_sockets import FakeSockets, fake_sockets, listen, with_realtime
from tests.races.crowd import rush
from tests.world import World

Deliver = Callable[[], list[object]]
FIRST = first_number(NOON)
BOTH = ["booking-updated", "availability-changed"]


@pytest.fixture
def world(world: World) -> World:
    return with_realtime(world)


@pytest.fixture
def sockets(deps: Deps) -> FakeSockets:
    return fake_sockets(deps)


def connected(deps: Deps) -> set[str]:
    return {listener.connection_id for listener in deps.subscriptions.of_site("central")}


# -- who may listen


def test_staff_hear_everything_and_customers_what_is_theirs(
    world: World, sockets: FakeSockets, deliver: Deliver
) -> None:
    people = {"desk": world.staff, "boss": world.admin, "mine": world.user, "other": world.other}
    for connection_id, who in people.items():
        listen(world, who, connection_id)
    world.book()
    deliver()
    assert {name: sockets.events_of(name) for name in people} == {
        "desk": BOTH, "boss": BOTH, "mine": BOTH, "other": ["availability-changed"],
    }  # fmt: skip


def test_staff_of_another_site_hear_what_customers_hear(
    world: World, sockets: FakeSockets, deliver: Deliver
) -> None:
    world.add_site("elsewhere", realtime=True)
    stranger = world.add_account("staffx", world.staff.role, "elsewhere")
    listen(world, stranger, "x")
    world.book()
    deliver()
    assert sockets.events_of("x") == ["availability-changed"]


def test_nobody_hears_another_site(world: World, sockets: FakeSockets, deliver: Deliver) -> None:
    world.add_site("elsewhere", realtime=True)
    listen(world, world.admin, "there", site="elsewhere")
    world.book()
    deliver()
    assert sockets.events_of("there") == []


def test_a_site_that_publishes_nothing_says_so(world: World) -> None:
    world.add_site("quiet")
    with pytest.raises(errors.RealtimeOff):
        listen(world, world.admin, "c", site="quiet")
    with pytest.raises(errors.SiteNotFound):
        listen(world, world.admin, "c", site="nowhere")


def test_only_an_access_token_opens_a_channel(world: World, deps: Deps, clock: Clock) -> None:
    signed_in = sign_in.open_session(deps, deps.accounts.get(world.staff.account_id))
    for token in ("nonsense", signed_in.refresh):
        with pytest.raises(errors.NotAuthenticated):
            subscriptions.subscribe(deps, "c", token=token, site="central", source_ip="-")
    clock.move(hours=25)
    with pytest.raises(errors.TokenExpired):
        subscriptions.subscribe(deps, "c", token=signed_in.access, site="central", source_ip="-")
    assert connected(deps) == set()


# -- for how long


def test_a_listener_lasts_two_hours_or_as_long_as_the_token(
    world: World, deps: Deps, clock: Clock
) -> None:
    token = world.token(world.staff)

    def until(connection_id: str) -> timedelta:
        done = subscriptions.subscribe(
            deps, connection_id, token=token, site="central", source_ip="-"
        )
        return done.listener.until - deps.now()

    assert until("a") == timedelta(hours=2)
    clock.set(clock.now() + ACCESS_LIFE - timedelta(minutes=30))
    assert until("b") == timedelta(minutes=30)


def test_what_has_run_out_is_closed_and_forgotten(
    world: World, deps: Deps, sockets: FakeSockets, deliver: Deliver, clock: Clock
) -> None:
    listen(world, world.staff, "desk")
    clock.move(hours=2)
    world.book()
    deliver()
    assert sockets.events_of("desk") == []
    assert sockets.closed == ["desk"]
    assert connected(deps) == set()


def _sign_out(world: World) -> None:
    account = world.deps.accounts.get(world.staff.account_id)
    world.deps.commit(saving(account.evolve(epoch=account.epoch + 1)))


def _switch_off(world: World) -> None:
    account = world.deps.accounts.get(world.staff.account_id)
    world.deps.commit(saving(account.evolve(active=False)))


@pytest.mark.parametrize("end", [_sign_out, _switch_off])
def test_a_sign_in_that_has_ended_hears_nothing_more(
    end: Callable[[World], None],
    world: World,
    sockets: FakeSockets,
    deliver: Deliver,
) -> None:
    listen(world, world.staff, "desk")
    end(world)
    world.book()
    deliver()
    assert sockets.events_of("desk") == []
    assert sockets.closed == ["desk"]


def test_who_no_longer_works_there_hears_what_customers_hear(
    world: World, sockets: FakeSockets, deliver: Deliver
) -> None:
    listen(world, world.staff, "desk")
    account = world.deps.accounts.get(world.staff.account_id)
    world.deps.commit(saving(account.evolve(sites=frozenset({"elsewhere"}))))
    world.book()
    deliver()
    assert sockets.events_of("desk") == ["availability-changed"]


def test_one_account_hears_a_site_on_so_many_connections_the_newest(
    world: World, deps: Deps, sockets: FakeSockets, deliver: Deliver, clock: Clock
) -> None:
    listen(world, world.other, "desk")
    for n in range(MOST_PER_ACCOUNT + MOST_CLOSED + 1):
        clock.move(seconds=1)
        listen(world, world.user, f"c{n:03}")
    world.book()
    deliver()
    last = MOST_PER_ACCOUNT + MOST_CLOSED
    assert sockets.events_of("desk") == BOTH[1:]
    assert sockets.events_of(f"c{last:03}") == BOTH
    assert sum(1 for n in range(last + 1) if sockets.events_of(f"c{n:03}")) == MOST_PER_ACCOUNT
    assert len(sockets.closed) == MOST_CLOSED + 1, "a few with each event"
    assert len(connected(deps)) == MOST_PER_ACCOUNT + 1


# -- connections that end


def test_a_connection_that_is_gone_is_forgotten_and_stops_nobody(
    world: World, deps: Deps, sockets: FakeSockets, deliver: Deliver
) -> None:
    for connection_id in ("gone", "there"):
        listen(world, world.staff, connection_id)
    sockets.gone.add("gone")
    world.book()
    deliver()
    assert sockets.events_of("there") == BOTH
    assert connected(deps) == {"there"}


def test_a_connection_that_ends_leaves_every_channel(world: World, deps: Deps) -> None:
    world.add_site("elsewhere", realtime=True)
    for site in ("central", "elsewhere"):
        listen(world, world.admin, "c", site=site)
    subscriptions.disconnect(deps, "c")
    subscriptions.disconnect(deps, "c")
    assert list(ListenerItem.scan(ListenerItem.pk.startswith("c"))) == []


def test_unsubscribing_leaves_one_channel(world: World, deps: Deps) -> None:
    world.add_site("elsewhere", realtime=True)
    for site in ("central", "elsewhere"):
        listen(world, world.admin, "c", site=site)
    subscriptions.unsubscribe(deps, "c", "central")
    assert [each.site for each in deps.subscriptions.of_connection("c")] == ["elsewhere"]


def test_dynamodb_removes_what_nobody_has(world: World) -> None:
    done = listen(world, world.staff, "c")
    ttls = {int(item.ttl) for item in ListenerItem.scan(ListenerItem.pk.startswith("c"))}
    assert ttls == {int(done.listener.until.timestamp())}


def test_the_cursor_of_a_subscription_leaves_no_gap(
    world: World, deps: Deps, sockets: FakeSockets, deliver: Deliver
) -> None:
    world.book(number="A-001")
    deliver()
    done = listen(world, world.staff, "desk")
    world.book(number="A-002")
    deliver()
    assert done.cursor == event_id(FIRST + 1)
    assert [f["id"] for f in sockets.frames["desk"]] == [
        event_id(FIRST + 2),
        event_id(FIRST + 3),
    ]


@pytest.mark.engine2
def test_subscribing_twice_at_once_is_one_subscription(world: World, deps: Deps) -> None:
    token = world.token(world.staff)
    rush(
        [lambda: subscriptions.subscribe(deps, "c", token=token, site="central", source_ip="-")] * 4
    )
    assert connected(deps) == {"c"}
