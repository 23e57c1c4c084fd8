"""A role that does not count until the address is verified: the refusals say what to do."""

from __future__ import annotations

import pytest

from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from tests.client import Client
from tests.world import World

FIRST = "Confirm your email address first"


@pytest.fixture
def hired(world: World) -> Actor:
    """Staff of `central`, taken on with a password, who have not followed the link yet."""
    actor = world.add_account("new", Role.STAFF, "central")
    return verify(world, actor, verified=False)


def verify(world: World, who: Actor, *, verified: bool) -> Actor:
    account = world.deps.accounts.get(who.account_id).evolve(verified=verified)
    world.deps.commit(saving(account))
    return account.actor()


@pytest.mark.parametrize(
    "path",
    [
        "/api/staff/active-sessions?site=central",
        "/api/bookings?site=central",
        "/api/admin/users",
    ],
)
def test_staff_who_have_not_verified_the_address_read_that_they_have_to(
    client: Client, world: World, hired: Actor, path: str
) -> None:
    refused = client.by(hired).get(path)
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert refused.body["error"]["message"].startswith(FIRST)
    hindi = client.by(hired).sending(Accept_Language="hi").get(path)
    assert hindi.body["error"]["message"].startswith("पहले अपने ईमेल पते की पुष्टि करें")


def test_once_it_is_verified_a_refusal_has_its_usual_reason(
    client: Client, world: World, hired: Actor
) -> None:
    staff = client.by(verify(world, hired, verified=True))
    assert staff.get("/api/staff/active-sessions?site=central").status == 200
    refused = staff.get("/api/admin/users")
    assert (refused.status, FIRST in refused.body["error"]["message"]) == (403, False)


def test_a_customer_who_has_not_verified_the_address_has_no_role_to_wait_for(
    client: Client, world: World
) -> None:
    customer = verify(world, world.user, verified=False)
    refused = client.by(customer).get("/api/staff/active-sessions?site=central")
    assert (refused.status, FIRST in refused.body["error"]["message"]) == (403, False)
