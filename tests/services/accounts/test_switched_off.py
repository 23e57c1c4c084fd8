"""An account that is switched off waits for nothing and takes nothing
(docs/rules/accounts.md, Switching an account off)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.accounts import users
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist import links as waitlist_links
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.batches import post, sweep
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.hall import HOUR, START, Hall
from tests.world import World

IP = "203.0.113.9"


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


def switch(world: World, who: Actor, *, on: bool) -> None:
    users.edit_user(world.deps, world.admin, who.account_id, {"active": on}, source_ip=IP)


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def mailbox_of(world: World, who: Actor) -> str:
    return world.deps.accounts.get(who.account_id).email


def test_its_entries_end_and_the_next_is_offered_what_it_held(
    hall: Hall, office: Deps, clock: Clock
) -> None:
    booking = hall.book()
    mine, next_one, last = (hall.join(each) for each in (hall.world.other, hall.third, hall.fourth))
    hall.cancel(booking)
    clock.move(minutes=3)
    sweep(office)  # the offer is mailed
    assert hall.status(mine, next_one) == [EntryStatus.OFFERED, EntryStatus.WAITING]
    switch(hall.world, hall.world.other, on=False)
    clock.move(minutes=3)
    sweep(office)
    assert hall.status(mine, next_one, last) == [
        EntryStatus.LEFT, EntryStatus.OFFERED, EntryStatus.WAITING,
    ]  # fmt: skip


def test_ending_them_twice_is_ending_them_once(hall: Hall, office: Deps, clock: Clock) -> None:
    hall.book()
    mine, next_one = hall.join(hall.world.other), hall.join(hall.third)
    switch(hall.world, hall.world.other, on=False)
    post(office, effect.end_waiting(hall.world.other.account_id))
    clock.move(minutes=3)
    report = sweep(office)
    assert (report.failed, report.parked) == (0, 0)
    assert hall.status(mine, next_one) == [EntryStatus.LEFT, EntryStatus.WAITING]


def test_an_account_that_is_on_again_keeps_what_it_has(
    hall: Hall, office: Deps, clock: Clock
) -> None:
    hall.book()
    mine = hall.join(hall.world.other)
    switch(hall.world, hall.world.other, on=False)
    switch(hall.world, hall.world.other, on=True)
    clock.move(minutes=3)
    sweep(office)
    assert hall.status(mine) == [EntryStatus.WAITING]


def test_its_link_to_claim_is_gone_and_its_link_to_decline_goes_on(hall: Hall) -> None:
    booking = hall.book()
    mine, next_one = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    mine = hall.deps.waitlist.get(mine.entry_id)
    claim = token_of(
        waitlist_links.make(hall.deps, mine, "claim", to=mailbox_of(hall.world, hall.world.other))
    )
    decline = token_of(
        waitlist_links.make(hall.deps, mine, "decline", to=mailbox_of(hall.world, hall.world.other))
    )
    switch(hall.world, hall.world.other, on=False)
    with pytest.raises(errors.LinkExpired):
        waitlist_links.open_link(hall.deps, claim, "claim")
    with pytest.raises(errors.LinkExpired):
        waitlist_links.claim(hall.deps, claim)
    waitlist_links.decline(hall.deps, decline)
    assert hall.status(mine, next_one) == [EntryStatus.LEFT, EntryStatus.OFFERED]


def test_its_link_to_confirm_is_gone_and_its_link_to_cancel_goes_on(world: World) -> None:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE)
    booking = world.book_hall(world.user, start=world.deps.now() + timedelta(days=9))
    confirm = token_of(
        booking_links.make(world.deps, booking, "confirm", to=mailbox_of(world, world.user))
    )
    cancel = token_of(
        booking_links.make(world.deps, booking, "cancel", to=mailbox_of(world, world.user))
    )
    switch(world, world.user, on=False)
    with pytest.raises(errors.LinkExpired):
        booking_links.confirm(world.deps, confirm)
    assert booking_links.cancel(world.deps, cancel).booking.status is Status.CANCELLED


def test_the_links_of_guests_and_of_others_go_on(world: World) -> None:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE)
    booking = world.book_hall(world.user, start=world.deps.now() + timedelta(days=9))
    switch(world, world.other, on=False)
    link = token_of(
        booking_links.make(world.deps, booking, "confirm", to=mailbox_of(world, world.user))
    )
    assert booking_links.confirm(world.deps, link).confirmed_at is not None


def test_an_offer_to_it_goes_to_the_next_even_before_its_entries_have_ended(
    hall: Hall, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    booking = hall.book()
    mine, next_one = hall.join(hall.world.other), hall.join(hall.third)
    off = hall.deps.accounts.get(hall.world.other.account_id).evolve(active=False)
    hall.deps.commit(saving(off))
    hall.cancel(booking)
    clock.move(minutes=3)
    report = sweep(office)
    assert (report.failed, report.parked) == (0, 0)
    assert hall.status(mine, next_one) == [EntryStatus.EXPIRED, EntryStatus.OFFERED]
    assert "user2@example.com" not in mailer.recipients


def wish_for(hall: Hall, who: Actor) -> WaitlistRequest:
    return WaitlistRequest(
        hall.zone_id, None, START, START + HOUR, user_id=who.account_id, reason="asked"
    )


# -- whom staff put in line (B10)


def test_staff_put_in_line_whom_their_site_knows(hall: Hall) -> None:
    hall.book()
    with pytest.raises(errors.AccountNotFound):
        entries.join(hall.deps, hall.world.staff, wish_for(hall, hall.third))
    booked = hall.world.book(hall.third)
    assert booked.site == "central"
    assert entries.join(hall.deps, hall.world.staff, wish_for(hall, hall.third)).user_id == (
        hall.third.account_id
    )


def test_a_booking_at_another_site_makes_nobody_known(hall: Hall) -> None:
    hall.book()
    hall.world.add_site("elsewhere")
    hall.world.add_zone("far", builders.METERED, site="elsewhere")
    hall.world.book(hall.third, zone="far")
    with pytest.raises(errors.AccountNotFound):
        entries.join(hall.deps, hall.world.staff, wish_for(hall, hall.third))


def test_who_waited_at_the_site_is_known_too(hall: Hall) -> None:
    hall.book()
    hall.leave(hall.join(hall.third), hall.third)
    entry = entries.join(hall.deps, hall.world.staff, wish_for(hall, hall.third))
    assert entry.user_id == hall.third.account_id


def test_nobody_puts_a_switched_off_account_in_line(hall: Hall) -> None:
    hall.book()
    switch(hall.world, hall.third, on=False)
    with pytest.raises(errors.AccountNotFound):
        entries.join(hall.deps, hall.world.admin, wish_for(hall, hall.third))
