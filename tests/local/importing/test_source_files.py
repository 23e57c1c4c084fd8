from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.importing import source_files
from local.importing.source_files import FileError, RawRow

HEADER = "id,name\n"


def read(folder: Path, content: str | bytes, name: str = "customers.csv") -> list[RawRow]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(source_files.rows(path))


def values(rows: list[RawRow]) -> list[dict[str, str]]:
    assert [row.faults for row in rows] == [{}] * len(rows)
    return [dict(row.values) for row in rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_of_the_header(tmp_path: Path, separator: str) -> None:
    text = f"id{separator}name\n1{separator}Asha\n"
    assert values(read(tmp_path, text)) == [{"id": "1", "name": "Asha"}]


@pytest.mark.parametrize(
    "raw",
    [
        codecs.BOM_UTF8 + "id,name\n1,Zoë\n".encode(),
        codecs.BOM_UTF16_LE + "id,name\n1,Zoë\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "id,name\n1,Zoë\n".encode("utf-16-be"),
        "id,name\r\n1,Zoë\r\n".encode(),
        "ID , Name\n1, Zoë \n\n".encode(),
        "id,name\n1,Zoë".encode(),
    ],
)
def test_byte_order_marks_line_ends_and_blanks_do_not_matter(tmp_path: Path, raw: bytes) -> None:
    assert values(read(tmp_path, raw)) == [{"id": "1", "name": "Zoë"}]


def test_an_empty_field_is_as_none_at_all(tmp_path: Path) -> None:
    assert values(read(tmp_path, HEADER + "1,\n")) == [{"id": "1"}]


def test_a_row_is_named_by_the_line_it_begins_on(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + '1,"Asha\nRao"\n2,Bo,more\n3,Cy\n')
    assert [(row.line, dict(row.faults)) for row in rows] == [
        (2, {}),
        (4, {"row": "has 3 fields, the header has 2"}),
        (5, {}),
    ]


@pytest.mark.parametrize(
    ("end", "what"),
    [
        ('2,"Bo', "ends in the middle: a quotation mark is never closed"),
        ("2", "has 1 fields, the header has 2"),
        ('2,"B"o\n', "is no CSV"),
    ],
)
def test_a_file_that_ends_in_the_middle_of_a_row_is_named(
    tmp_path: Path, end: str, what: str
) -> None:
    first, last = read(tmp_path, HEADER + "1,Asha\n" + end)
    assert (first.values["id"], last.line) == ("1", 3)
    assert last.faults["row"].startswith(what)


def test_bytes_that_are_no_text_are_named_by_their_field(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEADER.encode() + b"1,Zo\xeb\n")
    assert dict(row.faults) == {"name": "is not UTF-8"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "has no header"),
        ("\n1,2\n", "has no header"),
        ("id,name,Name\n", "names name twice"),
        (codecs.BOM_UTF16_LE + "id\n1".encode("utf-16-le") + b"\x00\xd8", "is not UTF-16"),
    ],
)
def test_a_file_without_a_header_that_names_each_column_once_is_refused(
    tmp_path: Path, content: str | bytes, what: str
) -> None:
    with pytest.raises(FileError, match=what):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"customers\.csv cannot be read: No such file"):
        list(source_files.rows(tmp_path / "customers.csv"))


def test_json_lines_keep_every_number_as_it_is_written(tmp_path: Path) -> None:
    text = '{"id": 7, "amount": 150.10, "active": true, "note": null}\n\n'
    assert values(read(tmp_path, text, "payments.jsonl")) == [
        {"id": "7", "amount": "150.10", "active": "true"}
    ]


def test_a_line_that_django_dumped_is_its_fields_with_the_key(tmp_path: Path) -> None:
    text = '{"model": "parking.zone", "pk": 3, "fields": {"name": "Zone A"}}\n'
    assert values(read(tmp_path, text, "zone.jsonl")) == [{"id": "3", "name": "Zone A"}]


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ('{"id": 1, "name": "a", "id": 2}', {"id": "is there twice"}),
        ('{"id": 1, "name": {"first": "a"}}', {"name": "must be a single value"}),
        ("[1, 2]", {"row": "must be one JSON object on one line"}),
        ('{"id": 1, "na', {"row": "ends in the middle: it must be one JSON object on one line"}),
        ("id,name", {"row": "ends in the middle: it must be one JSON object on one line"}),
        ('{"id": "\\ud800"}', {"id": "is not UTF-8"}),
    ],
)
def test_a_line_of_json_that_cannot_be_read_is_named(
    tmp_path: Path, line: str, faults: dict[str, str]
) -> None:
    first, second = read(tmp_path, '{"id": 1}\n' + line, "bookings.jsonl")
    assert (first.faults, second.line, dict(second.faults)) == ({}, 2, faults)


_TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"
    ),
    max_size=12,
).map(str.strip)


@given(rows=st.lists(st.tuples(_TEXTS, _TEXTS), max_size=8), separator=st.sampled_from(",;\t|"))
def test_what_is_written_as_csv_or_as_json_lines_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], separator: str
) -> None:
    folder = tmp_path_factory.mktemp("files")
    table = io.StringIO()
    writer = csv.writer(table, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "name"), *rows])
    lines = "".join(json.dumps({"id": a, "name": b}) + "\n" for a, b in rows)
    wanted = [{n: t for n, t in (("id", a), ("name", b)) if t} for a, b in rows]
    assert values(read(folder, table.getvalue())) == wanted
    assert values(read(folder, lines, "customers.jsonl")) == wanted
