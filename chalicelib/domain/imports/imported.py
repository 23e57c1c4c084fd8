"""The record of what was brought over: which new id an old one got, so that a second run finds it
(docs/decisions/import.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

_LENGTH: Final = 32


@dataclass(frozen=True)
class OldId:
    """The id of a record in the system it comes from: `source` names that system, `kind` what it
    is there, such as `bookings`."""

    source: str
    kind: str
    old_id: str

    @property
    def digest(self) -> str:
        """Its name here. An old id may be a mail address, so it is not kept itself.

        >>> OldId("parking", "bookings", "17").digest
        'ace373f52e0326328c9983435aab912a'
        """
        text = "\n".join((self.source, self.kind, self.old_id))
        return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


@dataclass(frozen=True)
class Imported:
    """The new id of a record that was brought over. It is written with the record."""

    old: OldId
    new_id: str
    version: int = 1
