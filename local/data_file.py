"""The file that keeps the data of a local Berth over restarts: items, mails and properties, in
SQLite.

Each write is one transaction and in the file when the method returns, so a kill loses nothing. Why
SQLite and what it costs: docs/decisions/local-data.md.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from local import data_schema
from local.data_folder import DataError, no_space, not_writable, shown
from local.data_schema import SCHEMA, Schema

NAME = "berth.sqlite3"

Connect = Callable[[Path], sqlite3.Connection]

_OFFSET = "clock_offset"
_KEYS = "signing_keys"
_EMULATED = "emulated:"


@dataclass(frozen=True)
class Row:
    """An item of a table, by its name in `settings.TABLES`; `body` is its attributes as DynamoDB
    writes them in JSON, None where the item is deleted."""

    table: str
    pk: str
    sk: str
    body: str | None


@dataclass(frozen=True)
class MailRow:
    """A mail as it was sent, at a Unix time, from a Berth whose links lead to `base_url`; `effect`
    is the id of the effect that sent it."""

    source: str
    recipients: str
    raw: str
    sent_at: float
    base_url: str
    effect: str | None = None


def connect(path: Path) -> sqlite3.Connection:
    """A connection for all threads, one at a time, that opens no transaction by itself."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)


class DataFile:
    """The data file of one process. Every method raises DataError where the file cannot be read or
    written; then it is as it was before. `is_new` where this process made it."""

    def __init__(self, path: Path, database: sqlite3.Connection, *, is_new: bool) -> None:
        self.path = path
        self.is_new = is_new
        self._database = database
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, schema: Schema = SCHEMA, connect: Connect = connect) -> Self:
        """Open the file, make it where there is none, bring an older one up to `schema`. A file
        that is damaged, another program's or a newer Berth's is left as it is: DataError."""
        with _explained(path):
            data_schema.require_sqlite(path)
            database = connect(path)
            try:
                is_new = data_schema.prepare(database, path, schema)
            except BaseException:
                database.close()
                raise
        return cls(path, database, is_new=is_new)

    def close(self) -> None:
        """Fold the log into the file and close it."""
        with self._lock, _explained(self.path):
            self._database.close()

    def items(self) -> list[tuple[str, str]]:
        """Table and body of every item."""
        with self._lock, _explained(self.path):
            return self._database.execute("SELECT tbl, body FROM items").fetchall()

    def write(self, rows: Sequence[Row]) -> None:
        """Write and delete items in one transaction."""
        put = [astuple(row) for row in rows if row.body is not None]
        gone = [(row.table, row.pk, row.sk) for row in rows if row.body is None]
        with self._transaction() as database:
            database.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", put)
            database.executemany("DELETE FROM items WHERE tbl = ? AND pk = ? AND sk = ?", gone)

    def delete_partitions(self, *prefixes: str) -> None:
        """Delete every item whose partition key begins with one of `prefixes`."""
        with self._transaction() as database:
            database.executemany(
                "DELETE FROM items WHERE substr(pk, 1, length(?1)) = ?1", [(p,) for p in prefixes]
            )

    def mails(self) -> list[MailRow]:
        """Every mail, in the order they were sent."""
        columns = "source, recipients, raw, sent_at, base_url, effect"
        with self._lock, _explained(self.path):
            found = self._database.execute(f"SELECT {columns} FROM mails ORDER BY n")
            return [MailRow(*row) for row in found]

    def add_mail(self, mail: MailRow) -> bool:
        """Store a mail; False where the mail of its effect is stored already."""
        insert = "INSERT INTO mails VALUES (NULL, ?, ?, ?, ?, ?, ?) ON CONFLICT (effect) DO NOTHING"
        with self._transaction() as database:
            return database.execute(insert, astuple(mail)).rowcount == 1

    def mails_by_address(self) -> dict[str, int]:
        """How many mails there are by the address their links lead to."""
        with self._lock, _explained(self.path):
            found = self._database.execute("SELECT base_url, count(*) FROM mails GROUP BY 1")
            return dict(found.fetchall())

    def signing_keys(self) -> str:
        """The value of SIGNING_KEYS, drawn at the first call and kept."""
        kept = self._property(_KEYS)
        if kept is None:
            kept = f"local:{secrets.token_urlsafe(32)}"
            self._set_property(_KEYS, kept)
        return kept

    def clock_offset(self) -> int:
        """Seconds between the movable clock and real time."""
        return int(self._property(_OFFSET) or 0)

    def keep_clock_offset(self, seconds: int) -> None:
        """Store the seconds between the movable clock and real time."""
        self._set_property(_OFFSET, str(seconds))

    def emulated(self, name: str) -> str | None:
        """What an emulated payment gateway keeps; None where it has kept nothing."""
        return self._property(_EMULATED + name)

    def keep_emulated(self, name: str, text: str) -> None:
        """Store what an emulated payment gateway keeps."""
        self._set_property(_EMULATED + name, text)

    def begin_anew(self) -> None:
        """Delete items, mails, the orders of the emulated gateways and the clock offset in one
        transaction. The signing key stays."""
        with self._transaction() as database:
            database.execute("DELETE FROM items")
            database.execute("DELETE FROM mails")
            database.execute("DELETE FROM properties WHERE name = ?", (_OFFSET,))
            database.execute("DELETE FROM properties WHERE name LIKE ?", (f"{_EMULATED}%",))

    def _property(self, name: str) -> str | None:
        with self._lock, _explained(self.path):
            found = self._database.execute("SELECT value FROM properties WHERE name = ?", (name,))
            row = found.fetchone()
        return None if row is None else str(row[0])

    def _set_property(self, name: str, value: str) -> None:
        with self._transaction() as database:
            database.execute("INSERT OR REPLACE INTO properties VALUES (?, ?)", (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _explained(self.path), data_schema.transaction(self._database) as database:
            yield database


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors about the file at `path` into a DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(not_writable(path, error.strerror or str(error))) from error
    except sqlite3.Error as error:
        raise DataError(_sentence(path, error)) from error


def _sentence(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return no_space(path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return not_writable(path, str(error))
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return data_schema.damaged(path, str(error))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{shown(path)} is open in another program: close it there, then try again."
    return f"{shown(path)} cannot be used: {error}."
