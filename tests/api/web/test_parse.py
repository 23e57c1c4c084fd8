"""What comes in: all that is wrong with it is named at once, and nothing wrong with it is a 500."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest

from chalicelib.api.web import parse
from chalicelib.api.web.incoming import MAX_BODY
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import UNSET, Amount, Integer, Items, Structure, Text, given
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Verbatim, say
from tests.client import Client
from tests.odd_requests import ODD_BODIES
from tests.wording import faults_of
from tests.world import World


def _odd(raw: Any) -> int:
    if not isinstance(raw, int) or raw % 2 == 0:
        raise errors.Invalid({"odd": Verbatim("must be odd")})
    return raw


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Wheel:
    """A part of a part."""

    size: Annotated[int, Integer(1, 30)]
    brand: Annotated[str, Text(max=5)] | None = None


@dataclass(frozen=True)
class Car:
    """One of everything."""

    name: Annotated[str, Text(min=2, max=8)]
    plate: Annotated[
        str, Text(max=8, pattern=r"[A-Za-z0-9]+", form=say("must_be_plate"), read=str.upper)
    ] = "X1"
    doors: Annotated[int, Integer(0, 5)] = 4
    automatic: bool = False
    colour: Colour = Colour.RED
    fuel: Literal["petrol", "electric"] = "petrol"
    built: datetime | None = None
    bought: date | None = None
    price: Annotated[str, Amount()] | None = None
    busy: Interval | None = None
    wheels: Annotated[tuple[Wheel, ...], Items(2)] = ()
    from_: Annotated[str, Text()] | None = None
    odd: Annotated[int, Structure(_odd, {})] = 1


@dataclass(frozen=True)
class Repaint:
    """An edit: null is not the same as nothing."""

    colour: Colour | None = UNSET
    doors: int = UNSET
    notes: tuple[str, ...] = field(default_factory=tuple)


def faults(raw: Any, kind: type = Car, **how: Any) -> dict[str, str]:
    with pytest.raises(errors.Invalid) as caught:
        parse.read(kind, raw, **how)
    return faults_of(caught.value)


# -- what is right


def test_a_body_becomes_what_its_annotations_say() -> None:
    car = parse.read(
        Car,
        {
            "name": "  Beetle ", "plate": "ka01", "doors": 2, "automatic": True, "colour": "blue",
            "fuel": "electric", "built": "2026-11-21T12:00:00+05:30", "bought": "2026-11-21",
            "price": {"amount": "150.00", "currency": "INR"}, "wheels": [{"size": 15, "brand": None}],
            "busy": {"start": "2026-11-21T06:00:00Z", "end": "2026-11-21T07:00:00Z"}, "from": "here", "odd": 3,
        },
    )  # fmt: skip
    assert (car.name, car.plate, car.doors, car.automatic) == ("Beetle", "KA01", 2, True)
    assert (car.colour, car.fuel, car.price, car.from_, car.odd) == (
        Colour.BLUE,
        "electric",
        "150.00 INR",
        "here",
        3,
    )
    assert (car.built, car.bought) == (
        datetime(2026, 11, 21, 6, 30, tzinfo=UTC),
        date(2026, 11, 21),
    )
    assert car.wheels == (Wheel(15),)
    assert car.busy is not None
    assert car.busy.minutes == 60


def test_what_is_left_out_has_its_default() -> None:
    assert parse.read(Car, {"name": "Beetle"}) == Car("Beetle")


def test_an_edit_tells_null_from_nothing() -> None:
    assert given(parse.read(Repaint, {"colour": None})) == {"colour": None, "notes": ()}
    assert faults({"doors": None}, Repaint) == {"doors": "must be a whole number"}


def test_a_query_and_a_form_bring_texts_only() -> None:
    car = parse.read(
        Car, {"name": "Beetle", "doors": "2", "automatic": "true", "price": "5"}, texts=True
    )
    assert (car.doors, car.automatic, car.price) == (2, True, "5")
    assert faults({"name": "Beetle", "doors": "2", "automatic": "true"}) == {
        "automatic": "must be true or false",
        "doors": "must be a whole number",
    }


# -- what is wrong

YEARS = "must lie in the years 2000 to 2100"

WRONG: tuple[tuple[str, Any, str], ...] = (
    ("name", None, "must be text"),
    ("name", 7, "must be text"),
    ("name", "x", "must have 2 to 8 characters"),
    ("name", " x ", "must have 2 to 8 characters"),
    ("name", "x" * 9, "must have 2 to 8 characters"),
    ("name", "x\u200b\x00\u2060", "must have 2 to 8 characters"),
    ("name", "\u3164\u3164", "must have 2 to 8 characters"),
    ("name", "a\ud800b", "has characters that are not allowed"),
    ("name", "a\u2028b", "must be on one line"),
    ("plate", "KA-01", "must be a number plate: letters, digits, blanks, dashes and dots"),
    ("doors", "4", "must be a whole number"),
    ("doors", 4.0, "must be a whole number"),
    ("doors", True, "must be a whole number"),
    ("doors", None, "must be a whole number"),
    ("doors", -1, "must be at least 0"),
    ("doors", 6, "must be at most 5"),
    ("automatic", 1, "must be true or false"),
    ("automatic", "true", "must be true or false"),
    ("automatic", None, "must be true or false"),
    ("colour", "green", "must be one of red, blue"),
    ("colour", ["red"], "must be one of red, blue"),
    ("colour", {}, "must be one of red, blue"),
    ("fuel", None, "must be one of petrol, electric"),
    ("built", "2026-11-21", "must be an instant such as 2026-11-21T04:30:00Z"),
    ("built", "2026-11-21T04:30:00", "must be an instant such as 2026-11-21T04:30:00Z"),
    ("built", "1969-12-31T23:59:59Z", YEARS),
    ("built", "9999-12-31T23:59:59-23:59", YEARS),
    ("built", "2200-01-01T00:00:00Z", YEARS),
    ("built", 1795264200, "must be an instant such as 2026-11-21T04:30:00Z"),
    ("bought", "2026-02-30", "must be a date such as 2026-11-21"),
    ("bought", "1926-11-21", YEARS),
    ("bought", "2200-01-01", YEARS),
    ("bought", "9999-12-31", YEARS),
    ("bought", 20261121, "must be a date such as 2026-11-21"),
    ("name", "An\nBcc", "must be on one line"),
    ("price", "-1", "must be an amount such as 150.00"),
    ("price", "1e3", "must be an amount such as 150.00"),
    ("price", "0.0001", "must be an amount such as 150.00"),
    ("price", True, "must be an amount such as 150.00"),
    ("price", {}, "must have amount and currency"),
    ("price", {"amount": "1"}, "must have amount and currency"),
    (
        "price",
        {"amount": {"amount": "1", "currency": "INR"}, "currency": "INR"},
        "must be an amount such as 150.00",
    ),
    ("busy", {}, "must be an object with start and end"),
    (
        "busy",
        {"start": "2026-11-21T06:00:00Z", "end": "x"},
        "must be an instant such as 2026-11-21T04:30:00Z",
    ),
    ("wheels", {}, "must be a list"),
    ("wheels", "15", "must be a list"),
    ("wheels", [{"size": 1}] * 3, "must have at most 2 entries"),
    ("odd", 2, "must be odd"),
    ("tyres", 4, "is not a known field"),
    ("__class__", "x", "is not a known field"),
)


@pytest.mark.parametrize(("name", "value", "fault"), WRONG)
def test_a_wrong_value_is_named_and_what_it_must_be(name: str, value: Any, fault: str) -> None:
    assert faults({"name": "Beetle", name: value}) == {name: fault}


def test_all_that_is_wrong_is_named_at_once_however_deep() -> None:
    raw = {"doors": 9, "wheels": [{"size": 0}, {"brand": "Michelin", "x": 1}], "y": 1}
    assert faults(raw) == {
        "doors": "must be at most 5",
        "name": "is required",
        "wheels[0].size": "must be at least 1",
        "wheels[1].brand": "must have 1 to 5 characters",
        "wheels[1].size": "is required",
        "wheels[1].x": "is not a known field",
        "y": "is not a known field",
    }


def test_an_interval_that_runs_backwards_names_its_end() -> None:
    busy = {"start": "2026-11-21T07:00:00Z", "end": "2026-11-21T07:00:00Z"}
    assert faults({"name": "Beetle", "busy": busy}) == {"busy.end": "must be after start"}


def test_the_name_of_an_unknown_field_is_shown_short_and_in_ascii() -> None:
    assert faults({"name": "Beetle", "\ud800" + "x" * 500: 1}) == {
        "?" + "x" * 59: "is not a known field"
    }


def test_python_words_for_fields_are_not_for_clients() -> None:
    assert faults({"name": "Beetle", "from_": "x"}) == {"from_": "is not a known field"}


# -- what is no JSON


@pytest.mark.parametrize("raw", [b"", b"  ", b"\n"])
def test_no_body_is_an_empty_object(raw: bytes) -> None:
    assert parse.json_object(raw) == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"}", b"{]", b"nul", b"{'a': 1}", b'{"a": 1,}', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}',
        b'{"a": 01}', b"\xff\xfe", b'{"a": "\xff"}', b"\x00", b'{"a": ' + b"9" * 401 + b"}",
        b'{"a": 1.' + b"0" * 400 + b"}", b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000,
        b'\xef\xbb\xbf{"a": 1}', b'{"a": 1E+99999999999999999999}', b'{"a": 1e-99999999999999999999}',
        b'{"a": 0E99999999999999999999}',
    ],
)  # fmt: skip
def test_broken_json_is_invalid(raw: bytes) -> None:
    with pytest.raises(errors.Invalid) as caught:
        parse.json_object(raw)
    assert faults_of(caught.value) == {"body": "must be valid JSON"}


@pytest.mark.parametrize("raw", [b"null", b"true", b"1", b'"x"', b"[]", b"[{}]"])
def test_json_that_is_no_object_is_invalid(raw: bytes) -> None:
    with pytest.raises(errors.Invalid) as caught:
        parse.json_object(raw)
    assert faults_of(caught.value) == {"body": "must be a JSON object"}


@pytest.mark.parametrize(
    "path",
    ["/api/auth/login", "/api/bookings", "/api/staff/exit", "/api/admin/zones", "/parking/entry"],
)
def test_an_odd_body_is_a_400_or_a_413_on_every_route(
    client: Client, world: World, path: str
) -> None:
    admin = client.by(world.admin)
    for raw in ODD_BODIES:
        assert admin.call("POST", path, raw).status == (413 if len(raw) > MAX_BODY else 400), raw[
            :20
        ]


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_what_no_mail_and_no_log_should_show_is_refused_where_people_write(
    client: Client, world: World, text: str
) -> None:
    body = {
        "zone_id": "zone-a",
        "owner_name": f"a{text}b",
        "purpose": f"a{text}b",
        "guests": [{"name": f"a{text}b"}],
    }
    answer = client.by(world.user).call("POST", "/api/bookings", json.dumps(body).encode())
    assert set(answer.fields) == {"guests[0].name", "owner_name", "purpose"}


@dataclass
class Named:
    """A name and a secret."""

    name: str
    password: Annotated[str, Text(secret=True)] = ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Asha\u202e Rao", "Asha Rao"),
        ("\ufeffAsha\u2066 Rao\x00", "Asha Rao"),
        ("Asha\tRao", "Asha Rao"),
        ("Salle\u00a012", "Salle 12"),
        ("山田\u3000太郎", "山田 太郎"),
        ("\x1b[31mAsha", "[31mAsha"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Asha \U0001f469\u200d\U0001f527", "Asha \U0001f469\u200d\U0001f527"),
    ],
)
def test_marks_that_are_not_seen_go_and_blanks_stay_blanks(typed: str, kept: str) -> None:
    assert parse.read(Named, {"name": typed}).name == kept


def test_a_password_is_kept_as_typed() -> None:
    password = "correct\u00a0horse\u200b\u200d7"
    assert parse.read(Named, {"name": "A", "password": password}).password == password


@dataclass(frozen=True)
class Stay:
    nights: int


@pytest.mark.parametrize("number", [b"2.0", b"2.000", b"2e0", b"0.2e1", b"20E-1"])
def test_a_whole_number_is_whole_however_json_writes_it(number: bytes) -> None:
    assert parse.read(Stay, parse.json_object(b'{"nights": ' + number + b"}")) == Stay(2)


@pytest.mark.parametrize(
    "number", [b"2.5", b"1e18", b"1e400", b"1e999999", b"1e-999999", b"2.000000000000000000000001"]
)
def test_a_number_that_is_not_whole_or_out_of_all_proportion_is_refused(number: bytes) -> None:
    with pytest.raises(errors.Invalid) as caught:
        parse.read(Stay, parse.json_object(b'{"nights": ' + number + b"}"))
    assert faults_of(caught.value) == {"nights": "must be a whole number"}


def test_a_number_is_the_same_request_however_json_writes_it() -> None:
    assert parse.json_object(b'{"nights": 2.0}') == parse.json_object(b'{"nights": 2}')
    assert str(parse.json_object(b'{"nights": 2.0}')) == str(parse.json_object(b'{"nights": 2}'))


@pytest.mark.parametrize("number", [b"9" * 19, b"-" + b"9" * 18, b"9" * 400])
def test_a_number_out_of_all_proportion_is_the_fault_of_its_field(number: bytes) -> None:
    @dataclass
    class Wait:
        minutes: int

    with pytest.raises(errors.Invalid) as caught:
        parse.read(Wait, parse.json_object(b'{"minutes": ' + number + b"}"))
    assert faults_of(caught.value) == {"minutes": "must be a whole number"}
