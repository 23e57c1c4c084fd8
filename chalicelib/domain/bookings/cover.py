"""Cover of a stay by a season pass: decided at entry, kept with the booking
(docs/decisions/passes.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.core.interval import Interval

if TYPE_CHECKING:
    from chalicelib.domain.sites.site import Zone


@dataclass(frozen=True, slots=True)
class Cover:
    """The season pass that covers a stay, under the compared form of its plate, and until when it
    is valid without a break."""

    pass_id: str
    plate: str
    until: datetime


@dataclass(frozen=True, slots=True)
class PlatePass:
    """What a gate needs of the active season pass of a plate at a site: its version, the zones it
    covers (none: all parking zones), and the spans in which it is valid."""

    site: str
    plate: str
    pass_id: str
    version: int
    zones: tuple[str, ...]
    spans: tuple[Interval, ...]

    def covers(self, zone: Zone, at: datetime) -> Interval | None:
        """The span in which a stay that begins at `at` is covered, or None."""
        if zone.kind != "parking" or (self.zones and zone.zone_id not in self.zones):
            return None
        return next((span for span in self.spans if span.contains(at)), None)


@dataclass(frozen=True, slots=True)
class Inside:
    """The note that a covered stay of a plate goes on at a site. It is written where the pass is
    at the version `seen`, and no other covered stay of the plate goes on."""

    site: str
    plate: str
    booking_id: str
    pass_id: str
    seen: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Left:
    """A covered stay of a plate at a site is over."""

    site: str
    plate: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class AtPlate:
    """What is known of a plate at a site: its active season pass, and its covered stay."""

    season_pass: PlatePass | None = None
    inside: Inside | None = None

    def cover(self, zone: Zone, at: datetime) -> Cover | None:
        """The cover of a stay that begins at `at`: none while another covered stay goes on."""
        found = self.season_pass
        span = found.covers(zone, at) if found is not None and self.inside is None else None
        if found is None or span is None:
            return None
        return Cover(found.pass_id, found.plate, span.end)

    def prolonged(self, cover: Cover, zone: Zone) -> Cover:
        """The cover of a stay that has outlasted it, which may have been renewed meanwhile."""
        found = self.season_pass
        if found is None or found.pass_id != cover.pass_id:
            return cover
        span = found.covers(zone, cover.until)
        return cover if span is None else replace(cover, until=span.end)
