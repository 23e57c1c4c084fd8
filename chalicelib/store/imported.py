"""Which new ids old ones got, in the audit table: nothing of it is ever changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditTable
from chalicelib.store.dynamodb.transaction import Write

SORT_KEY: Final = "imported"


class ImportedItem(AuditTable):
    """The new id of one old id (`imported/<digest>`, `imported`). The digests spread the items
    over the partitions."""

    new_id = UnicodeAttribute()


def find(olds: Iterable[OldId]) -> dict[OldId, str]:
    """The new ids of those that were brought over: one batch read for each hundred."""
    by_key = {_key(old): old for old in olds}
    if not by_key:
        return {}
    keys = [(pk, SORT_KEY) for pk in by_key]
    with translated():
        return {by_key[item.pk]: item.new_id for item in ImportedItem.batch_get(keys, True)}


def writes(record: Imported) -> Iterator[Write]:
    """The record, refused where the old id has one already."""
    yield transaction.create(ImportedItem(_key(record.old), SORT_KEY, new_id=record.new_id))


def _key(old: OldId) -> str:
    return f"imported/{old.digest}"
