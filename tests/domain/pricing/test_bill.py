from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill, bill_lines
from chalicelib.domain.pricing.band import DEFAULT_BANDS, Band
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff, TariffKind, Tax

KOLKATA = localtime.zone("Asia/Kolkata")
DUBLIN = localtime.zone("Europe/Dublin")
TEN = localtime.parse_instant("2026-11-21T04:30:00Z")  # ten in the morning in Kolkata
PER_HOUR = Tariff("hourly", "INR", 5000)
BY_BAND = Tariff("hourly", "INR", 6000, bands=DEFAULT_BANDS)


def stay(minutes: float, start: datetime = TEN) -> Interval:
    return Interval(start, start + timedelta(minutes=minutes))


def made(
    tariff: Tariff, interval: Interval, tz: ZoneInfo = KOLKATA, *, paid: int = 0, late: bool = False
) -> Bill:
    return bill.make(tariff, interval, tz, paid=Money(paid, tariff.currency), late=late)


@pytest.mark.parametrize(
    ("minutes", "rupees"),
    [
        (3, 50),  # hardly there: the minimum of an hour
        (45, 50),  # part of the first hour
        (60, 50),  # the whole of it
        (65, 50),  # and the five minutes of grace, to the second
        (66, 100),  # a minute past grace begins the second hour
        (120, 100),
        (125, 100),  # grace again
        (126, 150),
        (150, 150),
        (300, 250),  # five hours
    ],
)
def test_parking_at_fifty_an_hour_costs_what_the_sign_says(minutes: int, rupees: int) -> None:
    made_out = made(PER_HOUR, stay(minutes))
    assert made_out.total == made_out.amount_due == Money(rupees * 100, "INR")
    assert made_out.units == rupees // 50
    assert made_out.duration_minutes == minutes


@pytest.mark.parametrize(
    ("seconds", "units"),
    [
        (1, 1),
        (3600 + 300, 1),  # the last second of grace
        (3600 + 301, 2),  # one more
        (2 * 3600 + 300, 2),
        (2 * 3600 + 301, 3),
        (24 * 3600, 24),
        (24 * 3600 + 301, 25),
    ],
)
def test_units_are_exact_to_the_second(seconds: int, units: int) -> None:
    assert bill_lines.units(timedelta(seconds=seconds), PER_HOUR) == units


@pytest.mark.parametrize(
    ("minutes", "unit", "grace", "units"),
    [
        (30, 30, 0, 1),
        (31, 30, 0, 2),  # no grace
        (40, 30, 10, 1),
        (41, 30, 10, 2),
        (5, 1, 5, 1),  # all of it grace: still one unit
        (7, 1, 5, 2),
    ],
)
def test_unit_and_grace_are_the_tariffs(minutes: int, unit: int, grace: int, units: int) -> None:
    tariff = replace(PER_HOUR, unit_minutes=unit, grace_minutes=grace)
    assert bill_lines.units(timedelta(minutes=minutes), tariff) == units


@pytest.mark.parametrize(
    ("start", "minutes", "lines"),
    [
        # start is Kolkata's wall clock on 2026-11-21
        ("05:59", 60, [("1 hour, 21:00–06:00", 1, 3000)]),  # begins at night: the night's price
        ("06:00", 60, [("1 hour, 06:00–09:00", 1, 8000)]),
        ("08:30", 60, [("1 hour, 06:00–09:00", 1, 8000)]),  # priced by where it begins
        (
            "08:30",
            180,  # 08:30, 09:30, 10:30
            [("1 hour, 06:00–09:00", 1, 8000), ("2 hours, 09:00–18:00", 2, 5000)],
        ),
        (
            "17:00",
            300,  # 17:00 | 18:00 19:00 20:00 | 21:00
            [
                ("1 hour, 09:00–18:00", 1, 5000),
                ("3 hours, 18:00–21:00", 3, 7000),
                ("1 hour, 21:00–06:00", 1, 3000),
            ],
        ),
        ("22:00", 240, [("4 hours, 21:00–06:00", 4, 3000)]),  # midnight is inside one band
        (
            "05:30",
            24 * 60,  # once round the clock: the night comes twice
            [
                ("1 hour, 21:00–06:00", 1, 3000),
                ("3 hours, 06:00–09:00", 3, 8000),
                ("9 hours, 09:00–18:00", 9, 5000),
                ("3 hours, 18:00–21:00", 3, 7000),
                ("8 hours, 21:00–06:00", 8, 3000),
            ],
        ),
    ],
)
def test_each_hour_is_priced_by_the_band_in_which_it_begins(
    start: str, minutes: int, lines: list[tuple[str, int, int]]
) -> None:
    begun = datetime.fromisoformat(f"2026-11-21T{start}:00+05:30").astimezone(UTC)
    made_out = made(BY_BAND, stay(minutes, begun))
    assert [(line.text, line.quantity, line.rate.minor) for line in made_out.lines] == lines
    assert made_out.total.minor == sum(quantity * rate for _, quantity, rate in lines)
    assert made_out.units == sum(quantity for _, quantity, _ in lines)
    assert made_out.rate == made_out.lines[0].rate
    assert made_out.lines[0].starts_at == begun


def test_a_line_begins_when_its_first_hour_does() -> None:
    made_out = made(BY_BAND, stay(180, localtime.parse_instant("2026-11-21T03:00:00Z")))
    starts = [localtime.iso(line.starts_at) for line in made_out.lines if line.starts_at]
    assert starts == ["2026-11-21T03:00:00Z", "2026-11-21T04:00:00Z"]


NIGHT = Tariff("hourly", "EUR", 300, grace_minutes=0, bands=(Band(60, 120, 100),))  # 01:00–02:00


@pytest.mark.parametrize(
    ("start", "hours", "rates"),
    [
        # the hour from one to two comes twice in October: both are cheap
        ("2026-10-24T23:00:00Z", 4, [300, 100, 100, 300]),
        # and not at all in March
        ("2027-03-28T00:00:00Z", 3, [300, 300, 300]),
        # an ordinary night
        ("2026-12-01T00:00:00Z", 3, [300, 100, 300]),
    ],
)
def test_clock_changes_move_the_bands_but_not_the_hours_spent(
    start: str, hours: int, rates: list[int]
) -> None:
    made_out = made(NIGHT, stay(hours * 60, localtime.parse_instant(start)), DUBLIN)
    assert made_out.units == hours
    assert made_out.total.minor == sum(rates)


def test_outside_all_bands_an_hour_costs_the_tariffs_own_rate() -> None:
    made_out = made(NIGHT, stay(120, localtime.parse_instant("2026-12-01T00:00:00Z")), DUBLIN)
    assert [line.text for line in made_out.lines] == ["1 hour", "1 hour, 01:00–02:00"]


@pytest.mark.parametrize(
    ("start", "end", "tz", "nights"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T17:00:00Z", KOLKATA, 1),  # a day's use: one night
        ("2026-11-21T09:00:00Z", "2026-11-23T05:00:00Z", KOLKATA, 2),
        ("2026-10-24T14:00:00Z", "2026-10-26T11:00:00Z", DUBLIN, 2),  # a night of 25 hours
        ("2027-03-27T15:00:00Z", "2027-03-28T10:00:00Z", DUBLIN, 1),  # one of 23
    ],
)
def test_rooms_cost_by_the_night(start: str, end: str, tz: ZoneInfo, nights: int) -> None:
    interval = Interval(localtime.parse_instant(start), localtime.parse_instant(end))
    made_out = made(Tariff("nightly", "EUR", 12000), interval, tz)
    assert made_out.units == nights
    assert made_out.total == Money(12000 * nights, "EUR")
    assert made_out.lines[0].text == ("1 night" if nights == 1 else f"{nights} nights")


def test_a_flat_rate_is_paid_once_however_long() -> None:
    made_out = made(Tariff("flat", "INR", 90000), stay(3 * 24 * 60))
    assert (made_out.units, made_out.total.minor) == (1, 90000)
    assert made_out.lines[0].text == "Flat rate"


def test_units_other_than_hours_are_named_by_their_minutes() -> None:
    half_hours = replace(PER_HOUR, unit_minutes=30, grace_minutes=0)
    assert made(half_hours, stay(90)).lines[0].text == "3 × 30 min"


@pytest.mark.parametrize(
    ("total", "fee", "paid", "charged", "due"),
    [
        (10000, 0, 0, 10000, 10000),  # no fee
        (10000, 5000, 0, 10000, 10000),  # the fee is part of the bill, not on top
        (10000, 5000, 5000, 10000, 5000),  # paid ahead, it is credited
        (5000, 5000, 5000, 5000, 0),
        (3000, 5000, 5000, 5000, 0),  # a fee above the bill is not paid back
        (3000, 5000, 0, 5000, 5000),  # nor does one who has not paid it yet pay less
        (3000, 0, 9000, 3000, 0),  # never below zero
        (0, 0, 0, 0, 0),
    ],
)
def test_the_booking_fee_is_credited_and_never_paid_back(
    total: int, fee: int, paid: int, charged: int, due: int
) -> None:
    made_out = made(Tariff("flat", "INR", total, booking_fee=fee), stay(60), paid=paid)
    assert made_out.total.minor == total
    assert made_out.charged.minor == charged
    assert made_out.amount_due.minor == due
    assert (made_out.booking_fee.minor, made_out.amount_paid.minor) == (fee, paid)


FREE_QUARTER = replace(PER_HOUR, free_minutes=15)


@pytest.mark.parametrize(
    ("minutes", "rupees"),
    [
        (1, 0),
        (15, 0),  # the free minutes
        (20, 0),  # and the grace at their end, as at the end of every hour
        (20.02, 50),  # a second later the first hour has begun
        (75, 50),  # 15 free, 60 to pay
        (80, 50),  # grace
        (80.02, 100),
        (140, 100),
        (140.02, 150),
    ],
)
def test_the_first_minutes_are_free_and_grace_follows_them(minutes: float, rupees: int) -> None:
    made_out = made(FREE_QUARTER, stay(minutes))
    assert made_out.total.minor == rupees * 100
    assert made_out.units == rupees // 50
    assert made_out.rate == Money(5000, "INR")
    assert (made_out.lines[0].text, made_out.lines[0].amount.minor) == ("First 15 minutes free", 0)


def test_free_minutes_do_not_waive_the_booking_fee() -> None:
    made_out = made(replace(FREE_QUARTER, booking_fee=5000), stay(10))
    assert (made_out.total.minor, made_out.charged.minor) == (0, 5000)


def test_the_first_paid_hour_begins_after_the_free_minutes_also_for_its_band() -> None:
    tariff = replace(BY_BAND, free_minutes=30)
    begun = datetime.fromisoformat("2026-11-21T08:40:00+05:30").astimezone(UTC)
    made_out = made(tariff, stay(60, begun))  # paid from 09:10 on
    assert [line.text for line in made_out.lines] == [
        "First 30 minutes free",
        "1 hour, 09:00–18:00",
    ]
    assert made_out.lines[1].starts_at == begun + timedelta(minutes=30)


@pytest.mark.parametrize(("minutes", "rupees"), [(15, 0), (20, 0), (20.02, 90), (600, 90)])
def test_a_flat_rate_may_have_free_minutes(minutes: float, rupees: int) -> None:
    assert made(Tariff("flat", "INR", 9000, free_minutes=15), stay(minutes)).total.minor == (
        rupees * 100
    )


CAPPED = Tariff("hourly", "EUR", 300, grace_minutes=0, day_cap=2000)


@pytest.mark.parametrize(
    ("start", "hours", "euros", "reductions"),
    [
        ("2026-11-21T10:00:00Z", 6, 18, []),  # below the maximum
        ("2026-11-21T10:00:00Z", 7, 20, [("Daily maximum 20.00, Sat 21 Nov", -100)]),
        ("2026-11-21T10:00:00Z", 14, 20, [("Daily maximum 20.00, Sat 21 Nov", -2200)]),
        # 14 hours of Saturday, then 2 of Sunday at their price
        ("2026-11-21T10:00:00Z", 16, 26, [("Daily maximum 20.00, Sat 21 Nov", -2200)]),
        # Saturday, all of Sunday, 3 hours of Monday
        (
            "2026-11-21T10:00:00Z",
            41,
            49,
            [
                ("Daily maximum 20.00, Sat 21 Nov", -2200),
                ("Daily maximum 20.00, Sun 22 Nov", -5200),
            ],
        ),
        # the day of 25 hours has one maximum, the day of 23 too
        ("2026-10-24T23:00:00Z", 25, 20, [("Daily maximum 20.00, Sun 25 Oct", -5500)]),
        ("2026-10-24T23:00:00Z", 26, 23, [("Daily maximum 20.00, Sun 25 Oct", -5500)]),
        ("2027-03-28T00:00:00Z", 23, 20, [("Daily maximum 20.00, Sun 28 Mar", -4900)]),
        ("2027-03-28T00:00:00Z", 24, 23, [("Daily maximum 20.00, Sun 28 Mar", -4900)]),
    ],
)
def test_the_hours_of_a_calendar_day_cost_no_more_than_its_maximum(
    start: str, hours: int, euros: int, reductions: list[tuple[str, int]]
) -> None:
    made_out = made(CAPPED, stay(hours * 60, localtime.parse_instant(start)), DUBLIN)
    assert made_out.total.minor == euros * 100
    assert made_out.units == hours
    assert [(line.text, line.amount.minor) for line in made_out.lines[1:]] == reductions


def test_the_maximum_counts_each_hour_at_the_price_of_its_band() -> None:
    tariff = replace(BY_BAND, day_cap=50000, grace_minutes=0)
    begun = datetime.fromisoformat("2026-11-21T06:00:00+05:30").astimezone(UTC)
    made_out = made(tariff, stay(8 * 60, begun))  # 3 × 80 and 5 × 50
    assert made_out.total.minor == 49000
    assert made(tariff, stay(9 * 60, begun)).total.minor == 50000  # 540 without a maximum


@pytest.mark.parametrize(
    ("start", "end", "tz", "days"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", DUBLIN, 1),
        ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", DUBLIN, 1),  # from midnight to midnight
        ("2026-11-21T23:00:00Z", "2026-11-22T00:05:00Z", DUBLIN, 1),  # the grace of Saturday
        ("2026-11-21T23:00:00Z", "2026-11-22T00:05:01Z", DUBLIN, 2),
        ("2026-11-21T23:59:00Z", "2026-11-22T00:01:00Z", DUBLIN, 1),
        ("2026-11-21T18:00:00Z", "2026-11-21T20:00:00Z", KOLKATA, 2),  # 23:30 to 01:30 there
        ("2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", DUBLIN, 1),  # the day of 25 hours
        ("2027-03-28T00:00:00Z", "2027-03-28T23:00:00Z", DUBLIN, 1),  # the day of 23
    ],
)
def test_a_daily_tariff_costs_by_the_calendar_days_touched(
    start: str, end: str, tz: ZoneInfo, days: int
) -> None:
    interval = Interval(localtime.parse_instant(start), localtime.parse_instant(end))
    made_out = made(Tariff("daily", "EUR", 1800), interval, tz)
    assert (made_out.units, made_out.total.minor) == (days, 1800 * days)
    assert made_out.lines[0].text == ("1 day" if days == 1 else f"{days} days")


@pytest.mark.parametrize(
    ("minutes", "days"),
    [(15, 0), (20, 0), (20.02, 1), (120, 1)],  # from 23:00 on: paid from 23:15
)
def test_a_daily_tariff_may_have_free_minutes(minutes: float, days: int) -> None:
    tariff = Tariff("daily", "EUR", 1800, free_minutes=15, grace_minutes=5)
    begun = localtime.parse_instant("2026-11-21T22:00:00Z")
    assert made(tariff, stay(minutes, begun), DUBLIN).total.minor == days * 1800


WEEKEND = Band(0, 1440, 12000, (4, 5))


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        # Thursday 15:00 to Monday 11:00
        (
            "nightly",
            [("1 night", 1, 9000), ("2 nights, Fri–Sat", 2, 12000), ("1 night", 1, 9000)],
        ),
        ("daily", [("1 day", 1, 9000), ("2 days, Fri–Sat", 2, 12000), ("2 days", 2, 9000)]),
    ],
)
def test_nights_and_days_are_priced_by_their_weekday(
    kind: TariffKind, lines: list[tuple[str, int, int]]
) -> None:
    tariff = Tariff(kind, "EUR", 9000, bands=(WEEKEND,))
    interval = Interval(
        localtime.parse_instant("2026-11-19T15:00:00Z"),
        localtime.parse_instant("2026-11-23T11:00:00Z"),
    )
    made_out = made(tariff, interval, DUBLIN)
    assert [(line.text, line.quantity, line.rate.minor) for line in made_out.lines] == lines
    starts = [localtime.iso(line.starts_at) for line in made_out.lines if line.starts_at]
    assert starts == ["2026-11-19T15:00:00Z", "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"]


def test_a_free_zone_makes_a_bill_of_zero() -> None:
    made_out = made(Tariff("hourly", "INR", 0), stay(200))
    assert not made_out.total
    assert not made_out.amount_due
    assert made_out.units == 4


def test_a_late_fee_is_a_line_of_its_own() -> None:
    tariff = Tariff("nightly", "EUR", 12000, late_fee=2500)
    night = stay(20 * 60)
    assert made(tariff, night).total.minor == 12000
    late = made(tariff, night, late=True)
    assert late.total.minor == 14500
    assert (late.lines[-1].text, late.lines[-1].starts_at) == ("Late check-out", None)
    assert late.units == 1
    assert len(made(replace(tariff, late_fee=0), night, late=True).lines) == 1


@pytest.mark.parametrize(
    ("left", "late"),
    [
        ("2026-12-26T11:00:00Z", False),
        ("2026-12-26T11:05:00Z", False),  # grace
        ("2026-12-26T11:05:01Z", True),
        ("2026-12-26T23:59:59Z", True),
        ("2026-12-27T00:00:00Z", False),  # another night is billed instead
    ],
)
def test_who_leaves_late_pays_for_it_unless_it_is_another_night(left: str, late: bool) -> None:
    booked_end = localtime.parse_instant("2026-12-26T11:00:00Z")
    at = localtime.parse_instant(left)
    assert bill.is_late(Tariff("nightly", "EUR", 12000), booked_end, at, DUBLIN) is late
    assert not bill.is_late(PER_HOUR, booked_end, at, DUBLIN)


CGST_SGST = (("CGST", 5000), ("SGST", 5000))


@pytest.mark.parametrize(
    ("rate", "tax", "total", "taxes"),
    [
        (5000, Tax(), 5000, []),  # no tax, no lines
        (11800, Tax(1800), 11800, [("GST", 1800, 1800)]),  # 18 % inside 118.00
        (5000, Tax(1800), 5000, [("GST", 1800, 763)]),  # 7.627 rounded
        # equal halves: the price before tax takes the odd paisa
        (5000, Tax(1800, parts=CGST_SGST), 5000, [("CGST", 900, 381), ("SGST", 900, 381)]),
        (5000, Tax(1800, inclusive=False), 5900, [("GST", 1800, 900)]),  # on top
        (
            5001,
            Tax(1800, inclusive=False, parts=CGST_SGST),
            5901,
            [("CGST", 900, 450), ("SGST", 900, 450)],
        ),
        (5000, Tax(525, parts=CGST_SGST), 5000, [("CGST", 263, 125), ("SGST", 262, 124)]),
        (3, Tax(10000), 3, [("GST", 10000, 2)]),  # half a paisa goes to the tax office
    ],
)
def test_tax_is_cut_out_of_the_total_or_put_on_top(
    rate: int, tax: Tax, total: int, taxes: list[tuple[str, int, int]]
) -> None:
    made_out = made(Tariff("flat", "INR", rate, tax=tax), stay(60))
    assert made_out.total.minor == total
    assert [(line.name, line.rate_bp, line.amount.minor) for line in made_out.tax] == taxes
    assert made_out.tax_total.minor == sum(minor for _, _, minor in taxes)


def test_money_paid_in_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        _ = bill.make(PER_HOUR, stay(60), KOLKATA, paid=Money.zero("EUR")).amount_due


def test_a_plain_bill_is_frozen_in_a_few_bytes() -> None:
    assert len(made(PER_HOUR, stay(126)).pack().encode()) <= 80


TAXES = st.builds(
    Tax,
    st.integers(0, 10000),
    inclusive=st.booleans(),
    parts=st.sampled_from([CGST_SGST, (("GST", 10000),), (("A", 3333), ("B", 3333), ("C", 3334))]),
)
HOURLY = st.builds(
    Tariff,
    st.just("hourly"),
    st.just("INR"),
    st.integers(0, 10**7),
    unit_minutes=st.sampled_from([15, 30, 60, 1440]),
    grace_minutes=st.integers(0, 90),
    booking_fee=st.integers(0, 20000),
    bands=st.sampled_from(
        [
            (),
            DEFAULT_BANDS,
            (Band(60, 120, 100),),
            (Band(1260, 360, 10),),
            (Band(1260, 360, 10, (4, 5)), Band(600, 700, 10**6, (6,))),
        ]
    ),
    tax=TAXES,
    late_fee=st.integers(0, 10000),
    free_minutes=st.sampled_from([0, 15, 90]),
    day_cap=st.none() | st.integers(1, 10**6),
)
TARIFFS = HOURLY | st.builds(
    Tariff,
    st.sampled_from(["daily", "nightly", "flat"]),
    st.just("INR"),
    st.integers(0, 10**7),
    booking_fee=st.integers(0, 20000),
    tax=TAXES,
)
STARTS = st.sampled_from(
    [
        "2026-10-24T20:00:00Z",  # before Dublin's October change
        "2027-03-27T20:00:00Z",  # before its March change
        "2026-11-21T17:00:00Z",  # before Kolkata's midnight
    ]
).flatmap(
    lambda text: st.integers(0, 8 * 3600).map(
        lambda seconds: localtime.parse_instant(text) + timedelta(seconds=seconds)
    )
)
SECONDS = st.integers(1, 40 * 3600)
TZS = st.sampled_from([KOLKATA, DUBLIN])
PAID = st.integers(0, 30000)


@given(TARIFFS, STARTS, SECONDS, TZS, PAID, st.booleans())
def test_the_parts_of_a_bill_add_up_exactly(
    tariff: Tariff, start: datetime, seconds: int, tz: ZoneInfo, paid: int, late: bool
) -> None:
    made_out = made(tariff, stay(seconds / 60, start), tz, paid=paid, late=late)
    lines = sum(line.amount.minor for line in made_out.lines)
    tax = sum(line.amount.minor for line in made_out.tax)
    assert made_out.total.minor == lines + (0 if tariff.tax.inclusive else tax)
    assert 0 <= tax <= made_out.charged.minor  # a booking fee that is more has its tax
    if made_out.charged == made_out.total:
        assert tax <= made_out.total.minor
    if tariff.tax.rate_bp:
        assert sum(line.rate_bp for line in made_out.tax) == tariff.tax.rate_bp
        assert made_out.tax_total.minor == tax


@given(TARIFFS, STARTS, SECONDS, TZS, PAID)
def test_what_is_due_covers_total_and_fee_and_is_never_below_zero(
    tariff: Tariff, start: datetime, seconds: int, tz: ZoneInfo, paid: int
) -> None:
    made_out = made(tariff, stay(seconds / 60, start), tz, paid=paid)
    assert made_out.charged.minor >= max(made_out.total.minor, tariff.booking_fee)
    assert made_out.amount_due.minor == max(0, made_out.charged.minor - paid)


@given(TARIFFS, STARTS, SECONDS, SECONDS, TZS)
def test_a_longer_stay_never_costs_less(
    tariff: Tariff, start: datetime, seconds: int, more: int, tz: ZoneInfo
) -> None:
    short, long = stay(seconds / 60, start), stay((seconds + more) / 60, start)
    assert made(tariff, short, tz).total <= made(tariff, long, tz).total
    assert made(tariff, short, tz).units <= made(tariff, long, tz).units


@given(HOURLY, STARTS, st.integers(1, 100 * 3600), TZS, st.integers(1, 10**6))
def test_no_calendar_day_costs_more_than_its_maximum(
    tariff: Tariff, start: datetime, seconds: int, tz: ZoneInfo, cap: int
) -> None:
    interval = stay(seconds / 60, start)
    days = localtime.nights(interval, tz) + 1
    uncapped = made(replace(tariff, tax=Tax(), day_cap=None), interval, tz)
    capped = made(replace(tariff, tax=Tax(), day_cap=cap), interval, tz)
    assert capped.total.minor <= min(days * cap, uncapped.total.minor)
    assert capped.units == uncapped.units


@given(HOURLY, STARTS, SECONDS, TZS)
def test_free_minutes_cost_what_the_stay_after_them_costs(
    tariff: Tariff, start: datetime, seconds: int, tz: ZoneInfo
) -> None:
    after = stay(seconds / 60, start)
    whole = Interval(start - timedelta(minutes=15), after.end)
    plain, free = replace(tariff, free_minutes=0), replace(tariff, free_minutes=15)
    in_grace = after.duration <= timedelta(minutes=tariff.grace_minutes)
    assert made(free, whole, tz).total == (
        Money.zero("INR") if in_grace else made(plain, after, tz).total
    )


@given(STARTS, SECONDS)
def test_without_bands_the_clock_on_the_wall_does_not_matter(start: datetime, seconds: int) -> None:
    interval = stay(seconds / 60, start)
    assert made(PER_HOUR, interval, KOLKATA) == made(PER_HOUR, interval, DUBLIN)


@given(TARIFFS, STARTS, SECONDS, TZS, PAID, st.booleans())
def test_a_frozen_bill_is_the_bill(
    tariff: Tariff, start: datetime, seconds: int, tz: ZoneInfo, paid: int, late: bool
) -> None:
    made_out = made(tariff, stay(seconds / 60, start), tz, paid=paid, late=late)
    assert Bill.unpack(made_out.pack()) == made_out
