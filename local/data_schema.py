"""The form of the data file: its tables, its version, and how an older version becomes this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.data_folder import DataError, shown

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = int.from_bytes(b"Brth", "big")
"""The application id of Berth's data files."""


@dataclass(frozen=True)
class Schema:
    """`tables` makes an empty file of `version`; `migrations[n]` makes version n + 1 of n."""

    version: int
    tables: tuple[str, ...]
    migrations: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


SCHEMA = Schema(
    version=1,
    tables=(
        "CREATE TABLE items (tbl TEXT, pk TEXT, sk TEXT, body TEXT NOT NULL,"
        " PRIMARY KEY (tbl, pk, sk)) WITHOUT ROWID",
        "CREATE TABLE mails (n INTEGER PRIMARY KEY, source TEXT NOT NULL, recipients TEXT NOT NULL,"
        " raw TEXT NOT NULL, sent_at REAL NOT NULL, base_url TEXT NOT NULL, effect TEXT UNIQUE)",
        "CREATE TABLE properties (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
)


def require_sqlite(path: Path) -> None:
    """Refuse what is no SQLite file before SQLite sees it, which would write to some of them.
    Raises DataError, and OSError where it cannot be read."""
    log = path.with_name(f"{path.name}-wal")
    start = _start(path)
    if start and start != MAGIC:
        raise DataError(damaged(path, "it is not a SQLite database"))
    if not start and log.exists() and log.stat().st_size:
        raise DataError(damaged(path, f"it is empty, and {log.name} is not"))


def _start(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(len(MAGIC))


def prepare(database: sqlite3.Connection, path: Path, schema: Schema) -> bool:
    """Check the file and bring it to `schema`; True where it was empty. Raises DataError, and
    sqlite3.Error."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    version = _version(database, path)
    _require_sound(database, path)
    _require_readable(version, path, schema)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    _bring_up(database, version, schema)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return version == 0


def damaged(path: Path, reason: str) -> str:
    """The sentence for a file that is damaged."""
    return (
        f"{shown(path)} is damaged ({reason}): put a sound copy in its place, or move "
        f"{shown(path.parent)}/ away to begin anew."
    )


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit what the block writes, or none of it. Raises sqlite3.Error."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # a full disk may have ended it
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection, path: Path) -> int:
    """The version of the file, 0 where it is empty."""
    version, made_by = (_pragma(database, name) for name in ("user_version", "application_id"))
    if made_by == APPLICATION_ID:
        return version
    if made_by or database.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise DataError(
            f"{shown(path)} is the database of another program: move it away, "
            "or name another folder in BERTH_DATA."
        )
    return 0


def _pragma(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def _require_sound(database: sqlite3.Connection, path: Path) -> None:
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DataError(damaged(path, " ".join(str(verdict).split())))


def _require_readable(version: int, path: Path, schema: Schema) -> None:
    way_out = f"run that version, or move {shown(path.parent)}/ away to begin anew."
    if version > schema.version:
        raise DataError(
            f"{shown(path)} was made by a newer Berth (form {version}, this one reads "
            f"{schema.version}): {way_out}"
        )
    if missing := [n for n in _steps(version, schema) if n not in schema.migrations]:
        raise DataError(
            f"{shown(path)} was made by an older Berth (form {missing[0]}, this one reads "
            f"{schema.version} and cannot convert it): {way_out}"
        )


def _steps(version: int, schema: Schema) -> range:
    """The versions to migrate from, one after the other; an empty file has none."""
    return range(version or schema.version, schema.version)


def _bring_up(database: sqlite3.Connection, version: int, schema: Schema) -> None:
    with transaction(database):
        for statement in _statements(version, schema):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {schema.version}")


def _statements(version: int, schema: Schema) -> list[str]:
    if version == 0:
        return list(schema.tables)
    return [statement for n in _steps(version, schema) for statement in schema.migrations[n]]
