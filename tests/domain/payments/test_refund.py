from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import localtime
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.refund import RefundDecision, decide
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from chalicelib.texts import sentences

DUBLIN = localtime.zone("Europe/Dublin")
KOLKATA = localtime.zone("Asia/Kolkata")
BOOKED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = datetime(2026, 12, 24, 15, tzinfo=UTC)
PAID = Money(5000, "INR")
FIVE_MINUTES = timedelta(minutes=5)
SIX_PM = 18 * 60
TERMS = CancellationTerms((CancelDeadline(3, SIX_PM, 100), CancelDeadline(1, SIX_PM, 50)))
KEEPING = CancellationTerms(TERMS.deadlines, kept=300)


def cancelled(
    at: datetime,
    *,
    entered: bool = False,
    paid: Money = PAID,
    free_window: timedelta = FIVE_MINUTES,
    terms: CancellationTerms | None = None,
    start: datetime = START,
    tz: ZoneInfo = DUBLIN,
) -> RefundDecision:
    return decide(
        created_at=BOOKED_AT,
        entered=entered,
        paid=paid,
        free_window=free_window,
        terms=terms,
        start=start,
        tz=tz,
        now=at,
    )


def after(seconds: float) -> datetime:
    return BOOKED_AT + timedelta(seconds=seconds)


def at(local: str, tz: ZoneInfo = DUBLIN) -> datetime:
    return localtime.resolve(datetime.fromisoformat(local), tz)


@pytest.mark.parametrize(
    ("seconds", "eligible"),
    [
        (0, True),  # at once
        (299, True),
        (300, True),  # exactly five minutes still counts
        (301, False),
        (86400, False),  # a day later, though long before the start
        (-5, True),  # a clock set back
    ],
)
def test_all_is_refunded_within_five_minutes_and_nothing_later(
    seconds: int, eligible: bool
) -> None:
    decision = cancelled(after(seconds))
    assert decision.eligible is eligible
    assert decision.amount == (PAID if eligible else Money.zero("INR"))
    assert decision.until == (BOOKED_AT + FIVE_MINUTES if eligible else None)


@pytest.mark.parametrize("terms", [None, TERMS])
@pytest.mark.parametrize("seconds", [0, 300, 301])
def test_nothing_is_refunded_after_entry(seconds: int, terms: CancellationTerms | None) -> None:
    decision = cancelled(after(seconds), entered=True, terms=terms)
    assert (decision.eligible, decision.amount) == (False, Money.zero("INR"))
    assert (
        sentences.in_words(decision.reason, "en") == "The stay has begun, so nothing is refunded."
    )


def test_who_has_paid_nothing_yet_is_eligible_for_nothing() -> None:
    decision = cancelled(BOOKED_AT, paid=Money.zero("INR"))
    assert (decision.eligible, decision.amount) == (True, Money.zero("INR"))


@pytest.mark.parametrize(
    ("local", "minor", "kept_back", "until"),
    [
        # for a start on 24 December at 15:00
        ("2026-11-21T12:00:01", 5000, 4700, "2026-12-21T18:00"),  # the window is not looked at
        ("2026-12-21T18:00:00", 5000, 4700, "2026-12-21T18:00"),  # that instant still counts
        ("2026-12-21T18:00:01", 2500, 2200, "2026-12-23T18:00"),
        ("2026-12-23T18:00:00", 2500, 2200, "2026-12-23T18:00"),
        ("2026-12-23T18:00:01", 0, 0, None),
        ("2026-12-24T14:59:59", 0, 0, None),
        ("2026-12-26T12:00:00", 0, 0, None),  # two days after the start is not two days before it
    ],
)
def test_cancellation_terms_pay_back_by_their_deadlines(
    local: str, minor: int, kept_back: int, until: str | None
) -> None:
    decision = cancelled(at(local), terms=TERMS)
    assert decision.amount.minor == minor
    assert decision.eligible is bool(minor)
    assert decision.until == (None if until is None else at(until))
    assert cancelled(at(local), terms=KEEPING).amount.minor == kept_back


def test_terms_replace_the_window_also_right_after_booking() -> None:
    last_minute = cancelled(BOOKED_AT, terms=TERMS, start=BOOKED_AT + timedelta(hours=2))
    assert (last_minute.eligible, last_minute.amount.minor) == (False, 0)


@pytest.mark.parametrize(
    ("start", "tz", "deadline"),
    [
        # the day and the hour are the site's
        ("2026-12-24T20:00:00Z", KOLKATA, "2026-12-24T12:30:00Z"),  # begins on the 25th there
        ("2026-12-24T20:00:00Z", DUBLIN, "2026-12-23T18:00:00Z"),
        # a day of 25 hours in between: 18:00 by the wall clock all the same
        ("2026-10-25T15:00:00Z", DUBLIN, "2026-10-24T17:00:00Z"),
        ("2027-03-28T14:00:00Z", DUBLIN, "2027-03-27T18:00:00Z"),
    ],
)
def test_a_deadline_is_an_hour_of_the_sites_calendar(
    start: str, tz: ZoneInfo, deadline: str
) -> None:
    instant = localtime.parse_instant(deadline)
    begins = localtime.parse_instant(start)
    assert cancelled(instant, terms=TERMS, start=begins, tz=tz).amount.minor == 2500
    late = cancelled(instant + timedelta(seconds=1), terms=TERMS, start=begins, tz=tz)
    assert late.amount.minor == 0


def test_a_deadline_that_a_clock_change_skips_is_the_instant_of_the_change() -> None:
    terms = CancellationTerms((CancelDeadline(0, 90, 100),))  # 01:30 of the day in March
    start = localtime.parse_instant("2027-03-28T14:00:00Z")
    change = localtime.parse_instant("2027-03-28T01:00:00Z")
    assert cancelled(change, terms=terms, start=start).eligible
    assert not cancelled(change + timedelta(seconds=1), terms=terms, start=start).eligible


def test_a_deadline_never_outlives_the_start() -> None:
    terms = CancellationTerms((CancelDeadline(0, SIX_PM, 100),))
    start = at("2026-12-24T09:00")
    assert cancelled(start, terms=terms, start=start).until == start
    assert not cancelled(start + timedelta(seconds=1), terms=terms, start=start).eligible


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (
            cancelled(BOOKED_AT),
            "Cancelled within 5 minutes of booking: everything paid is refunded.",
        ),
        (
            cancelled(BOOKED_AT, free_window=timedelta(minutes=1)),
            "Cancelled within 1 minute of booking: everything paid is refunded.",
        ),
        (
            cancelled(after(3600)),
            "Cancelled more than 5 minutes after booking, so nothing is refunded.",
        ),
        (
            cancelled(after(3600), free_window=timedelta(0)),
            "Bookings here are not refunded.",
        ),
        (
            cancelled(BOOKED_AT, free_window=timedelta(0)),
            "Bookings here are not refunded.",  # also in the second of booking
        ),
        (
            cancelled(after(3600), terms=TERMS),
            "Cancelled early enough for 100 % of what was paid to be refunded.",
        ),
        (
            cancelled(at("2026-12-22T12:00"), terms=KEEPING),
            "Cancelled early enough for 50 % of what was paid to be refunded, less 3.00 INR.",
        ),
        (
            cancelled(START, terms=TERMS),
            "Cancelled too close to the start, so nothing is refunded.",
        ),
    ],
)
def test_a_guest_reads_why(decision: RefundDecision, reason: str) -> None:
    assert sentences.in_words(decision.reason, "en") == reason


@pytest.mark.parametrize(
    "deadlines",
    [
        (),
        (CancelDeadline(1, 0, 50), CancelDeadline(3, 0, 20)),  # not later
        (CancelDeadline(3, 60, 50), CancelDeadline(3, 60, 20)),
        (CancelDeadline(3, 0, 50), CancelDeadline(1, 0, 50)),  # gives back no less
        tuple(CancelDeadline(30 - n, 0, 90 - n) for n in range(13)),
    ],
)
def test_terms_whose_deadlines_are_out_of_order_are_refused(
    deadlines: tuple[CancelDeadline, ...],
) -> None:
    with pytest.raises(ValueError, match="deadline"):
        CancellationTerms(deadlines)


@pytest.mark.parametrize(
    "parts", [(-1, 0, 50), (366, 0, 50), (1, 1441, 50), (1, 0, 0), (1, 0, 101)]
)
def test_a_deadline_outside_reason_is_refused(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        CancelDeadline(*parts)


ANY_TERMS = st.builds(
    lambda days, percents, until, kept: CancellationTerms(
        tuple(map(CancelDeadline, sorted(days, reverse=True), until, sorted(percents)[::-1])), kept
    ),
    st.sets(st.integers(0, 40), min_size=4, max_size=4),
    st.sets(st.integers(1, 100), min_size=4, max_size=4),
    st.lists(st.integers(0, 1440), min_size=1, max_size=4),
    st.integers(0, 2000),
)
HOURS = st.integers(0, 40 * 24)


@given(st.integers(0, 10**9), HOURS, HOURS, st.booleans(), st.none() | ANY_TERMS)
def test_a_later_cancellation_never_pays_back_more_and_none_more_than_was_paid(
    minor: int, first: int, more: int, entered: bool, terms: CancellationTerms | None
) -> None:
    paid = Money(minor, "INR")
    early, late = (
        cancelled(after(hours * 3600), entered=entered, paid=paid, terms=terms)
        for hours in (first, first + more)
    )
    assert Money.zero("INR") <= late.amount <= early.amount <= paid
    assert early.eligible or not early.amount


@given(st.integers(0, 10**9), HOURS, ANY_TERMS)
def test_a_refund_holds_until_the_instant_that_it_names(
    minor: int, hours: int, terms: CancellationTerms
) -> None:
    paid = Money(minor, "INR")
    now = cancelled(after(hours * 3600), paid=paid, terms=terms)
    if now.until is None:
        assert not now.amount
        return
    assert cancelled(now.until, paid=paid, terms=terms).amount == now.amount
    later = cancelled(now.until + timedelta(seconds=1), paid=paid, terms=terms)
    assert later.amount <= now.amount
    assert later.until is None or later.until > now.until
