"""What stands in a file is what is in the bookings afterwards."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.core import localtime
from chalicelib.services.core.deps import Deps
from tests.clock import NOON
from tests.local.importing.conftest import Bring, booking_of

PAST = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["completed", "cancelled", "expired"]),
        "start": st.integers(1, 500_000).map(
            lambda minutes: NOON - timedelta(minutes=minutes + 600)
        ),
        "minutes": st.integers(1, 600),
        "number": st.sampled_from(["A-001", "A-002", "A-003"]),
        "paid": st.integers(0, 10**7),
        "purpose": st.text("abc ,;\"'|ü漢", min_size=1, max_size=20).filter(str.strip),
        "plate": st.none() | st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,8}[A-Z0-9]", fullmatch=True),
    }
)
NUMBER = count()


def row(old: dict[str, Any], old_id: int) -> dict[str, str]:
    """A row as a file has it."""
    return {
        "id": str(old_id),
        "status": old["status"],
        "start": localtime.iso(old["start"]),
        "end": localtime.iso(old["start"] + timedelta(minutes=old["minutes"])),
        "zone": "zone-a",
        "number": old["number"],
        "created_at": localtime.iso(old["start"]),
        "paid": f"{old['paid'] // 100}.{old['paid'] % 100:02}",
        "purpose": old["purpose"],
        "vehicle_number": old["plate"] or "",
    }


def as_csv(rows: list[dict[str, str]]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def as_json_lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in rows)


@pytest.mark.parametrize(
    ("name", "write"), [("bookings.csv", as_csv), ("bookings.jsonl", as_json_lines)]
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(olds=st.lists(PAST, min_size=1, max_size=6))
def test_each_row_is_one_booking_with_its_values(
    deps: Deps,
    bring: Bring,
    name: str,
    write: Callable[[list[dict[str, str]]], str],
    olds: list[dict[str, Any]],
) -> None:
    rows = [(next(NUMBER), old) for old in olds]
    found = bring({name: write([row(old, old_id) for old_id, old in rows])})
    assert found.code == 0, found.text
    for old_id, old in rows:
        booking = booking_of(deps, str(old_id))
        assert (booking.status.value, booking.number) == (old["status"], old["number"])
        assert (booking.booked.start, booking.booked.minutes) == (old["start"], old["minutes"])
        assert (booking.created_at, booking.paid) == (old["start"], old["paid"])
        assert booking.details.purpose == old["purpose"].strip()
        assert booking.details.vehicle_number == old["plate"]
        entries = deps.ledger.of_day("central", booking.updated_at.date())
        lines = [e.lines for e in entries if e.booking_id == booking.booking_id]
        assert len(lines) == (1 if old["paid"] else 0)
