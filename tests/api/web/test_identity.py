"""Who one is does not follow from an Idempotency-Key (docs/decisions/idempotency.md): ids are random,
and a record that is there already is shown to the repeat of its own request only."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites import blackout
from chalicelib.services.accounts import erasure
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.core import idempotency
from chalicelib.services.core.deps import Deps, Replay
from local.metering import Meter
from tests import builders
from tests.client import Client
from tests.clock import NOON, Clock
from tests.fake_sockets import with_realtime
from tests.world import PASSWORD, World

REGISTER = "/api/auth/register"
ASHA = {"email": "asha@example.com", "password": "a quiet harbour 9", "name": "Asha"}
RAVI = {"email": "ravi@example.com", "password": "a loud station 4", "name": "Ravi"}
STAFF = {"email": "new@example.com", "name": "New", "role": "staff", "sites": ["central"]}
OTHERS = {"email": "other@example.com", "name": "Other", "role": "staff", "sites": ["central"]}
HOOK = {"site": "central", "url": "https://hooks.example.com/", "events": ["booking-updated"]}


def foretold(account: str, key: str, what: str = "who") -> str:
    """The locator that whoever knows a key alone could compute, when ids followed from keys."""
    seed = hashlib.sha256(f"{account}#{key}".encode()).digest()
    return ids.locator(int.from_bytes(hashlib.sha256(seed + what.encode()).digest()[:8], "big"))


def an_account(deps: Deps, locator: str, email: str = "victim@example.com") -> Account:
    account = Account(
        account_id=f"US{locator}", email=email, name="Victim", password="-", phone="+4930123456",
        created_at=deps.now(), verified=True,
    )  # fmt: skip
    deps.commit(saving(account))
    return account


def test_no_key_leads_to_the_account_of_another(client: Client, world: World) -> None:
    victim = an_account(world.deps, foretold("-", "k1"))
    answer = client.sending(Idempotency_Key="k1").post(REGISTER, ASHA)
    assert answer.status == 201
    assert victim.account_id not in str(answer.body)
    assert victim.email not in str(answer.body)
    assert world.deps.accounts.find_by_login(ASHA["email"]) is not None


def test_no_key_of_an_admin_leads_to_an_account_that_is_there(client: Client, world: World) -> None:
    victim = an_account(world.deps, foretold(world.admin.account_id, "k1"))
    answer = client.by(world.admin).sending(Idempotency_Key="k1").post("/api/admin/users", STAFF)
    assert (answer.status, answer.body["email"]) == (201, STAFF["email"])
    assert answer.body["user_id"] != victim.account_id


@pytest.mark.parametrize("hours", [0, 23, 24, 25])
def test_two_people_who_think_of_the_same_key_get_an_account_each(
    client: Client, world: World, clock: Clock, hours: int
) -> None:
    keyed = client.sending(Idempotency_Key="signup-1")
    assert keyed.post(REGISTER, ASHA).status == 201
    clock.move(hours=hours)
    assert keyed.post(REGISTER, RAVI).status == 201
    made = [world.deps.accounts.find_by_login(each["email"]) for each in (ASHA, RAVI)]
    assert [each and each.name for each in made] == ["Asha", "Ravi"]


def test_who_knows_all_but_the_password_is_shown_no_account(client: Client) -> None:
    keyed = client.sending(Idempotency_Key="signup-1")
    first = keyed.post(REGISTER, ASHA)
    guessed = keyed.post(REGISTER, ASHA | {"password": "another harbour 9"})
    assert "Idempotency-Replayed" not in guessed.headers
    assert str(first.body.get("user_id")) not in str(guessed.body)


def test_after_a_day_a_key_of_an_admin_makes_another_account(
    client: Client, world: World, clock: Clock
) -> None:
    first = client.by(world.admin).sending(Idempotency_Key="k1").post("/api/admin/users", STAFF)
    clock.move(hours=24)
    again = client.by(world.admin).sending(Idempotency_Key="k1").post("/api/admin/users", OTHERS)
    assert (again.status, again.body["email"]) == (201, OTHERS["email"])
    assert again.body["user_id"] != first.body["user_id"]


def test_two_blackouts_under_one_key_a_day_apart_are_lifted_one_by_one(
    client: Client, world: World, clock: Clock
) -> None:
    made = []
    for day in (10, 11):
        body = {
            "zone_id": "zone-a",
            "start": f"2026-12-{day}T00:00Z",
            "end": f"2026-12-{day}T12:00Z",
        }
        keyed = client.by(world.owner).sending(Idempotency_Key="close")
        made.append(keyed.post("/api/admin/blackouts", body).body["blackout_id"])
        clock.move(hours=24)
    owner = client.by(world.owner)
    assert owner.delete(f"/api/admin/blackouts/{made[1]}").status == 204
    left = owner.get("/api/admin/blackouts?zone_id=zone-a").body["items"]
    assert [each["blackout_id"] for each in left] == [made[0]]


def test_a_key_that_a_scope_has_already_is_not_given_to_a_second_blackout(world: World) -> None:
    """Ids are random, and yet two may be equal."""
    same = replace(world.deps, random_bits=lambda _: 7)
    closed = builders.a_blackout(start=NOON + timedelta(days=1), key=same.new_locator())
    other = replace(closed, start=NOON + timedelta(days=2), end=NOON + timedelta(days=3))
    with pytest.raises(errors.AlreadyExists):
        blackout.with_new((closed,), other, now=NOON)


@pytest.mark.parametrize(
    ("path", "body", "id_of"),
    [
        ("/api/admin/webhooks", HOOK, "webhook_id"),
        ("/api/staff/incidents", {"kind": "damage", "text": "Bent."}, "incident_id"),
        ("/api/bookings", {"zone_id": "zone-a", "minutes": 60}, "booking_id"),
    ],
)
def test_after_a_day_a_key_is_new(
    client: Client, world: World, clock: Clock, path: str, body: dict[str, Any], id_of: str
) -> None:
    with_realtime(world)
    answers = []
    for _ in range(2):
        keyed = client.by(world.owner).sending(Idempotency_Key="k")
        answers += [keyed.post(path, body), keyed.post(path, body)]
        clock.move(hours=24)
    assert {answer.status for answer in answers} == {201}
    first, repeated, second, again = (answer.body[id_of] for answer in answers)
    assert (first, second) == (repeated, again)
    assert first != second


def test_a_guest_in_the_partition_of_an_account_is_none_of_its_bookings(world: World) -> None:
    guests = world.book(world.staff, guests=(Guest("Ravi"),))
    own = world.book(world.user)
    strange = replace(guests, booking_id=f"BK{world.user.locator}{guests.booking_id[10:]}")
    world.deps.commit(saving(strange))
    assert strange.user_id is None
    page = lists.own(world.deps, world.user, Filters(), limit=20, after=None)
    assert [each.booking_id for each in page.records] == [own.booking_id]
    assert lists.current(world.deps, world.user) == (own,)
    bookings.cancel(world.deps, world.user, own.booking_id)
    erasure.erase_me(world.deps, world.user, password=PASSWORD, source_ip="-")
    assert world.read(strange).details == guests.details


def test_a_list_goes_on_behind_what_it_leaves_out(world: World, clock: Clock) -> None:
    world.add_zone("wide", builders.METERED, spaces=9)
    mine = []
    for _ in range(3):
        mine.append(world.book(world.user, zone="wide").booking_id)
        clock.move(seconds=1)
        guest = world.book(world.staff, zone="wide", guests=(Guest("Ravi"),))
        moved = replace(guest, booking_id=f"BK{world.user.locator}{guest.booking_id[10:]}")
        world.deps.commit(saving(moved))
        clock.move(seconds=1)
    found, after = [], None
    for _ in range(7):
        page = lists.own(world.deps, world.user, Filters(), limit=1, after=after)
        found += [each.booking_id for each in page.records]
        after = page.after
        if after is None:
            break
    assert found == mine[::-1]


def test_a_run_of_unknown_end_is_repeated_with_the_same_ids_until_it_has_one(
    world: World, clock: Clock
) -> None:
    """A refusal of the second run does not say that the first has written nothing."""
    ends: list[errors.Refusal | None] = [errors.Unavailable(), errors.SiteNotFound(), None]
    made: list[str] = []

    def act(deps: Deps) -> str:
        made.append(deps.new_lasting_id("IN"))
        end = ends[len(made) - 1]
        if end is not None:
            raise end
        return made[-1]

    def run() -> str:
        return idempotency.once(world.deps, world.user, "k", b"body", act=act, pack=str, unpack=str)

    for end in (errors.Unavailable, errors.SiteNotFound):
        with pytest.raises(end):
            run()
        clock.move(minutes=1)
    assert run() == run() == made[0] == made[1] == made[2]


def test_a_key_costs_a_put_and_an_update(client: Client, world: World, meter: Meter) -> None:
    user, body = client.by(world.user), {"zone_id": "zone-a", "minutes": 60}
    user.post("/api/bookings", body)
    meter.reset()
    assert user.sending(Idempotency_Key="k").post("/api/bookings", body).status == 201
    keyed = meter.snapshot().requests
    assert keyed == {"PutItem": 1, "Query": 1, "TransactWriteItems": 1, "UpdateItem": 1}
    meter.reset()
    assert user.sending(Idempotency_Key="k").post("/api/bookings", body).status == 201
    assert meter.snapshot().requests == {"PutItem": 1, "GetItem": 1}


def test_an_address_that_nobody_proved_pays_for_its_own_limit(
    client: Client, world: World, meter: Meter
) -> None:
    account = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(account.evolve(verified=False)))
    user, body = client.by(world.user), {"zone_id": "zone-a", "minutes": 60}
    client.by(world.other).post("/api/bookings", body)
    user.get("/api/me")
    meter.reset()
    assert user.post("/api/bookings", body).status == 201
    assert meter.snapshot().requests == {"GetItem": 1, "Query": 2, "TransactWriteItems": 1}


def test_a_refused_first_run_gives_its_ids_up(world: World) -> None:
    made: list[str] = []

    def act(deps: Deps) -> str:
        made.append(deps.new_locator())
        raise errors.SiteNotFound()

    for _ in range(2):
        with pytest.raises(errors.SiteNotFound):
            idempotency.once(world.deps, world.user, "k", b"body", act=act, pack=str, unpack=str)
    assert made[0] != made[1]


def test_a_booking_found_under_an_id_of_a_repeat_is_shown_only_if_it_is_its_own(
    world: World, clock: Clock
) -> None:
    """Two staff whose ids meet book a guest each."""
    deps = replace(world.deps, replay=Replay(NOON, b"the same seed"))
    first = World.book(_as(world, deps), world.staff, guests=(Guest("Ravi"),))
    second = World.book(_as(world, deps), world.owner, guests=(Guest("Meera"),))
    assert first.booking_id != second.booking_id
    assert [guest.name for guest in second.details.guests] == ["Meera"]
    again = World.book(_as(world, deps), world.staff, guests=(Guest("Ravi"),))
    assert again == first


def _as(world: World, deps: Deps) -> World:
    other = object.__new__(World)
    other.__dict__.update(world.__dict__, deps=deps)
    return other
