"""How a run over many items went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SweepReport:
    """Counts of one run: `skipped` were somebody else's, `failed` will be tried again, `parked`
    wait for a person; `more` says that the time was up before the work was done."""

    due: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    parked: int = 0
    more: bool = False
