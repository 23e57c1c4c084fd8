"""Lists as CSV for spreadsheets (RFC 4180): `?format=csv`, a page a request (docs/api.md, Lists).

The columns are the fields of the rows in the order of the schema, those of a part as `part.field`.
A cell that a spreadsheet would run as a formula begins with an apostrophe.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import field, is_dataclass, make_dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

from chalicelib.api.web.answers import Answer
from chalicelib.domain.core import serialize
from chalicelib.domain.core.constraints import Doc, Named

CSV: Final = "text/csv; charset=utf-8; header=present"

MEDIA: Final = "text/csv"

_Format = Annotated[
    Literal["json", "csv"], Named("ListFormat"), Doc("The form of the page.", "csv")
]
_LEFT_OUT: Final = frozenset({"qr_code", "server_time"})
"""Fields of rows that no spreadsheet needs: a pass is a key."""

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def is_list(gives: Any) -> bool:
    """Whether a route that gives this gives rows."""
    return isinstance(gives, list) or "items" in getattr(gives, "__dataclass_fields__", {})


@cache
def with_format(query: type) -> type:
    """The query of a list, with `format`."""
    chosen = ("format", _Format, field(default="json"))
    return make_dataclass(query.__name__, [chosen], bases=(query,), frozen=True)


def is_asked(query: Any) -> bool:
    """Whether the query of a list asks for CSV."""
    return getattr(query, "format", None) == "csv"


def page(gives: Any, path: str, asked: Mapping[str, str], answer: Answer) -> Answer:
    """A page of a list, as CSV. The header `Link` has the address of the next page, where there is
    one."""
    names = columns(gives)
    rows = ([_cell(_at(item, name)) for name in names] for item in answer.body["items"])
    headers = {"Content-Disposition": f'attachment; filename="{path.rpartition("/")[2]}.csv"'}
    if cursor := answer.body.get("next_cursor"):
        headers["Link"] = f'<?{urlencode({**asked, "cursor": cursor})}>; rel="next"'
    return Answer(200, _text([names, *rows]), {**answer.headers, **headers}, CSV)


def columns(gives: Any) -> tuple[str, ...]:
    """The names of the columns, in order."""
    if isinstance(gives, list):
        return _columns(gives[0])
    rows = get_type_hints(gives)["items"]
    return _columns(get_args(rows)[0])


@cache
def _columns(row: type) -> tuple[str, ...]:
    return tuple(_names(row))


def _names(kind: type) -> Iterator[str]:
    for name, annotation in get_type_hints(kind).items():
        part = _part(annotation)
        if name in _LEFT_OUT:
            continue
        yield from [name] if part is None else (f"{name}.{inner}" for inner in _names(part))


def _part(annotation: Any) -> type | None:
    """The dataclass of a field that has fields of its own; otherwise None."""
    kinds = (
        get_args(annotation)
        if get_origin(annotation) in (Union, types.UnionType)
        else (annotation,)
    )
    return next((kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)), None)


def _at(row: Any, name: str) -> Any:
    for part in name.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row


def _cell(value: Any) -> str:
    """A value as the text of a cell: nothing for null, lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool | list | tuple | dict):
        return serialize.text(value)
    return harmless(str(value))


def harmless(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula.

    >>> harmless("=1+1"), harmless("@SUM(A1)"), harmless("-50.00"), harmless("Asha")
    ("'=1+1", "'@SUM(A1)", '-50.00', 'Asha')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _text(rows: list[Any]) -> str:
    import csv
    import io

    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
