"""Refusals in the language of their reader; codes, facts and the old URLs stay as they are."""

from __future__ import annotations

import pytest

from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.policy import Policy
from tests.client import Client
from tests.world import World

HINDI = "ऐसी कोई बुकिंग नहीं है।"
ENGLISH = "No such booking."


@pytest.mark.parametrize(
    ("account", "header", "message", "language"),
    [
        # the account decides, then the request
        ("hi", "en", HINDI, "hi"),
        (None, "hi-IN, en;q=0.5", HINDI, "hi"),
        (None, None, ENGLISH, "en"),
        ("en", "hi", ENGLISH, "en"),
        # no catalogue: the next wish
        ("fr", "hi", HINDI, "hi"),
        (None, "ta", ENGLISH, "en"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_account_or_of_the_request(
    client: Client,
    world: World,
    account: str | None,
    header: str | None,
    message: str,
    language: str,
) -> None:
    customer = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(customer.evolve(language=account)))
    asking = client if header is None else client.sending(Accept_Language=header)
    reply = asking.by(world.user).get("/api/bookings/BK1")
    assert (reply.status, reply.code) == (404, "BOOKING_NOT_FOUND")
    assert reply.body["error"]["message"] == message
    assert reply.headers["Content-Language"] == language
    assert reply.headers["Vary"] == "Accept-Encoding, Accept-Language"


def test_who_is_not_signed_in_is_refused_in_the_language_of_the_request(client: Client) -> None:
    reply = client.sending(Accept_Language="hi").get("/api/me")
    assert reply.body["error"]["message"] == "कृपया पहले साइन इन करें।"


def test_values_stand_in_a_hindi_sentence(client: Client, world: World) -> None:
    world.change_zone(world.zone_a, policy=Policy(quota_per_user=2))
    world.book(), world.book()
    asking = client.by(world.user).sending(Accept_Language="hi")
    reply = asking.post("/api/bookings", {"zone_id": "zone-a"})
    assert reply.code == "QUOTA_REACHED"
    assert reply.body["error"]["message"] == "यहाँ प्रति व्यक्ति 2 चालू बुकिंग की सीमा है।"


def test_an_old_client_reads_english_whatever_it_asks_for(client: Client, world: World) -> None:
    old = client.by(world.user).sending(Accept_Language="hi")
    reply = old.post("/parking/cancel-booking", {"booking_id": "BK1"})
    assert reply.body["message"] == "Invalid QR code. Session not found."
