"""The automatic check-out, as the document of the system that Berth replaces has it: its command,
its dry run, its fields, what people see, and its two queries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime
from chalicelib.sweeps.schedules import SCHEDULES
from local.cli import main
from tests import builders
from tests.client import Client
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)
SWEEP = "/api/admin/sweeps/{}"


@pytest.fixture
def client(world: World) -> Client:
    return Client(world)


@pytest.fixture
def parked(world: World, clock: Clock) -> Booking:
    """A car that entered at 12:07 of the site and is to be checked out after an hour."""
    world.change_zone(world.zone_a, policy=builders.TIMED)
    booking = world.book(minutes=120)
    clock.move(minutes=7)
    return world.enter(booking)


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    return client.by(world.admin)


@pytest.fixture
def staff(client: Client, world: World) -> Client:
    return client.by(world.staff)


def _shown(staff: Client, booking: Booking) -> dict[str, Any]:
    body: dict[str, Any] = staff.get(f"/api/bookings/{booking.booking_id}").body
    return body


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- the effect


@pytest.mark.parametrize("late", [0, 14, 3 * 24 * 60])
def test_the_end_is_exactly_one_hour_after_the_start_however_late_it_is_noticed(
    client: Client, world: World, clock: Clock, parked: Booking, late: int
) -> None:
    clock.move(minutes=60 + late)
    said = client.by(world.admin).post(SWEEP.format("auto-checkout"))
    assert (said.status, said.body["done"]) == (200, 1)
    shown = _shown(client.by(world.staff), parked)
    start, end = _instant(shown["actual_start_time"]), _instant(shown["actual_end_time"])
    assert end - start == HOUR
    assert (shown["auto_checkout"], shown["status"]) == (True, "completed")


def test_a_second_too_early_nothing_is_checked_out(
    admin: Client, staff: Client, clock: Clock, parked: Booking
) -> None:
    clock.move(seconds=60 * 60 - 1)
    assert admin.post(SWEEP.format("auto-checkout")).body["done"] == 0
    assert _shown(staff, parked)["status"] == "active"


def test_only_active_stays_with_an_actual_start_are_checked_out(
    admin: Client, world: World, clock: Clock, parked: Booking
) -> None:
    never_entered = world.book(world.other, minutes=240)
    clock.move(minutes=61)
    assert admin.post(SWEEP.format("auto-checkout")).body["done"] == 1
    assert world.read(never_entered).status == "booked"


def test_the_duration_is_that_of_the_zone(
    client: Client, world: World, staff: Client, clock: Clock
) -> None:
    path = f"/api/admin/zones/{world.zone_a.zone_id}"
    set_to = client.by(world.owner).call("PATCH", path, {"policy": {"auto_checkout_after": 90}})
    assert set_to.status == 200
    booking = world.enter(world.book(minutes=30))
    clock.move(minutes=89)
    assert _shown(staff, booking)["status"] == "active"
    clock.move(minutes=60)
    assert _shown(staff, booking)["actual_end_time"] == "2026-11-21T08:00:00Z"


def test_it_runs_every_quarter_of_an_hour() -> None:
    assert SCHEDULES["auto-checkout"] == 15


# -- the dry run


def test_a_dry_run_names_the_bookings_and_changes_nothing(
    admin: Client, world: World, clock: Clock, parked: Booking
) -> None:
    clock.move(minutes=75)
    said = admin.post(SWEEP.format("auto-checkout"), {"dry_run": True})
    assert (said.body["due"], said.body["done"], said.body["dry_run"]) == (1, 0, True)
    assert said.body["affected"] == [
        {
            "step": "auto-checkout",
            "subject": parked.booking_id,
            "booking_id": parked.booking_id,
            "start": "2026-11-21T06:37:00Z",
            "since": "2026-11-21T07:37:00Z",
        }
    ]
    assert world.deps.bookings.get(parked.booking_id).is_live


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_sweep_has_a_dry_run_by_http(admin: Client, name: str) -> None:
    said = admin.post(SWEEP.format(name), {"dry_run": True})
    assert (said.status, said.body["sweep"], said.body["dry_run"]) == (200, name, True)
    assert isinstance(said.body["affected"], list)


class _Local(BaseHTTPRequestHandler):
    """The part of the local server that the command line asks: the sweeps of a world."""

    world: World

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.path.rpartition("/")[2]
        summary = sweeps.run(self.world.deps, name, dry_run=body["dry_run"])
        answer = json.dumps(vars(summary), default=vars).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Nothing: the test reads the output."""


@pytest.fixture
def command_line(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler = type("Handler", (_Local,), {"world": world})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("PORT", str(server.server_port))
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("command_line")
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_sweep_has_a_dry_run_by_command_line(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["sweep", name, "--dry-run"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["sweep"], shown["dry_run"]) == (name, True)
    assert isinstance(shown["affected"], list)


@pytest.mark.usefixtures("command_line")
def test_the_command_line_names_the_bookings_and_then_checks_them_out(
    world: World, clock: Clock, parked: Booking, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.move(minutes=75)
    assert main(["sweep", "auto-checkout", "--dry-run"]) == 0
    [named] = json.loads(capsys.readouterr().out)["affected"]
    assert named["booking_id"] == parked.booking_id
    assert world.deps.bookings.get(parked.booking_id).is_live
    assert main(["sweep", "auto-checkout"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 1
    assert not world.deps.bookings.get(parked.booking_id).is_live


# -- what people see


def test_the_timeline_says_checked_out_auto(
    admin: Client, staff: Client, clock: Clock, parked: Booking
) -> None:
    clock.move(minutes=75)
    admin.post(SWEEP.format("auto-checkout"))
    last = _shown(staff, parked)["timeline"][-1]
    assert (last["event"], last["label"], last["note"]) == (
        "checked_out", "Checked Out (Auto)", "AUTO",
    )  # fmt: skip
    assert last["at"] == "2026-11-21T07:37:00Z"


def test_a_check_out_by_hand_says_neither(staff: Client, world: World, parked: Booking) -> None:
    world.leave(parked)
    shown = _shown(staff, parked)
    assert (shown["timeline"][-1]["label"], shown["auto_checkout"]) == ("Checked Out", False)


def test_the_mail_says_auto_beside_the_check_out_time(
    clock: Clock, parked: Booking, deliver: Callable[[], list[Any]], world: World
) -> None:
    deliver()
    clock.move(minutes=75)
    sweeps.run(world.deps, "auto-checkout")
    mail = deliver()[-1]
    assert re.search(r"13:07\s+AUTO", mail.text), mail.text
    assert re.search(r"13:07(<[^>]*>|\s)*AUTO", mail.html), mail.html


# -- the statistics


def _ended(world: World, clock: Clock, number: str = "A-001", *, by_time: bool = True) -> Booking:
    booking = world.enter(world.book(world.add_account(f"driver-{clock.now():%d%H%M}"),
                                     number=number, minutes=60))  # fmt: skip
    clock.move(minutes=60 if by_time else 20)
    if by_time:
        sweeps.run(world.deps, "auto-checkout")
    else:
        world.leave(booking)
    return booking


def _statistics(staff: Client) -> dict[str, Any]:
    said = staff.get("/api/staff/auto-checkouts?site=central")
    assert said.status == 200, said.body
    return dict(said.body)


@pytest.fixture
def timed(world: World) -> World:
    world.change_zone(world.zone_a, policy=builders.TIMED)
    return world


def test_nothing_has_been_ended_yet(timed: World, staff: Client, clock: Clock) -> None:
    _ended(timed, clock, by_time=False)
    assert _statistics(staff) == {
        "site": "central", "date": "2026-11-21", "today": 0, "latest": [],
    }  # fmt: skip


def test_today_is_counted_by_the_actual_end_on_the_calendar_of_the_site(
    timed: World, staff: Client, clock: Clock
) -> None:
    """Midnight of the site is 18:30 UTC; a sweep that runs late counts on the day of the end."""
    clock.set(datetime(2026, 11, 21, 17, 29, 59, tzinfo=UTC))
    late = timed.enter(timed.book(number="A-002", minutes=60))  # ends at 23:59:59
    clock.move(seconds=1)
    next_day = timed.enter(timed.book(timed.other, number="A-003", minutes=60))  # at midnight
    clock.move(minutes=60)
    sweeps.run(timed.deps, "auto-checkout")
    shown = _statistics(staff)
    assert (shown["date"], shown["today"]) == ("2026-11-22", 1)
    assert [each["booking_id"] for each in shown["latest"]] == [
        next_day.booking_id, late.booking_id,
    ]  # fmt: skip


def test_the_ten_latest_have_their_start_and_their_end(
    timed: World, staff: Client, clock: Clock
) -> None:
    ended = [_ended(timed, clock) for _ in range(11)]
    shown = _statistics(staff)
    assert shown["latest"] == [
        {
            "booking_id": booking.booking_id,
            "actual_start_time": localtime.iso(booking.actual_start or NOON),
            "actual_end_time": localtime.iso((booking.actual_start or NOON) + HOUR),
            "auto_checkout": True,
        }
        for booking in reversed(ended[1:])
    ]
    assert shown["today"] == 11


def test_a_read_that_ends_a_stay_counts_it_once(
    staff: Client, world: World, clock: Clock, parked: Booking
) -> None:
    clock.move(minutes=75)
    _shown(staff, parked)
    sweeps.run(world.deps, "auto-checkout")
    assert _statistics(staff)["today"] == 1


def test_the_filter_lists_them(timed: World, staff: Client, clock: Clock) -> None:
    by_time, _ = _ended(timed, clock), _ended(timed, clock, by_time=False)
    said = staff.get("/api/bookings?site=central&auto_checkout=true")
    assert [each["booking_id"] for each in said.body["items"]] == [by_time.booking_id]


def test_owners_and_admins_see_them_and_customers_do_not(client: Client, world: World) -> None:
    path = "/api/staff/auto-checkouts?site=central"
    seen = [
        client.by(who).get(path).status
        for who in (world.staff, world.owner, world.admin, world.user)
    ]
    assert seen == [200, 200, 200, 403]
