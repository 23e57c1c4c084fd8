from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from local.data_file import NAME, DataFile, MailRow, Row, connect
from local.data_folder import DataError
from local.data_schema import SCHEMA, Schema

MAIL = MailRow(
    "no-reply@example.com", '["ann@example.com"]', "Subject: é\n\nhello", 1.5, "http://a"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / NAME


@pytest.fixture
def data(path: Path) -> Iterator[DataFile]:
    with closing(DataFile.open(path)) as data:
        yield data


def row(sk: str, body: str | None = "{}") -> Row:
    return Row("ledger", "p", sk, body)


def filled(path: Path) -> bytes:
    """A file with an item in it, closed; its bytes."""
    with closing(DataFile.open(path)) as data:
        data.write([row(f"{number:04}", json.dumps({"n": "x" * 500})) for number in range(200)])
    return path.read_bytes()


def sentence(path: Path) -> str:
    """The sentence with which the file is refused."""
    with pytest.raises(DataError) as refused:
        DataFile.open(path)
    text = str(refused.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert str(path) in text
    return text


# -- what goes in comes out


def test_items_mails_and_properties_are_there_when_it_is_opened_again(path: Path) -> None:
    with closing(DataFile.open(path)) as first:
        assert first.is_new
        first.write([row("a", '{"é": 1}'), row("b"), Row("audit", "p", "a", "{}")])
        first.write([row("b", None), row("a", '{"é": 2}')])
        first.add_mail(MAIL)
        first.keep_clock_offset(-3600)
        keys = first.signing_keys()
    with closing(DataFile.open(path)) as again:
        assert not again.is_new
        assert sorted(again.items()) == [("audit", "{}"), ("ledger", '{"é": 2}')]
        assert again.mails() == [MAIL]
        assert again.mails_by_address() == {"http://a": 1}
        assert again.clock_offset() == -3600
        assert again.signing_keys() == keys


def test_a_new_file_has_real_time_and_a_long_key(data: DataFile) -> None:
    assert data.clock_offset() == 0
    assert data.signing_keys().startswith("local:")
    assert len(data.signing_keys()) > 40


def test_every_file_has_a_key_of_its_own(data: DataFile, tmp_path: Path) -> None:
    with closing(DataFile.open(tmp_path / "other.sqlite3")) as other:
        assert other.signing_keys() != data.signing_keys()


def test_to_begin_anew_deletes_all_but_the_key(data: DataFile) -> None:
    keys = data.signing_keys()
    data.write([row("a")])
    data.add_mail(MAIL)
    data.keep_clock_offset(60)
    data.begin_anew()
    assert (data.items(), data.mails(), data.clock_offset()) == ([], [], 0)
    assert data.signing_keys() == keys


def test_partitions_are_deleted_by_the_start_of_their_key(data: DataFile) -> None:
    keys = ["channel#hall", "channel#", "channel", "Channel#hall", "xchannel#hall", "chan_el#hall"]
    data.write([Row("accounts", key, "s", json.dumps(key)) for key in keys])
    data.delete_partitions("channel#")
    assert sorted(json.loads(body) for _, body in data.items()) == sorted(keys[2:])


def test_the_mail_of_an_effect_is_stored_once(data: DataFile) -> None:
    one, other = replace(MAIL, effect="EF1-reminder-BK1"), replace(MAIL, effect="EF1-reminder-BK2")
    assert [data.add_mail(mail) for mail in (one, one, other)] == [True, False, True]
    assert [data.add_mail(mail) for mail in (MAIL, MAIL)] == [True, True]
    assert data.mails() == [one, other, MAIL, MAIL]


def test_writers_on_many_threads_do_not_mix_their_transactions(path: Path, data: DataFile) -> None:
    def write(number: int) -> None:
        for turn in range(20):
            data.write([row(f"{number}.{turn}.{half}") for half in "ab"])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(data.items()) == 240


# -- all or nothing


def test_a_write_that_fails_half_way_leaves_nothing(data: DataFile) -> None:
    with pytest.raises(DataError):
        data.write([row("a"), row("b", object())])  # type: ignore[arg-type]
    assert data.items() == []
    data.write([row("d")])
    assert len(data.items()) == 1


def test_a_file_that_is_only_killed_has_every_write(path: Path, tmp_path: Path) -> None:
    """A copy made while it is open is what a kill leaves behind."""
    with closing(DataFile.open(path)) as data:
        data.write([row("a")])
        copy = tmp_path / "copy" / NAME
        copy.parent.mkdir()
        for file in tmp_path.glob(f"{NAME}*"):
            (copy.parent / file.name).write_bytes(file.read_bytes())
    with closing(DataFile.open(copy)) as left:
        assert len(left.items()) == 1


def test_a_clean_end_leaves_one_file(path: Path) -> None:
    filled(path)
    assert [file.name for file in path.parent.iterdir()] == [NAME]


def limited(pages: int) -> tuple[Callable[[Path], sqlite3.Connection], list[sqlite3.Connection]]:
    """Connections to a disk of so many pages, and those that were made."""
    made: list[sqlite3.Connection] = []

    def limited(path: Path) -> sqlite3.Connection:
        database = connect(path)
        database.execute(f"PRAGMA max_page_count = {pages}")
        made.append(database)
        return database

    return limited, made


def test_a_full_disk_refuses_the_write_and_takes_it_when_there_is_space(path: Path) -> None:
    connected, made = limited(12)
    body = json.dumps({"n": "x" * 3000})
    with closing(DataFile.open(path, connect=connected)) as data:
        with pytest.raises(DataError, match="is full: free some space"):
            data.write([row(f"{number}", body) for number in range(40)])
        assert data.items() == []
        data.write([row("small")])
        made[0].execute("PRAGMA max_page_count = 1000")
        data.write([row(f"{number}", body) for number in range(40)])
        assert len(data.items()) == 41


def test_a_full_disk_at_the_start_is_one_sentence(path: Path) -> None:
    connected, _ = limited(2)
    with pytest.raises(DataError, match="is full: free some space, then try again"):
        DataFile.open(path, connect=connected)


# -- what is no file of ours is left as it is


@pytest.mark.parametrize(
    "damage",
    [
        lambda sound: b"\x00garbage" * 64 + sound[512:],
        lambda sound: b"not a database",
        lambda sound: b"not a database, and longer than a header of SQLite would be" * 100,
        lambda sound: sound[:5000],
        lambda sound: sound[: len(sound) // 2],
        lambda sound: sound[:200],
        lambda sound: sound[:4096] + b"\xa5" * 8192 + sound[12288:],
    ],
    ids=["garbage in front", "text", "long text", "one page", "half", "header only", "holes"],
)
def test_a_damaged_file_is_refused_by_name_and_not_touched(
    path: Path, damage: Callable[[bytes], bytes]
) -> None:
    broken = damage(filled(path))
    path.write_bytes(broken)
    assert "is damaged" in sentence(path)
    assert path.read_bytes() == broken
    assert [file.name for file in path.parent.iterdir()] == [NAME]


def test_an_empty_file_beside_a_log_is_damaged(path: Path) -> None:
    path.write_bytes(b"")
    log = path.with_name(f"{NAME}-wal")
    log.write_bytes(b"pages")
    assert "is damaged" in sentence(path)
    assert log.read_bytes() == b"pages"


def test_an_empty_file_alone_is_a_new_one(path: Path) -> None:
    path.write_bytes(b"")
    with closing(DataFile.open(path)) as data:
        assert data.items() == []


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (n)")
        other.commit()
    before = path.read_bytes()
    assert "is the database of another program" in sentence(path)
    assert path.read_bytes() == before


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    assert "cannot be written" in sentence(path)


def test_a_file_that_another_program_holds_is_refused(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "is open in another program" in sentence(path)


# -- versions


def versioned(version: int, **migrations: str) -> Schema:
    steps = {int(name.removeprefix("from_")): (sql,) for name, sql in migrations.items()}
    return Schema(version, SCHEMA.tables, steps)


def test_a_file_of_a_newer_berth_is_refused_and_not_touched(path: Path) -> None:
    DataFile.open(path, versioned(SCHEMA.version + 1)).close()
    before = path.read_bytes()
    assert "was made by a newer Berth" in sentence(path)
    assert path.read_bytes() == before


def test_an_older_file_goes_through_every_migration(path: Path) -> None:
    before = filled(path)
    newest = versioned(
        SCHEMA.version + 2,
        from_1="ALTER TABLE mails ADD COLUMN seen INTEGER",
        from_2="UPDATE items SET sk = 'new ' || sk",
    )
    with closing(DataFile.open(path, newest)) as data:
        assert len(data.items()) == 200
        data.write([row("new 0000", None)])
        assert len(data.items()) == 199
    assert path.read_bytes() != before
    DataFile.open(path, newest).close()


def test_an_older_file_without_a_migration_is_refused_and_not_touched(path: Path) -> None:
    before = filled(path)
    with pytest.raises(DataError, match=r"was made by an older Berth .* cannot convert it"):
        DataFile.open(path, versioned(SCHEMA.version + 2, from_2="SELECT 1"))
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_older_file(path: Path) -> None:
    filled(path)
    faulty = versioned(SCHEMA.version + 1, from_1="UPDATE nowhere SET n = 1")
    with pytest.raises(DataError, match="cannot be used"):
        DataFile.open(path, faulty)
    with closing(DataFile.open(path)) as data:
        assert len(data.items()) == 200
