"""The rows of all files in a temporary SQLite file, so that memory does not grow with them: to find
a row by its id, to compare those of one space, to list the faults."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.core.languages import LANGUAGES
from chalicelib.domain.core.sentence import Wording
from chalicelib.texts import sentences

CHUNK: Final = 200
"""Rows in memory at a time."""

_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE rows (
  seq INTEGER PRIMARY KEY, kind TEXT, file TEXT, line INTEGER, old_id TEXT, body TEXT,
  ref TEXT, ref2 TEXT, ok INTEGER DEFAULT 1, done INTEGER DEFAULT 0,
  space TEXT, starts INTEGER, ends INTEGER, number TEXT
);
CREATE UNIQUE INDEX by_id ON rows (kind, old_id);
CREATE INDEX by_ref ON rows (kind, ref);
CREATE INDEX by_ref2 ON rows (kind, ref2) WHERE ref2 IS NOT NULL;
CREATE INDEX by_space ON rows (space, starts) WHERE space IS NOT NULL;
CREATE TABLE faults (seq INTEGER PRIMARY KEY, file TEXT, line INTEGER, field TEXT, what TEXT);
"""

_COLUMNS: Final = "seq, kind, file, line, old_id, body, number"


@dataclass(frozen=True)
class StagedRow:
    """A row that could be read: where it stands, its old id, its columns as text, and the number
    of the space it was given where it names none."""

    seq: int
    kind: str
    file: str
    line: int
    old_id: str
    values: Mapping[str, str]
    number: str | None = None

    @property
    def where(self) -> str:
        """Its file and line."""
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True)
class Taking:
    """The time that a row takes of a space, in epoch seconds."""

    seq: int
    where: str
    old_id: str
    space: str
    starts: int
    ends: int


class Staging:
    """The staged rows and the faults found in them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(
        self,
        kind: str,
        file: str,
        line: int,
        values: Mapping[str, str],
        *,
        refs: tuple[str | None, str | None] = (None, None),
    ) -> str | None:
        """Stage a row with up to two other names. Where its id is there already, return where."""
        insert = (
            "INSERT OR IGNORE INTO rows (kind, file, line, old_id, body, ref, ref2) "
            "VALUES (?,?,?,?,?,?,?)"
        )
        row = kind, file, line, values["id"], json.dumps(values), *refs
        if self._database.execute(insert, row).rowcount:
            return None
        found = self.find(kind, values["id"])
        assert found is not None
        return found.where

    def fault(self, file: str, line: int, field: str, what: str | Wording) -> None:
        """Note what is wrong with a field."""
        what = what if isinstance(what, str) else sentences.in_words(what, LANGUAGES[0])
        insert = "INSERT INTO faults (file, line, field, what) VALUES (?,?,?,?)"
        self._database.execute(insert, (file, line, field, what))

    def refuse(self, row: StagedRow, field: str, what: str | Wording) -> None:
        """Note what is wrong with a staged row, which then counts as faulty."""
        self.fault(row.file, row.line, field, what)
        self._database.execute("UPDATE rows SET ok = 0, space = NULL WHERE seq = ?", (row.seq,))

    def faults(self) -> Iterator[tuple[str, int, str, str]]:
        """File, line, field and what is wrong, by file and line."""
        query = "SELECT file, line, field, what FROM faults ORDER BY file, line, seq"
        yield from self._database.execute(query)

    def count_faults(self) -> int:
        """How many faults there are."""
        return int(self._database.execute("SELECT count(*) FROM faults").fetchone()[0])

    def count(self, kind: str, *, done: bool | None = None) -> int:
        """How many rows of a kind there are; with `done` those that were (not) there before."""
        query = "SELECT count(*) FROM rows WHERE kind = ?1 AND (?2 IS NULL OR done = ?2)"
        flag = None if done is None else int(done)
        return int(self._database.execute(query, (kind, flag)).fetchone()[0])

    def chunks(self, kind: str) -> Iterator[list[StagedRow]]:
        """The sound rows of a kind that are not there yet, in their order, some at a time."""
        query = (
            f"SELECT {_COLUMNS} FROM rows WHERE seq > ? AND kind = ? AND ok AND NOT done "
            f"ORDER BY seq LIMIT {CHUNK}"
        )
        last = 0
        while found := self._database.execute(query, (last, kind)).fetchall():
            yield [_row(each) for each in found]
            last = found[-1][0]

    def chunks_by_space(self, kind: str) -> Iterator[list[StagedRow]]:
        """The same with those of one space together, by their start."""
        self._database.execute("DROP TABLE IF EXISTS temp.ordered")
        self._database.execute(
            "CREATE TEMP TABLE ordered AS SELECT seq AS id FROM rows "
            "WHERE kind = ? AND ok AND NOT done ORDER BY space, starts, seq",
            (kind,),
        )
        query = (
            f"SELECT ordered.rowid, {_COLUMNS} FROM ordered JOIN rows ON seq = id "
            f"WHERE ordered.rowid > ? ORDER BY ordered.rowid LIMIT {CHUNK}"
        )
        last = 0
        while found := self._database.execute(query, (last,)).fetchall():
            yield [_row(each[1:]) for each in found]
            last = found[-1][0]

    def find(self, kind: str, old_id: str) -> StagedRow | None:
        """The row of an id."""
        return self._one("kind = ? AND old_id = ?", kind, old_id)

    def find_by(self, kind: str, name: str) -> StagedRow | None:
        """The row with that name in one of its two other names."""
        return self._one("kind = ? AND ref = ?", kind, name) or self._one(
            "kind = ? AND ref2 = ?", kind, name
        )

    def of_ref(self, kind: str, ref: str) -> Iterator[StagedRow]:
        """The sound rows with that other name."""
        query = f"SELECT {_COLUMNS} FROM rows WHERE kind = ? AND ref = ? AND ok ORDER BY seq"
        yield from map(_row, self._database.execute(query, (kind, ref)).fetchall())

    def name(self, row: StagedRow, ref: str, ref2: str) -> None:
        """Give a row two other names."""
        update = "UPDATE rows SET ref = ?, ref2 = ? WHERE seq = ?"
        self._database.execute(update, (ref, ref2, row.seq))

    def mark_done(self, rows: Iterable[StagedRow]) -> None:
        """Note that these rows are there."""
        marks = [(row.seq,) for row in rows]
        self._database.executemany("UPDATE rows SET done = 1 WHERE seq = ?", marks)

    def take(self, row: StagedRow, space: str | None, starts: int, ends: int, number: str) -> None:
        """Note the number of the space of a row, and the time that it takes of it, if it does."""
        update = "UPDATE rows SET space = ?, starts = ?, ends = ?, number = ? WHERE seq = ?"
        self._database.execute(update, (space, starts, ends, number, row.seq))

    def is_taken(self, space: str, starts: int, ends: int) -> bool:
        """Whether a row takes a part of that time."""
        query = "SELECT 1 FROM rows WHERE space = ? AND starts < ? AND ends > ? LIMIT 1"
        return self._database.execute(query, (space, ends, starts)).fetchone() is not None

    def overlaps(self) -> Iterator[tuple[Taking, Taking]]:
        """The rows that take time of a space, each with the one before that is still in it."""
        query = (
            "SELECT seq, file || ', line ' || line, old_id, space, starts, ends FROM rows "
            "WHERE space IS NOT NULL AND NOT done ORDER BY space, starts, seq"
        )
        longest: Taking | None = None
        for each in self._database.cursor().execute(query):
            taking = Taking(*each)
            if longest is not None and longest.space == taking.space:
                if taking.starts < longest.ends:
                    yield longest, taking
                if taking.ends <= longest.ends:
                    continue
            longest = taking

    def row(self, seq: int) -> StagedRow:
        """The row of a number."""
        found = self._one("seq = ?", seq)
        assert found is not None
        return found

    def _one(self, where: str, *values: object) -> StagedRow | None:
        query = f"SELECT {_COLUMNS} FROM rows WHERE {where} LIMIT 1"
        found = self._database.execute(query, values).fetchone()
        return None if found is None else _row(found)


@contextmanager
def opened() -> Iterator[Staging]:
    """An empty staging file, deleted at the end."""
    with (
        tempfile.NamedTemporaryFile(prefix="berth-import-", suffix=".sqlite3") as file,
        closing(sqlite3.connect(file.name, isolation_level=None)) as database,
    ):
        database.executescript(_SCHEMA)
        database.execute("BEGIN")
        yield Staging(database)


def _row(found: tuple[int, str, str, int, str, str, str | None]) -> StagedRow:
    seq, kind, file, line, old_id, body, number = found
    return StagedRow(seq, kind, file, line, old_id, json.loads(body), number)
