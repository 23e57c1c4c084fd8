from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change, Tally, saving
from chalicelib.domain.core.expected import Expected
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.accounts import erasure, sign_in, users
from chalicelib.services.bookings import bookings
from chalicelib.store.idempotency import IdempotencyItem
from tests.client import Client
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.world import PASSWORD, World

ADDRESS = "203.0.113.9"


def erase(world: World) -> None:
    erasure.erase_me(world.deps, world.user, password=PASSWORD, source_ip=ADDRESS)


def test_an_erased_person_is_nowhere_and_the_money_still_is(world: World, clock: Clock) -> None:
    world.enter(booking := world.book(owner_name="Asha Rao"))
    clock.move(minutes=30)
    world.leave(booking, received="50")
    erase(world)
    gone = world.deps.accounts.get(world.user.account_id)
    assert (gone.erased, gone.active, gone.name) == (True, False, "Erased")
    left = world.read(booking)
    assert (left.details.owner_name, left.details.vehicle_number) == (None, None)
    assert left.user_id == world.user.account_id
    entries = world.deps.ledger.of_day("central", NOON.date())
    assert ledger.balance(entries, ledger.CASH) == {"INR": Money(5000, "INR")}


def test_an_erased_person_is_signed_out_and_stays_out(world: World) -> None:
    token = world.token(world.user)
    erase(world)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(world.deps, token)
    assert world.deps.accounts.find_by_login("user1") is None
    assert world.deps.accounts.find_by_login("user1@example.com") is None


def test_the_address_of_an_erased_person_can_register_again(world: World) -> None:
    erase(world)
    again = sign_in.register(
        world.deps,
        email="user1@example.com",
        password="correct horse 7",
        name="User",
        phone=None,
        source_ip=ADDRESS,
    )
    assert again.account_id != world.user.account_id


def test_an_expected_version_is_that_of_the_account_and_not_of_what_goes_with_it(
    world: World, clock: Clock
) -> None:
    hall = Hall(world, clock)
    hall.book(actor=hall.fourth)
    entry = hall.join(world.user)
    version = world.deps.accounts.get(world.user.account_id).version
    assert entry.version != version + 1
    expecting = replace(world.deps, expected=Expected(frozenset({version + 1})))
    with pytest.raises(errors.VersionChanged):
        erasure.erase_me(expecting, world.user, password=PASSWORD, source_ip=ADDRESS)
    world.deps.commit(saving(world.deps.accounts.get(world.user.account_id).evolve(phone=None)))
    erasure.erase_me(expecting, world.user, password=PASSWORD, source_ip=ADDRESS)
    assert hall.status(entry) == [EntryStatus.LEFT]


def test_many_bookings_are_made_anonymous(world: World, clock: Clock) -> None:
    made = []
    for _ in range(erasure.BATCH + 2):
        made.append(booking := world.book())
        bookings.cancel(world.deps, world.user, booking.booking_id, reason="")
        clock.move(seconds=1)
    erase(world)
    assert not any(world.read(booking).details.vehicle_number for booking in made)


def _live(world: World) -> None:
    world.book()


def _unpaid(world: World) -> None:
    world.deps.commit(Change().counting(Tally(world.user.locator, "owing", 1)))


@pytest.mark.parametrize(
    ("before", "refusal"), [(_live, errors.InUse), (_unpaid, errors.PaymentDue)]
)
def test_nobody_is_erased_before_all_is_over_and_paid(
    world: World, before: Callable[[World], None], refusal: type[errors.Refusal]
) -> None:
    before(world)
    with pytest.raises(refusal):
        erase(world)
    assert world.deps.accounts.find_by_login("user1") is not None


def test_a_booking_that_is_over_but_for_the_telling_is_no_obstacle(
    world: World, clock: Clock
) -> None:
    booking = world.book(minutes=60)
    clock.move(days=2)
    erase(world)
    assert world.read(booking).details.vehicle_number is None


def test_an_admin_is_erased_by_another_admin(world: World) -> None:
    with pytest.raises(errors.Forbidden):
        erasure.erase_me(world.deps, world.admin, password=PASSWORD, source_ip=ADDRESS)


def test_nobody_is_erased_twice(world: World) -> None:
    erase(world)
    with pytest.raises(errors.AccountNotFound):
        erase(world)


def test_an_erasure_leaves_a_trace(world: World) -> None:
    erase(world)
    events = world.deps.audit.list_day(None, NOON.date(), 10).events
    assert [(event.action, event.subject) for event in events] == [
        ("erase_me", world.user.account_id)
    ]


def test_who_is_erased_leaves_every_line_and_what_they_were_offered_is_the_nexts(
    world: World, clock: Clock
) -> None:
    hall = Hall(world, clock)
    taken = hall.book(0, 2, actor=hall.fourth)
    entries = [hall.join(world.user), hall.join(hall.third), hall.join(world.user, 1, 2)]
    hall.cancel(taken, hall.fourth)
    erase(world)
    assert hall.status(*entries) == [EntryStatus.LEFT, EntryStatus.OFFERED, EntryStatus.LEFT]
    assert world.deps.waitlist.wishes(world.user.locator, "2026-11-23") == frozenset()


def test_erasure_asks_for_the_password_and_counts_a_wrong_one(world: World) -> None:
    for _ in range(5):
        with pytest.raises(errors.Invalid) as refusal:
            erasure.erase_me(world.deps, world.user, password="a guess 12", source_ip=ADDRESS)
        assert set(refusal.value.fields) == {"current_password"}
    with pytest.raises(errors.LockedOut):
        erase(world)
    assert not world.deps.accounts.get(world.user.account_id).erased


def test_an_admin_needs_no_password_of_the_person(world: World) -> None:
    users.delete_user(world.deps, world.admin, world.user.account_id, source_ip=ADDRESS)
    assert world.deps.accounts.get(world.user.account_id).erased


def test_the_answers_kept_for_an_erased_person_are_forgotten(world: World) -> None:
    client, body = Client(world), {"zone_id": "zone-a", "owner_name": "Asha Rao", "minutes": 60}
    for who in (world.user, world.other):
        for key in ("k1", "k2"):
            made = client.by(who).sending(Idempotency_Key=key).post("/api/bookings", body)
            bookings.cancel(world.deps, who, made.body["booking_id"], reason="")
    erase(world)
    kept = list(IdempotencyItem.scan(IdempotencyItem.seed.exists()))
    assert {item.pk for item in kept} == {f"once#{world.other.account_id}"}
    assert len(kept) == 2


def test_the_answer_to_the_registration_of_an_erased_person_is_forgotten(world: World) -> None:
    body = {"email": "asha@example.com", "password": PASSWORD, "name": "Asha Rao"}
    other = {**body, "email": "ravi@example.com"}
    for each in (body, other):
        Client(world).sending(Idempotency_Key="k").post("/api/auth/register", each)
    account = world.deps.accounts.find_by_login("asha@example.com")
    assert account is not None
    erasure.erase_me(world.deps, account.actor(), password=PASSWORD, source_ip=ADDRESS)
    assert len(list(IdempotencyItem.scan(IdempotencyItem.seed.exists()))) == 1
    assert world.deps.accounts.get(account.account_id).made_under == ""


def test_the_answer_kept_for_the_admin_who_took_an_erased_person_on_is_forgotten(
    world: World,
) -> None:
    body = {"email": "asha@example.com", "name": "Asha Rao", "role": "user"}
    made = Client(world).by(world.admin).sending(Idempotency_Key="k").post("/api/admin/users", body)
    users.delete_user(world.deps, world.admin, made.body["user_id"], source_ip=ADDRESS)
    assert list(IdempotencyItem.scan(IdempotencyItem.seed.exists())) == []
