from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.mail.message import Message, Undeliverable
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.delivery import outbox
from chalicelib.services.delivery.outbox import Outcome
from chalicelib.store.outbox import STREAM_LEASE, WAITING, Batch, Outbox
from local.engine import Embedded
from local.mailbox import SentMail
from tests.batches import post, sweep, waiting
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.world import World


def mails(aws: Embedded) -> list[SentMail]:
    return aws.sent_mails()


# -- the stream


def test_the_stream_delivers_at_once(world: World, aws: Embedded, deps: Deps) -> None:
    world.book()
    (batch_id,) = waiting(deps)
    assert outbox.from_stream(deps, batch_id) is Outcome.DONE
    assert [mail.to for mail in mails(aws)] == [("user1@example.com",)]
    assert waiting(deps) == []


def test_a_stream_record_that_comes_twice_sends_once(
    world: World, aws: Embedded, deps: Deps
) -> None:
    world.book()
    (batch_id,) = waiting(deps)
    outcomes = [outbox.from_stream(deps, batch_id) for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.SKIPPED]
    assert len(mails(aws)) == 1


def test_what_the_sweep_has_taken_is_left_to_it(world: World, deps: Deps, clock: Clock) -> None:
    world.book()
    clock.move(minutes=2)
    (batch,) = deps.outbox.due(deps.now(), limit=1)
    deps.outbox.lease(batch, deps.now() + outbox.DELIVERY_LEASE)
    assert outbox.from_stream(deps, batch.batch_id) is Outcome.SKIPPED


def test_a_late_stream_record_takes_a_lease_of_its_own(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.book()
    (batch_id,) = waiting(office)
    clock.move(seconds=100)
    assert outbox.from_stream(office, batch_id) is Outcome.DONE
    assert len(mailer.sent) == 1


class Busy(Outbox):
    """An outbox whose table is too busy for one batch."""

    def __init__(self, batch_id: str) -> None:
        self._batch_id = batch_id

    def get(self, batch_id: str, lane: str = WAITING) -> Batch | None:
        self._refuse(batch_id)
        return super().get(batch_id, lane)

    def lease(self, batch: Batch, until: datetime) -> Batch | None:
        self._refuse(batch.batch_id)
        return super().lease(batch, until)

    def _refuse(self, batch_id: str) -> None:
        if batch_id == self._batch_id:
            raise errors.Unavailable(retry_after=1)


def test_the_stream_never_raises(world: World, deps: Deps) -> None:
    world.book()
    (batch_id,) = waiting(deps)
    busy = replace(deps, outbox=Busy(batch_id))
    assert outbox.from_stream(busy, batch_id) is Outcome.FAILED
    assert waiting(deps) == [batch_id]


# -- the sweep


def test_the_sweep_delivers_what_the_stream_did_not(
    world: World, aws: Embedded, deps: Deps, clock: Clock
) -> None:
    world.book()
    assert sweep(deps) == SweepReport()
    clock.move(minutes=2)
    assert sweep(deps) == SweepReport(due=1, done=1)
    assert len(mails(aws)) == 1
    assert sweep(deps) == SweepReport()


def test_a_dry_run_names_the_effects_and_does_nothing(
    world: World, aws: Embedded, clock: Clock
) -> None:
    booking = world.book()
    clock.move(minutes=2)
    dry = outbox.sweep_due(world.deps, dry_run=True, out_of_time=lambda: False)
    assert (dry.due, dry.done) == (1, 0)
    named = [(found.step, found.booking_id) for found in dry.affected]
    assert ("mail:booking_confirmed", booking.booking_id) in named
    assert mails(aws) == []
    assert sweep(world.deps) == SweepReport(due=1, done=1)


def test_a_sweep_stops_when_the_time_is_up_and_the_next_one_goes_on(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    for _ in range(3):
        world.book()
    clock.move(minutes=2)
    answers = iter([False, True])
    assert sweep(office, out_of_time=lambda: next(answers)) == SweepReport(due=1, done=1, more=True)
    assert sweep(office) == SweepReport(due=2, done=2)


def test_more_than_a_page_is_delivered_in_one_run(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    account = effect.mail("reset_password", world.user.account_id)
    for _ in range(outbox.PAGE + 3):
        office.commit(Change().sending(account))
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=outbox.PAGE + 3, done=outbox.PAGE + 3)


def test_two_sweeps_at_once_send_each_mail_once(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    account = effect.mail("reset_password", world.user.account_id)
    for _ in range(12):
        office.commit(Change().sending(account))
    clock.move(minutes=2)
    with ThreadPoolExecutor(4) as pool:
        tallies = list(pool.map(lambda _: sweep(office), range(4)))
    assert sum(tally.done for tally in tallies) == 12
    assert len(mailer.sent) == 12


# -- what fails


def test_one_bad_mail_stops_no_other(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.book()
    world.book(world.other)
    mailer.trouble["user1@example.com"] = RuntimeError("poison")
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=2, done=1, failed=1)
    assert mailer.recipients == ["user2@example.com"]


def test_a_busy_mailer_is_tried_again_later_each_time_and_then_parked(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, random_bits=lambda _: 0)
    post(office, effect.mail("reset_password", world.user.account_id))
    mailer.trouble["*"] = errors.Unavailable("Throttling", retry_after=1)
    clock.move(minutes=2)
    for minutes in (1, 4, 16, 60):
        assert sweep(office) == SweepReport(due=1, failed=1)
        clock.move(minutes=minutes, seconds=-1)
        assert sweep(office) == SweepReport()
        clock.move(seconds=1)
    assert sweep(office) == SweepReport(due=1, failed=1, parked=1)
    (parked,) = office.outbox.parked(10)
    assert parked.error == "unavailable: Throttling"
    assert parked.attempts == outbox.MOST_TRIES
    assert waiting(office) == []


def test_a_mailer_that_asks_for_more_time_gets_it(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    office = replace(office, random_bits=lambda _: 1023)
    world.book()
    mailer.trouble["*"] = errors.Unavailable(retry_after=600)
    clock.move(minutes=2)
    sweep(office)
    clock.move(minutes=10)
    assert sweep(office) == SweepReport()
    clock.move(seconds=150)
    mailer.trouble.clear()
    assert sweep(office) == SweepReport(due=1, done=1)


def test_what_can_never_be_delivered_is_parked_at_once(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    world.book()
    mailer.trouble["*"] = Undeliverable("MessageRejected")
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, failed=1, parked=1)
    assert office.outbox.parked(10)[0].error == "undeliverable: MessageRejected"


def test_of_several_effects_only_those_that_failed_are_tried_again(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    first = effect.mail("reset_password", world.user.account_id)
    second = effect.mail("reset_password", world.other.account_id)
    post(office, first, second)
    mailer.trouble["user1@example.com"] = errors.Unavailable(retry_after=1)
    clock.move(minutes=2)
    assert sweep(office) == SweepReport(due=1, failed=1)
    mailer.trouble.clear()
    clock.move(minutes=5)
    assert sweep(office) == SweepReport(due=1, done=1)
    assert mailer.recipients == ["user2@example.com", "user1@example.com"]


def test_a_delivery_that_kills_its_function_is_parked_in_the_end(
    world: World, office: Deps, clock: Clock
) -> None:
    class Killed(BaseException):
        pass

    def die(_: Message) -> None:
        raise Killed

    world.book()
    deadly = replace(office, mailer=type("Deadly", (), {"send": staticmethod(die)})())
    for _ in range(outbox.MOST_TRIES):
        clock.move(minutes=3)
        with pytest.raises(Killed):
            sweep(deadly)
    clock.move(minutes=3)
    assert sweep(deadly) == SweepReport(due=1, failed=1, parked=1)


def test_a_sweep_goes_on_when_the_table_refuses_one_item(
    world: World, office: Deps, clock: Clock
) -> None:
    mail = effect.mail("reset_password", world.user.account_id)
    refused, _ = post(office, mail), post(office, mail)
    clock.move(minutes=2)
    assert sweep(replace(office, outbox=Busy(refused))) == SweepReport(due=2, done=1, failed=1)
    assert waiting(office) == [refused]


def test_whoever_is_overtaken_parks_nothing(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    batch = office.outbox.get(post(office, effect.mail("reset_password", world.user.account_id)))
    assert batch is not None
    mailer.trouble["*"] = Undeliverable("MessageRejected")
    office.outbox.lease(batch, clock.now() + outbox.DELIVERY_LEASE + outbox.STREAM_LEASE)
    assert outbox.deliver(office, batch) is Outcome.SKIPPED
    assert office.outbox.parked(1) == ()


def test_each_try_carries_the_same_effect_id(
    world: World, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    batch_id = post(office, effect.mail("reset_password", world.user.account_id))
    batch = office.outbox.get(batch_id)
    assert batch is not None
    for _ in range(2):
        outbox.deliver(office, batch)
    ids = {message.effect_id for message in mailer.sent}
    assert ids == {f"{batch_id}-reset_password-{world.user.account_id}"}
    assert {message.sent_at for message in mailer.sent} == {clock.now()}


# -- the log


def test_each_delivery_is_one_line_without_address_or_token(
    world: World, office: Deps, clock: Clock, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    batch_id = post(office, effect.mail("reset_password", world.user.account_id))
    clock.move(minutes=2)
    sweep(office)
    lines = [line for line in logged() if line["event"] == "delivery"]
    assert len(lines) == 1
    assert {k: lines[0][k] for k in ("batch", "effect", "subject", "attempt", "outcome")} == {
        "batch": batch_id,
        "effect": "reset_password",
        "subject": world.user.account_id,
        "attempt": 1,
        "outcome": "sent",
    }
    assert "@" not in json.dumps(logged())
    assert "/l/" not in json.dumps(logged())


def test_a_new_batch_is_the_streams_for_longer_than_its_head_start() -> None:
    assert outbox.HEAD_START < STREAM_LEASE
