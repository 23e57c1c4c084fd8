"""A server that is killed in the middle of bookings, and started again on the same data."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

from chalicelib.gateways.ses_events import EFFECT_HEADER
from local import restore
from local.data_file import NAME, DataFile
from tests.berth import Berth
from tests.clock import Clock
from tests.conftest import Bench
from tests.model import invariants

HOUR = timedelta(hours=1)
CONFIRMED = "booking_confirmed"
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


@dataclass
class Crash:
    """The folder as the kill left it, and what the callers had been answered."""

    folder: Path
    port: int
    token: str
    booked: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    def book_until_it_dies(self, berth: Berth) -> None:
        while True:
            try:
                status, answer = berth.ask("POST", "/api/user/book-slot", WISH, self.token)
            except (OSError, ValueError):
                return
            (self.booked if status == 201 else self.refused).append(answer)


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory) -> Crash:
    folder = tmp_path_factory.mktemp("crash") / "data"
    berth = Berth(folder)
    owner = berth.token("owner")
    berth.done("POST", "/api/admin/zones", ZONE, owner)
    berth.done("POST", "/api/admin/spaces", SPACES, owner)
    berth.advance(HOUR)
    berth.book("user2")
    assert len(berth.mails("user2@example.com")) == 1
    crash = Crash(folder, berth.port, berth.token("user1"))
    threads = [
        threading.Thread(target=crash.book_until_it_dies, args=(berth,)) for _ in range(CUSTOMERS)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while len(crash.booked) < ENOUGH and time.monotonic() < deadline:
        time.sleep(0.005)
    berth.kill()
    for thread in threads:
        thread.join()
    assert len(crash.booked) >= ENOUGH
    assert crash.refused == []
    shutil.copytree(folder, folder.with_name("copy"))
    return crash


@pytest.fixture
def left(crash: Crash, bench: Bench) -> Iterator[DataFile]:
    """The file as the kill left it, and its items in the tables of the suite."""
    with closing(DataFile.open(crash.folder.with_name("copy") / NAME)) as data:
        restore.load_items(data, bench.aws.moto_tables)
        yield data


@pytest.fixture(scope="module")
def again(crash: Crash) -> Iterator[Berth]:
    """The server started again."""
    berth = Berth(crash.folder)
    yield berth
    berth.end()


def ids(bookings: list[dict[str, Any]]) -> set[str]:
    return {str(booking["booking_id"]) for booking in bookings}


def mailed(data: DataFile) -> Counter[tuple[str, str]]:
    """The effects that left as mails, by name and subject."""
    headers = (message_from_string(mail.raw)[EFFECT_HEADER] for mail in data.mails())
    return Counter((name, subject) for _, name, subject in (h.split("-", 2) for h in headers))


def confirmations(effects: Counter[tuple[str, str]]) -> Counter[str]:
    return Counter({subject: n for (name, subject), n in effects.items() if name == CONFIRMED})


def test_acknowledged_bookings_are_in_the_file_and_no_transaction_is_half(
    crash: Crash, left: DataFile, clock: Clock
) -> None:
    waiting = Counter(invariants.read().effects)
    stored = invariants.check(clock.now(), posted=waiting | mailed(left))
    assert ids(crash.booked) <= set(stored.bookings)
    assert len(stored.bookings) - len(crash.booked) <= CUSTOMERS


def test_each_confirmation_is_mailed_once(left: DataFile, again: Berth) -> None:
    """One may be mailed twice: where the kill fell between the mail and the delete of its
    effect."""
    waiting = confirmations(Counter(invariants.read().effects))
    expected = confirmations(mailed(left)) + waiting
    mails = again.done("GET", "/_local/outbox")["items"]
    texts = [file["text"] for mail in mails for file in mail["attachments"] if "text" in file]
    assert Counter(next(each for each in expected if each in text) for text in texts) == expected
    assert sum(expected.values()) - len(expected) <= 1


def test_a_token_of_before_shows_every_acknowledged_booking(crash: Crash, again: Berth) -> None:
    path = "/api/user/history?limit=100"
    assert ids(crash.booked) <= ids(again.done("GET", path, token=crash.token)["items"])


def test_a_pass_of_before_opens_the_gate(crash: Crash, again: Berth) -> None:
    booking = crash.booked[0]
    scan = {"qr_code": booking["qr_code"]}
    stay = again.done("POST", "/api/staff/entry", scan, again.token("staff1"))
    assert stay["booking"]["booking_id"] == booking["booking_id"]


def test_the_clock_is_as_far_from_real_time_as_before(again: Berth) -> None:
    assert again.done("GET", "/_local/clock")["offset_seconds"] == HOUR.total_seconds()


def test_the_banner_names_the_folder_and_the_address_of_the_mails_kept(
    crash: Crash, again: Berth
) -> None:
    assert f"{crash.folder}/" in again.banner
    assert f"links to http://127.0.0.1:{crash.port}" in again.banner
