"""The forms of ids in answers, by the names of their fields: a name means the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.core.constraints import SLUG
from chalicelib.domain.core.ids import ALPHABET

_OWNED: Final = f"[{ALPHABET}]{{19}}"
_BOOKING: Final = f"^BK{_OWNED}$"
_ACCOUNT: Final = f"^US[{ALPHABET}]{{8}}$"
_SLUG: Final = f"^{SLUG}$"
_SPACE: Final = rf"^{SLUG}\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"

PATTERNS: Final[Mapping[str, str]] = {
    "booking_id": _BOOKING,
    "session_id": _BOOKING,
    "occupied_by": _BOOKING,
    "group_id": f"^GR{_OWNED}$",
    "waitlist_entry_id": f"^WL{_OWNED}$",
    "user_id": _ACCOUNT,
    "site": _SLUG,
    "slug": _SLUG,
    "zone_id": _SLUG,
    "space_id": _SPACE,
    "offered_space_id": _SPACE,
}
