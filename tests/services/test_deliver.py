from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import logs
from chalicelib.domain import effect, errors
from chalicelib.domain.booking import Booking, Guest
from chalicelib.domain.change import Change, saving
from chalicelib.domain.interval import Interval
from chalicelib.domain.message import Message
from chalicelib.gateways.mail import Undeliverable
from chalicelib.services import bookings, deliver, profile, settle
from chalicelib.services.deliver import Outcome
from chalicelib.services.deps import Deps
from chalicelib.services.tally import Tally
from chalicelib.store.outbox import BORN_LEASED
from local.engine import Embedded
from local.mailbox import SentMail
from tests import builders
from tests.clock import Clock
from tests.world import World


class Postman:
    """A mailer of the tests: it may be out of order, for everybody or for some."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.trouble: dict[str, Exception] = {}

    def send(self, message: Message) -> None:
        problem = self.trouble.get(message.to) or self.trouble.get("*")
        if problem is not None:
            raise problem
        self.sent.append(message)

    @property
    def recipients(self) -> list[str]:
        return [message.to for message in self.sent]


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def office(deps: Deps, postman: Postman) -> Deps:
    """The outbox with that mailer."""
    return replace(deps, mailer=postman)


def sweep(deps: Deps, *, out_of_time: Callable[[], bool] = lambda: False) -> Tally:
    return deliver.sweep_due(deps, dry_run=False, out_of_time=out_of_time)


def waiting(deps: Deps) -> list[str]:
    """The ids of all batches that wait, leased or not."""
    return [b.batch_id for b in deps.outbox.due(deps.now() + timedelta(days=9), limit=100)]


def post(deps: Deps, *effects: effect.Effect) -> str:
    """Post effects by hand and return the id of their batch."""
    before = set(waiting(deps))
    deps.commit(Change().sending(*effects))
    (batch_id,) = set(waiting(deps)) - before
    return batch_id


def mails(aws: Embedded) -> list[SentMail]:
    return aws.sent_mails()


# -- the stream


def test_the_stream_delivers_at_once(world: World, aws: Embedded, deps: Deps) -> None:
    world.book()
    (batch_id,) = waiting(deps)
    assert deliver.from_stream(deps, batch_id) is Outcome.DONE
    assert [mail.to for mail in mails(aws)] == [("user1@example.com",)]
    assert waiting(deps) == []


def test_a_stream_record_that_comes_twice_sends_once(
    world: World, aws: Embedded, deps: Deps
) -> None:
    world.book()
    (batch_id,) = waiting(deps)
    outcomes = [deliver.from_stream(deps, batch_id) for _ in range(2)]
    assert outcomes == [Outcome.DONE, Outcome.SKIPPED]
    assert len(mails(aws)) == 1


def test_what_the_sweep_has_taken_is_left_to_it(world: World, deps: Deps, clock: Clock) -> None:
    world.book()
    clock.move(minutes=2)
    (batch,) = deps.outbox.due(deps.now(), limit=1)
    deps.outbox.lease(batch, deps.now() + deliver.LEASE)
    assert deliver.from_stream(deps, batch.batch_id) is Outcome.SKIPPED


def test_a_late_stream_record_takes_a_lease_of_its_own(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    world.book()
    (batch_id,) = waiting(office)
    clock.move(seconds=100)
    assert deliver.from_stream(office, batch_id) is Outcome.DONE
    assert len(postman.sent) == 1


def test_the_stream_never_raises(world: World, deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    world.book()
    (batch_id,) = waiting(deps)

    def busy(_: str) -> None:
        raise errors.Unavailable(retry_after=1)

    monkeypatch.setattr(deps.outbox, "get", busy)
    assert deliver.from_stream(deps, batch_id) is Outcome.FAILED


# -- the sweep


def test_the_sweep_delivers_what_the_stream_did_not(
    world: World, aws: Embedded, deps: Deps, clock: Clock
) -> None:
    world.book()
    assert sweep(deps) == Tally()
    clock.move(minutes=2)
    assert sweep(deps) == Tally(due=1, done=1)
    assert len(mails(aws)) == 1
    assert sweep(deps) == Tally()


def test_a_dry_run_counts_and_does_nothing(world: World, aws: Embedded, clock: Clock) -> None:
    world.book()
    clock.move(minutes=2)
    dry = deliver.sweep_due(world.deps, dry_run=True, out_of_time=lambda: False)
    assert dry == Tally(due=1)
    assert mails(aws) == []
    assert sweep(world.deps) == Tally(due=1, done=1)


def test_a_sweep_stops_when_the_time_is_up_and_the_next_one_goes_on(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    for _ in range(3):
        world.book()
    clock.move(minutes=2)
    answers = iter([False, True])
    assert sweep(office, out_of_time=lambda: next(answers)) == Tally(due=1, done=1, more=True)
    assert sweep(office) == Tally(due=2, done=2)


def test_more_than_a_page_is_delivered_in_one_run(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    account = effect.mail("reset_password", world.user.account_id)
    for _ in range(deliver.PAGE + 3):
        office.commit(Change().sending(account))
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=deliver.PAGE + 3, done=deliver.PAGE + 3)


def test_two_sweeps_at_once_send_each_mail_once(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    account = effect.mail("reset_password", world.user.account_id)
    for _ in range(12):
        office.commit(Change().sending(account))
    clock.move(minutes=2)
    with ThreadPoolExecutor(4) as pool:
        tallies = list(pool.map(lambda _: sweep(office), range(4)))
    assert sum(tally.done for tally in tallies) == 12
    assert len(postman.sent) == 12


# -- what fails


def test_one_bad_mail_stops_no_other(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    world.book()
    world.book(world.other)
    postman.trouble["user1@example.com"] = RuntimeError("poison")
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=2, done=1, failed=1)
    assert postman.recipients == ["user2@example.com"]


def test_a_busy_mailer_is_tried_again_later_each_time_and_then_parked(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    office = replace(office, random=lambda _: 0)
    post(office, effect.mail("reset_password", world.user.account_id))
    postman.trouble["*"] = errors.Unavailable("Throttling", retry_after=1)
    clock.move(minutes=2)
    for minutes in (1, 4, 16, 60):
        assert sweep(office) == Tally(due=1, failed=1)
        clock.move(minutes=minutes, seconds=-1)
        assert sweep(office) == Tally()
        clock.move(seconds=1)
    assert sweep(office) == Tally(due=1, failed=1, parked=1)
    (parked,) = office.outbox.parked(10)
    assert parked.error == "unavailable: Throttling"
    assert parked.attempts == deliver.MOST_TRIES
    assert waiting(office) == []


def test_a_mailer_that_asks_for_more_time_gets_it(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    office = replace(office, random=lambda _: 1023)
    world.book()
    postman.trouble["*"] = errors.Unavailable(retry_after=600)
    clock.move(minutes=2)
    sweep(office)
    clock.move(minutes=10)
    assert sweep(office) == Tally()
    clock.move(seconds=150)
    postman.trouble.clear()
    assert sweep(office) == Tally(due=1, done=1)


def test_what_can_never_be_delivered_is_parked_at_once(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    world.book()
    postman.trouble["*"] = Undeliverable("MessageRejected")
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=1, failed=1, parked=1)
    assert office.outbox.parked(10)[0].error == "undeliverable: MessageRejected"


def test_of_several_effects_only_those_that_failed_are_tried_again(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    first = effect.mail("reset_password", world.user.account_id)
    second = effect.mail("reset_password", world.other.account_id)
    post(office, first, second)
    postman.trouble["user1@example.com"] = errors.Unavailable(retry_after=1)
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=1, failed=1)
    postman.trouble.clear()
    clock.move(minutes=5)
    assert sweep(office) == Tally(due=1, done=1)
    assert postman.recipients == ["user2@example.com", "user1@example.com"]


def test_a_delivery_that_kills_its_function_is_parked_in_the_end(
    world: World, office: Deps, clock: Clock
) -> None:
    class Killed(BaseException):
        pass

    def die(_: Message) -> None:
        raise Killed

    world.book()
    deadly = replace(office, mailer=type("Deadly", (), {"send": staticmethod(die)})())
    for _ in range(deliver.MOST_TRIES):
        clock.move(minutes=3)
        with pytest.raises(Killed):
            sweep(deadly)
    clock.move(minutes=3)
    assert sweep(deadly) == Tally(due=1, failed=1, parked=1)


def test_each_try_carries_the_same_effect_id(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    batch_id = post(office, effect.mail("reset_password", world.user.account_id))
    batch = office.outbox.get(batch_id)
    assert batch is not None
    for _ in range(2):
        deliver.deliver(office, batch)
    ids = {message.effect_id for message in postman.sent}
    assert ids == {f"{batch_id}.reset_password.{world.user.account_id}"}
    assert {message.sent_at for message in postman.sent} == {clock.now()}


# -- what no longer makes sense


def confirmation_after(world: World, office: Deps, clock: Clock, booking: Booking) -> Tally:
    clock.move(minutes=2)
    return sweep(office)


def test_no_confirmation_for_what_was_cancelled_meanwhile(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    booking = world.book()
    bookings.cancel(world.deps, world.user, booking.booking_id, reason="rain")
    assert confirmation_after(world, office, clock, booking) == Tally(due=1, done=1)
    assert postman.sent == []
    assert waiting(office) == []


def test_no_confirmation_for_what_time_has_ended_looked_at_or_not(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    seen, _ = world.book(), world.book()
    clock.move(minutes=61)
    settle.read(world.deps, seen.booking_id)
    assert sweep(office) == Tally(due=2, done=2)
    assert postman.sent == []


def test_a_late_confirmation_of_a_stay_that_has_begun_still_goes_out(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    world.enter(world.book())
    clock.move(minutes=90)
    assert sweep(office) == Tally(due=1, done=1)
    assert "Your stay has begun." in postman.sent[0].text


def test_what_is_about_nobody_we_know_is_dropped(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    post(
        office,
        effect.mail("reset_password", "US00000000"),
        effect.mail("booking_confirmed", "BK000000001NG1QR00005"),
    )
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=1, done=1)
    assert postman.sent == []


def test_a_verified_address_is_not_asked_again(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    post(office, effect.mail("verify_email", world.user.account_id))
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=1, done=1)
    assert postman.sent == []


def test_a_closed_account_gets_no_link(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    account = office.accounts.get(world.user.account_id)
    office.commit(saving(account.evolve(active=False)))
    post(office, effect.mail("reset_password", account.account_id))
    clock.move(minutes=2)
    assert sweep(office) == Tally(due=1, done=1)
    assert postman.sent == []


# -- to whom, and what


def test_a_guest_without_an_account_is_written_to_at_their_own_address(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    guests = (Guest("Ravi"), Guest("Mina", "mina@example.com"), Guest("Jo", "jo@example.com"))
    booking = builders.a_booking(
        user_id=None, guests=guests, now=clock.now(), booking_id="BK7Q2M9X4T1NG1QR00005"
    )
    office.commit(saving(booking).sending(effect.mail("booking_confirmed", booking.booking_id)))
    clock.move(minutes=2)
    sweep(office)
    assert postman.recipients == ["mina@example.com"]


def test_the_confirmation_carries_a_pass_that_opens_the_gate(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    booking = world.book()
    clock.move(minutes=2)
    sweep(office)
    code = next(line for line in postman.sent[0].text.splitlines() if line.startswith("BERTH"))
    assert office.tokens.read_qr(code).booking_id == booking.booking_id


def test_a_paid_exit_is_confirmed_with_the_bill(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    booking = world.enter(world.book())
    clock.move(minutes=126)
    world.leave(booking)
    clock.move(minutes=2)
    sweep(office)
    bill = postman.sent[-1]
    assert bill.subject == "Your stay at Central: ₹150.00"
    assert "Duration  2 h 6 min" in bill.text


def test_a_stay_over_midnight_in_kolkata_and_over_the_clock_change_in_dublin_is_told_locally(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("yard", builders.METERED, site="dublin", tariff=builders.FREE)
    clock.set(clock.now().replace(month=10, day=24, hour=18, minute=0))
    kolkata = Interval(clock.now(), clock.now() + timedelta(hours=1))
    world.book(start=kolkata.start, end=kolkata.end)
    world.book(zone="yard", start=clock.now() + timedelta(hours=5), minutes=180)
    clock.move(minutes=2)
    sweep(office)
    told = {message.subject.partition(", ")[2] for message in postman.sent}
    assert told == {
        "Sat 24 Oct 2026, 23:30 – Sun 25 Oct 2026, 00:30 (Asia/Kolkata)",
        "Sun 25 Oct 2026, 00:00 IST – 02:00 GMT (Europe/Dublin)",
    }


def test_the_links_in_the_mails_do_what_they_say(
    world: World, office: Deps, postman: Postman, clock: Clock
) -> None:
    account = office.accounts.get(world.user.account_id)
    office.commit(saving(account.evolve(verified=False)))
    for name in ("verify_email", "reset_password"):
        post(office, effect.mail(name, account.account_id))  # type: ignore[arg-type]
        clock.move(minutes=3)
        sweep(office)
    verify, reset = (link_in(message) for message in postman.sent)
    assert profile.verify_email(office, verify, address="-").verified
    assert profile.reset_password(office, reset, "a better password", address="-").epoch == 1
    with pytest.raises(errors.LinkExpired):
        profile.reset_password(office, reset, "another password", address="-")


def link_in(message: Message) -> str:
    url = next(line for line in message.text.splitlines() if line.startswith("https://"))
    base, _, token = url.rpartition("/l/")
    assert base == "https://berth.example.com"
    return token


# -- the log


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logs.JsonLines().format(record))

    handler, log = Keep(), logging.getLogger("berth")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in lines]
    log.removeHandler(handler)
    log.setLevel(level)


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
    assert deliver.HEAD_START < BORN_LEASED
