"""The people and the things of the access table. Each function sets one thing up, fresh, and names
what a request needs to reach it; the names fill the `{holes}` in paths and bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.accounts import mailboxes, sign_in
from chalicelib.services.bookings import attachments, book_group, settle
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.operations import shifts
from chalicelib.services.stays import check_in
from chalicelib.services.waitlist import links as waitlist_links
from tests import builders
from tests.clock import Clock
from tests.desk import Desk
from tests.hall import START, Hall
from tests.receiver import add_webhook
from tests.switchboard import publishing
from tests.world import World

COLUMNS = ("nobody", "own", "other", "staff", "staff-x", "owner", "owner-x", "admin")
"""Who asks: somebody not signed in, the customer whose thing it is, another customer, staff of the
site and of another (x), its owner and another one's, an admin."""

PASSWORD = "a quiet harbour 9"

Named = dict[str, str]


@dataclass
class Stage:
    """A world with two sites, and the eight who ask."""

    world: World
    clock: Clock
    cast: dict[str, Actor | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.world
        world.add_site("elsewhere")
        world.add_zone("zone-x", builders.METERED, site="elsewhere", spaces=1)
        people = (
            None, world.user, world.other, world.staff,
            world.add_account("staffx", Role.STAFF, "elsewhere"),
            world.owner, world.add_account("ownerx", Role.OWNER, "elsewhere"), world.admin,
        )  # fmt: skip
        self.cast = dict(zip(COLUMNS, people, strict=True))

    def named(self, booking: Booking) -> Named:
        return {"booking_id": booking.booking_id, "qr": self.world.deps.tokens.qr(booking)}


Given = Callable[[Stage], Named]


def nothing(stage: Stage) -> Named:
    return {}


def a_booking(stage: Stage) -> Named:
    """Booked at the car park with a gate, by the customer of the column `own`."""
    return stage.named(stage.world.book())


def a_group(stage: Stage) -> Named:
    """Two bays, booked together by the customer of the column `own`."""
    made = book_group.book(stage.world.deps, stage.world.user, Order("zone-a", quantity=2))
    return {"group_id": made.group_id, **stage.named(made.bookings[0])}


def a_stay(stage: Stage) -> Named:
    """Inside since just now."""
    booking = stage.world.book()
    return stage.named(stage.world.enter(booking))


def a_stay_near_its_end(stage: Stage) -> Named:
    booking = stage.world.enter(stage.world.book())
    stage.clock.move(minutes=57)
    return stage.named(booking)


def an_unpaid_stay(stage: Stage) -> Named:
    """Ended by time, with the bill left due."""
    stage.world.change_zone(stage.world.zone_a, policy=builders.TIMED)
    booking = stage.world.enter(stage.world.book())
    stage.clock.move(minutes=61)
    return stage.named(settle.read(stage.world.deps, booking.booking_id))


def a_booking_where_nobody_checks_in(stage: Stage) -> Named:
    stage.world.add_zone("zone-t", builders.TIMER, tariff=builders.FREE)
    soon = stage.world.deps.now() + timedelta(minutes=10)
    return stage.named(stage.world.book(zone="zone-t", start=soon))


def a_stay_where_nobody_checks_in(stage: Stage) -> Named:
    stage.world.add_zone("zone-t", builders.TIMER, tariff=builders.FREE)
    return stage.named(stage.world.book(zone="zone-t"))


def an_empty_site(stage: Stage) -> Named:
    """Without zones, run by both owners, so that only their role speaks against deleting it."""
    stage.world.add_site("lone")
    for name in ("owner", "owner-x"):
        actor = stage.cast[name]
        assert actor is not None
        account = stage.world.deps.accounts.get(actor.account_id)
        stage.world.deps.commit(saving(account.evolve(sites=account.sites | {"lone"})))
    return {"slug": "lone"}


def an_empty_zone(stage: Stage) -> Named:
    stage.world.add_zone("zone-e", builders.METERED, spaces=0)
    return {"zone_id": "zone-e"}


def the_zone(stage: Stage) -> Named:
    return {"zone_id": "zone-a", "space_id": "zone-a.A-001", "slug": "central"}


def a_shift(stage: Stage) -> Named:
    """At the car park, of the one in the column `staff`."""
    return _a_shift_of(stage, stage.world.staff)


def a_colleagues_shift(stage: Stage) -> Named:
    """Of somebody else who works there."""
    return _a_shift_of(stage, stage.world.add_account("staff9", Role.STAFF, "central"))


def _a_shift_of(stage: Stage, actor: Actor) -> Named:
    opened = shifts.open_shift(stage.world.deps, actor, "central", "500", source_ip="-")
    return {"shift_id": opened.shift_id}


def a_blackout(stage: Stage) -> Named:
    """Of the zone, for an hour in which somebody has booked it."""
    stage.world.book()
    closed = builders.a_blackout(stage.world.deps.now())
    policy = replace(stage.world.zone_a.policy, blackouts=(closed,))
    stage.world.change_zone(stage.world.zone_a, policy=policy)
    return {"blackout_id": f"zone.zone-a.{closed.key}"}


def a_customer(stage: Stage) -> Named:
    return {"user_id": stage.world.add_account("guest").account_id}


def a_colleague(stage: Stage) -> Named:
    """Another one who works at the site."""
    return {"user_id": stage.world.add_account("staff9", Role.STAFF, "central").account_id}


def a_password(stage: Stage) -> Named:
    """An account one can sign in to, with what its mailbox has received."""
    deps = stage.world.deps
    actor = stage.world.add_account("known")
    account = deps.accounts.get(actor.account_id).evolve(password=deps.passwords.hash(PASSWORD))
    deps.commit(saving(account))
    until = deps.now() + timedelta(hours=1)
    return {
        "email": account.email,
        "refresh": sign_in.open_session(deps, account).refresh,
        "reset": deps.tokens.link("reset_password", account.account_id, account.epoch, until),
        "verify": deps.tokens.link("verify_email", account.account_id, account.epoch, until),
    }


def a_booking_to_confirm(stage: Stage) -> Named:
    """A hall, two days ahead, not confirmed yet."""
    return stage.named(stage.world.book_hall())


def a_link_of_a_booking(stage: Stage) -> Named:
    """As it stands in a reminder."""
    link = booking_links.make(stage.world.deps, stage.world.book_hall(), "confirm")
    return {"token": link.rpartition("/")[2]}


def a_hotel(stage: Stage) -> Named:
    """Rooms at the customer's site; room 101 is to be cleaned."""
    hotel = Desk(stage.world, stage.clock, site="central")
    hotel.check_out(hotel.stay())
    return {"slug": "central", "space_id": "rooms.101"}


def a_room_booking(stage: Stage) -> Named:
    """The customer of the column `own` has a room from now on."""
    Desk(stage.world, stage.clock, site="central")
    booking = stage.world.book(stage.world.user, "rooms", number="101")
    return {"slug": "central", "booking_id": booking.booking_id, "space_id": "rooms.101"}


def a_room_stay(stage: Stage) -> Named:
    """And is in it, with a chat that belongs to the stay."""
    named = a_room_booking(stage)
    check_in.check_in(stage.world.deps, stage.world.staff, named["booking_id"])
    attachments.attach(
        stage.world.deps, stage.world.staff, named["booking_id"], "conversation", "c-1"
    )
    return named


def a_full_hall(stage: Stage) -> Named:
    """One hall, in two days held by none of those who ask."""
    hall = Hall(stage.world, stage.clock)
    hall.book(actor=hall.fourth)
    return {"start": localtime.iso(START), "user_id": hall.third.account_id}


def an_entry(stage: Stage) -> Named:
    """The customer of the column `own` waits for a hall."""
    hall = Hall(stage.world, stage.clock)
    hall.book(actor=hall.fourth)
    return {"entry_id": hall.join(stage.world.user).entry_id}


def an_offer(stage: Stage) -> Named:
    """And is offered it."""
    return {"entry_id": _offered(stage).entry_id}


def a_link_of_an_offer(stage: Stage) -> Named:
    """As it stands in the mail."""
    link = waitlist_links.make(stage.world.deps, _offered(stage), "claim")
    return {"token": link.rpartition("/")[2]}


def _offered(stage: Stage) -> Entry:
    hall = Hall(stage.world, stage.clock)
    booking = hall.book(actor=hall.fourth)
    entry = hall.join(stage.world.user)
    hall.cancel(booking, hall.fourth)
    return entry


def a_link_of_an_address(stage: Stage) -> Named:
    """As it stands in a mail that one can do without."""
    link = mailboxes.unsubscribe_link(stage.world.deps, "asha@example.com")
    return {"token": link.rpartition("/")[2]}


def a_link(stage: Stage) -> Named:
    """As it stands in the mail to a new customer."""
    return {"token": a_password(stage)["verify"]}


def a_webhook(stage: Stage) -> Named:
    """Of the site, which publishes what happens there."""
    return {"webhook_id": add_webhook(publishing(stage.world)).webhook_id}
