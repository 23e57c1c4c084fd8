"""The language of a guest on its way from a request to the record."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.core.access import Actor
from tests.client import Client
from tests.world import World

BODY = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}


def _language(client: Client, by: Actor, body: Mapping[str, object], **headers: str) -> object:
    reply = client.by(by).sending(**headers).post("/api/bookings", body)
    assert reply.status == 201, reply.body
    return reply.body["language"]


def test_a_customer_books_in_the_language_of_the_request(client: Client, world: World) -> None:
    wish = "ta-IN, hi-IN;q=0.9, en;q=0.5"
    assert _language(client, world.user, BODY, Accept_Language=wish) == "hi"


def test_the_language_in_the_body_counts_before_that_of_the_request(
    client: Client, world: World
) -> None:
    body = BODY | {"language": "en-GB"}
    assert _language(client, world.user, body, Accept_Language="hi") == "en-GB"


def test_staff_name_the_language_of_their_guest_and_not_their_own(
    client: Client, world: World
) -> None:
    guests = [{"name": "Ravi", "email": "ravi@example.com"}]
    body = BODY | {"guests": guests}
    assert _language(client, world.staff, body, Accept_Language="hi") is None
    named = body | {"language": "hi"}
    assert _language(client, world.staff, named, Accept_Language="en") == "hi"


def test_what_is_no_language_tag_is_refused(client: Client, world: World) -> None:
    reply = client.by(world.user).post("/api/bookings", BODY | {"language": "हिन्दी"})
    assert reply.status == 400
    assert reply.fields == {"language": "must be a language such as hi or en-GB"}


def test_an_account_is_opened_and_edited_with_a_language(client: Client, world: World) -> None:
    person = {"email": "mina@example.com", "password": "correct horse 7", "name": "Mina Das"}
    opened = client.sending(Accept_Language="hi-IN").post("/api/auth/register", person)
    assert opened.body["language"] == "hi"
    customer = client.by(world.user)
    assert customer.patch("/api/me", {"language": "hi"}).body["language"] == "hi"
    assert customer.get("/api/me").body["language"] == "hi"
    assert customer.patch("/api/me", {"language": None}).body["language"] is None


def test_an_owner_sets_the_language_of_a_site(client: Client, world: World) -> None:
    owner = client.by(world.owner)
    edited = owner.patch("/api/admin/sites/central", {"language": "hi"})
    assert edited.body["language"] == "hi"
    assert owner.get("/api/admin/sites/central").body["language"] == "hi"
