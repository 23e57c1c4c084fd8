"""A debt stands in the way where it is, and at the other sites of the same owner."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Change, Tally, saving
from chalicelib.services.accounts import erasure
from chalicelib.services.bookings import settle
from local.metering import Meter
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import World


@pytest.fixture
def towns(world: World) -> World:
    """Another site with an owner of its own, and a third that nobody but admins runs."""
    for slug in ("north", "south"):
        world.add_site(slug, name=slug.title())
        world.add_zone(f"zone-{slug}", builders.METERED, site=slug)
    world.add_account("norma", Role.OWNER, "north")
    return world


@pytest.fixture
def unpaid(towns: World, clock: Clock) -> Booking:
    """A stay of `user` at central that time has ended with the bill left due."""
    towns.change_zone(towns.zone_a, policy=builders.TIMED)
    stay = towns.enter(towns.book())
    clock.move(minutes=61)
    return settle.read(towns.deps, stay.booking_id)


def book(client: Client, world: World, zone: str) -> Reply:
    return client.by(world.user).post("/api/bookings", {"zone_id": zone, "minutes": 60})


def test_a_refusal_says_what_is_unpaid_how_much_where_and_how_to_pay(
    towns: World, unpaid: Booking
) -> None:
    site = towns.deps.catalogue.site("central")
    refused = book(Client(towns), towns, "zone-a")
    error: dict[str, Any] = refused.body["error"]
    how = f"Pay at the gate or at the desk of {site.name}."
    how += f" Contact: {site.contact}." if site.contact else ""
    assert (refused.status, error) == (
        409,
        {
            "code": "PAYMENT_DUE",
            "message": f"Booking {unpaid.booking_id} is unpaid: 50.00 INR is due. {how}",
            "booking_id": unpaid.booking_id,
            "amount_due": {"amount": "50.00", "currency": "INR"},
            "site": "central",
            "how_to_pay": how,
        },
    )


def test_it_is_no_obstacle_at_the_site_of_another_owner(towns: World, unpaid: Booking) -> None:
    client = Client(towns)
    statuses = [book(client, towns, zone).status for zone in ("zone-north", "zone-south", "zone-a")]
    assert statuses == [201, 201, 409]


def test_it_is_one_at_every_site_of_the_same_owner(towns: World, unpaid: Booking) -> None:
    owner = towns.deps.accounts.get(towns.owner.account_id)
    towns.deps.commit(saving(owner.evolve(sites=owner.sites | {"north"})))
    client = Client(towns)
    refused = book(client, towns, "zone-north")
    assert (refused.code, refused.body["error"]["site"]) == ("PAYMENT_DUE", "central")
    assert book(client, towns, "zone-south").status == 201


def test_who_pays_may_book_again(towns: World, unpaid: Booking) -> None:
    client = Client(towns)
    assert book(client, towns, "zone-a").status == 409
    towns.leave(unpaid)
    assert towns.deps.accounts.get(towns.user.account_id).debts == frozenset()
    assert book(client, towns, "zone-a").status == 201


def test_what_was_paid_elsewhere_meanwhile_is_no_obstacle(towns: World, unpaid: Booking) -> None:
    """Another instance has taken the money; this one still has the account in memory."""
    known = towns.deps.accounts.known(towns.user.account_id)
    towns.leave(unpaid)
    towns.deps.accounts._accounts.put(towns.user.account_id, known)
    assert book(Client(towns), towns, "zone-a").status == 201


def test_a_debt_from_before_debts_had_names_is_one_everywhere(towns: World) -> None:
    towns.deps.commit(Change().counting(Tally(towns.user.locator, "owing", 1)))
    for zone in ("zone-a", "zone-north"):
        assert book(Client(towns), towns, zone).code == "PAYMENT_DUE"


def test_nobody_is_erased_with_a_debt_and_learns_which(towns: World, unpaid: Booking) -> None:
    with pytest.raises(errors.PaymentDue) as refused:
        erasure.erase(
            towns.deps,
            towns.user.account_id,
            by=towns.admin,
            action="delete_user",
            source_ip="-",
        )
    assert refused.value.facts["booking_id"] == unpaid.booking_id


def test_a_customer_without_debts_costs_nothing_more(world: World, meter: Meter) -> None:
    world.book()
    meter.reset()
    world.book()
    assert meter.snapshot().requests == {"Query": 1, "TransactWriteItems": 1}
