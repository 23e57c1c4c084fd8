"""An answer with sentences for people says in which language they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args

import pytest

from chalicelib import routes
from chalicelib.api.web import parse, replays, spoken
from chalicelib.api.web.answers import Answer
from chalicelib.api.web.route import Route
from chalicelib.domain.core.change import saving
from tests.client import Client
from tests.world import World

BOOK = {"zone_id": "zone-a", "minutes": 60}


def has_sentences(annotation: Any, seen: set[type]) -> bool:
    """Whether a field of a view, or of a part of it, is a sentence for people."""
    if annotation is spoken.TRANSLATED:
        return True
    if isinstance(annotation, type) and is_dataclass(annotation):
        if annotation in seen:
            return False
        seen.add(annotation)
        return any(has_sentences(each, seen) for _, each in parse.shape(annotation).values())
    within = annotation if isinstance(annotation, list) else _parts(annotation)
    return any(has_sentences(each, seen) for each in within)


def _parts(annotation: Any) -> Iterator[Any]:
    yield from get_args(annotation)
    yield from getattr(annotation, "__metadata__", ())


ANSWERED = [route for route in routes.declared() if not isinstance(route.gives, str)]


@pytest.mark.parametrize("route", ANSWERED, ids=lambda route: f"{route.method} {route.path}")
def test_a_view_says_whether_it_has_sentences(route: Route) -> None:
    assert spoken.speaks(route.gives) == has_sentences(route.gives, set())


SENTENCES = {"message", "label", "refund_reason"}
OURS = [each for each in ANSWERED if each.translated and ".replaced." not in each.view.__module__]
"""Not the old URLs, whose messages are those of their documents."""


@pytest.mark.parametrize("route", OURS, ids=lambda route: route.name)
def test_no_sentence_of_a_view_is_a_bare_text(route: Route) -> None:
    assert list(_bare(route.gives, set())) == []


def _bare(annotation: Any, seen: set[type]) -> Iterator[str]:
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation not in seen:
        seen.add(annotation)
        for name, (_, inner) in parse.shape(annotation).items():
            if name in SENTENCES and not has_sentences(inner, set()):
                yield f"{annotation.__name__}.{name}"
            yield from _bare(inner, seen)
        return
    for each in annotation if isinstance(annotation, list) else get_args(annotation):
        yield from _bare(each, seen)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_booking_names_the_language_of_its_sentences(
    client: Client, world: World, language: str
) -> None:
    asking = client.by(world.user).sending(Accept_Language=language)
    made = asking.post("/api/bookings", BOOK)
    path = f"/api/bookings/{made.body['booking_id']}"
    for reply in (
        made,
        asking.get(path),
        asking.get("/api/bookings"),
        asking.post(f"{path}/cancel"),
    ):
        assert reply.headers["Content-Language"] == language
        assert reply.headers["Vary"] == "Accept-Encoding, Accept-Language"


def test_the_language_of_the_account_comes_before_that_of_the_request(
    client: Client, world: World
) -> None:
    customer = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(customer.evolve(language="hi")))
    reply = client.by(world.user).sending(Accept_Language="en").post("/api/bookings", BOOK)
    assert reply.headers["Content-Language"] == "hi"


def test_an_unchanged_answer_and_a_table_name_it_too(client: Client, world: World) -> None:
    world.book()
    asking = client.by(world.user).sending(Accept_Language="hi")
    first = asking.get("/api/bookings")
    unchanged = asking.sending(If_None_Match=first.headers["ETag"]).get("/api/bookings")
    table = asking.get("/api/bookings?format=csv")
    assert (unchanged.status, table.status) == (304, 200)
    for reply in (unchanged, table):
        assert reply.headers["Content-Language"] == "hi"
        assert "Accept-Language" in reply.headers["Vary"]


def test_a_repeated_answer_keeps_the_language_of_the_first(client: Client, world: World) -> None:
    asking = client.by(world.user).sending(Idempotency_Key="once")
    first = asking.sending(Accept_Language="hi").post("/api/bookings", BOOK)
    again = asking.sending(Accept_Language="en").post("/api/bookings", BOOK)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body["cancellation"] == first.body["cancellation"]
    assert again.headers["Content-Language"] == "hi"


def test_an_answer_kept_by_an_earlier_version_names_no_language() -> None:
    kept = replays.unpacked(json.dumps([201, {"booking_id": "BK1"}]))
    assert kept == Answer(201, {"booking_id": "BK1"}, {"Idempotency-Replayed": "true"})


def test_an_answer_without_sentences_is_the_same_for_all_readers(
    client: Client, world: World
) -> None:
    reply = client.sending(Accept_Language="hi").get("/api/public/sites")
    assert "Content-Language" not in reply.headers
    assert reply.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_address_that_is_not_there_names_the_language(client: Client, language: str) -> None:
    reply = client.sending(Accept_Language=language).call("GET", "/api/nowhere")
    assert reply.headers["Content-Language"] == language
    assert reply.headers["Vary"] == "Accept-Encoding, Accept-Language"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/parking/cancel-booking"), ("GET", "/parking/nowhere")]
)
def test_an_old_url_is_english_whatever_is_asked_for(
    client: Client, world: World, method: str, path: str
) -> None:
    old = client.by(world.user).sending(Accept_Language="hi")
    reply = old.call(method, path, {"booking_id": "BK1"} if method == "POST" else None)
    assert reply.headers["Content-Language"] == "en"
    assert reply.headers["Vary"] == "Accept-Encoding"
