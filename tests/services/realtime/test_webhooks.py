"""Webhooks: who sets them up, the calls they get, and the retries of a failed call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Delivery
from chalicelib.domain.core.effect import webhook as call_of
from chalicelib.domain.realtime.event import event_id, first_number
from chalicelib.domain.realtime.webhook import MOST, ROW, Webhook
from chalicelib.gateways.webhooks import CallResult
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.services.delivery import outbox as delivery
from chalicelib.services.realtime import publish, webhook_delivery, webhooks
from chalicelib.services.realtime.webhooks import NewWebhook
from chalicelib.store.outbox import CALLS, WAITING
from chalicelib.store.webhooks import DeliveryItem
from local.engine import Embedded
from tests.batches import sweep, waiting, waiting_in
from tests.clock import NOON, Clock
from tests.fake_sockets import with_realtime
from tests.fake_webhook_client import (
    URL,
    FakeWebhookClient,
    add_webhook,
    documented_check,
    fake_webhook_client,
)
from tests.races.crowd import rush
from tests.world import World

Deliver = Callable[[], list[object]]
FIRST = first_number(NOON)
HERE = "203.0.113.7"


@pytest.fixture
def world(world: World) -> World:
    return with_realtime(world)


@pytest.fixture
def receiver(deps: Deps) -> FakeWebhookClient:
    return fake_webhook_client(deps)


def log_of(deps: Deps, webhook: Webhook) -> list[tuple[str, int | None, str | None, int]]:
    found = deps.webhooks.deliveries(webhook.webhook_id, limit=50).records
    return [(each.event, each.status, each.error, each.attempt) for each in reversed(found)]


# -- setting up


def test_only_owners_of_the_site_and_admins_set_webhooks_up(world: World, deps: Deps) -> None:
    new = NewWebhook("central", URL, ("booking-updated",))
    for who in (world.user, world.staff, world.add_account("ownerx", Role.OWNER, "elsewhere")):
        with pytest.raises(errors.Forbidden):
            webhooks.create(deps, who, new, source_ip=HERE)
    assert webhooks.create(deps, world.admin, new, source_ip=HERE).site == "central"


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com", "https://10.0.0.1/", "http://127.0.0.1:9/"]
)
def test_an_address_that_is_not_public_is_refused(world: World, deps: Deps, url: str) -> None:
    with pytest.raises(errors.Invalid):
        add_webhook(world, url=url)
    hook = add_webhook(world)
    with pytest.raises(errors.Invalid):
        webhooks.edit(deps, world.owner, hook.webhook_id, {"url": url}, source_ip=HERE)


def test_a_site_that_publishes_nothing_has_no_webhooks(world: World, deps: Deps) -> None:
    world.add_site("quiet")
    with pytest.raises(errors.RealtimeOff):
        webhooks.create(
            deps, world.admin, NewWebhook("quiet", URL, ("booking-updated",)), source_ip=HERE
        )


def test_a_site_has_so_many_webhooks_and_no_more(world: World, deps: Deps) -> None:
    hooks = [add_webhook(world) for _ in range(MOST)]
    with pytest.raises(errors.TooManyWebhooks):
        add_webhook(world)
    webhooks.delete(deps, world.owner, hooks[0].webhook_id, source_ip=HERE)
    with pytest.raises(errors.WebhookNotFound):
        webhooks.delete(deps, world.owner, hooks[0].webhook_id, source_ip=HERE)
    add_webhook(world)
    with pytest.raises(errors.TooManyWebhooks):
        add_webhook(world)
    world.add_site("elsewhere", realtime=True)
    new = NewWebhook("elsewhere", URL, ("booking-updated",))
    assert webhooks.create(deps, world.admin, new, source_ip=HERE).site == "elsewhere"


@pytest.mark.engine2
def test_many_who_set_one_up_at_once_come_to_as_many_as_a_site_may_have(
    world: World, deps: Deps
) -> None:
    for _ in range(MOST - 2):
        add_webhook(world)
    outcome = rush([lambda: add_webhook(world)] * 8)
    assert len(outcome.answers) == 2
    assert outcome.codes == {"TOO_MANY_WEBHOOKS": 6}
    assert len(deps.webhooks.of_site("central")) == MOST


@pytest.mark.engine2
def test_the_last_one_asked_for_again_is_the_same_one(world: World, deps: Deps) -> None:
    """The function died after it had made it, so the request is run once more."""
    for _ in range(MOST - 1):
        add_webhook(world)
    again = replace(deps, replay=Replay(NOON, b"key"))
    new = NewWebhook("central", URL, ("booking-updated",))
    first, second = (webhooks.create(again, world.owner, new, source_ip=HERE) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("webhook_id", ["", ".", "central.", "central.x", "x" * 300, "é.x"])
def test_a_webhook_that_is_not_there(world: World, deps: Deps, webhook_id: str) -> None:
    for who in (world.admin, world.owner):
        with pytest.raises(errors.WebhookNotFound):
            webhooks.get(deps, who, webhook_id)


def test_a_deleted_webhook_is_called_no_more(
    world: World, deps: Deps, receiver: FakeWebhookClient, deliver: Deliver
) -> None:
    hook = add_webhook(world)
    world.book()
    _publish_only(deps)
    webhooks.delete(deps, world.owner, hook.webhook_id, source_ip=HERE)
    deliver()
    assert receiver.calls == []
    assert waiting(deps) == []


def _publish_only(deps: Deps) -> None:
    """Deliver what waits, and leave the calls it causes waiting."""
    for batch_id in waiting_in(deps, WAITING):
        delivery.from_stream(deps, batch_id)


def _call_only(deps: Deps) -> None:
    """Make the waiting calls, as the function of the stream does at once."""
    delivery.calls_from_stream(deps, waiting_in(deps, CALLS))


def test_what_is_done_to_a_webhook_is_audited_and_its_secret_is_not(
    world: World, deps: Deps
) -> None:
    hook = add_webhook(world)
    edited = webhooks.edit(deps, world.owner, hook.webhook_id, {"url": URL + "2"}, source_ip=HERE)
    rotated = webhooks.rotate(deps, world.owner, hook.webhook_id, source_ip=HERE)
    assert edited.secret == hook.secret != rotated.secret
    page = deps.audit.list_day("central", deps.now().date(), 50)
    told = sorted((e.action, e.detail) for e in page.events if "webhook" in e.action)
    assert told == [("create_webhook", ""), ("edit_webhook", "url"), ("rotate_webhook", "")]
    assert hook.secret not in str(page.events)


def test_no_line_of_the_log_holds_a_secret(
    world: World, deps: Deps, deliver: Deliver, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    hook = add_webhook(world)
    rotated = webhooks.rotate(deps, world.owner, hook.webhook_id, source_ip=HERE)
    world.book()
    deliver()
    deliver()
    assert "booking-updated" in str(logged())
    for each in (hook, rotated):
        assert each.secret not in str(logged())
        assert each.secret not in repr(each)


# -- calls


def test_a_webhook_is_called_with_the_events_it_wants(
    world: World, receiver: FakeWebhookClient, deps: Deps, deliver: Deliver
) -> None:
    hook = add_webhook(world, "booking-updated", "booking-checked-out")
    booking = world.book()
    deliver()
    deliver()
    assert receiver.events == ["booking-updated"]
    (call,) = receiver.calls
    (logged, _) = deps.events.after("central", publish.START, limit=10)
    assert (call.url, call.event) == (URL, logged.as_json())
    assert call.event["data"]["booking_id"] == booking.booking_id
    assert call.headers["Berth-Id"] == f"central.{logged.event_id}"
    assert log_of(deps, hook) == [("booking-updated", 200, None, 1)]


def test_the_other_side_can_prove_who_called(
    world: World, receiver: FakeWebhookClient, deliver: Deliver
) -> None:
    hook = add_webhook(world)
    world.book()
    deliver()
    deliver()
    (call,) = receiver.calls
    sent = NOON.timestamp() + 60
    assert documented_check(sent)(hook.secret, call.headers, call.body)
    assert not documented_check(sent)("whsec_ANOTHER", call.headers, call.body)
    assert not documented_check(sent)(hook.secret, call.headers, call.body + b" ")
    assert not documented_check(sent + 600)(hook.secret, call.headers, call.body)
    assert not documented_check(sent)(hook.secret, {}, call.body)


def test_a_secret_is_changed_without_a_call_that_cannot_be_checked(
    world: World, deps: Deps, receiver: FakeWebhookClient, clock: Clock
) -> None:
    old = add_webhook(world)
    new = webhooks.rotate(deps, world.owner, old.webhook_id, source_ip=HERE)

    def are_taken() -> list[bool]:
        webhooks.send_test(deps, world.owner, old.webhook_id, source_ip=HERE)
        call, check = receiver.calls[-1], documented_check(clock.now().timestamp())
        return [check(hook.secret, call.headers, call.body) for hook in (old, new)]

    assert are_taken() == [True, True]
    clock.move(hours=24)
    assert are_taken() == [False, True]


def test_what_another_site_does_is_not_told(
    world: World, receiver: FakeWebhookClient, deliver: Deliver
) -> None:
    world.add_site("elsewhere", realtime=True)
    world.add_zone("zone-x", world.zone_a.policy, site="elsewhere")
    add_webhook(world, "booking-updated", "availability-changed")
    deliver()
    receiver.clear()
    world.book(zone="zone-x")
    deliver()
    deliver()
    assert receiver.calls == []


@pytest.mark.parametrize(
    ("status", "error", "logged"),
    [
        (500, None, (500, None)),
        (302, None, (302, None)),
        (None, "no answer in time", (None, "no answer in time")),
    ],
)
def test_a_call_that_is_not_taken_is_made_again_with_the_same_id(
    world: World, deps: Deps, receiver: FakeWebhookClient, deliver: Deliver, clock: Clock,
    status: int | None, error: str | None, logged: tuple[Any, Any],
) -> None:  # fmt: skip
    hook = add_webhook(world)
    world.book()
    receiver.status, receiver.error = status, error
    deliver()
    deliver()
    assert deps.webhooks.get(hook.webhook_id).failures == 1
    receiver.status, receiver.error = 204, None
    clock.move(minutes=5)
    sweep(deps)
    assert [call.headers["Berth-Id"] for call in receiver.calls] == [
        f"central.{event_id(FIRST)}"
    ] * 2
    assert receiver.calls[0].body == receiver.calls[1].body
    assert log_of(deps, hook) == [
        ("booking-updated", *logged, 1), ("booking-updated", 204, None, 2),
    ]  # fmt: skip
    assert deps.webhooks.get(hook.webhook_id).failures == 0
    assert waiting(deps) == []


def test_a_webhook_that_stays_away_troubles_nobody(
    world: World, deps: Deps, receiver: FakeWebhookClient, clock: Clock, deliver: Deliver
) -> None:
    """A call is dropped after five tries: nobody has to act and no alarm goes off."""
    add_webhook(world)
    world.book()
    receiver.status = 503
    deliver()
    for _ in range(8):
        clock.move(hours=2)
        sweep(deps)
    assert len(receiver.calls) == 5
    assert waiting(deps) == []
    assert deps.outbox.parked(10) == ()


def test_one_that_fails_does_not_keep_the_others_waiting(
    world: World, deps: Deps, receiver: FakeWebhookClient, deliver: Deliver
) -> None:
    add_webhook(world)
    add_webhook(world, url=URL + "/second")
    world.book()
    receiver.status = 500
    deliver()
    deliver()
    assert {call.url for call in receiver.calls} == {URL, URL + "/second"}


def test_what_has_left_the_log_is_not_told_any_more(
    world: World, deps: Deps, receiver: FakeWebhookClient
) -> None:
    hook = add_webhook(world)
    gone = call_of("booking-updated", hook.webhook_id, event_id(7))
    assert webhook_delivery.deliver(deps, Delivery(gone, "EF1", NOON)) is False
    assert receiver.calls == []


def test_a_webhook_that_is_deleted_while_it_is_called_is_no_fault(world: World, deps: Deps) -> None:
    hook = add_webhook(world)
    world.book()
    _publish_only(deps)

    class Deletes(FakeWebhookClient):
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
            webhooks.delete(deps, world.owner, hook.webhook_id, source_ip=HERE)
            return CallResult(500, "", None, 1)

    told = call_of("booking-updated", hook.webhook_id, event_id(FIRST))
    last = Delivery(told, "EF1", NOON, attempt=5, is_last=True)
    assert webhook_delivery.deliver(replace(deps, webhook_client=Deletes()), last) is False


# -- nobody waits for one that is slow


def test_calls_wait_in_a_lane_of_their_own(
    world: World, deps: Deps, receiver: FakeWebhookClient
) -> None:
    """The function that delivers mails and events makes none."""
    add_webhook(world)
    world.book()
    _publish_only(deps)
    assert (waiting_in(deps, WAITING), len(waiting_in(deps, CALLS))) == ([], 1)
    assert receiver.calls == []
    _call_only(deps)
    assert receiver.events == ["booking-updated"]
    assert waiting(deps) == []


def test_a_sweep_comes_to_calls_when_all_else_has_left(
    world: World, deps: Deps, receiver: FakeWebhookClient, clock: Clock, aws: Embedded
) -> None:
    add_webhook(world)
    world.book()
    _publish_only(deps)
    world.book_hall()
    clock.move(minutes=5)
    mails = len(aws.sent_mails())
    sweep(deps, out_of_time=lambda: not waiting_in(deps, WAITING))
    assert len(aws.sent_mails()) == mails + 1
    assert receiver.calls == []
    assert len(waiting_in(deps, CALLS)) == 2


class Together(FakeWebhookClient):
    """Answers when `parties` calls are on their way at once, and otherwise not at all."""

    def __init__(self, parties: int) -> None:
        super().__init__()
        self._barrier = threading.Barrier(parties)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
        self._barrier.wait(20)
        return super().post(url, body, headers)


def test_the_calls_of_an_event_are_made_side_by_side(world: World, deps: Deps) -> None:
    for n in range(4):
        add_webhook(world, url=f"{URL}/{n}")
    world.book()
    _publish_only(deps)
    together = Together(4)
    _call_only(replace(deps, webhook_client=together))
    assert len(together.calls) == 4
    assert waiting(deps) == []


def test_sites_are_called_side_by_side(world: World, deps: Deps) -> None:
    add_webhook(world)
    world.book()
    world.add_site("elsewhere", realtime=True)
    world.add_zone("zone-x", world.zone_a.policy, site="elsewhere")
    new = NewWebhook("elsewhere", URL, ("booking-updated",))
    webhooks.create(deps, world.admin, new, source_ip=HERE)
    world.book(zone="zone-x")
    _publish_only(deps)
    together = Together(2)
    _call_only(replace(deps, webhook_client=together))
    assert {call.event["site"] for call in together.calls} == {"central", "elsewhere"}


def test_a_site_s_events_are_told_in_their_order(
    world: World, deps: Deps, receiver: FakeWebhookClient
) -> None:
    add_webhook(world)
    for n in range(3):
        world.book(number=f"A-00{n + 1}")
        _publish_only(deps)
    batches = sorted(
        deps.outbox.due(NOON + timedelta(days=1), limit=9, lane=CALLS),
        key=lambda batch: batch.effects[0].subject_id,
    )
    delivery.calls_from_stream(deps, [batch.batch_id for batch in batches])
    told = [call.event["id"] for call in receiver.calls]
    assert len(told) == 3
    assert told == sorted(told)


def test_what_the_stream_has_no_time_to_call_is_left_to_the_sweep(
    world: World, deps: Deps, receiver: FakeWebhookClient, clock: Clock
) -> None:
    add_webhook(world)
    world.book()
    _publish_only(deps)
    times = iter([0.0, delivery.CALL_BUDGET])
    delivery.calls_from_stream(deps, waiting_in(deps, CALLS), timer=lambda: next(times))
    assert receiver.calls == []
    clock.move(minutes=3)
    sweep(deps)
    assert receiver.events == ["booking-updated"]


def test_one_that_goes_on_failing_is_left_alone_for_a_minute_after_each_call(
    world: World, deps: Deps, receiver: FakeWebhookClient, clock: Clock
) -> None:
    hook = add_webhook(world)
    receiver.status = 500
    for _ in range(ROW + 3):
        world.leave(world.enter(world.book()), received="50.00")
        _publish_only(deps)
        _call_only(deps)
    assert len(receiver.calls) >= ROW
    called = len(receiver.calls)
    world.book()
    _publish_only(deps)
    _call_only(deps)
    assert len(receiver.calls) == called
    receiver.status = 200
    clock.move(minutes=5)
    sweep(deps)
    assert len(receiver.calls) > called
    assert deps.webhooks.get(hook.webhook_id).failures == 0


# -- switched off


def _fails_for_days(
    world: World, receiver: FakeWebhookClient, clock: Clock, hook: Webhook
) -> Webhook:
    world.book()
    _publish_only(world.deps)
    receiver.status = 500
    told = call_of("booking-updated", hook.webhook_id, event_id(FIRST))
    for n in range(20):
        webhook_delivery.deliver(
            world.deps, Delivery(told, f"EF{n}", NOON, attempt=5, is_last=True)
        )
        clock.move(hours=4)
    return world.deps.webhooks.get(hook.webhook_id)


def test_a_webhook_that_fails_for_days_is_switched_off_and_its_owners_are_told(
    world: World,
    deps: Deps,
    receiver: FakeWebhookClient,
    clock: Clock,
    deliver: Deliver,
    aws: Embedded,
) -> None:
    world.add_account("partner", Role.OWNER, "central", "elsewhere")
    world.add_account("ownerx", Role.OWNER, "elsewhere")
    hook = _fails_for_days(world, receiver, clock, add_webhook(world))
    assert (hook.active, hook.failures) == (False, 20)
    deliver()
    told = [m for m in aws.sent_mails() if "webhook" in m.subject]
    assert sorted(m.to[0] for m in told) == ["owner@example.com", "partner@example.com"]
    assert "hooks.example.com" in told[0].text
    assert hook.secret not in told[0].text


def test_the_owners_of_a_site_are_found_among_many(
    world: World,
    deps: Deps,
    receiver: FakeWebhookClient,
    clock: Clock,
    deliver: Deliver,
    aws: Embedded,
) -> None:
    for first in range(0, 102, 34):
        deps.commit(saving(*(_owner(deps, n) for n in range(first, first + 34))))
    world.add_account("zoe", Role.OWNER, "central")
    _fails_for_days(world, receiver, clock, add_webhook(world))
    deliver()
    told = [m.to[0] for m in aws.sent_mails() if "webhook" in m.subject]
    assert sorted(told) == ["owner@example.com", "zoe@example.com"]


def _owner(deps: Deps, n: int) -> Account:
    """Of another site, and early in the directory."""
    return Account(
        account_id=f"US{deps.new_locator()}",
        email=f"a{n:03}@example.com",
        name="A",
        password="-",
        created_at=deps.now(),
        role=Role.OWNER,
        sites=frozenset({"elsewhere"}),
    )


def test_switched_on_again_it_is_called_again(
    world: World,
    deps: Deps,
    receiver: FakeWebhookClient,
    clock: Clock,
    deliver: Deliver,
    aws: Embedded,
) -> None:
    hook = _fails_for_days(world, receiver, clock, add_webhook(world))
    seen = len(receiver.calls)
    world.book(number="A-002")
    deliver()
    deliver()
    assert len(receiver.calls) == seen
    webhooks.edit(deps, world.owner, hook.webhook_id, {"active": True}, source_ip=HERE)
    receiver.status = 200
    world.book(number="A-003")
    deliver()
    deliver()
    assert len(receiver.calls) == seen + 1


def test_no_mail_leaves_once_it_is_switched_on_again(
    world: World,
    deps: Deps,
    receiver: FakeWebhookClient,
    clock: Clock,
    deliver: Deliver,
    aws: Embedded,
) -> None:
    hook = _fails_for_days(world, receiver, clock, add_webhook(world))
    webhooks.edit(deps, world.owner, hook.webhook_id, {"active": True}, source_ip=HERE)
    deliver()
    assert [m for m in aws.sent_mails() if "webhook" in m.subject] == []


@pytest.mark.engine2
def test_failures_at_once_are_all_counted(
    world: World, deps: Deps, receiver: FakeWebhookClient
) -> None:
    hook = add_webhook(world)
    world.book()
    _publish_only(deps)
    receiver.status = 500
    told = call_of("booking-updated", hook.webhook_id, event_id(FIRST))
    rush(
        [lambda: webhook_delivery.deliver(deps, Delivery(told, "EF", NOON, 5, is_last=True))] * ROW
    )
    assert deps.webhooks.get(hook.webhook_id).failures == ROW


# -- trying out


def test_a_test_shows_what_is_answered_and_counts_as_nothing(
    world: World, deps: Deps, receiver: FakeWebhookClient
) -> None:
    hook = add_webhook(world, active=False)
    receiver.status = 500
    delivery, outcome = webhooks.send_test(deps, world.owner, hook.webhook_id, source_ip=HERE)
    assert (delivery.event, delivery.status, outcome.text) == ("ping", 500, "received")
    assert receiver.calls[0].event["event"] == "ping"
    assert deps.webhooks.get(hook.webhook_id).failures == 0
    assert log_of(deps, hook) == [("ping", 500, None, 1)]


def test_the_log_of_calls_goes_by_itself(world: World, deps: Deps) -> None:
    hook = add_webhook(world)
    webhooks.send_test(deps, world.owner, hook.webhook_id, source_ip=HERE)
    (item,) = DeliveryItem.query(f"deliveries#{hook.webhook_id}")
    assert item.ttl == int((deps.now() + timedelta(days=30)).timestamp())
