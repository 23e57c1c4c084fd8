"""`python -m tests.figures.table`: the figures of the README, as Markdown; with `--write` into it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from chalicelib import wiring
from chalicelib.services import limits
from local.metering import Reading
from tests.conftest import Bench, Benches
from tests.figures.operations import OPERATIONS, Operation, ground, units
from tests.world import World

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
HEAD = (
    "| operation | calls | read units | write units: tables + indexes | without mail |",
    "|---|---|---:|---:|---:|",
)
SHORT = {"TransactWriteItems": "transaction", "TransactGetItems": "transactional read"}


def measured(benches: Benches) -> dict[str, Reading]:
    """Every operation in a fresh world on moto, by name."""
    bench = benches.get("moto")
    assert bench is not None
    wiring.use(bench.deps)
    try:
        return {operation.name: _measure(benches, bench, operation) for operation in OPERATIONS}
    finally:
        wiring.use(None)


def _measure(benches: Benches, bench: Bench, operation: Operation) -> Reading:
    bench.aws.clear()
    bench.deps.catalogue.forget()
    bench.deps.accounts.forget_all()
    limits.forget()
    benches.clock.reset()
    assert bench.aws.meter is not None
    here = ground(World(bench.deps), benches.clock, bench.aws.meter)
    return here.measure(operation.arrange(here))


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


def shown(text: str) -> tuple[str, ...]:
    """The table between the markers of a README. Raises ValueError where they are missing."""
    _, _, rest = text.partition(BEGIN)
    table, end, _ = rest.partition(END)
    if not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return tuple(table.strip().splitlines())


def replaced(text: str, table: tuple[str, ...]) -> str:
    """A README with another table between its markers.

    >>> replaced("a <!-- figures --> old <!-- /figures --> b", ("new",)).splitlines()
    ['a <!-- figures -->', 'new', '<!-- /figures --> b']
    """
    shown(text)
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return "\n".join((head + BEGIN, *table, END + tail))


def main(arguments: list[str]) -> None:
    benches = Benches()
    try:
        table = lines(measured(benches))
    finally:
        benches.close()
    if arguments == ["--write"]:
        README.write_text(replaced(README.read_text(), table))
    sys.stdout.write("\n".join((*table, "")))


if __name__ == "__main__":
    main(sys.argv[1:])
