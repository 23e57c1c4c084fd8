"""Shifts of sites, and the last shift of each account."""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations.shift import Drawer, Shift, shift_key
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import LedgerTable
from chalicelib.store.dynamodb.transaction import Write


class ShiftItem(LedgerTable):
    """A shift of a site (`shifts/<site>`, rest of its id)."""

    version = IntegerAttribute(attr_name="v")
    account_id = UnicodeAttribute()
    opened = IntegerAttribute()
    currency = UnicodeAttribute()
    cash_float = IntegerAttribute()
    closed = IntegerAttribute(null=True)
    closed_by = UnicodeAttribute(null=True)
    cash_counted = IntegerAttribute(null=True)
    note = UnicodeAttribute(null=True)


class DrawerItem(LedgerTable):
    """The drawer of an account at a site (`drawers/<site>`, account id): its last shift, and when
    that was closed, once it is."""

    shift_id = UnicodeAttribute()
    closed = IntegerAttribute(null=True)


class Shifts:
    """The shifts of all sites."""

    def get(self, shift_id: str) -> Shift:
        """A shift as it is now: one read. Raises ShiftNotFound."""
        try:
            with translated():
                return from_item(ShiftItem.get(*_key(shift_id), consistent_read=True))
        except ShiftItem.DoesNotExist:
            raise errors.ShiftNotFound() from None

    def drawer(self, site: str, account_id: str) -> Drawer | None:
        """The drawer of an account at a site as it is now: one read. None before its first
        shift."""
        try:
            with translated():
                found = DrawerItem.get(*_drawer_key(site, account_id), consistent_read=True)
        except DrawerItem.DoesNotExist:
            return None
        return Drawer(found.shift_id, unixtime.instant(found.closed))

    def open_at(self, site: str, *, limit: int) -> tuple[str, ...]:
        """The ids of the open shifts of a site: one query of its drawers."""
        with translated():
            found = DrawerItem.query(
                f"drawers/{site}",
                filter_condition=DrawerItem.closed.does_not_exist(),
                limit=limit,
                consistent_read=True,
            )
            return tuple(item.shift_id for item in found)

    def of_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Shift]:
        """The shifts of a site, the last one opened first, after the shift `after`: one query."""
        return lists.newest_first(
            ShiftItem,
            f"shifts/{site}",
            from_item,
            place=lambda shift: shift.shift_id,
            limit=limit,
            before=None if after is None else _key(after)[1],
        )


def writes(shift: Shift) -> Iterator[Write]:
    """The shift under its version, and the drawer of its account. A new one is refused while
    another of that account is open at the site, and in the second in which that was closed."""
    yield transaction.save(to_item(shift), shift.version)
    yield Write("put", drawer_to_item(shift), _drawer_is_free(shift) if shift.is_open else None)


def to_item(shift: Shift) -> ShiftItem:
    """The item of a shift."""
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


def from_item(item: ShiftItem) -> Shift:
    """The shift in an item."""
    site, counted = item.pk.removeprefix("shifts/"), item.cash_counted
    return Shift(
        shift_id=f"{site}.{item.sk}",
        site=site,
        account_id=item.account_id,
        opened_at=unixtime.instant(item.opened),
        cash_float=Money(item.cash_float, item.currency),
        closed_at=unixtime.instant(item.closed),
        closed_by=item.closed_by,
        cash_counted=None if counted is None else Money(counted, item.currency),
        note=item.note or "",
        version=item.version,
    )


def drawer_to_item(shift: Shift) -> DrawerItem:
    """The item of the drawer that a shift uses."""
    return DrawerItem(
        *_drawer_key(shift.site, shift.account_id),
        shift_id=shift.shift_id,
        closed=unixtime.of(shift.closed_at),
    )


def _drawer_is_free(shift: Shift) -> Condition:
    closed_before: Condition = DrawerItem.closed < unixtime.of(shift.opened_at)
    free: Condition = DrawerItem.pk.does_not_exist() | closed_before
    return free


def _key(shift_id: str) -> tuple[str, str]:
    site, rest = shift_key(shift_id)
    return f"shifts/{site}", rest


def _drawer_key(site: str, account_id: str) -> tuple[str, str]:
    return f"drawers/{site}", account_id
