"""Requests at random, made from the declarations of the routes: each field is left out, right, wrong
or the name of something that exists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from chalicelib.api.web import parse
from chalicelib.api.web.route import Route
from chalicelib.domain.core.constraints import Amount, Integer, Items, Structure, Text
from chalicelib.domain.core.interval import Interval
from tests.clock import NOON

Strategy = st.SearchStrategy[Any]
Known = Mapping[str, Sequence[Any]]
"""What exists, by the names under which requests speak of it."""

ODD_TEXTS = (
    "", " ", "\x00", "\u2028", "\ud800", "💥" * 50, "x" * 5000, "null", "-1", "0", "1e309", "NaN",
    "../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "%00", "a/b", "zone-a.",
    ".A-001", "zone-a.A-001.A-001", "BK", "BK" + "Z" * 19, "2026-11-21T06:30:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2026-02-30", "2026-11-21T24:00:00Z",
)  # fmt: skip

ODD_VALUES: Strategy = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 1, 2**31, 2**63, 10**17, -(10**17), 0.5, -0.0, 1e308)),
    st.sampled_from(ODD_TEXTS),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.lists(st.none() | st.sampled_from(ODD_TEXTS), max_size=3),
    st.dictionaries(
        st.sampled_from(("amount", "start", "end", "mon", "\ud800", "x")),
        st.none() | st.integers(-9, 9),
        max_size=2,
    ),
)

ODD_BODIES = (
    b"", b"{", b"[]", b"null", b"true", b'"text"', b"NaN", b'{"minutes": NaN}', b'{"minutes": -Infinity}',
    b'{"minutes": 1' + b"0" * 400 + b"}", b'{"minutes": 1e400}', b'{"a": ' * 10_000, b"[" * 10_000,
    b'{"minutes": 1E+99999999999999999999}', b'{"minutes": 1e-99999999999999999999}', b'{"zone_id": "\\ud800"}', b'{"\\udfff": 1}', b'\xff\xfe{"a": 1}', b"\x00", b'{"a": 1, "a": 2}',
    b"{} {}", b"{'a': 1}", b"zone_id=zone-a&zone_id=zone-b&x=%ff%00", b" " * 70_000,
)  # fmt: skip
"""Bodies that are no object of JSON, or hardly one."""


def bodies(kind: type, known: Known) -> Strategy:
    """Bodies for a dataclass, as bytes: one in five right all over, most nearly, some no JSON."""
    right = _right(kind, known)
    wrong = st.builds(lambda one, other: {**one, **other}, right, _wrong(kind))
    objects = st.one_of(right, wrong, wrong, wrong).map(lambda body: json.dumps(body).encode())
    return st.one_of(*[objects] * 5, st.sampled_from(ODD_BODIES))


def as_form(body: bytes) -> bytes:
    """The same fields as an old form would send them; what is no object stays as it is."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return _query(fields)[1:].encode() if isinstance(fields, dict) else body


def _right(kind: type, known: Known) -> Strategy:
    """What a dataclass needs, and some of what it may have besides."""
    needed: dict[str, Strategy] = {}
    optional: dict[str, Strategy] = {}
    for name, (declared, annotation) in parse.shape(kind).items():
        may_lack = declared.default is not MISSING or declared.default_factory is not MISSING
        (optional if may_lack else needed)[name] = _named(name, annotation, known)
    return st.fixed_dictionaries(needed, optional=optional)


def _named(name: str, annotation: Any, known: Known) -> Strategy:
    right = good(annotation, known)
    return st.one_of(*[st.sampled_from(known[name])] * 3, right) if name in known else right


def _wrong(kind: type) -> Strategy:
    """One or two fields as they should not be."""
    names = st.sampled_from((*parse.shape(kind), "colour", "", "\ud800", "__class__"))
    return st.dictionaries(names, ODD_VALUES, min_size=1, max_size=2)


def good(annotation: Any, known: Known) -> Strategy:
    """Values that an annotation admits, at least nearly."""
    base, marks = parse.unwrap(annotation)
    inner = [part for part in get_args(base) if part is not type(None)]
    if type(None) in get_args(base):
        return st.none() | good(_with(inner[0], marks), known)
    if any(isinstance(mark, Structure) for mark in marks):
        return ODD_VALUES
    if any(isinstance(mark, Amount) for mark in marks):
        return st.sampled_from(("0", "50", "150.00", 50, 0.5, "0.001", {"amount": "5"}))
    return _plain(base, marks, known)


def _with(base: Any, marks: tuple[Any, ...]) -> Any:
    from typing import Annotated

    return Annotated[(base, *marks)] if marks else base


def _plain(base: Any, marks: tuple[Any, ...], known: Known) -> Strategy:
    origin = get_origin(base)
    if origin is Literal:
        return st.sampled_from(get_args(base))
    if isinstance(base, type) and issubclass(base, StrEnum):
        return st.sampled_from([member.value for member in base])
    if origin in (list, tuple):
        most = next((m.max for m in marks if isinstance(m, Items)), 3)
        return st.lists(good(get_args(base)[0], known), max_size=min(most, 3))
    if base is Interval:
        return st.fixed_dictionaries({"start": INSTANTS, "end": INSTANTS})
    if is_dataclass(base) and isinstance(base, type):
        return _right(base, known)
    return _scalar(base, marks)


def _scalar(base: Any, marks: tuple[Any, ...]) -> Strategy:
    if base is bool:
        return st.booleans()
    if base is int:
        mark = next((m for m in marks if isinstance(m, Integer)), Integer())
        return st.sampled_from((mark.min, mark.max)) | st.integers(
            mark.min, min(mark.max, mark.min + 500)
        )
    if base is datetime:
        return INSTANTS
    if base is date:
        return st.dates(date(2026, 11, 1), date(2027, 12, 31)).map(date.isoformat)
    return _texts(next((m for m in marks if isinstance(m, Text)), Text()))


def _texts(mark: Text) -> Strategy:
    if mark.pattern is None:
        return st.text(min_size=mark.min, max_size=min(mark.max, 12))
    return st.from_regex(mark.pattern, fullmatch=True).map(lambda text: text[: mark.max])


INSTANTS: Strategy = st.integers(-600, 60 * 24 * 40).map(
    lambda minutes: (NOON + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
) | st.sampled_from(
    (
        "2026-11-21T12:00:00+05:30",
        "2100-01-01T00:00:00Z",
        "1999-01-01T00:00:00Z",
        "2026-11-21T06:30:00",
    )
)


def paths(route: Route, known: Known) -> Strategy:
    """Paths that meet a route, with and without a query."""
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    filled = st.fixed_dictionaries({name: _name(name, known) for name in names})
    bare = filled.map(lambda values: route.path.format(**values))
    return st.builds(lambda path, query: path + query, bare, _queries(route, known))


def _name(name: str, known: Known) -> Strategy:
    odd = st.sampled_from([text for text in ODD_TEXTS if text.strip(" /.")]).map(_quoted)
    return st.one_of(*[st.sampled_from(known[name])] * 3, odd) if name in known else odd


def _quoted(text: str) -> str:
    return quote(text[:200].encode("utf-8", "replace"), safe="") or "x"


def _queries(route: Route, known: Known) -> Strategy:
    if route.query is None:
        return st.sampled_from(("", "", "", "", "?colour=red"))
    wrong = st.builds(
        lambda one, other: {**one, **other}, _right(route.query, known), _wrong(route.query)
    )
    return st.one_of(_right(route.query, known), wrong).map(_query)


def _query(values: Mapping[str, Any]) -> str:
    texts = {
        name.encode("utf-8", "replace"): str(value).encode("utf-8", "replace")[:500]
        for name, value in values.items()
        if value is not None
    }
    return "?" + urlencode(texts) if texts else ""
