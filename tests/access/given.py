"""What the requests of the access table find. Each function arranges one thing and returns the
names by which a request reaches it; they fill the `{holes}` in paths and bodies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib import wiring
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor, KeyScope, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.accounts import api_keys, mailboxes, sign_in
from chalicelib.services.bookings import attachments, book_group, settle
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core import pay_links
from chalicelib.services.payments import asking, review
from chalicelib.services.promos import promos
from chalicelib.services.receipts import issuing, papers
from chalicelib.services.season_passes import steps
from chalicelib.services.stays import check_in, exit_quotes
from chalicelib.services.waitlist import links as waitlist_links
from tests import builders, scenarios
from tests.clock import Clock
from tests.fake_sockets import with_realtime
from tests.fake_webhook_client import add_webhook
from tests.hotel import Hotel
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark
from tests.world import World

COLUMNS = ("nobody", "own", "other", "staff", "staff-x", "owner", "owner-x", "admin")
"""Who asks: a caller who is not signed in, the customer whose thing it is, another customer, staff
of the site and of another one (x), the owner of the site and of another one, an admin."""

PASSWORD = "a quiet harbour 9"

Named = dict[str, str]


class TwoSites:
    """A world with a second site, `elsewhere`, and the actors of the eight columns."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        world.add_site("elsewhere")
        world.add_zone("zone-x", builders.METERED, site="elsewhere", spaces=1)
        actors = (
            None, world.user, world.other,
            world.staff, world.add_account("staffx", Role.STAFF, "elsewhere"),
            world.owner, world.add_account("ownerx", Role.OWNER, "elsewhere"),
            world.admin,
        )  # fmt: skip
        self.actors: dict[str, Actor | None] = dict(zip(COLUMNS, actors, strict=True))

    def named(self, booking: Booking) -> Named:
        return {"booking_id": booking.booking_id, "qr": self.world.deps.tokens.qr(booking)}


Given = Callable[[TwoSites], Named]


def nothing(two_sites: TwoSites) -> Named:
    return {}


def a_booking(two_sites: TwoSites) -> Named:
    """Booked at the car park with a gate, by the customer of the column `own`."""
    return two_sites.named(two_sites.world.book())


def a_fee_to_pay(two_sites: TwoSites) -> Named:
    """A hold of the customer of the column `own`, with an attempt to pay its fee."""
    paying = PayingCarPark.of(two_sites.world, MemoryGateway(two_sites.clock.now))
    wiring.use(paying.deps)
    booking = paying.book_online()
    payment_id = paying.gateway.attempt("order_1")
    return two_sites.named(booking) | {
        "order_id": "order_1",
        "payment_id": payment_id,
        "signature": paying.gateway.checkout("order_1", payment_id),
    }


def a_fee_for_phonepe(two_sites: TwoSites) -> Named:
    """A hold of the customer of the column `own`, whose fee is to be paid with PhonePe."""
    page = "https://phonepe.example.com/pay"
    gateway = MemoryGateway(two_sites.clock.now, name="phonepe", page=page)
    paying = PayingCarPark.of(two_sites.world, gateway)
    paying.deps = replace(paying.deps, gateways=Gateways(phonepe=lambda: gateway))
    wiring.use(paying.deps)
    booking = paying.book_online()
    return two_sites.named(booking) | {"reference": f"{booking.booking_id}_1"}


def a_fee_paid_with_phonepe(two_sites: TwoSites) -> Named:
    """A booking whose fee was paid with PhonePe."""
    named = a_fee_for_phonepe(two_sites)
    gateway = wiring.deps().gateways.find("phonepe")
    assert isinstance(gateway, MemoryGateway)
    gateway.attempt("order_1")
    asking.ask(wiring.deps(), named["reference"])
    return named


def a_paid_fee(two_sites: TwoSites) -> Named:
    """A booking whose fee was paid online."""
    named = a_fee_to_pay(two_sites)
    asking.ask(wiring.deps(), f"{named['booking_id']}_1")
    return named


def _a_deposit_asked(two_sites: TwoSites) -> PayingCarPark:
    paying = PayingCarPark.of(two_sites.world, MemoryGateway(two_sites.clock.now))
    wiring.use(paying.deps)
    paying.change_zone(paying.zone_a, tariff=replace(builders.HOURLY, deposit=10_000))
    return paying


def a_deposit_to_take(two_sites: TwoSites) -> Named:
    """A booking of the customer of the column `own`, in a zone that asks for a deposit."""
    return two_sites.named(_a_deposit_asked(two_sites).book())


def a_deposit_held(two_sites: TwoSites) -> Named:
    """A stay of the customer of the column `own` that has ended and is paid."""
    paying = _a_deposit_asked(two_sites)
    stay = paying.enter(paying.book_and_pay())
    two_sites.clock.move(minutes=30)
    return two_sites.named(paying.leave(stay).booking)


def a_case(two_sites: TwoSites) -> Named:
    """An order whose amount does not fit the booking of the customer of the column `own`."""
    named = a_fee_to_pay(two_sites)
    deps = wiring.deps()
    booking = deps.bookings.get(named["booking_id"])
    review.misfit(deps, booking.site, booking.payments[0], "the amount is 0.01 INR")
    (case,) = deps.reviews.of_site("central", limit=1, after=None).records
    return {"case_id": case.case_id}


def plans_in_sale(two_sites: TwoSites) -> Named:
    """The car park sells season passes online."""
    selling = SeasonCarPark.of(two_sites.world, MemoryGateway(two_sites.clock.now))
    selling.change_site(season_plans=PLANS)
    wiring.use(selling.deps)
    return {"plan_ref": "central.monthly"}


def a_season_pass(two_sites: TwoSites) -> Named:
    """A paid pass of the customer of the column `own`, who has another vehicle and a friend."""
    plans_in_sale(two_sites)
    selling = SeasonCarPark.of(two_sites.world, MemoryGateway(two_sites.clock.now))
    wiring.use(selling.deps)
    held = selling.buy_pass()
    return {"pass_id": held.pass_id, "friend": two_sites.world.other.account_id}


def a_season_pass_to_pay(two_sites: TwoSites) -> Named:
    """A pass that the customer of the column `own` has ordered, with an attempt to pay it."""
    plans_in_sale(two_sites)
    gateway = MemoryGateway(two_sites.clock.now)
    selling = SeasonCarPark.of(two_sites.world, gateway)
    wiring.use(selling.deps)
    held = selling.order_pass()
    payment_id = gateway.attempt("order_1")
    return {
        "pass_id": held.pass_id,
        "order_id": "order_1",
        "payment_id": payment_id,
        "signature": gateway.checkout("order_1", payment_id),
    }


def a_paused_season_pass(two_sites: TwoSites) -> Named:
    """It pauses from tomorrow on."""
    named = a_season_pass(two_sites)
    tomorrow = two_sites.clock.now().date() + timedelta(days=1)
    deps = two_sites.world.deps
    steps.pause(deps, two_sites.world.user, named["pass_id"], first=tomorrow, days=2)
    return named


def a_group(two_sites: TwoSites) -> Named:
    """Two bays, booked together by the customer of the column `own`."""
    made = book_group.book(two_sites.world.deps, two_sites.world.user, Order("zone-a", quantity=2))
    return {"group_id": made.group_id, **two_sites.named(made.bookings[0])}


def a_stay(two_sites: TwoSites) -> Named:
    """The customer of the column `own` has just entered."""
    return two_sites.named(scenarios.a_stay(two_sites.world, two_sites.clock))


def a_quoted_stay(two_sites: TwoSites) -> Named:
    """Its bill has been presented, and is not presented anew."""
    named = a_stay(two_sites)
    deps, staff = two_sites.world.deps, two_sites.world.staff
    exit_quotes.quote_exit(deps, staff, named["qr"], plate=None)
    return named


def a_stay_about_to_end(two_sites: TwoSites) -> Named:
    return two_sites.named(scenarios.a_stay_about_to_end(two_sites.world, two_sites.clock))


def an_unpaid_stay(two_sites: TwoSites) -> Named:
    """Ended by time, with the bill left due."""
    (stay,) = scenarios.overdue_stays(two_sites.world, two_sites.clock)
    return two_sites.named(settle.read(two_sites.world.deps, stay.booking_id))


def a_booking_without_check_in(two_sites: TwoSites) -> Named:
    zone = scenarios.a_zone_without_check_in(two_sites.world)
    soon = two_sites.world.deps.now() + timedelta(minutes=10)
    return two_sites.named(two_sites.world.book(zone=zone.zone_id, start=soon))


def a_stay_without_check_in(two_sites: TwoSites) -> Named:
    zone = scenarios.a_zone_without_check_in(two_sites.world)
    return two_sites.named(two_sites.world.book(zone=zone.zone_id))


def an_empty_site(two_sites: TwoSites) -> Named:
    """Without zones, run by both owners, so that only their role speaks against deleting it."""
    two_sites.world.add_site("lone")
    for name in ("owner", "owner-x"):
        actor = two_sites.actors[name]
        assert actor is not None
        account = two_sites.world.deps.accounts.get(actor.account_id)
        two_sites.world.deps.commit(saving(account.evolve(sites=account.sites | {"lone"})))
    return {"slug": "lone"}


def an_empty_zone(two_sites: TwoSites) -> Named:
    two_sites.world.add_zone("zone-e", builders.METERED, spaces=0)
    return {"zone_id": "zone-e"}


def the_zone(two_sites: TwoSites) -> Named:
    return {"zone_id": "zone-a", "space_id": "zone-a.A-001", "slug": "central"}


def a_shift(two_sites: TwoSites) -> Named:
    """At the car park, of the one in the column `staff`."""
    return _a_shift_of(two_sites, two_sites.world.staff)


def a_colleagues_shift(two_sites: TwoSites) -> Named:
    """Of another member of staff."""
    return _a_shift_of(two_sites, two_sites.world.add_account("staff9", Role.STAFF, "central"))


def _a_shift_of(two_sites: TwoSites, actor: Actor) -> Named:
    return {"shift_id": scenarios.an_open_shift(two_sites.world, actor).shift_id}


def a_blackout(two_sites: TwoSites) -> Named:
    """Of the zone, for an hour in which it is booked."""
    two_sites.world.book()
    closed = builders.a_blackout(two_sites.world.deps.now())
    policy = replace(two_sites.world.zone_a.policy, blackouts=(closed,))
    two_sites.world.change_zone(two_sites.world.zone_a, policy=policy)
    return {"blackout_id": f"zone.zone-a.{closed.key}"}


def an_api_key(two_sites: TwoSites) -> Named:
    """A key of the car park's gate."""
    deps, owner = two_sites.world.deps, two_sites.world.owner
    key, _ = api_keys.create(deps, owner, "central", "North gate", KeyScope.SCANS, source_ip="-")
    return {"key_id": key.key_id}


def a_customer(two_sites: TwoSites) -> Named:
    return {"user_id": two_sites.world.add_account("guest").account_id}


def a_colleague(two_sites: TwoSites) -> Named:
    """Another member of staff of the site."""
    return {"user_id": two_sites.world.add_account("staff9", Role.STAFF, "central").account_id}


def a_password(two_sites: TwoSites) -> Named:
    """An account with a password, and the links that its mailbox has received."""
    deps = two_sites.world.deps
    actor = two_sites.world.add_account("known")
    account = deps.accounts.get(actor.account_id).evolve(password=deps.passwords.hash(PASSWORD))
    deps.commit(saving(account))
    until = deps.now() + timedelta(hours=1)
    return {
        "email": account.email,
        "refresh": sign_in.open_session(deps, account).refresh,
        "reset": deps.tokens.link("reset_password", account.account_id, account.epoch, until),
        "verify": deps.tokens.link("verify_email", account.account_id, account.epoch, until),
    }


def a_booking_to_confirm(two_sites: TwoSites) -> Named:
    """A hall, two days ahead, not confirmed yet."""
    return two_sites.named(two_sites.world.book_hall())


def a_link_of_a_booking(two_sites: TwoSites) -> Named:
    """As it stands in a reminder."""
    world = two_sites.world
    link = booking_links.make(world.deps, world.book_hall(), "confirm", to="user1@example.com")
    return {"token": link.rpartition("/")[2]}


def a_pay_link(two_sites: TwoSites) -> Named:
    """As it stands in the mail about a fee that is not paid yet."""
    booking_id = a_fee_to_pay(two_sites)["booking_id"]
    link = pay_links.shown(wiring.deps(), booking_id)
    return {"token": link.rpartition("/")[2]}


def a_receipt(two_sites: TwoSites) -> Named:
    """Of a stay of the customer of the column `own`, as the outbox has issued it."""
    named = an_unpaid_stay(two_sites)
    issuing.issue_for(two_sites.world.deps, named["booking_id"])
    return named


def a_link_of_a_receipt(two_sites: TwoSites) -> Named:
    """As it stands in the mail at the end of a stay."""
    deps, booking_id = two_sites.world.deps, a_receipt(two_sites)["booking_id"]
    link = papers.link(deps, deps.bookings.get(booking_id), to="user1@example.com")
    return {"token": link.rpartition("/")[2]}


def a_hotel(two_sites: TwoSites) -> Named:
    """Rooms at the customer's site; room 101 is to be cleaned."""
    scenarios.a_room_to_clean(two_sites.world, two_sites.clock, site="central")
    return {"slug": "central", "space_id": "rooms.101"}


def a_room_booking(two_sites: TwoSites) -> Named:
    """The customer of the column `own` has a room from now on."""
    Hotel(two_sites.world, two_sites.clock, site="central")
    booking = two_sites.world.book(two_sites.world.user, "rooms", number="101")
    return {"slug": "central", "booking_id": booking.booking_id, "space_id": "rooms.101"}


def two_room_bookings(two_sites: TwoSites) -> Named:
    """The customer of the column `own` has room 101 from now on, and another customer room 102."""
    named = a_room_booking(two_sites)
    world = two_sites.world
    return named | {"other_id": world.book(world.other, "rooms", number="102").booking_id}


def a_room_stay(two_sites: TwoSites) -> Named:
    """The customer of the column `own` is in a room, and a chat belongs to the stay."""
    named = a_room_booking(two_sites)
    deps, staff, booking_id = two_sites.world.deps, two_sites.world.staff, named["booking_id"]
    check_in.check_in(deps, staff, booking_id)
    attachments.attach(deps, staff, booking_id, "conversation", "c-1")
    return named


def a_full_hall(two_sites: TwoSites) -> Named:
    """A hall in two days, held by none of those who ask."""
    hall, booking = scenarios.a_full_hall(two_sites.world, two_sites.clock)
    two_sites.world.make_known(hall.third)
    return {"start": localtime.iso(booking.booked.start), "user_id": hall.third.account_id}


def an_entry(two_sites: TwoSites) -> Named:
    """The customer of the column `own` waits for a hall."""
    hall, _ = scenarios.a_full_hall(two_sites.world, two_sites.clock)
    return {"entry_id": hall.join(two_sites.world.user).entry_id}


def _offered(two_sites: TwoSites) -> Entry:
    _, entry = scenarios.an_offer(two_sites.world, two_sites.clock, two_sites.world.user)
    return entry


def an_offer(two_sites: TwoSites) -> Named:
    """The customer of the column `own` is offered a hall."""
    return {"entry_id": _offered(two_sites).entry_id}


def a_link_of_an_offer(two_sites: TwoSites) -> Named:
    """As it stands in the mail."""
    entry = _offered(two_sites)
    to = two_sites.world.deps.accounts.get(entry.user_id).email
    link = waitlist_links.make(two_sites.world.deps, entry, "claim", to=to)
    return {"token": link.rpartition("/")[2]}


def a_link_of_an_address(two_sites: TwoSites) -> Named:
    """As it stands in a mail that can be unsubscribed from."""
    link = mailboxes.unsubscribe_link(two_sites.world.deps, "asha@example.com")
    return {"token": link.rpartition("/")[2]}


def a_link(two_sites: TwoSites) -> Named:
    """As it stands in the mail to a new customer."""
    return {"token": a_password(two_sites)["verify"]}


def a_promo(two_sites: TwoSites) -> Named:
    """A code of the car park."""
    deps, owner = two_sites.world.deps, two_sites.world.owner
    new = promos.NewPromo("SUMMER20", "central", percent=20)
    made = promos.create(deps, owner, new, source_ip="-")
    return {"promo_id": made.promo.promo_id}


def a_webhook(two_sites: TwoSites) -> Named:
    """Of the site, which publishes what happens there."""
    return {"webhook_id": add_webhook(with_realtime(two_sites.world)).webhook_id}
