from __future__ import annotations

from typing import get_args

import pytest

from chalicelib.domain.core.effect import EventName
from chalicelib.store.idempotency import Idempotency, IdempotencyItem, unpacked_text
from tests.client import Client
from tests.clock import Clock
from tests.fake_sockets import with_realtime
from tests.fake_webhook_client import URL, add_webhook, fake_webhook_client
from tests.world import World

NEW = {"site": "central", "url": URL, "events": ["booking-updated", "availability-changed"]}


@pytest.fixture
def owner(world: World, client: Client) -> Client:
    return client.by(with_realtime(world).owner)


def test_the_secret_is_told_once(owner: Client) -> None:
    made = owner.post("/api/admin/webhooks", NEW)
    assert made.status == 201
    secret, path = made.body["secret"], f"/api/admin/webhooks/{made.body['webhook_id']}"
    assert secret.startswith("whsec_")
    assert len(secret) == 46
    for answer in (
        owner.get(path),
        owner.patch(path, {"description": "Doors"}),
        owner.get("/api/admin/webhooks?site=central"),
        owner.get("/api/admin/audit?site=central"),
        owner.post(f"{path}/test"),
        owner.get(f"{path}/deliveries"),
    ):
        assert answer.status == 200
        assert secret not in str(answer.body)
    again = owner.post(f"{path}/rotate")
    assert again.body["secret"] not in (secret, "")


def test_a_webhook_listens_to_every_event_there_is(owner: Client) -> None:
    every = sorted(get_args(EventName))
    made = owner.post("/api/admin/webhooks", {**NEW, "events": every})
    assert (made.status, made.body["events"]) == (201, every)
    path = f"/api/admin/webhooks/{made.body['webhook_id']}"
    edited = owner.patch(path, {"events": every, "active": False})
    assert (edited.status, edited.body["events"]) == (200, every)


def test_a_webhook_is_made_once_and_its_secret_told_once_however_often_it_is_asked_for(
    owner: Client,
) -> None:
    twice = owner.sending(Idempotency_Key="k1")
    first, second = (twice.post("/api/admin/webhooks", NEW) for _ in range(2))
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.body == {**first.body, "secret": None}
    assert len(owner.get("/api/admin/webhooks?site=central").body["items"]) == 1
    (kept,) = IdempotencyItem.scan(IdempotencyItem.pk.startswith("once#"))
    answer = unpacked_text(kept.packed or "")
    assert first.body["webhook_id"] in answer
    assert first.body["secret"] not in answer


def test_a_secret_is_rotated_once_however_often_it_is_asked_for(owner: Client) -> None:
    path = f"/api/admin/webhooks/{owner.post('/api/admin/webhooks', NEW).body['webhook_id']}"
    twice = owner.sending(Idempotency_Key="k1")
    first, second = (twice.post(f"{path}/rotate") for _ in range(2))
    assert first.status == second.status == 200
    assert second.body == {**first.body, "secret": None}
    assert owner.get(path).body["version"] == first.body["version"]


def test_where_the_answer_to_a_rotation_is_lost_the_repeat_shows_the_same_secret(
    owner: Client, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = owner.post("/api/admin/webhooks", NEW).body
    path, twice = f"/api/admin/webhooks/{made['webhook_id']}", owner.sending(Idempotency_Key="k1")
    with monkeypatch.context() as broken:
        broken.setattr(Idempotency, "keep_answer", lambda *_: 1 / 0)
        first = twice.post(f"{path}/rotate").body["secret"]
    clock.move(seconds=31)
    assert twice.post(f"{path}/rotate").body["secret"] == first
    signing = world.deps.webhooks.get(made["webhook_id"]).signs_with(world.deps.now())
    assert signing == (first, made["secret"])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"url": "http://hooks.example.com"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"events": ["everything"]}, "events[0]"),
        ({"events": []}, "events"),
        ({"secret": "mine"}, "secret"),
        ({"site": "A B"}, "site"),
    ],
)
def test_what_is_wrong_is_named(owner: Client, change: dict[str, object], fault: str) -> None:
    answer = owner.post("/api/admin/webhooks", {**NEW, **change})
    assert (answer.status, list(answer.fields)) == (400, [fault])


def test_a_webhook_goes_on_being_told_of_something(world: World, owner: Client) -> None:
    path = f"/api/admin/webhooks/{add_webhook(world).webhook_id}"
    answer = owner.patch(path, {"events": []})
    assert (answer.status, answer.fields) == (400, {"events": "must have at least 1"})


def test_the_calls_of_a_webhook_are_listed_newest_first(world: World, owner: Client) -> None:
    hook = add_webhook(world)
    path = f"/api/admin/webhooks/{hook.webhook_id}"
    for status in (200, 500, 404):
        fake_webhook_client(world.deps).status = status
        tried = owner.post(f"{path}/test")
        assert (tried.body["status"], tried.body["answer"]) == (status, "received")
    page = owner.get(f"{path}/deliveries?limit=2")
    rest = owner.get(f"{path}/deliveries?limit=2&cursor={page.body['next_cursor']}")
    calls = [*page.body["items"], *rest.body["items"]]
    assert sorted(call["status"] for call in calls) == [200, 404, 500]
    assert [call["delivered"] for call in calls].count(True) == 1


def test_a_site_that_publishes_nothing(world: World, client: Client) -> None:
    answer = client.by(world.owner).post("/api/admin/webhooks", NEW)
    assert (answer.status, answer.code) == (409, "REALTIME_OFF")
