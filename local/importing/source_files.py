"""Reads rows of CSV and JSON lines, one at a time, with the line each begins on.

Every value is text as it was written, so that no number changes on its way. A row that cannot be
read is a fault with its line; the rows after it are read all the same.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

SEPARATORS: Final = (",", ";", "\t", "|")
LONGEST_FIELD: Final = 100_000
"""Characters of one field: more is a quotation mark that is never closed."""

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_DJANGO: Final = frozenset({"model", "pk", "fields"})


class FileError(Exception):
    """A file of which no row can be read. The text is one sentence."""


@dataclass(frozen=True)
class RawRow:
    """A row as it stands in a file: texts by column, without the empty ones. `faults` by field
    where it cannot be read."""

    line: int
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def rows(path: Path) -> Iterator[RawRow]:
    """The rows of a file: JSON lines where it is named `.jsonl` or `.ndjson`, otherwise CSV. Raises
    FileError."""
    try:
        with path.open("rb") as raw:
            is_utf_16 = raw.read(2) in _UTF_16
        encoding, on_error = ("utf-16", "strict") if is_utf_16 else ("utf-8-sig", "surrogateescape")
        with path.open(encoding=encoding, errors=on_error, newline="") as text:
            is_json = path.suffix.lower() in (".jsonl", ".ndjson")
            yield from _json_rows(text) if is_json else _csv_rows(text, path)
    except OSError as problem:
        raise FileError(f"{path} cannot be read: {problem.strerror}.") from None
    except UnicodeError:
        raise FileError(f"{path} is not UTF-16 throughout. Save it as UTF-8.") from None


def _csv_rows(text: TextIO, path: Path) -> Iterator[RawRow]:
    first = text.readline()
    separator = _separator(first)
    text.seek(0)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(text, delimiter=separator, strict=True)
    header = _header(reader, path)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as problem:
            yield RawRow(line, faults={"row": _csv_problem(problem)})
            continue
        if values is None:
            return
        if values:
            yield _csv_row(line, header, values)


def _csv_row(line: int, header: list[str], values: list[str]) -> RawRow:
    if len(values) != len(header):
        what = f"has {len(values)} fields, the header has {len(header)}"
        return RawRow(line, faults={"row": what})
    return _checked(line, dict(zip(header, values, strict=True)))


def _separator(first: str) -> str:
    """The separator that stands most often in the header."""
    return max(SEPARATORS, key=first.count)


def _header(reader: Any, path: Path) -> list[str]:
    try:
        names: list[str] = next(reader, [])
    except csv.Error as problem:
        raise FileError(f"{path}, line 1: the header {_csv_problem(problem)}.") from None
    header = [column_name(name) for name in names]
    if not any(header):
        raise FileError(f"{path} has no header: its first line must name the columns.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FileError(f"{path}, line 1: the header names {', '.join(twice)} twice.")
    return header


def column_name(text: str) -> str:
    """The name of a column as the header writes it: `Start time` is `start_time`.

    >>> column_name(" Start time ")
    'start_time'
    """
    return re.sub(r"[\s-]+", "_", text.strip()).lower()


def _csv_problem(problem: csv.Error) -> str:
    text = str(problem)
    if "unexpected end of data" in text:
        return "ends in the middle: a quotation mark is never closed"
    if "field larger" in text:
        return f"has a field of more than {LONGEST_FIELD} characters"
    if "NUL" in text:
        return "has a NUL character"
    return f"is no CSV ({text})"


def _json_rows(text: TextIO) -> Iterator[RawRow]:
    for line, written in enumerate(text, 1):
        if not written.strip():
            continue
        try:
            found = json.loads(
                written, object_pairs_hook=_once_each, parse_int=str, parse_float=str
            )
        except _TwiceError as twice:
            yield RawRow(line, faults={str(twice): "is there twice"})
        except (ValueError, RecursionError):
            yield RawRow(line, faults={"row": _json_problem(written)})
        else:
            yield _json_row(line, found)


class _TwiceError(Exception):
    """A field is there twice."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _json_problem(written: str) -> str:
    if not written.endswith("\n") and not written.rstrip().endswith("}"):
        return "ends in the middle: it must be one JSON object on one line"
    return "must be one JSON object on one line"


def _json_row(line: int, found: Any) -> RawRow:
    if not isinstance(found, dict):
        return RawRow(line, faults={"row": "must be one JSON object on one line"})
    if found.keys() == _DJANGO and isinstance(found["fields"], dict):
        found = {"id": found["pk"], **found["fields"]}
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, dict | list):
            faults[name] = "must be a single value"
        elif value is not None:
            values[column_name(name)] = _text(value)
    if faults:
        return RawRow(line, faults=faults)
    return _checked(line, values)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(line: int, values: Mapping[str, str]) -> RawRow:
    """The row without its empty fields, or the fields whose bytes are not UTF-8."""
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    wrong = {name: "is not UTF-8" for name, text in given.items() if not _is_text(text)}
    return RawRow(line, faults=wrong) if wrong else RawRow(line, given)


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
