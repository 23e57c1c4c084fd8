from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change
from chalicelib.services.core.deps import Deps
from chalicelib.store.outbox import STREAM_LEASE, Batch, Outbox
from local.metering import Meter
from tests.clock import NOON, Clock

pytestmark = pytest.mark.engine2

MAIL = effect.mail("booking_confirmed", "BK7Q2M9X4T1NG1QR00005")
OTHER = effect.mail("stay_ended", "BK7Q2M9X4T1NG1QR00006")
LATER = NOON + STREAM_LEASE


def post(deps: Deps, clock: Clock, *effects: effect.Effect) -> Batch:
    """A batch as `commit` writes it; each a second younger than the one before."""
    deps.commit(Change().sending(*(effects or (MAIL,))))
    born = clock.now()
    clock.move(seconds=1)
    found = deps.outbox.due(born + STREAM_LEASE, limit=100)
    return next(batch for batch in found if batch.not_before == born + STREAM_LEASE)


@pytest.fixture
def outbox(deps: Deps) -> Outbox:
    return deps.outbox


def test_a_new_batch_is_leased_for_two_minutes(deps: Deps, outbox: Outbox, clock: Clock) -> None:
    post(deps, clock)
    assert outbox.due(LATER - timedelta(seconds=1), limit=10) == ()
    (batch,) = outbox.due(LATER, limit=10)
    assert batch.effects == (MAIL,)
    assert batch.attempts == 0
    assert outbox.get(batch.batch_id) == batch


def test_a_batch_that_does_not_exist_is_none(outbox: Outbox) -> None:
    assert outbox.get("EF0000000000000000") is None


def test_due_batches_come_oldest_first_a_page_at_a_time(
    deps: Deps, outbox: Outbox, clock: Clock
) -> None:
    posted = [post(deps, clock) for _ in range(5)]
    now = LATER + timedelta(minutes=1)
    first = outbox.due(now, limit=2)
    second = outbox.due(now, limit=2, after=first[-1])
    third = outbox.due(now, limit=2, after=second[-1])
    assert [*first, *second, *third] == posted


def test_a_page_is_full_even_when_leased_ones_stand_between(
    deps: Deps, outbox: Outbox, clock: Clock
) -> None:
    posted = [post(deps, clock) for _ in range(6)]
    now = LATER + timedelta(minutes=1)
    for batch in posted[:3]:
        outbox.lease(batch, now + timedelta(minutes=2))
    assert list(outbox.due(now, limit=2)) == posted[3:5]


def test_one_of_many_gets_the_lease_and_the_attempt_is_counted(
    deps: Deps, outbox: Outbox, clock: Clock
) -> None:
    batch = post(deps, clock)
    until = LATER + timedelta(minutes=2)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: outbox.lease(batch, until), range(8)))
    assert [lease for lease in taken if lease] == [replace(batch, not_before=until, attempts=1)]


def test_a_batch_that_is_done_is_gone(deps: Deps, outbox: Outbox, clock: Clock) -> None:
    batch = post(deps, clock)
    outbox.done(batch)
    outbox.done(batch)
    assert outbox.get(batch.batch_id) is None
    assert outbox.lease(batch, LATER) is None


def test_what_failed_is_kept_for_later_with_the_reason(
    deps: Deps, outbox: Outbox, clock: Clock
) -> None:
    batch = post(deps, clock, MAIL, OTHER)
    lease = outbox.lease(batch, LATER)
    again = NOON + timedelta(minutes=10)
    assert lease is not None
    assert outbox.retry(lease, [OTHER], not_before=again, error="busy " * 99)
    kept = outbox.get(batch.batch_id)
    assert kept is not None
    assert (kept.effects, kept.not_before) == ((OTHER,), again)
    assert kept.error is not None
    assert kept.error.startswith("busy")
    assert len(kept.error) == 200


def test_a_lost_lease_changes_nothing(deps: Deps, outbox: Outbox, clock: Clock) -> None:
    batch = post(deps, clock)
    other = outbox.lease(batch, LATER + timedelta(minutes=2))
    assert not outbox.retry(batch, [MAIL], not_before=LATER, error="late")
    assert not outbox.park(batch, [MAIL], error="late")
    assert outbox.get(batch.batch_id) == other
    assert outbox.parked(10) == ()


def test_a_parked_batch_waits_elsewhere_for_a_person(
    deps: Deps, outbox: Outbox, clock: Clock
) -> None:
    batch = post(deps, clock, MAIL, OTHER)
    lease = outbox.lease(batch, LATER)
    assert lease is not None
    assert outbox.park(lease, [OTHER], error="MessageRejected")
    assert outbox.get(batch.batch_id) is None
    (parked,) = outbox.parked(10)
    assert parked.batch_id == batch.batch_id
    assert parked.effects == (OTHER,)
    assert parked.error == "MessageRejected"
    assert outbox.due(LATER + timedelta(days=9), limit=10) == ()


def test_a_tick_with_nothing_due_is_one_query(outbox: Outbox, meter: Meter) -> None:
    meter.reset()
    assert outbox.due(LATER, limit=25) == ()
    reading = meter.snapshot()
    assert reading.requests == {"Query": 1}
    assert reading.read_units == 0.5


def test_a_busy_table_is_unavailable_not_a_lost_lease(
    deps: Deps, outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pynamodb.connection.base import Connection

    batch = post(deps, clock)
    monkeypatch.setattr(Connection, "_make_api_call", _throttled)
    for call in (
        lambda: outbox.lease(batch, LATER),
        lambda: outbox.due(LATER, limit=1),
        lambda: outbox.park(batch, [MAIL], error="x"),
        lambda: outbox.retry(batch, [MAIL], not_before=LATER, error="x"),
        lambda: outbox.done(batch),
        lambda: outbox.get(batch.batch_id),
    ):
        with pytest.raises(errors.Unavailable):
            call()


def _throttled(*_: object, **__: object) -> object:
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
    raise ClientError(answer, "any")
