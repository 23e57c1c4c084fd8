from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault
from chalicelib.domain.pricing import tariff_json, tariff_schema
from chalicelib.domain.pricing.band import DEFAULT_BANDS, Band, overlap
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from chalicelib.domain.pricing.tariff import Tariff, Tax
from tests.wording import faults_of, refuses

KOLKATA = localtime.zone("Asia/Kolkata")
DUBLIN = localtime.zone("Europe/Dublin")
TERMS = CancellationTerms((CancelDeadline(3, 18 * 60, 100),), kept=500)
GST = Tax(1800, parts=(("CGST", 5000), ("SGST", 5000)))


@pytest.mark.parametrize(
    ("at", "rate"),
    [
        ("05:59", 3000),  # still night
        ("06:00", 8000),  # a band begins at its very minute
        ("08:59", 8000),
        ("09:00", 5000),
        ("17:59", 5000),
        ("18:00", 7000),
        ("20:59", 7000),
        ("21:00", 3000),
        ("23:59", 3000),
        ("00:00", 3000),  # past midnight it is the same night
    ],
)
def test_the_default_bands_price_the_day_by_the_local_clock(at: str, rate: int) -> None:
    tariff = Tariff("hourly", "INR", 6000, bands=DEFAULT_BANDS)
    instant = localtime.at_wall(date(2026, 11, 21), time.fromisoformat(at), KOLKATA)
    assert tariff.rate_at(instant, KOLKATA) == Money(rate, "INR")


def test_outside_all_bands_the_tariffs_own_rate_counts() -> None:
    tariff = Tariff("hourly", "INR", 6000, bands=(Band(540, 1080, 5000),))
    noon = localtime.at_wall(date(2026, 11, 21), time(12), KOLKATA)
    dawn = localtime.at_wall(date(2026, 11, 21), time(5), KOLKATA)
    assert tariff.rate_at(noon, KOLKATA).minor == 5000
    assert tariff.rate_at(dawn, KOLKATA).minor == 6000
    assert Tariff("hourly", "INR", 6000).rate_at(noon, KOLKATA).minor == 6000


def test_bands_follow_the_clocks_when_they_change() -> None:
    tariff = Tariff("hourly", "EUR", 300, bands=(Band(60, 120, 100),))  # 01:00 to 02:00
    rates = {
        "2026-10-24T23:59:00Z": 300,  # 00:59 summer time
        "2026-10-25T00:30:00Z": 100,  # the first half past one
        "2026-10-25T01:30:00Z": 100,  # the second
        "2026-10-25T02:00:00Z": 300,
        "2027-03-28T00:59:00Z": 300,
        "2027-03-28T01:00:00Z": 300,  # 02:00: that day has no 01:30
    }
    found = {at: tariff.rate_at(localtime.parse_instant(at), DUBLIN).minor for at in rates}
    assert found == rates


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (Band(0, 60, 1), Band(60, 120, 1), False),  # touching
        (Band(0, 61, 1), Band(60, 120, 1), True),
        (Band(1260, 360, 1), Band(300, 420, 1), True),  # over midnight
        (Band(1260, 360, 1), Band(360, 1260, 1), False),
        (Band(0, 1440, 1), Band(720, 780, 1), True),  # one inside the other
        (Band(1320, 60, 1), Band(1380, 30, 1), True),  # both over midnight
        (Band(0, 1440, 1, (5, 6)), Band(0, 1440, 1, (0, 1, 2, 3, 4)), False),  # weekend and week
        (Band(540, 600, 1, (5,)), Band(540, 600, 1, (5, 6)), True),
        (Band(1320, 360, 1, (6,)), Band(300, 420, 1, (0,)), True),  # from Sunday into Monday
        (Band(1320, 360, 1, (6,)), Band(300, 420, 1, (1,)), False),
    ],
)
def test_bands_that_share_a_minute_overlap(first: Band, second: Band, clash: bool) -> None:
    assert first.overlaps(second) is second.overlaps(first) is clash
    assert overlap((first, second)) == ((0, 1) if clash else None)


@pytest.mark.parametrize(
    ("start", "end", "rate"),
    [(-1, 60, 1), (0, 1441, 1), (1440, 60, 1), (60, 60, 1), (0, 60, -1), (0, -1, 1)],
)
def test_a_band_outside_a_day_is_refused(start: int, end: int, rate: int) -> None:
    with refuses(Fault, "must"):
        Band(start, end, rate)


@pytest.mark.parametrize(
    "faulty",
    [
        {"kind": "weekly"},
        {"currency": "XXX"},
        {"rate": -1},
        {"booking_fee": -1},
        {"late_fee": -1},
        {"grace_minutes": -1},
        {"unit_minutes": 0},
        {"bands": (Band(0, 60, 1), Band(30, 90, 1))},
        {"free_minutes": -1},
        {"no_show_fee": -1},
        {"day_cap": 0},
        {"kind": "flat", "day_cap": 100},
        {"kind": "flat", "bands": (Band(0, 1440, 1),)},
        {"kind": "nightly", "free_minutes": 15},
        {"kind": "daily", "bands": (Band(540, 1080, 1),)},
    ],
)
def test_a_tariff_that_makes_no_sense_cannot_be_made(faulty: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|lasts|overlap|known|not_for|for_hourly"):
        Tariff(**{"kind": "hourly", "currency": "INR", "rate": 5000, **faulty})


@pytest.mark.parametrize(
    ("rate_bp", "parts"),
    [
        (-1, (("GST", 10000),)),
        (10001, (("GST", 10000),)),
        (1800, (("GST", 9999),)),
        (1800, ()),
        (1800, (("A", 11000), ("B", -1000))),
    ],
)
def test_a_tax_whose_parts_do_not_make_a_whole_is_refused(
    rate_bp: int, parts: tuple[tuple[str, int], ...]
) -> None:
    with pytest.raises(ValueError, match="basis points"):
        Tax(rate_bp, parts=parts)


def test_a_tariff_without_bands_is_frozen_in_a_few_bytes() -> None:
    everything = Tariff(
        "nightly", "INR", 450000, 1440, 30, booking_fee=50000, tax=GST, late_fee=100000
    )
    assert len(everything.pack().encode()) <= 105
    usual = Tariff("hourly", "INR", 5000, booking_fee=5000, tax=Tax(1800))
    assert len(usual.pack().encode()) <= 50


def test_bookings_of_one_tariff_share_one_value() -> None:
    packed = Tariff("hourly", "INR", 5000).pack()
    assert Tariff.unpack(packed) is Tariff.unpack(packed)


def test_a_tariff_stored_before_the_newer_parts_reads_as_it_was() -> None:
    packed = '["hourly","INR",6000,60,5,5000,0,[1800,1],[[360,540,8000],[1260,360,3000]]]'
    assert Tariff.unpack(packed) == Tariff(
        "hourly", "INR", 6000, booking_fee=5000, tax=Tax(1800), bands=DEFAULT_BANDS[::3]
    )
    stored = {
        "kind": "hourly", "currency": "INR", "rate": "60.00", "unit_minutes": 60,
        "grace_minutes": 5, "booking_fee": "50.00", "late_fee": "0.00",
        "bands": [{"from": "06:00", "to": "09:00", "rate": "80.00"}],
        "tax": {
            "rate_bp": 0,
            "sac": None,
            "inclusive": True,
            "parts": [{"name": "GST", "share_bp": 10000}],
        },
    }  # fmt: skip
    assert tariff_json.read(stored) == Tariff(
        "hourly", "INR", 6000, booking_fee=5000, bands=DEFAULT_BANDS[:1]
    )


@pytest.mark.parametrize(
    ("at", "rate"),
    [
        ("2026-11-20T17:59", 300),  # Friday before the weekend's evening
        ("2026-11-20T18:00", 500),  # Friday evening
        ("2026-11-21T01:59", 500),  # still Friday's: the band belongs to the day it begins on
        ("2026-11-21T02:00", 300),
        ("2026-11-21T18:00", 500),  # Saturday evening
        ("2026-11-22T01:30", 500),
        ("2026-11-22T18:00", 300),  # Sunday
        ("2026-11-23T01:30", 300),
    ],
)
def test_a_band_counts_on_its_weekdays(at: str, rate: int) -> None:
    weekend = Band(18 * 60, 2 * 60, 500, (4, 5))
    tariff = Tariff("hourly", "EUR", 300, bands=(weekend,))
    instant = localtime.resolve(datetime.fromisoformat(at), DUBLIN)
    assert tariff.rate_at(instant, DUBLIN).minor == rate


@pytest.mark.parametrize("days", [(), (7,), (1, 0), (1, 1), (-1,)])
def test_a_band_with_faulty_weekdays_is_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        Band(0, 60, 1, days)


AMOUNTS = st.integers(0, 10**9)
TARIFFS = st.builds(
    Tariff,
    st.sampled_from(["nightly", "flat"]),
    st.sampled_from(["INR", "EUR", "JPY", "KWD"]),
    AMOUNTS,
    unit_minutes=st.integers(1, 1440),
    grace_minutes=st.integers(0, 60),
    booking_fee=AMOUNTS,
    tax=st.sampled_from([Tax(), Tax(1800), Tax(500, inclusive=False), GST]),
    late_fee=AMOUNTS,
    no_show_fee=AMOUNTS,
    cancellation=st.sampled_from([None, TERMS]),
) | st.builds(
    Tariff,
    st.just("hourly"),
    st.sampled_from(["INR", "JPY"]),
    AMOUNTS,
    grace_minutes=st.integers(0, 60),
    bands=st.sampled_from(
        [(), DEFAULT_BANDS, DEFAULT_BANDS[:1], (Band(0, 1440, 7),), (Band(60, 90, 7, (0, 6)),)]
    ),
    free_minutes=st.integers(0, 60),
    day_cap=st.none() | st.integers(1, 10**6),
    no_show_fee=AMOUNTS,
    cancellation=st.sampled_from([None, TERMS]),
    deposit=AMOUNTS,
    deposit_return_days=st.integers(0, 90),
)


@given(TARIFFS)
def test_a_tariff_survives_freezing_and_its_json(tariff: Tariff) -> None:
    assert Tariff.unpack(tariff.pack()) == tariff
    assert tariff_json.read(json.loads(json.dumps(tariff_json.show(tariff)))) == tariff


def test_a_tariff_is_written_with_decimals() -> None:
    tariff = Tariff(
        "hourly", "INR", 5000, booking_fee=5000, bands=(Band(360, 540, 8000, (0, 6)),), tax=GST,
        free_minutes=10, day_cap=30000, no_show_fee=2000, cancellation=TERMS, deposit=10000, deposit_return_days=7,
    )  # fmt: skip
    assert tariff_json.show(tariff) == {
        "kind": "hourly",
        "currency": "INR",
        "rate": "50.00",
        "unit_minutes": 60,
        "grace_minutes": 5,
        "booking_fee": "50.00",
        "late_fee": "0.00",
        "free_minutes": 10,
        "day_cap": "300.00",
        "no_show_fee": "20.00",
        "deposit": "100.00",
        "deposit_return_days": 7,
        "cancellation": {
            "deadlines": [{"days_before": 3, "until": "18:00", "percent": 100}],
            "kept": "5.00",
        },
        "bands": [{"from": "06:00", "to": "09:00", "rate": "80.00", "days": ["mon", "sun"]}],
        "demand": None,
        "discounts": [],
        "tax": {
            "rate_bp": 1800,
            "sac": None,
            "inclusive": True,
            "parts": [{"name": "CGST", "share_bp": 5000}, {"name": "SGST", "share_bp": 5000}],
        },
    }


def test_what_a_client_leaves_out_takes_its_default() -> None:
    assert tariff_json.read({"kind": "hourly", "currency": "INR", "rate": "50"}) == Tariff(
        "hourly", "INR", 5000
    )
    assert tariff_json.read({"kind": "flat", "rate": "900"}, currency="JPY") == Tariff(
        "flat", "JPY", 900
    )
    taxed = {"kind": "flat", "rate": "1", "tax": {"rate_bp": 500}}
    assert tariff_json.read(taxed, currency="INR").tax == Tax(500)


@pytest.mark.parametrize(("number", "minor"), [(50, 5000), (Decimal("50.5"), 5050)])
def test_an_amount_may_be_a_json_number(number: object, minor: int) -> None:
    raw = {"kind": "hourly", "currency": "INR", "rate": number}
    assert tariff_json.read(raw).rate == minor


def _band(**changed: object) -> dict[str, object]:
    return {"from": "06:00", "to": "09:00", "rate": "80.00", **changed}


def _until(**changed: object) -> dict[str, object]:
    return {"days_before": 3, "until": "18:00", "percent": 100, **changed}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"kind": "weekly"}, ["kind"]),
        ({"kind": ["hourly"]}, ["kind"]),
        ({"currency": "EUR"}, ["currency"]),  # not the site's
        ({"currency": None}, ["currency"]),
        ({"currency": ["INR"]}, ["currency"]),
        ({"rate": "50.005"}, ["rate"]),  # half a paisa
        ({"rate": "-1.00"}, ["rate"]),
        ({"rate": 50.5}, ["rate"]),
        ({"rate": True}, ["rate"]),
        ({"rate": None}, ["rate"]),
        ({"rate": "NaN", "colour": 1, "booking_fee": ""}, ["booking_fee", "colour", "rate"]),
        ({"unit_minutes": 0}, ["unit_minutes"]),
        ({"unit_minutes": 60.0}, ["unit_minutes"]),
        ({"unit_minutes": True}, ["unit_minutes"]),
        ({"grace_minutes": 1441}, ["grace_minutes"]),
        ({"bands": {}}, ["bands"]),
        ({"bands": [_band()] * 49}, ["bands"]),
        ({"bands": ["06:00"]}, ["bands[0]"]),
        ({"bands": [{}]}, ["bands[0].from", "bands[0].rate", "bands[0].to"]),
        ({"bands": [_band(), _band(to="25:00", rate="x")]}, ["bands[1].rate", "bands[1].to"]),
        ({"bands": [_band(to="06:00")]}, ["bands[0]"]),  # no time at all
        ({"bands": [_band(), _band()]}, ["bands[1]"]),  # twice the same
        ({"bands": [_band(name="early")]}, ["bands[0].name"]),
        ({"kind": "nightly", "bands": [_band()]}, ["bands[0]"]),  # a night has one price
        ({"kind": "flat", "bands": [_band(**{"from": "00:00", "to": "24:00"})]}, ["bands"]),
        ({"bands": [_band(days=[])]}, ["bands[0].days"]),
        ({"bands": [_band(days=["mon", "mon"])]}, ["bands[0].days"]),
        ({"bands": [_band(days=["Mon", "day"])]}, ["bands[0].days[0]", "bands[0].days[1]"]),
        ({"bands": [_band(days=["mon", "tue"]), _band(days=["tue"])]}, ["bands[1]"]),
        ({"day_cap": "0.00"}, ["day_cap"]),
        ({"day_cap": "-1"}, ["day_cap"]),
        ({"kind": "daily", "day_cap": "10"}, ["day_cap"]),
        ({"kind": "nightly", "free_minutes": 15}, ["free_minutes"]),
        ({"free_minutes": -1}, ["free_minutes"]),
        ({"free_minutes": 1441}, ["free_minutes"]),
        ({"no_show_fee": "5.001"}, ["no_show_fee"]),
        ({"no_show_fee": None}, ["no_show_fee"]),
        ({"cancellation": {}}, ["cancellation.deadlines"]),
        ({"cancellation": {"deadlines": []}}, ["cancellation.deadlines"]),
        ({"cancellation": {"deadlines": [_until()] * 13}}, ["cancellation.deadlines"]),
        (
            {"cancellation": {"deadlines": [_until(days_before=-1, percent=0)], "kept": "x"}},
            [
                "cancellation.deadlines[0].days_before",
                "cancellation.deadlines[0].percent",
                "cancellation.kept",
            ],
        ),
        (
            {"cancellation": {"deadlines": [_until(), _until(days_before=2)]}},  # no less
            ["cancellation.deadlines[1]"],
        ),
        (
            {"cancellation": {"deadlines": [_until(), _until(days_before=4, percent=50)]}},
            ["cancellation.deadlines[1]"],  # not later
        ),
        ({"tax": None}, ["tax"]),
        ({"tax": {}}, ["tax.rate_bp"]),
        ({"tax": {"rate_bp": 10001, "inclusive": 1}}, ["tax.inclusive", "tax.rate_bp"]),
        ({"tax": {"rate_bp": 1, "parts": []}}, ["tax.parts"]),
        ({"tax": {"rate_bp": 1, "parts": [{"name": "", "share_bp": 1}]}}, ["tax.parts[0].name"]),
        ({"tax": {"rate_bp": 1, "parts": [{"name": "A", "share_bp": 9000}]}}, ["tax.parts"]),
    ],
)
def test_all_faults_of_a_tariff_are_named_at_once(
    changed: dict[str, object], fields: list[str]
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read({"kind": "hourly", "rate": "50.00", **changed}, currency="INR")
    assert sorted(refused.value.fields) == [f"tariff.{name}" for name in fields]


@pytest.mark.parametrize("raw", [None, [], "hourly", 5])
def test_a_tariff_is_an_object(raw: object) -> None:
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read(raw, where="zone.tariff")
    assert faults_of(refused.value) == {"zone.tariff": "must be an object"}


def test_without_a_sites_currency_a_tariff_names_its_own() -> None:
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read({})
    assert faults_of(refused.value) == {
        "tariff.currency": "is required",
        "tariff.kind": "is required",
        "tariff.rate": "is required",
    }


@pytest.mark.parametrize("currency", ["XXX", "", None, 5, ["INR"]])
def test_a_currency_nobody_knows_is_named_and_the_amounts_still_checked(currency: object) -> None:
    raw = {"kind": "hourly", "currency": currency, "rate": "50.0001", "late_fee": "1.000"}
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read(raw)
    assert sorted(refused.value.fields) == ["tariff.currency", "tariff.rate"]


def test_the_schema_names_what_the_reader_reads() -> None:
    written = tariff_json.show(Tariff("hourly", "INR", 1))
    assert tariff_schema.SCHEMA["properties"].keys() == written.keys()


def test_default_stands_for_the_bands_of_lifecycle() -> None:
    tariff = tariff_json.read({"kind": "hourly", "rate": "50", "bands": "default"}, "INR")
    assert tariff.bands == DEFAULT_BANDS
    with pytest.raises(errors.Invalid):
        tariff_json.read({"kind": "hourly", "rate": "50", "bands": "usual"}, "INR")
