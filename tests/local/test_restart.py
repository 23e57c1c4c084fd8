"""A server that is killed in the middle of bookings, and started again on the same data."""

from __future__ import annotations

import http.client
import shutil
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from local import restore
from local.data_file import NAME, DataFile, MailRow, Row
from tests.backend import Backend
from tests.clock import Clock
from tests.local_server import LocalServer
from tests.model import invariants

Effects = Counter[tuple[str, str]]

HOUR = timedelta(hours=1)
CUSTOMERS = 8
ENOUGH = 24
"""Acknowledged bookings after which the server is killed."""

ZONE = {
    "zone_id": "rush",
    "site": "central",
    "name": "Rush",
    "kind": "parking",
    "tariff": {"rate": "60.00"},
}
SPACES = {"zone_id": "rush", "numbers": [f"R-{number:03}" for number in range(1, 91)]}
WISH = {"zone_id": "rush", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}


class Crash:
    """A server that is killed while many customers book, and what they were answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.booked: list[dict[str, Any]] = []
        self.refused: list[Any] = []
        with LocalServer(folder) as self._berth:
            self.port = self._berth.port
            self._prepare()
            self.token = self._berth.token("user1")
            self._rush()

    def _prepare(self) -> None:
        owner = self._berth.token("owner")
        self._berth.done("POST", "/api/admin/zones", ZONE, owner)
        self._berth.done("POST", "/api/admin/spaces", SPACES, owner)
        self._berth.advance(HOUR)
        self._berth.book("user2")
        assert len(self._berth.mails("user2@example.com")) == 1

    def _rush(self) -> None:
        threads = [threading.Thread(target=self._book_until_it_dies) for _ in range(CUSTOMERS)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        while len(self.booked) < ENOUGH and time.monotonic() < deadline:
            time.sleep(0.005)
        self._berth.kill()
        for thread in threads:
            thread.join()

    def _book_until_it_dies(self) -> None:
        while True:
            try:
                status, answer = self._berth.ask("POST", "/api/user/book-slot", WISH, self.token)
            except (OSError, http.client.HTTPException):
                return
            (self.booked if status == 201 else self.refused).append(answer)


def test_a_server_killed_in_the_middle_of_bookings_goes_on_where_it_was(
    tmp_path: Path, backend: Backend, clock: Clock
) -> None:
    crash = Crash(tmp_path / "data")
    assert len(crash.booked) >= ENOUGH
    assert crash.refused == []
    shutil.copytree(crash.folder, tmp_path / "copy")
    with closing(DataFile.open(tmp_path / "copy" / NAME)) as left:
        restore.load_items(left, backend.aws.moto_tables)
        mailed = mails_of(left)
    stored = require_whole(crash, mailed, clock)
    with LocalServer(crash.folder) as again:
        require_each_mail_once(again, set(stored.bookings))
        require_the_same_world(crash, again)


def require_whole(crash: Crash, mailed: Effects, clock: Clock) -> invariants.Stored:
    """Every acknowledged booking is in the file, and no transaction is half."""
    waiting = Counter(invariants.read().effects)
    stored = invariants.check(clock.now(), posted=waiting | mailed)
    assert ids(crash.booked) <= set(stored.bookings)
    assert len(stored.bookings) <= len(crash.booked) + CUSTOMERS + 1
    return stored


def require_each_mail_once(again: LocalServer, booked: set[str]) -> None:
    mails = again.done("GET", "/_local/outbox")["items"]
    texts = [file["text"] for mail in mails for file in mail["attachments"] if "text" in file]
    assert Counter(next(each for each in booked if each in text) for text in texts) == Counter(
        booked
    )


def require_the_same_world(crash: Crash, again: LocalServer) -> None:
    """Tokens, passes, clock and mails of before are good."""
    shown = again.done("GET", "/api/user/history?limit=100", token=crash.token)["items"]
    assert ids(crash.booked) <= ids(shown)
    scan = {"qr_code": crash.booked[0]["qr_code"]}
    stay = again.done("POST", "/api/staff/entry", scan, again.token("staff1"))
    assert stay["booking"]["booking_id"] == crash.booked[0]["booking_id"]
    assert again.done("GET", "/_local/clock")["offset_seconds"] == HOUR.total_seconds()
    assert f"{crash.folder}/" in again.banner
    assert f"links to http://127.0.0.1:{crash.port}" in again.banner


def ids(bookings: list[dict[str, Any]]) -> set[str]:
    return {str(booking["booking_id"]) for booking in bookings}


def mails_of(data: DataFile) -> Effects:
    """The effects that left as mails, by name and subject."""
    effects = (mail.effect.split("-", 2) for mail in data.mails() if mail.effect)
    return Counter((name, subject) for _, name, subject in effects)


def test_a_fresh_start_deletes_everything_but_the_signing_key(tmp_path: Path) -> None:
    with closing(DataFile.open(tmp_path / NAME)) as data:
        data.write([Row("bookings", "ABC", "X", '{"pk": {"S": "ABC"}, "sk": {"S": "X"}}')])
        data.add_mail(MailRow("a@example.com", "[]", "Subject: x\n\n", 0.0, "http://a"))
        data.keep_clock_offset(3600)
        keys = data.signing_keys()
    with LocalServer(tmp_path, FRESH="1") as berth:
        assert berth.done("GET", "/_local/outbox")["items"] == []
        assert berth.done("GET", "/_local/clock")["offset_seconds"] == 0
        assert berth.token("user1")
    with closing(DataFile.open(tmp_path / NAME)) as data:
        assert "bookings" not in {table for table, _ in data.items()}
        assert data.signing_keys() == keys
