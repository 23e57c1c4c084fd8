"""Each operation costs no more than docs/quality.md allows, and what docs/costs.md says."""

from __future__ import annotations

import pytest

from local.metering import Reading
from tests.backend import Backends
from tests.figures import bill, table
from tests.figures.measure import units
from tests.figures.operations import OPERATIONS
from tests.figures.payments import OPEN
from tests.figures.stays import MANY

GET, QUERY, READ, WRITE = "GetItem", "Query", "TransactGetItems", "TransactWriteItems"

REQUESTS = {
    # at most one read and one transaction each
    "book a space now": {QUERY: 1, WRITE: 1},
    "book a named space ahead": {QUERY: 1, WRITE: 1},
    # the code, with the wrong ones that its customer tried
    "book with a promo code, limited in all and for each person": {
        QUERY: 1,
        "BatchGetItem": 1,
        WRITE: 1,
    },
    # the sheets, and the booking that moves
    "book by rearranging: one other moves": {QUERY: 1, "BatchGetItem": 1, WRITE: 1},
    "extend by rearranging: one other moves": {GET: 1, QUERY: 1, "BatchGetItem": 1, WRITE: 1},
    "book over midnight (UTC)": {QUERY: 1, WRITE: 1},
    "cancel": {GET: 1, WRITE: 1},
    "book 10 spaces together": {QUERY: 1, WRITE: 1},
    # 106 items are more than a transaction takes: six of the dates are held first
    "book a space on 52 dates": {QUERY: 1, WRITE: 2},
    "book a room for 30 nights": {QUERY: 1, WRITE: 1},
    "book a room for a guest by name, phone and mail": {QUERY: 1, WRITE: 1},
    # two indexes, whoever is near, and all of them
    "find a guest by name": {QUERY: 3, "BatchGetItem": 1},
    # its day, codes that have moved, and the booking
    "find a booking by its short code": {QUERY: 2, "BatchGetItem": 1},
    "assign a room": {GET: 1, QUERY: 1, WRITE: 1},
    # the sheets of the rooms, and those whom they name
    "who arrives on a day": {QUERY: 1, "BatchGetItem": 1},
    "cancel 10 bookings together": {GET: 1, QUERY: 1, WRITE: 1},
    "confirm": {GET: 1, WRITE: 1},
    "reminder falls due, by sweep": {QUERY: 1, WRITE: 1},
    "auto-cancel, by sweep": {QUERY: 1, WRITE: 1},
    "entry scan": {READ: 1, WRITE: 1},
    "entry scan, booked ahead, on time": {READ: 1, WRITE: 1},
    "entry scan, 10 minutes early": {READ: 1, WRITE: 1},
    "entry scan, after another stay": {READ: 1, WRITE: 1},
    "exit scan, cash": {GET: 1, WRITE: 1},
    "check-out by staff, cash": {GET: 1, WRITE: 1},
    "look at a stay that time has ended": {GET: 1, WRITE: 1},
    # the sheets: what a move reads
    "look at a stay that renews by itself": {GET: 1, QUERY: 1, WRITE: 1},
    "claim an offer": {GET: 1, WRITE: 1},
    # what they wait for already, then the sheets
    "join a waitlist": {GET: 1, QUERY: 1, WRITE: 1},
    # refused once, then the sheets with their line, the first in it, and who that is
    "cancel a booking that an entry waits for": {GET: 1, QUERY: 2, "BatchGetItem": 1, WRITE: 2},
    "an offer lapses and is passed on, by sweep": {QUERY: 3, "BatchGetItem": 1, WRITE: 1},
    # the booking, then the sheets of where it goes
    "move a booking": {GET: 1, QUERY: 1, WRITE: 1},
    "move a booking to another day (UTC)": {GET: 1, QUERY: 1, WRITE: 1},
    "check in to a room": {GET: 1, WRITE: 1},
    "check out of a room": {GET: 1, WRITE: 1},
    "look at a stay that has become an overstay": {GET: 1, "BatchGetItem": 1, WRITE: 1},
    "keep an overstay for another month": {GET: 1, "BatchGetItem": 1, WRITE: 1},
    # rooms, sheets and bookings are read for all at once
    f"check in to {MANY} rooms, each": {QUERY: 2, "BatchGetItem": 1, WRITE: MANY},
    f"check out of {MANY} rooms, each": {QUERY: 2, "BatchGetItem": 1, WRITE: MANY},
    "a step of housekeeping": {GET: 1, WRITE: 1},
    "board of 500 rooms": {QUERY: 1},
    # which one came before, for where this one begins
    "open a shift": {GET: 1, WRITE: 1},
    "close a shift": {GET: 1, WRITE: 1},
    # the shift, the entries of the day, the incidents
    "report of a shift of one day (UTC)": {GET: 1, QUERY: 2},
    "shifts of a site": {QUERY: 1},
    "report an incident about a booking": {GET: 1, WRITE: 1},
    # nothing but the read
    "look at a booking": {GET: 1},
    "list 25 bookings": {QUERY: 1},
    # the booking with its payment, then the order that the gateway has made
    "book, to be paid online": {QUERY: 1, WRITE: 2},
    "ask for the order again": {GET: 1},
    # at most two reads and one transaction each: whose order it is, and the booking
    "take a message of a gateway": {WRITE: 1},
    "hear of a payment, which books": {GET: 2, WRITE: 1},
    "hear nothing new": {GET: 2},
    "verify a payment, which books": {GET: 2, WRITE: 1},
    # and the sheets of what it was for
    "hear of a payment too late, which books again": {GET: 2, QUERY: 1, WRITE: 1},
    "cancel what was paid online": {GET: 1, WRITE: 1},
    "pay back a part": {GET: 1, WRITE: 1},
    "make a refund at the gateway": {GET: 1, WRITE: 1},
    # the booking, and when to ask again; what was settled, compared, and is due of season passes
    f"reconcile, each of {OPEN} open orders": {QUERY: 3, GET: OPEN, "PutItem": OPEN},
    "sweep with nothing due, a shard": {QUERY: 1},
    # a full page, and the look behind it
    f"auto-checkout, each of {MANY} due": {QUERY: 2, WRITE: MANY},
    f"statistics of auto-checkouts, {MANY} today": {QUERY: 2},
    f"reminders, each of {MANY} due": {QUERY: 2, WRITE: MANY},
    # a lease, the reminder as from the stream, a page of 25 at a time, and a look at the calls
    f"their mails by sweep, each of {MANY}": {
        QUERY: 6,
        "UpdateItem": MANY,
        GET: 4 * MANY,
        WRITE: MANY,
        "DeleteItem": MANY,
    },
    "deliver a mail": {GET: 4, "DeleteItem": 1},
    # what became of it is written back to the booking
    "deliver a reminder": {GET: 5, WRITE: 1, "DeleteItem": 1},
    # the address, and the booking that waits for an answer
    "a reminder bounces": {GET: 2, WRITE: 2},
    "a whole life: book, entry, exit": {QUERY: 1, READ: 1, GET: 1, WRITE: 3},
}

WRITE_UNITS = {
    # in tables, in indexes, of these in the outbox
    "book a space now": (6, 2, 2),
    # the booking, two sheets, the mail; in the indexes a key more for each name, number and address
    "book a room for 30 nights": (8, 3, 2),
    "book a room for a guest by name, phone and mail": (6, 6, 2),
    "cancel": (6, 1, 2),
    "entry scan": (2, 2, 0),
    "entry scan, 10 minutes early": (4, 2, 0),
    "exit scan, cash": (8, 1, 2),
    "a whole life: book, entry, exit": (16, 5, 4),
    "look at a booking": (0, 0, 0),
    "sweep with nothing due, a shard": (0, 0, 0),
}


@pytest.fixture(scope="module")
def readings(backends: Backends) -> dict[str, Reading]:
    """Every operation, measured once."""
    return table.measured(backends)


def test_every_operation_has_its_requests_written_down() -> None:
    assert {operation.name for operation in OPERATIONS} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_operation_sends_so_many_requests(readings: dict[str, Reading], name: str) -> None:
    assert dict(readings[name].requests) == REQUESTS[name]


@pytest.mark.parametrize("name", WRITE_UNITS)
def test_an_operation_costs_so_many_write_units(readings: dict[str, Reading], name: str) -> None:
    in_tables, in_indexes, in_outbox = WRITE_UNITS[name]
    assert units(readings[name]) == (in_tables, in_indexes)
    assert sum(units(readings[name], mail=False)) == in_tables + in_indexes - in_outbox


def test_a_whole_life_without_its_mails_stays_within_eighteen_write_units(
    readings: dict[str, Reading],
) -> None:
    assert sum(units(readings["a whole life: book, entry, exit"], mail=False)) <= 18


def test_a_sweep_reads_at_most_a_tenth_of_a_unit_for_each_due_stay(
    readings: dict[str, Reading],
) -> None:
    assert readings[f"auto-checkout, each of {MANY} due"].read_units / MANY <= 0.10


def test_an_idle_tick_of_a_sweep_is_half_a_read_unit_a_shard(readings: dict[str, Reading]) -> None:
    assert readings["sweep with nothing due, a shard"].read_units == 0.5


def test_a_thousand_bookings_cost_at_most_two_and_a_half_cents_without_mail(
    readings: dict[str, Reading],
) -> None:
    assert sum(bill.parts(readings[table.LIFE]).values()) <= 0.025


@pytest.mark.parametrize("name", [table.FIGURES, table.BILL])
def test_the_page_of_costs_shows_what_is_measured(readings: dict[str, Reading], name: str) -> None:
    """`python -m tests.figures.table --write` puts them right."""
    assert table.shown(table.PAGE.read_text(), name) == table.tables(readings)[name]
