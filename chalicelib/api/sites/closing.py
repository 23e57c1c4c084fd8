"""The view of what is open at a site, in a zone or in a space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.errors import MOST_NAMED
from chalicelib.domain.sites.closing import OpenThings


@dataclass(frozen=True)
class OpenKindView:
    """How many of a kind are open, and the first of them."""

    count: Annotated[int, Doc("Their number, up to 1000.", 2)]
    ids: Annotated[tuple[str, ...], Doc("The first ten.")]

    @classmethod
    def of(cls, ids: tuple[str, ...]) -> Self:
        return cls(len(ids), ids[:MOST_NAMED])


@dataclass(frozen=True)
class OpenThingsView:
    """What is open, by kind: zones and spaces, live bookings, waitlist entries (offers included),
    stays with an amount due, shifts, and season passes."""

    zones: OpenKindView
    spaces: OpenKindView
    bookings: OpenKindView
    waiting: OpenKindView
    unpaid: OpenKindView
    shifts: OpenKindView
    season_passes: OpenKindView

    @classmethod
    def of(cls, found: OpenThings) -> Self:
        return cls(**{kind: OpenKindView.of(ids) for kind, ids in found.by_kind.items()})
