"""What was brought over behaves as any other record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.sites.site import default_policy
from chalicelib.services.accounts import erasure, sign_in
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk import search
from chalicelib.services.waitlist import entries
from tests import builders
from tests.clock import Clock
from tests.gateways.test_old_passwords import argon2, pbkdf2
from tests.hotel import NIGHTLY
from tests.local.importing.conftest import Bring, booking_of, new_id
from tests.world import World

PASSWORD = "correct horse 7"
CUSTOMERS = (
    f"id,email,name,password\n7,asha@example.org,Asha,{pbkdf2(PASSWORD)}\n8,bo@example.org,Bo,\n"
)
HEADER = "id,status,start,end,space,customer,created_at,entered_at,left_at,ended_at,paid,charged\n"
LIVE = (
    "1,booked,2026-11-21T06:45:00Z,2026-11-21T08:45:00Z,zone-a.A-001,7,2026-11-20T05:00:00Z,,,,,\n"
)
ACTIVE = "2,active,2026-11-21T06:00:00Z,2026-11-21T09:00:00Z,zone-a.A-002,7,2026-11-19T05:00:00Z,2026-11-21T06:10:00Z,,,,\n"
PAST = "3,completed,2026-11-01T06:00:00Z,2026-11-01T08:00:00Z,zone-a.A-001,7,2026-11-01T05:00:00Z,2026-11-01T06:00:00Z,2026-11-01T08:10:00Z,,150.00,150.00\n"
OWED = "4,completed,2026-11-02T06:00:00Z,2026-11-02T08:00:00Z,zone-a.A-001,8,2026-11-02T05:00:00Z,2026-11-02T06:00:00Z,2026-11-02T08:10:00Z,,50.00,150.00\n"
GONE = "5,cancelled,2026-11-23T06:00:00Z,2026-11-23T08:00:00Z,zone-a.A-001,7,2026-11-03T05:00:00Z,,,2026-11-04T05:00:00Z,,\n"
MISSED = (
    "6,booked,2026-11-10T06:00:00Z,2026-11-10T08:00:00Z,zone-a.A-001,7,2026-11-05T05:00:00Z,,,,,\n"
)
ALL = {
    "customers.csv": CUSTOMERS,
    "bookings.csv": HEADER + LIVE + ACTIVE + PAST + OWED + GONE + MISSED,
}


@pytest.fixture
def brought(bring: Bring) -> None:
    found = bring(ALL)
    assert found.code == 0, found.text
    assert "customers: 2 written\nbookings: 6 written" in found.text


def asha(deps: Deps) -> Actor:
    account_id = new_id("7", "customers")
    assert account_id is not None
    return deps.accounts.get(account_id).actor()


@pytest.mark.usefixtures("brought")
def test_a_customer_sees_live_ones_and_history_newest_first(deps: Deps) -> None:
    own = lists.own(deps, asha(deps), Filters(), limit=10, after=None).records
    statuses = [(each.status.value, f"{each.created_at:%m-%d}") for each in own]
    assert statuses == [
        ("booked", "11-20"),
        ("active", "11-19"),
        ("expired", "11-05"),
        ("cancelled", "11-03"),
        ("completed", "11-01"),
    ]
    assert {each.timeline[0].source for each in own} == {"import"}


@pytest.mark.usefixtures("brought")
def test_a_live_one_is_entered_left_and_billed(world: World, deps: Deps, clock: Clock) -> None:
    clock.move(minutes=20)
    world.enter(booking_of(deps, "1"))
    clock.move(hours=1)
    left = world.leave(booking_of(deps, "1"))
    assert left.booking.status is Status.COMPLETED
    assert left.bill.charged.text() == "50.00"


@pytest.mark.usefixtures("brought")
def test_an_active_one_is_left_and_frees_its_space(world: World, deps: Deps, clock: Clock) -> None:
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-002")
    clock.move(minutes=30)
    world.leave(booking_of(deps, "2"))
    assert world.book(number="A-002").number == "A-002"


@pytest.mark.usefixtures("brought")
def test_a_live_one_is_cancelled_and_its_time_booked_again(world: World, deps: Deps) -> None:
    start = booking_of(deps, "1").booked.start
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001", start=start)
    bookings.cancel(deps, asha(deps), booking_of(deps, "1").booking_id)
    assert world.book(number="A-001", start=start).booked.start == start


@pytest.mark.usefixtures("brought")
def test_a_live_one_that_is_not_entered_expires(deps: Deps, clock: Clock) -> None:
    clock.move(hours=3)
    sweeps.run(deps, "expire-bookings")
    assert booking_of(deps, "1").status is Status.EXPIRED


@pytest.mark.usefixtures("brought")
def test_history_takes_no_time_and_no_step(world: World, deps: Deps) -> None:
    missed = booking_of(deps, "6")
    assert (missed.status, missed.deadline, missed.bill) == (Status.EXPIRED, None, None)
    with pytest.raises(errors.AlreadyEnded):
        bookings.cancel(deps, asha(deps), missed.booking_id)
    start = booking_of(deps, "5").booked.start
    assert world.book(number="A-001", start=start).booked.start == start


@pytest.mark.usefixtures("brought")
def test_what_was_billed_and_paid_is_history_and_what_is_owed_is_owed(
    world: World, deps: Deps
) -> None:
    paid, owed = booking_of(deps, "3"), booking_of(deps, "4")
    assert paid.bill is not None
    assert (paid.payment_status, paid.bill.charged.text()) == ("paid", "150.00")
    assert owed.bill is not None
    assert (owed.payment_status, owed.bill.amount_due.text()) == ("due", "100.00")
    bo = deps.accounts.get(owed.user_id or "").actor()
    with pytest.raises(errors.PaymentDue):
        world.book(bo)
    waived = bookings.waive(deps, world.owner, owed.booking_id, reason="Old")
    assert waived.payment_status == "paid"
    assert world.book(bo, number="A-003").user_id == bo.account_id


def test_what_another_system_has_kept_of_a_cancelled_one_is_earned(
    bring: Bring, deps: Deps
) -> None:
    row = GONE.removesuffix(",,\n") + ",50.00,\n"
    bring({"customers.csv": CUSTOMERS, "bookings.csv": HEADER + row})
    gone = booking_of(deps, "5")
    entries = deps.ledger.of_day(gone.site, gone.updated_at.date())

    assert books.faults_of(gone, entries) == ()
    assert {line.account: line.minor for line in entries[0].lines} == {
        "before": 5000, "revenue": -5000,
    }  # fmt: skip


@pytest.mark.usefixtures("brought")
def test_an_erased_customer_is_erased_from_what_was_brought_over(
    world: World, deps: Deps, clock: Clock
) -> None:
    clock.move(hours=1)
    world.leave(booking_of(deps, "2"))
    bookings.cancel(deps, asha(deps), booking_of(deps, "1").booking_id)
    erasure.erase_me(deps, asha(deps), password=PASSWORD, source_ip="203.0.113.9")
    assert booking_of(deps, "3").details.owner_name is None
    assert deps.accounts.find_by_login("asha@example.org") is None


@pytest.mark.usefixtures("brought")
def test_a_customer_signs_in_with_the_old_password(deps: Deps) -> None:
    made = sign_in.login(deps, "asha@example.org", PASSWORD, source_ip="203.0.113.9")
    assert made.account.account_id == new_id("7", "customers")
    assert made.account.password.startswith("$argon2id$")


def test_a_plain_argon2_hash_and_no_password_at_all_come_over(deps: Deps, bring: Bring) -> None:
    rows = f'1,a@example.org,A,"{argon2(PASSWORD)}"\n2,b@example.org,B,!unusable\n'
    assert bring({"customers.csv": "id,email,name,password\n" + rows}).code == 0
    assert sign_in.login(deps, "a@example.org", PASSWORD, source_ip="203.0.113.9").access
    with pytest.raises(errors.BadCredentials):
        sign_in.login(deps, "b@example.org", PASSWORD, source_ip="203.0.113.9")


def test_an_address_that_has_an_account_stays_that_account(
    world: World, deps: Deps, bring: Bring
) -> None:
    text = f"id,email,name,password\n9,USER1@example.com,Somebody,{pbkdf2(PASSWORD)}\n"
    before = deps.accounts.get(world.user.account_id)
    row = LIVE.replace(",7,", ",9,")
    assert bring({"customers.csv": text, "bookings.csv": HEADER + row}).code == 0
    assert deps.accounts.get(world.user.account_id) == before
    assert booking_of(deps, "1").user_id == world.user.account_id


# -- mails -----------------------------------------------------------------------------------------


def test_no_mail_leaves_unless_it_is_asked_for(
    bring: Bring, deliver: Callable[[], list[object]]
) -> None:
    assert bring(ALL).code == 0
    assert deliver() == []


def test_with_mail_live_ones_are_confirmed_and_passwords_chosen(
    bring: Bring, deliver: Callable[[], list[object]]
) -> None:
    assert bring(ALL, mail=True).code == 0
    assert len(deliver()) == 3  # two live bookings, one customer without a password


# -- quotas, rooms, confirmation -------------------------------------------------------------------


def test_a_quota_counts_live_ones_and_refuses_none_of_them(
    world: World, deps: Deps, bring: Bring
) -> None:
    world.change_zone(world.zone_a, policy=replace(builders.METERED, quota_per_user=1))
    assert bring(ALL).code == 0
    with pytest.raises(errors.QuotaReached):
        world.book(asha(deps), number="A-003")
    bookings.cancel(deps, asha(deps), booking_of(deps, "1").booking_id)
    with pytest.raises(errors.QuotaReached):
        world.book(asha(deps), number="A-003")


def hotel(world: World) -> None:
    world.add_site("inn", timezone="Europe/Dublin", currency="EUR")
    world.add_zone(
        "rooms", default_policy("room"), spaces=["101", "102"], site="inn",
        tariff=NIGHTLY, kind="room",
    )  # fmt: skip


def test_a_room_without_a_number_gets_one_that_is_free(
    world: World, deps: Deps, bring: Bring
) -> None:
    hotel(world)
    text = (
        "id,status,start,end,zone,number,name,guest_email\n"
        "1,booked,2026-12-01,2026-12-03,rooms,,Ravi Menon,ravi@example.org\n"
        "2,booked,2026-12-02,2026-12-04,rooms,101,Ann,\n"
    )
    assert bring({"bookings.csv": text}).code == 0
    ravi, ann = booking_of(deps, "1"), booking_of(deps, "2")
    assert (ravi.number, ravi.provisional, ann.number, ann.provisional) == (
        "102", True, "101", False,
    )  # fmt: skip
    assert ravi.booked.start.isoformat() == "2026-12-01T15:00:00+00:00"
    assert ravi.booked.end.isoformat() == "2026-12-03T11:00:00+00:00"
    found = search.search(deps, world.admin, "inn", "Menon")
    assert [each.booking_id for each in found.bookings] == [ravi.booking_id]


def test_a_room_without_a_number_where_none_is_free_is_named(world: World, bring: Bring) -> None:
    hotel(world)
    text = "id,status,start,end,zone\n" + "".join(
        f"{n},booked,2026-12-01,2026-12-03,rooms\n" for n in range(1, 4)
    )
    found = bring({"bookings.csv": text})
    assert "line 4, zone: no space of rooms is free for it" in found.text


def test_the_guest_of_an_active_stay_is_in_the_room(world: World, deps: Deps, bring: Bring) -> None:
    hotel(world)
    text = "id,status,start,end,space\n1,active,2026-11-20,2026-11-23,rooms.101\n"
    assert bring({"bookings.csv": text}).code == 0
    assert deps.rooms.get("rooms", "101").booking_id == booking_of(deps, "1").booking_id


def test_a_confirmed_booking_of_a_hall_is_not_asked_again(
    world: World, deps: Deps, bring: Bring
) -> None:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE)
    text = (
        "id,status,start,end,space,confirmed_at\n"
        "1,booked,2026-11-28 10:00,2026-11-28 12:00,halls.A-001,2026-11-20 10:00\n"
        "2,booked,2026-11-28 10:00,2026-11-28 12:00,halls.A-002,\n"
    )
    assert bring({"bookings.csv": text}).code == 0
    kinds = [each.deadline and each.deadline.kind.value for each in
             (booking_of(deps, "1"), booking_of(deps, "2"))]  # fmt: skip
    assert kinds == ["auto-start", "reminder"]


# -- places and the waitlist -----------------------------------------------------------------------


def test_zones_and_spaces_come_first(world: World, deps: Deps, bring: Bring) -> None:
    found = bring(
        {
            "zones.csv": "id,name,rate\n1,Zone West,75.00\n",
            "spaces.csv": "id,zone,number\n12,1,W-001\n13,zone-a,A-001\n",
            "bookings.csv": HEADER + LIVE.replace("zone-a.A-001", "12").replace(",7,", ",,"),
        },
        site="central",
    )
    assert "zones: 1 written\nspaces: 1 written\nbookings: 1 written" in found.text
    assert booking_of(deps, "1").space_id == "zone-west.W-001"
    assert deps.catalogue.fresh_zone("zone-west").tariff.rate == 7500
    world.book(zone="zone-a", number="A-001")


def test_those_who_wait_keep_their_order_and_get_what_is_freed(
    world: World, deps: Deps, bring: Bring
) -> None:
    start = deps.now() + timedelta(days=2)
    taken = [world.book(number=number, start=start) for number in ("A-001", "A-002", "A-003")]
    when = f"{start:%Y-%m-%dT%H:%M:%SZ},{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    text = "id,customer,zone,start,end,created_at,waiting\n" + (
        f"1,8,zone-a,{when},2026-11-02T05:00:00Z,true\n"
        f"2,7,zone-a,{when},2026-11-01T05:00:00Z,true\n"
        f"3,7,zone-a,{when},2026-10-01T05:00:00Z,false\n"
    )
    found = bring({"customers.csv": CUSTOMERS, "waitlist.csv": text})
    assert "waitlist: 2 written" in found.text
    first, second = (deps.waitlist.get(new_id(old, "waitlist") or "") for old in "21")
    assert (entries.position(deps, first), entries.position(deps, second)) == (1, 2)
    bookings.cancel(deps, world.user, taken[1].booking_id)
    assert deps.waitlist.get(first.entry_id).held == "A-002"
