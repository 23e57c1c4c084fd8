"""Edits that are based on the same version, at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.core.expected import Expected
from chalicelib.services.bookings import reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.sites import catalogue
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

CROWD = 20


def test_of_many_edits_of_one_version_of_a_booking_one_is_made(world: World) -> None:
    booking = world.book()
    deps = replace(world.deps, expected=Expected(frozenset({booking.version})))
    edits = [BookingEdit(DetailsEdit(purpose=f"errand {n}")) for n in range(CROWD)]
    outcome = rush(
        partial(reschedule.modify, deps, world.user, booking.booking_id, edit) for edit in edits
    )
    (made,) = outcome.answers
    assert outcome.codes == {"VERSION_CHANGED": CROWD - 1}
    assert world.read(booking) == made


def test_of_many_edits_of_one_version_of_a_site_one_is_made(world: World) -> None:
    deps = replace(world.deps, expected=Expected(frozenset({world.site.version})))
    names = [{"name": f"Central {n}"} for n in range(CROWD)]
    outcome = rush(
        partial(catalogue.edit_site, deps, world.owner, "central", name, source_ip="-")
        for name in names
    )
    (made,) = outcome.answers
    assert outcome.codes == {"VERSION_CHANGED": CROWD - 1}
    assert world.deps.catalogue.fresh_site("central") == made.record
