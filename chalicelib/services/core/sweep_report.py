"""The report of a sweep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SweepReport:
    """Counts of one run. `skipped` items were taken by another run, `failed` ones are retried,
    `parked` ones wait for a person. `more`: the time was up before the work was done."""

    due: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    parked: int = 0
    more: bool = False
