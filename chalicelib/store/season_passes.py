"""Season passes: each under an id of its own, and what a gate needs under site and plate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.bookings.cover import AtPlate, Inside, Left, PlatePass
from chalicelib.domain.core import errors, ids, serialize, unixtime
from chalicelib.domain.core.change import VehicleOut
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import BookingsTable
from chalicelib.store.dynamodb.transaction import Write
from chalicelib.store.season_pass_item import (
    BEFORE_ID,
    SWEEP,
    SeasonPassItem,
    from_item,
    holder_key,
    to_item,
)

_AT_GATE, _INSIDE = "season", "inside"


class PlateItem(BookingsTable):
    """What stands under a plate at a site (`plates/<site>/<plate>`): its active season pass
    (`season`), on the index `by_site` under `season/<site>` by its end, and the booking of its
    covered stay (`inside`)."""

    version = IntegerAttribute(attr_name="v")
    of = UnicodeAttribute()
    site = UnicodeAttribute(null=True)
    start = IntegerAttribute(null=True)
    zones = UnicodeAttribute(null=True)
    spans = UnicodeAttribute(null=True)
    booking = UnicodeAttribute(null=True)


class SeasonPasses:
    """The season passes of all sites, whose `shards` spread those due at one time."""

    def __init__(self, shards: int) -> None:
        self.shards = shards

    def get(self, pass_id: str) -> SeasonPass:
        """One season pass: one read. Raises SeasonPassNotFound."""
        key = ids.season_pass_key(pass_id)
        if key is None:
            raise errors.SeasonPassNotFound()
        try:
            with translated():
                item = SeasonPassItem.get(key[0], BEFORE_ID + key[1], consistent_read=True)
        except SeasonPassItem.DoesNotExist:
            raise errors.SeasonPassNotFound() from None
        return from_item(item)

    def at_plate(self, site: str, plate: str) -> AtPlate:
        """What stands under a compared plate at a site: one query."""
        with translated():
            found = {
                item.sk: item
                for item in PlateItem.query(_plate_key(site, plate), consistent_read=True)
            }
        return AtPlate(
            _plate_pass(found[_AT_GATE]) if _AT_GATE in found else None,
            _inside(found[_INSIDE]) if _INSIDE in found else None,
        )

    def of_holder(
        self, user_id: str, *, limit: int, after: str | None = None
    ) -> Listing[SeasonPass]:
        """The passes of an account, the newest first: one query and one batch read. A moment
        old."""
        with translated():
            found = SeasonPassItem.by_site.query(
                holder_key(user_id),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_place(after, holder_key(user_id)) if after else None,
            )
            passes = lists.in_order(found, SeasonPassItem, from_item)
        more = found.last_evaluated_key is not None and bool(passes)
        return Listing(passes, passes[-1].pass_id if more else None)

    def live_at(self, site: str, now: datetime, *, limit: int) -> tuple[str, ...]:
        """The ids of the passes of a site that are valid, or will be, the first to end first: one
        query and one batch read. A moment old."""
        with translated():
            found = PlateItem.by_site.query(
                _site_key(site),
                PlateItem.start > unixtime.of(now),
                limit=limit,
                page_size=limit,
            )
            return lists.in_order(found, PlateItem, lambda item: str(item.of))

    def due(self, *, shard: int, now: datetime, limit: int) -> tuple[SeasonPass, ...]:
        """The passes that are due by `now`, the earliest first: one query of the index."""
        with translated():
            found = SeasonPassItem.due.query(
                f"{SWEEP}.{shard}",
                SeasonPassItem.due_at <= unixtime.of(now),
                limit=limit,
                page_size=limit,
            )
            return tuple(from_item(cast(SeasonPassItem, item)) for item in found)


def writes(season_pass: SeasonPass, shards: int) -> Iterator[Write]:
    """The pass under its version; while it is active and has a plate, what a gate needs of it too,
    refused as PlateHasPass where another pass of the plate is active."""
    yield transaction.save(to_item(season_pass, shards), season_pass.version)
    if season_pass.status == "active" and season_pass.compared_plate:
        is_free = (
            PlateItem.pk.does_not_exist()
            | (PlateItem.of == season_pass.pass_id)
            | (PlateItem.start <= unixtime.of(season_pass.updated_at))
        )
        yield Write("put", plate_item(season_pass.at_gate), is_free, errors.PlateHasPass)


def inside_writes(inside: Inside) -> Iterator[Write]:
    """The note of a covered stay, where its pass is as it was read and no other stay goes on."""
    seen = PlateItem(_plate_key(inside.site, inside.plate), _AT_GATE)
    yield transaction.check(
        seen,
        (PlateItem.version == inside.seen) & (PlateItem.of == inside.pass_id),
        refusal=errors.StaleVersion,
    )
    note = PlateItem(
        _plate_key(inside.site, inside.plate),
        _INSIDE,
        version=1,
        of=inside.pass_id,
        booking=inside.booking_id,
    )
    yield transaction.create(note, exists=errors.StaleVersion)


def left_writes(left: Left) -> Iterator[Write]:
    """The end of a covered stay. Nothing holds up a vehicle that leaves, so it has no
    condition."""
    yield Write("delete", PlateItem(_plate_key(left.site, left.plate), _INSIDE))


def out_checks(out: VehicleOut) -> Iterator[Write]:
    """Refused as VehicleInside while a covered stay of the plate goes on."""
    yield transaction.check(
        PlateItem(_plate_key(out.site, out.plate), _INSIDE),
        PlateItem.pk.does_not_exist(),
        refusal=errors.VehicleInside,
    )


def plate_item(found: PlatePass) -> PlateItem:
    """The item of what a gate needs."""
    ends = max((unixtime.of(span.end) for span in found.spans), default=0)
    return PlateItem(
        _plate_key(found.site, found.plate),
        _AT_GATE,
        version=found.version,
        of=found.pass_id,
        site=_site_key(found.site),
        start=ends,
        zones=serialize.text(found.zones) if found.zones else None,
        spans=serialize.text(
            [[unixtime.of(span.start), unixtime.of(span.end)] for span in found.spans]
        ),
    )


def _plate_pass(item: PlateItem) -> PlatePass:
    _, site, plate = item.pk.split("/", 2)
    spans = (Interval(*map(unixtime.instant, span)) for span in json.loads(item.spans or "[]"))
    zones = tuple(json.loads(item.zones or "[]"))
    return PlatePass(site, plate, item.of, item.version, zones, tuple(spans))


def _inside(item: PlateItem) -> Inside:
    _, site, plate = item.pk.split("/", 2)
    return Inside(site, plate, item.booking or "", item.of)


def _place(pass_id: str, site: str) -> dict[str, Any]:
    """The key after which the next page of the index begins."""
    key = ids.season_pass_key(pass_id) or ("-", "-")
    made = ids.made_at(f"SP{key[1]}")
    return {
        "pk": {"S": key[0]},
        "sk": {"S": BEFORE_ID + key[1]},
        "site": {"S": site},
        "start": {"N": str(unixtime.of(made))},
    }


def _plate_key(site: str, plate: str) -> str:
    return f"plates/{site}/{plate}"


def _site_key(site: str) -> str:
    return f"season/{site}"
