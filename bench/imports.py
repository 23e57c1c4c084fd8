"""What an import costs beside booking: `python -m bench.imports [BOOKINGS]`.

Both on the embedded engine in one process, CPU and not the clock on the wall. Trust the ratio, not
the milliseconds.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bench.__main__ import ENVIRONMENT

BOOKINGS: Final = 50_000
CUSTOMERS: Final = 5_000
SPACES: Final = 100
BOOKED: Final = 300
"""Bookings that are made one by one for comparison."""

SITE: Final = "central"
ZONE: Final = "yard"


def files(folder: Path, bookings: int, now: datetime) -> list[Path]:
    """A zone with its spaces, customers, and bookings of an hour each: half of them over, the
    others ahead."""
    texts = {
        "zones.csv": ("id,name,site,zone_id", [f"1,Yard,{SITE},{ZONE}"]),
        "spaces.csv": ("id,zone,number", (f"s{n},1,Y-{n:03}" for n in range(SPACES))),
        "customers.csv": (
            "id,email,name",
            (f"{n},p{n}@example.org,Person {n}" for n in range(CUSTOMERS)),
        ),
        "bookings.csv": ("id,status,start,end,space,customer", _rows(bookings, now)),
    }
    for name, (header, rows) in texts.items():
        (folder / name).write_text("\n".join((header, *rows)) + "\n")
    return [folder / name for name in texts]


def _rows(bookings: int, now: datetime) -> Iterator[str]:
    for n in range(bookings):
        hours = timedelta(hours=2 + n // (2 * SPACES))
        start = now + hours if n % 2 == 0 else now - hours
        status = "booked" if n % 2 == 0 else "completed"
        end, space = start + timedelta(hours=1), f"s{n // 2 % SPACES}"
        yield f"{n},{status},{start.isoformat()},{end.isoformat()},{space},{n % CUSTOMERS}"


def cpu(work: Callable[[], object]) -> float:
    """The seconds of CPU that `work` takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def measure(bookings: int) -> dict[str, tuple[int, float]]:
    """How many bookings, and the seconds of CPU they took, one by one and imported."""
    from chalicelib import settings, wiring
    from chalicelib.domain.bookings.details import BookingDetails
    from chalicelib.domain.bookings.order import Order
    from chalicelib.services.bookings import bookings as booking
    from local import demo
    from local.engine import Embedded
    from local.importing import run

    with Embedded(settings.read(os.environ)), tempfile.TemporaryDirectory() as folder:
        deps = wiring.build(settings.read(os.environ))
        demo.load(deps)
        staff = deps.accounts.find_by_login("staff1")
        assert staff is not None
        paths, actor = files(Path(folder), bookings, deps.now()), staff.actor()

        def book() -> None:
            for n in range(BOOKED):
                start = deps.now() + timedelta(hours=1 + n // 10)
                details = BookingDetails(vehicle_number="KA01AB1234")
                order = Order("zone-a", start=start, minutes=60, details=details)
                booking.book(deps, actor, order)

        def bring(*, apply: bool) -> None:
            printed = io.StringIO()
            if run.run(deps, run.Options(paths, apply=apply), printed):
                raise SystemExit(printed.getvalue())

        return {
            "booked one by one": (BOOKED, cpu(book)),
            "checked alone": (bookings, cpu(lambda: bring(apply=False))),
            "checked and written": (bookings, cpu(lambda: bring(apply=True))),
        }


def table(found: dict[str, tuple[int, float]]) -> str:
    """The figures as Markdown; ratios are to the first row."""
    each = {name: seconds / count for name, (count, seconds) in found.items()}
    first = next(iter(each.values()))
    lines = ["| | bookings | CPU s | ms each | × one by one |", "|---|--:|--:|--:|--:|"]
    for name, (count, seconds) in found.items():
        own = each[name]
        lines.append(
            f"| {name} | {count:,} | {seconds:.1f} | {own * 1000:.2f} | {own / first:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    os.environ.update(ENVIRONMENT)
    bookings = int(sys.argv[1]) if len(sys.argv) > 1 else BOOKINGS
    print(table(measure(bookings)))


if __name__ == "__main__":
    main()
