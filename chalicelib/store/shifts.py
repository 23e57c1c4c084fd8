"""Shifts of sites, and which each account had last."""

from __future__ import annotations

from pynamodb.expressions.condition import Condition

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations.shift import Drawer, Shift, shift_key
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import DrawerItem, ShiftItem


class Shifts:
    """The shifts of all sites. They are written by `commit`."""

    def get(self, shift_id: str) -> Shift:
        """A shift as it is now: one read. Raises ShiftNotFound."""
        try:
            with translated():
                return from_item(ShiftItem.get(*_key(shift_id), consistent_read=True))
        except ShiftItem.DoesNotExist:
            raise errors.ShiftNotFound() from None

    def drawer(self, site: str, account_id: str) -> Drawer | None:
        """The last shift of an account at a site as it is now: one read. None where it never had
        one."""
        try:
            with translated():
                found = DrawerItem.get(*_place(site, account_id), consistent_read=True)
        except DrawerItem.DoesNotExist:
            return None
        return Drawer(found.shift_id, unixtime.instant(found.closed))

    def of_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Shift]:
        """The shifts of a site, the last one opened first, from behind the shift `after`: one
        query."""
        with translated():
            found = ShiftItem.query(
                f"shifts/{site}",
                None if after is None else ShiftItem.sk < _key(after)[1],
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            records = tuple(from_item(item) for item in found)
        goes_on = found.last_evaluated_key is not None and bool(records)
        return Listing(records, records[-1].shift_id if goes_on else None)


def item(shift: Shift) -> ShiftItem:
    """The item to store for a shift."""
    counted = shift.cash_counted
    return ShiftItem(
        *_key(shift.shift_id),
        version=shift.version,
        account_id=shift.account_id,
        opened=unixtime.of(shift.opened_at),
        currency=shift.cash_float.currency,
        cash_float=shift.cash_float.minor,
        closed=unixtime.of(shift.closed_at),
        closed_by=shift.closed_by,
        cash_counted=None if counted is None else counted.minor,
        note=shift.note or None,
    )


def from_item(stored: ShiftItem) -> Shift:
    """The shift in an item."""
    site, counted = stored.pk.removeprefix("shifts/"), stored.cash_counted
    return Shift(
        shift_id=f"{site}.{stored.sk}",
        site=site,
        account_id=stored.account_id,
        opened_at=unixtime.instant(stored.opened),
        cash_float=Money(int(stored.cash_float), stored.currency),
        closed_at=unixtime.instant(stored.closed),
        closed_by=stored.closed_by,
        cash_counted=None if counted is None else Money(int(counted), stored.currency),
        note=stored.note or "",
        version=int(stored.version),
    )


def drawer_item(shift: Shift) -> DrawerItem:
    """The item that says how a shift stands with its account's drawer."""
    return DrawerItem(
        *_place(shift.site, shift.account_id),
        shift_id=shift.shift_id,
        closed=unixtime.of(shift.closed_at),
    )


def drawer_free(shift: Shift) -> Condition:
    """That no other shift of its account is open at the site, nor was in the second it begins."""
    begins: Condition = DrawerItem.closed < unixtime.of(shift.opened_at)
    free: Condition = DrawerItem.pk.does_not_exist() | begins
    return free


def _key(shift_id: str) -> tuple[str, str]:
    site, rest = shift_key(shift_id)
    return f"shifts/{site}", rest


def _place(site: str, account_id: str) -> tuple[str, str]:
    return f"drawers/{site}", account_id
