"""Offers on their way to the mailbox: what is dropped, and what is passed on to the next in line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.delivery import outbox
from tests.batches import sweep, waiting
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.hall import Hall
from tests.world import World

OFFERED, EXPIRED = EntryStatus.OFFERED, EntryStatus.EXPIRED


@pytest.fixture
def hall(world: World, clock: Clock, office: Deps) -> Hall:
    """Where `other` is first in line and `third` is next, and nothing else waits to be sent."""
    hall = Hall(world, clock)
    hall.book()
    clock.move(minutes=2)
    sweep(office)
    return hall


def free(hall: Hall) -> list[str]:
    """Let `other` and `third` join and free the hall; the ids of their entries."""
    entries = [hall.join(hall.world.other), hall.join(hall.third)]
    [booking] = hall.deps.bookings.of_owner(hall.world.user.account_id, limit=1).records
    hall.cancel(booking)
    return [entry.entry_id for entry in entries]


def statuses(hall: Hall, ids: list[str]) -> list[EntryStatus]:
    return [hall.deps.waitlist.get(entry_id).status for entry_id in ids]


def deliver_all(hall: Hall, office: Deps) -> SweepReport:
    """As the stream does, a moment after."""
    tally = SweepReport()
    for batch_id in waiting(office):
        tally.done += outbox.from_stream(office, batch_id) is outbox.Outcome.DONE
    return tally


def test_whoever_is_offered_something_is_written_to_at_once(
    hall: Hall, office: Deps, mailer: FakeMailer
) -> None:
    free(hall)
    mailer.sent.clear()
    deliver_all(hall, office)
    [mail] = [mail for mail in mailer.sent if "Available:" in mail.subject]
    assert mail.to == "user2@example.com"


@pytest.mark.parametrize("what", ["claimed", "left", "lapsed"])
def test_nobody_is_written_to_about_an_offer_that_no_longer_stands(
    hall: Hall, office: Deps, mailer: FakeMailer, clock: Clock, what: str
) -> None:
    first = hall.deps.waitlist.get(free(hall)[0])
    [offer] = waiting(office)
    if what == "lapsed":
        clock.move(minutes=15)
    elif what == "left":
        hall.leave(first, hall.world.other)
    else:
        hall.claim(first, hall.world.other)
    mailer.sent.clear()
    clock.move(minutes=2)
    assert outbox.from_stream(office, offer) is outbox.Outcome.DONE
    sweep(office)
    assert "user2@example.com" not in [m.to for m in mailer.sent if "Available:" in m.subject]


def test_a_refused_address_passes_the_offer_on(
    hall: Hall, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    ids = free(hall)
    mailer.trouble["user2@example.com"] = Undeliverable("MessageRejected")
    deliver_all(hall, office)
    assert statuses(hall, ids) == [EXPIRED, OFFERED]
    assert "MessageRejected" in hall.deps.waitlist.get(ids[0]).reason
    deliver_all(hall, office)
    assert mailer.recipients[-1] == "third-halls@example.com"


def test_whoever_has_no_address_any_more_is_passed_over(
    hall: Hall, office: Deps, mailer: FakeMailer
) -> None:
    ids = free(hall)
    account = hall.deps.accounts.get(hall.world.other.account_id)
    hall.deps.commit(saving(replace(account, erased=True, version=account.version + 1)))
    deliver_all(hall, office)
    assert statuses(hall, ids) == [EXPIRED, OFFERED]


def test_a_mailer_that_is_down_for_a_while_costs_nobody_their_offer(
    hall: Hall, office: Deps, mailer: FakeMailer, clock: Clock
) -> None:
    ids = free(hall)
    mailer.trouble["*"] = errors.Unavailable(retry_after=1)
    deliver_all(hall, office)
    assert statuses(hall, ids) == [OFFERED, EntryStatus.WAITING]
    mailer.trouble.clear()
    clock.move(minutes=3)
    sweep(office)
    assert "user2@example.com" in mailer.recipients
