"""What AWS charges for 1,000 bookings from book to exit, by arithmetic from counted requests.

List prices of us-east-1, November 2026, in dollars; no free tier, no storage. What cannot be
counted here is assumed, above what the local runtime shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from local.metering import Reading
from tests.figures.measure import units

BOOKINGS = 1_000
API_CALLS = 3
"""Book, entry, exit."""

MAILS = 2
"""That it is booked, and what it cost; a place that asks whether its guests come adds one."""

WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
API_CALL = 3.50e-6
LAMBDA_CALL = 0.20e-6
GIGABYTE_SECOND = 16.6667e-6
LOGGED_GIGABYTE = 0.50
SENT_GIGABYTE = 0.09
MAIL = 0.10e-3

MEMORY = 0.5
"""Gigabytes, as `.chalice/config.json` sets them."""

SECONDS = 0.025
"""A warm call: a read of 5 ms, a transaction of 12 ms, and its own CPU."""

LOGGED = 700e-9
"""Gigabytes a call: our one line, and those of Lambda."""

SENT = 2_000e-9
"""Gigabytes a call: the answer with its headers."""

HEAD = ("| 1,000 bookings, book to exit | dollars |", "|---|---:|")


def parts(life: Reading) -> Mapping[str, float]:
    """Dollars for 1,000 lives as measured in `life`, by what is charged, mail apart."""
    database = sum(units(life, mail=False)) * WRITE_UNIT + life.read_units * READ_UNIT
    compute = LAMBDA_CALL + SECONDS * MEMORY * GIGABYTE_SECOND
    bytes_out = LOGGED * LOGGED_GIGABYTE + SENT * SENT_GIGABYTE
    return {
        "DynamoDB": BOOKINGS * database,
        "API Gateway": BOOKINGS * API_CALLS * API_CALL,
        "Lambda, logs, traffic": BOOKINGS * API_CALLS * (compute + bytes_out),
    }


def lines(life: Reading) -> tuple[str, ...]:
    """The bill as a table, line by line."""
    rows = {name: f"{cost:.4f}" for name, cost in parts(life).items()}
    rows["**without mail**"] = f"**{sum(parts(life).values()):.4f}**"
    rows[f"{MAILS} mails each"] = f"{BOOKINGS * MAILS * MAIL:.2f}"
    return (*HEAD, *(f"| {name} | {cost} |" for name, cost in rows.items()))
