"""The audit events of an import: which files, how many rows, how many records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from chalicelib.domain.core.access import Actor, Role
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

OPERATOR: Final = Actor("operator", Role.ADMIN)
"""The actor of an import: who has the credentials of the stage, or this machine."""

MOST_NAMED: Final = 20
"""Files named in an event."""


def begun(deps: Deps, source: str, files: Sequence[Path], rows: Mapping[str, int]) -> None:
    """Record an import before its first record is written, with the number of its rows."""
    _record(deps, "begin_import", source, files, rows)


def ended(deps: Deps, source: str, files: Sequence[Path], written: Mapping[str, int]) -> None:
    """Record how many records an import has written."""
    _record(deps, "end_import", source, files, written)


def _record(
    deps: Deps, action: str, source: str, files: Sequence[Path], counts: Mapping[str, int]
) -> None:
    named = ", ".join(path.name for path in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
    counted = ", ".join(f"{kind}: {count}" for kind, count in counts.items() if count)
    deps.audit.append(
        audit_events.event(
            deps,
            actor=OPERATOR,
            action=action,
            subject=source[:80],
            detail=f"{named}{more}; {counted}",
        )
    )
