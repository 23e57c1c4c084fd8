"""Refusals in the language of their reader; codes, facts and the old URLs stay as they are."""

from __future__ import annotations

import pytest

from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.policy import Policy
from tests.client import Client
from tests.world import World

HINDI = "ऐसी कोई बुकिंग नहीं है। कृपया बुकिंग नंबर जाँचें।"
ENGLISH = "No such booking. Check its number."


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
    message = "यहाँ प्रति व्यक्ति 2 चालू बुकिंग की सीमा है। कृपया एक रद्द करें या किसी के समाप्त होने तक रुकें।"
    assert reply.body["error"]["message"] == message


def test_an_old_client_reads_english_whatever_it_asks_for(client: Client, world: World) -> None:
    old = client.by(world.user).sending(Accept_Language="hi")
    reply = old.post("/parking/cancel-booking", {"booking_id": "BK1"})
    assert reply.body["message"] == "Invalid QR code. Session not found."


@pytest.fixture
def hindi(client: Client, world: World) -> Client:
    return client.by(world.user).sending(Accept_Language="hi")


def test_what_is_wrong_with_a_field_is_in_the_language_of_the_reader(hindi: Client) -> None:
    fields = {"zone_id": 1.5, "minutes": "many", "guests": [{"name": "Asha", "email": "a@b"}]}
    assert hindi.post("/api/bookings", fields).fields == {
        "guests[0].email": "ईमेल पता होना चाहिए, जैसे name@example.com",
        "minutes": "पूर्ण संख्या होनी चाहिए",
        "zone_id": "टेक्स्ट होना चाहिए",
    }


def test_a_cancellation_says_in_the_language_of_the_reader_what_was_done(
    hindi: Client, world: World
) -> None:
    booking = world.book().booking_id
    done = hindi.post(f"/api/bookings/{booking}/cancel").body
    assert done["message"] == "बुकिंग रद्द कर दी गई है।"
    assert done["refund_reason"] == "बुकिंग के 5 मिनट के भीतर रद्द किया गया: पूरी राशि वापस की जाएगी।"


def test_a_refused_date_of_a_series_is_in_the_language_of_the_reader(hindi: Client) -> None:
    series = {
        "zone_id": "zone-a", "start": "2026-12-31T09:00", "minutes": 60,
        "repeat": {"every": "month", "times": 3, "on_conflict": "skip"},
    }  # fmt: skip
    (missed,) = hindi.post("/api/bookings", series).body["skipped"]
    assert missed["code"] == "NO_SUCH_DATE"
    assert missed["message"] == "फ़रवरी 2027 में 31 तारीख़ नहीं है। वह महीना छोड़ दिया गया है।"


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/api/nowhere", 404, "इस पते पर कुछ नहीं है। /api/docs में सभी पते दिए गए हैं।"),
        ("DELETE", "/api/bookings", 405, "यहाँ यह मेथड मान्य नहीं है। मान्य मेथड Allow हेडर में हैं।"),
    ],
)
def test_an_address_that_is_not_there_is_refused_in_the_language_of_the_request(
    client: Client, method: str, path: str, status: int, message: str
) -> None:
    reply = client.sending(Accept_Language="hi").call(method, path)
    assert (reply.status, reply.body["error"]["message"]) == (status, message)
    assert reply.headers["Content-Language"] == "hi"


def test_an_old_address_that_is_not_there_is_refused_in_english(client: Client) -> None:
    reply = client.sending(Accept_Language="hi").call("GET", "/parking/nowhere")
    assert reply.status == 404
    assert str(reply.body).isascii()
