"""`python -m tests.figures.table`: the figures of docs/costs.md; `--write` puts them there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from local.metering import Reading
from tests.backend import Backends
from tests.figures import bill, measure
from tests.figures.measure import Operation, units
from tests.figures.operations import OPERATIONS

PAGE = Path(__file__).parents[2] / "docs" / "costs.md"
FIGURES, BILL = "figures", "bill"
"""Names of the markers around the tables of the page."""

LIFE = "a whole life: book, entry, exit"
HEAD = (
    "| operation | calls | read units | write units: tables + indexes | without mail |",
    "|---|---|---:|---:|---:|",
)
SHORT = {"TransactWriteItems": "transaction", "TransactGetItems": "transactional read"}


def measured(backends: Backends) -> dict[str, Reading]:
    """Every operation on moto, by name."""
    backend = backends.get("moto")
    assert backend is not None
    return {operation.name: measure.measured(backend, operation) for operation in OPERATIONS}


def lines(readings: Mapping[str, Reading]) -> tuple[str, ...]:
    """The table, line by line."""
    return (*HEAD, *(_line(each, readings[each.name]) for each in OPERATIONS))


def _line(operation: Operation, reading: Reading) -> str:
    share = operation.share
    in_tables, in_indexes = (n / share for n in units(reading))
    without = sum(units(reading, mail=False)) / share
    cells = (
        operation.name,
        _calls(reading.requests, share),
        _number(reading.read_units / share),
        f"{_number(in_tables)} + {_number(in_indexes)}" if in_tables else "0",
        _number(without),
    )
    return f"| {' | '.join(cells)} |"


def _calls(requests: Mapping[str, int], share: int) -> str:
    return ", ".join(
        f"{_number(count / share)} {SHORT.get(name, name)}" for name, count in requests.items()
    )


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def tables(readings: Mapping[str, Reading]) -> dict[str, tuple[str, ...]]:
    """The tables of the page, by the names of their markers."""
    return {FIGURES: lines(readings), BILL: bill.lines(readings[LIFE])}


def shown(text: str, name: str) -> tuple[str, ...]:
    """Return the table between the markers `name`. Raises ValueError if they are missing."""
    _, begun, rest = text.partition(f"<!-- {name} -->")
    table, ended, _ = rest.partition(f"<!-- /{name} -->")
    if not (begun and ended):
        raise ValueError(f"no <!-- {name} --> … <!-- /{name} -->")
    return tuple(table.strip().splitlines())


def replaced(text: str, name: str, table: tuple[str, ...]) -> str:
    """Return the page with `table` between its markers `name`.

    >>> replaced("a <!-- bill --> old <!-- /bill --> b", "bill", ("new",)).splitlines()
    ['a <!-- bill -->', 'new', '<!-- /bill --> b']
    """
    shown(text, name)
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, _, rest = text.partition(begin)
    tail = rest.partition(end)[2]
    return "\n".join((head + begin, *table, end + tail))


def main(arguments: list[str]) -> None:
    backends = Backends()
    try:
        found = tables(measured(backends))
    finally:
        backends.close()
    for name, table in found.items():
        if arguments == ["--write"]:
            PAGE.write_text(replaced(PAGE.read_text(), name, table))
        sys.stdout.write("\n".join((*table, "", "")))


if __name__ == "__main__":
    main(sys.argv[1:])
