"""Erasing a person from a season pass: its days and its money remain."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.season_passes.season_pass import SeasonPass

ERASED = "-"
"""What stands in place of the plate."""


def anonymous(season_pass: SeasonPass) -> SeasonPass:
    """The next version of a pass that is over, without person and vehicle."""
    return replace(
        season_pass,
        version=season_pass.version + 1,
        user_id=None,
        name=None,
        email=None,
        plate=ERASED,
        timeline=tuple(replace(entry, note="") for entry in season_pass.timeline),
    )
