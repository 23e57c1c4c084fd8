"""Several spaces or dates at once: all of them, or none (docs/rules/groups.md)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import book_group, bookings, cancel_group
from chalicelib.services.bookings.book_group import Group
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.deps import Replay as Repeated
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.wording import refuses
from tests.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEAR = dataclasses.replace(builders.VENUE, advance_window=400)
TOMORROW = NOON + DAY


@pytest.fixture
def hall(world: World) -> World:
    """Three halls that can be booked for a year ahead."""
    world.add_zone("halls", YEAR, kind="venue", tariff=builders.FREE, spaces=3)
    return world


def book(world: World, zone: str = "halls", **wishes: Any) -> Group:
    ordinary: dict[str, Any] = {"start": TOMORROW, "minutes": 60}
    return book_group.book(world.deps, world.user, Order(zone, **ordinary | wishes))


def weekly(times: int, **how: Any) -> Repeat:
    return Repeat("week", times=times, **how)


def daily(times: int, **how: Any) -> Repeat:
    return Repeat("day", times=times, **how)


def stored(clock: Clock) -> dict[str, Booking]:
    """All stored bookings, once every invariant holds."""
    return dict(invariants.check(clock.now()).bookings)


def refused(refusal: errors.DatesUnavailable) -> list[tuple[str, str]]:
    return [(each["date"], each["code"]) for each in refusal.facts["dates"]]


def test_a_group_has_so_many_spaces_for_one_time(hall: World, clock: Clock) -> None:
    made = book(hall, quantity=3)
    assert {booking.number for booking in made.bookings} == {"A-001", "A-002", "A-003"}
    assert {booking.booked for booking in made.bookings} == {builders.an_interval(TOMORROW)}
    assert {booking.group_id for booking in made.bookings} == {made.group_id}
    assert stored(clock) == {booking.booking_id: booking for booking in made.bookings}


def test_of_too_few_spaces_none_is_booked(hall: World, clock: Clock) -> None:
    taken = hall.book(hall.other, "halls", start=TOMORROW, vehicle_number=None)
    with refuses(errors.ZoneFull, "Fewer than 3"):
        book(hall, quantity=3)
    assert list(stored(clock)) == [taken.booking_id]


def test_a_named_space_is_not_booked_twice_for_one_time(hall: World) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        book(hall, number="A-001", quantity=2)
    assert set(refusal.value.fields) == {"quantity"}


def test_no_more_than_52_bookings_are_made_at_once(hall: World) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        book(hall, quantity=2, repeat=weekly(27))
    assert set(refusal.value.fields) == {"quantity"}


def test_each_of_a_group_is_a_booking_like_any_other(hall: World, clock: Clock) -> None:
    first, second = book(hall, quantity=2).bookings
    bookings.cancel(hall.deps, hall.user, first.booking_id)
    assert hall.read(second).status is Status.BOOKED
    assert stored(clock)[first.booking_id].status is Status.CANCELLED


def test_staff_book_a_group_for_a_guest(hall: World, clock: Clock) -> None:
    details = BookingDetails(guests=(Guest("Ravi", "ravi@example.com"),))
    order = Order("halls", start=TOMORROW, quantity=2, details=details)
    made = book_group.book(hall.deps, hall.staff, order)
    assert [booking.user_id for booking in made.bookings] == [None, None]
    assert len({booking.locator for booking in made.bookings}) == 1
    assert len(stored(clock)) == 2


def test_a_series_on_the_thirty_first_skips_short_months_and_says_so(
    hall: World, clock: Clock
) -> None:
    start = datetime(2026, 12, 31, 9, tzinfo=UTC)
    made = book(hall, start=start, repeat=Repeat("month", times=4))
    assert [each.booked.start.date().isoformat() for each in made.bookings] == [
        "2026-12-31", "2027-01-31", "2027-03-31",
    ]  # fmt: skip
    assert [each.as_json["code"] for each in made.missed] == ["NO_SUCH_DATE"]
    assert len(stored(clock)) == 3


def test_a_taken_date_of_a_monthly_series_refuses_it_and_lists_the_skipped_one_too(
    hall: World,
) -> None:
    start = datetime(2026, 12, 31, 9, tzinfo=UTC)
    hall.book(hall.other, "halls", start=start.replace(year=2027, month=1), number="A-001")
    series = Repeat("month", times=3)
    with pytest.raises(errors.DatesUnavailable) as refusal:
        book(hall, number="A-001", start=start, repeat=series)
    assert refused(refusal.value) == [
        ("2027-01-31", "SPACE_TAKEN"), ("2027-02-28", "NO_SUCH_DATE"),
    ]  # fmt: skip
    made = book(
        hall, number="A-001", start=start, repeat=dataclasses.replace(series, on_conflict="skip")
    )
    assert (len(made.bookings), len(made.missed)) == (1, 2)


def test_a_repeated_request_for_a_monthly_series_answers_with_the_same_skipped_dates(
    hall: World,
) -> None:
    start = datetime(2026, 12, 31, 9, tzinfo=UTC)
    once = dataclasses.replace(hall.deps, replay=Repeated(NOON, b"monthly"))
    order = Order("halls", start=start, minutes=60, repeat=Repeat("month", times=3))
    first, again = (book_group.book(once, hall.user, order) for _ in range(2))
    assert first.bookings == again.bookings
    assert [each.as_json for each in first.missed] == [each.as_json for each in again.missed]
    assert len(first.missed) == 1


def test_a_group_counts_as_so_many_under_a_quota(world: World, clock: Clock) -> None:
    world.add_zone("few", Policy(quota_per_user=3), spaces=9)
    book(world, "few", quantity=2)
    with pytest.raises(errors.QuotaReached):
        book(world, "few", quantity=2)
    book(world, "few", quantity=1, repeat=None, start=TOMORROW + HOUR)
    with pytest.raises(errors.QuotaReached):
        book(world, "few", quantity=4, start=TOMORROW + DAY)
    assert len(stored(clock)) == 3


def test_a_series_keeps_its_wall_clock_across_a_clock_change(world: World) -> None:
    world.add_site("dublin", timezone="Europe/Dublin")
    world.add_zone("rooms", YEAR, site="dublin", kind="venue", tariff=builders.FREE)
    nine = datetime(2027, 3, 15, 9, tzinfo=UTC)
    made = book(world, "rooms", start=nine, end=nine + 8 * HOUR, minutes=None, repeat=weekly(4))
    tz = world.deps.catalogue.site("dublin").tz
    ends = {
        (b.booked.start.astimezone(tz).hour, b.booked.end.astimezone(tz).hour)
        for b in made.bookings
    }
    assert ends == {(9, 17)}
    assert [b.booked.start.hour for b in made.bookings] == [9, 9, 8, 8]


def test_a_series_has_the_same_space_on_all_dates_where_one_is_free_on_all(hall: World) -> None:
    for number, day in (("A-001", 7), ("A-003", 14)):
        hall.book(
            hall.other, "halls", number=number, start=TOMORROW + day * DAY, vehicle_number=None
        )
    assert {booking.number for booking in book(hall, repeat=weekly(3)).bookings} == {"A-002"}


def test_otherwise_it_has_any_that_is_free(hall: World) -> None:
    for number, day in (("A-001", 0), ("A-002", 7), ("A-003", 14)):
        hall.book(
            hall.other, "halls", number=number, start=TOMORROW + day * DAY, vehicle_number=None
        )
    made = book(hall, repeat=weekly(3))
    assert len(made.bookings) == 3
    assert [b.number == f"A-00{n}" for n, b in enumerate(made.bookings, 1)] == [False] * 3


def blocked(world: World) -> None:
    """A hall with all the trouble there can be on the days from tomorrow: free, blacked out,
    taken, closed on Wednesdays, free, and then beyond the advance window."""
    open_days = {day: ["00:00-24:00"] for day in ("mon", "tue", "thu", "fri", "sat", "sun")}
    policy = dataclasses.replace(
        YEAR,
        advance_window=5,
        opening_hours=OpeningHours.from_json(open_days),
        blackouts=(Blackout(TOMORROW + DAY, TOMORROW + DAY + HOUR),),
    )
    world.add_zone("hall", policy, kind="venue", tariff=builders.FREE, spaces=1)
    world.book(world.other, "hall", start=TOMORROW + 2 * DAY, vehicle_number=None)


TROUBLE = [
    ("2026-11-23", "BLACKED_OUT"),
    ("2026-11-24", "ZONE_FULL"),
    ("2026-11-25", "OUTSIDE_OPENING_HOURS"),
    ("2026-11-27", "TOO_FAR_AHEAD"),
]


def test_every_date_that_cannot_be_had_is_named_with_its_reason(world: World, clock: Clock) -> None:
    blocked(world)
    with pytest.raises(errors.DatesUnavailable) as refusal:
        book(world, "hall", repeat=daily(6))
    assert refused(refusal.value) == TROUBLE
    assert len(stored(clock)) == 1


def test_they_are_skipped_where_that_is_wished(world: World, clock: Clock) -> None:
    blocked(world)
    made = book(world, "hall", repeat=daily(6, on_conflict="skip"))
    assert [booking.booked.start for booking in made.bookings] == [TOMORROW, TOMORROW + 4 * DAY]
    assert [(each.as_json["date"], each.as_json["code"]) for each in made.missed] == TROUBLE
    assert len(stored(clock)) == 3


def test_a_series_without_a_single_date_is_refused(world: World) -> None:
    blocked(world)
    with pytest.raises(errors.DatesUnavailable):
        book(world, "hall", start=TOMORROW + DAY, repeat=daily(2, on_conflict="skip"))


def test_a_named_space_that_is_taken_is_called_so(hall: World) -> None:
    hall.book(hall.other, "halls", number="A-001", start=TOMORROW + DAY, vehicle_number=None)
    with pytest.raises(errors.DatesUnavailable) as refusal:
        book(hall, number="A-001", repeat=daily(2))
    assert refused(refusal.value) == [("2026-11-23", "SPACE_TAKEN")]


def test_dates_beyond_a_quota_are_named_or_skipped(world: World, clock: Clock) -> None:
    world.add_zone("few", Policy(quota_per_user=3), spaces=2)
    world.book(zone="few", start=NOON + HOUR)
    with pytest.raises(errors.DatesUnavailable) as refusal:
        book(world, "few", repeat=daily(4))
    assert refused(refusal.value) == [
        ("2026-11-24", "QUOTA_REACHED"),
        ("2026-11-25", "QUOTA_REACHED"),
    ]
    assert len(book(world, "few", repeat=daily(4, on_conflict="skip")).bookings) == 2
    assert len(stored(clock)) == 3


def test_evenings_that_cross_midnight_in_utc_share_a_sheet(hall: World, clock: Clock) -> None:
    evening = datetime(2026, 11, 22, 20, tzinfo=UTC)
    made = book(hall, number="A-001", start=evening, minutes=20 * 60, repeat=daily(10))
    assert len(made.bookings) == len(stored(clock)) == 10
    other = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert (
        len(book(hall, number="A-001", start=other, minutes=240, repeat=daily(10)).bookings) == 10
    )


@pytest.mark.engine2
@pytest.mark.parametrize(("start_hour", "minutes"), [(9, 60), (20, 8 * 60)])
def test_a_year_of_weeks_is_booked_though_no_transaction_takes_it(
    hall: World, clock: Clock, start_hour: int, minutes: int
) -> None:
    start = datetime(2026, 11, 22, start_hour, tzinfo=UTC)
    made = book(hall, start=start, minutes=minutes, repeat=weekly(52))
    assert len({booking.number for booking in made.bookings}) == 1
    assert {booking.status for booking in made.bookings} == {Status.BOOKED}
    assert stored(clock) == {booking.booking_id: booking for booking in made.bookings}


@pytest.mark.engine2
def test_fifty_two_overnight_stays_in_a_row_are_booked(hall: World, clock: Clock) -> None:
    evening = datetime(2026, 11, 22, 20, tzinfo=UTC)
    made = book(hall, number="A-001", start=evening, minutes=23 * 60, repeat=daily(52))
    assert len(made.bookings) == len(stored(clock)) == 52


def test_ten_halls_for_a_month_begin_at_once_where_nobody_checks_in(
    world: World, clock: Clock
) -> None:
    timer = dataclasses.replace(builders.TIMER, max_duration=None)
    world.add_zone("wide", timer, tariff=builders.FREE, spaces=10)
    made = book(world, "wide", quantity=10, start=None, minutes=30 * 24 * 60)
    assert {booking.status for booking in made.bookings} == {Status.ACTIVE}
    assert stored(clock) == {booking.booking_id: booking for booking in made.bookings}


class Interrupted(Exception):
    """The process ends here."""


def failing(deps: Deps, at: int, error: Exception) -> Deps:
    """The commit number `at` (from 1) fails."""
    count = iter(range(1, 1000))

    def commit(change: Change) -> None:
        if next(count) == at:
            raise error
        deps.commit(change)

    return dataclasses.replace(deps, commit=commit, sleep=lambda _: None)


def year(world: World) -> Order:
    return Order("halls", start=TOMORROW, minutes=60, repeat=weekly(52))


def test_what_was_held_for_a_series_that_came_to_nothing_is_let_go_at_once(
    hall: World, clock: Clock
) -> None:
    deps = failing(hall.deps, 2, errors.QuotaReached())
    with pytest.raises(errors.QuotaReached):
        book_group.book(deps, hall.user, year(hall))
    assert stored(clock) == {}


def test_a_series_that_loses_a_race_begins_anew(hall: World, clock: Clock) -> None:
    deps = failing(hall.deps, 2, errors.StaleVersion())
    assert len(book_group.book(deps, hall.user, year(hall)).bookings) == 52
    assert len(stored(clock)) == 52


def test_what_a_dead_process_has_held_lapses(hall: World, clock: Clock) -> None:
    with pytest.raises(Interrupted):
        book_group.book(failing(hall.deps, 2, Interrupted()), hall.user, year(hall))
    assert Counter(b.status for b in stored(clock).values()) == {Status.PENDING: 6}
    clock.move(minutes=5)
    assert sweeps.run(hall.deps, "expire-bookings").done == 6
    assert Counter(b.status for b in stored(clock).values()) == {Status.EXPIRED: 6}
    assert len(book_group.book(hall.deps, hall.user, year(hall)).bookings) == 52


def repeating(deps: Deps) -> Deps:
    """As for a request under an Idempotency-Key."""
    return dataclasses.replace(deps, replay=Repeated(NOON, b"key"))


@pytest.mark.parametrize("on_conflict", ["refuse", "skip"])
def test_repeated_it_goes_on_from_what_a_dead_process_has_left(
    hall: World, clock: Clock, on_conflict: Any
) -> None:
    hall.add_zone("one", YEAR, kind="venue", tariff=builders.FREE, spaces=1)
    order = Order("one", start=TOMORROW, minutes=60, repeat=weekly(52, on_conflict=on_conflict))
    deps = repeating(hall.deps)
    with pytest.raises(Interrupted):
        book_group.book(failing(deps, 2, Interrupted()), hall.user, order)
    made = book_group.book(deps, hall.user, order)
    assert len(made.bookings) == len(stored(clock)) == 52
    assert book_group.book(deps, hall.user, order).bookings == made.bookings


def test_repeated_it_tells_again_which_dates_were_skipped(world: World, clock: Clock) -> None:
    blocked(world)
    order = Order("hall", start=TOMORROW, minutes=60, repeat=daily(6, on_conflict="skip"))
    deps = repeating(world.deps)
    made = book_group.book(deps, world.user, order)
    again = book_group.book(deps, world.user, order)
    assert again.bookings == made.bookings
    assert [each.as_json for each in again.missed] == [each.as_json for each in made.missed]


def cancel(world: World, booking: Booking, scope: Any, by: Any = None) -> Any:
    return cancel_group.cancel(
        world.deps, by or world.user, booking.booking_id, scope, reason="rain"
    )


def test_the_rest_of_a_series_is_cancelled_together(hall: World, clock: Clock) -> None:
    made = book(hall, repeat=weekly(52)).bookings
    outcome = cancel(hall, made[10], "rest")
    assert [each.booking.booking_id for each in outcome.cancelled] == [
        b.booking_id for b in made[10:]
    ]
    assert outcome.kept == ()
    ends = Counter(booking.status for booking in stored(clock).values())
    assert ends == {Status.BOOKED: 10, Status.CANCELLED: 42}


def test_what_has_begun_or_is_over_is_kept_and_said_so(world: World, clock: Clock) -> None:
    made = book(world, "zone-a", start=NOON, repeat=daily(3)).bookings
    world.enter(made[0])
    bookings.cancel(world.deps, world.user, made[1].booking_id)
    outcome = cancel(world, made[0], "all")
    assert [each.booking.booking_id for each in outcome.cancelled] == [made[2].booking_id]
    assert [each.refusal.code for each in outcome.kept] == ["ILLEGAL_TRANSITION", "ALREADY_ENDED"]
    with pytest.raises(errors.Conflict):
        cancel(world, made[2], "all")
    stored(clock)


def test_a_booking_made_alone_has_no_group_to_cancel(hall: World) -> None:
    alone = hall.book_hall()
    with pytest.raises(errors.Invalid) as refusal:
        cancel(hall, alone, "all")
    assert set(refusal.value.fields) == {"scope"}


def test_a_quota_is_given_back_for_all_that_is_cancelled(world: World, clock: Clock) -> None:
    world.add_zone("few", Policy(quota_per_user=6), spaces=6)
    made = book(world, "few", quantity=6).bookings
    cancel(world, made[0], "all")
    assert invariants.check(clock.now()).tallies == {(world.user.locator, "quota.few"): 0}
    assert len(book(world, "few", quantity=6).bookings) == 6


def test_a_group_can_be_looked_at_by_its_party_only(hall: World) -> None:
    made = book(hall, quantity=2)
    assert book_group.members(hall.deps, hall.staff, made.group_id) == made.bookings
    for nobody, wanted in (
        (hall.other, made.group_id),
        (hall.user, "GR" + "0" * 19),
        (hall.user, "x"),
    ):
        with pytest.raises(errors.BookingNotFound):
            book_group.members(hall.deps, nobody, wanted)


def test_one_mail_tells_of_all(hall: World, deliver: Any) -> None:
    made = book(hall, quantity=3)
    (mail,) = deliver()
    for booking in made.bookings:
        assert booking.booking_id in mail.text
        assert hall.deps.tokens.qr(booking) in mail.text
    (calendar,) = [part for part in mail.attachments if part.filename.endswith(".ics")]
    assert calendar.content.count(b"BEGIN:VEVENT") == 3


def test_one_mail_tells_of_all_that_staff_have_cancelled(hall: World, deliver: Any) -> None:
    made = book(hall, quantity=3)
    deliver()
    cancel(hall, made.bookings[0], "all", by=hall.staff)
    mails = deliver()
    assert [mail.subject for mail in mails if "Cancelled" in mail.subject] == [
        "Cancelled: 3 bookings at Central"
    ]


def test_a_group_that_its_customer_cancels_is_confirmed_in_one_mail(
    hall: World, deliver: Any
) -> None:
    cancel(hall, book(hall, quantity=3).bookings[0], "all")
    (mail,) = deliver()
    assert mail.subject == "Cancelled: 3 bookings at Central"
    assert "You have cancelled these bookings:" in mail.text


def test_whoever_waits_for_a_date_of_a_cancelled_series_is_offered_it(
    world: World, clock: Clock
) -> None:
    world.add_zone("hall", YEAR, kind="venue", tariff=builders.FREE, spaces=1)
    made = book(world, "hall", repeat=weekly(52)).bookings
    waiting = [
        entries.join(
            world.deps,
            world.other,
            WaitlistRequest("hall", None, each.booked.start, each.booked.end),
        )
        for each in (made[3], made[40])
    ]
    assert len(cancel(world, made[0], "all").cancelled) == 52
    offered = [world.deps.waitlist.get(entry.entry_id).status for entry in waiting]
    assert offered == [EntryStatus.OFFERED] * 2
