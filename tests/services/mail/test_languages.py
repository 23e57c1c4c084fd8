"""Whose wish decides about the language of a mail (docs/decisions/languages.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.change import saving
from chalicelib.services.core import recipients
from tests.world import World


@pytest.mark.parametrize(
    ("account", "booked", "site", "language"),
    [
        # the account decides, then the booking, then the site
        ("hi", "en", "en", "hi"),
        (None, "hi-IN", "en", "hi"),
        (None, None, "hi", "hi"),
        (None, None, None, "en"),
        # a language without a catalogue is passed over
        ("fr", "de", "hi", "hi"),
    ],
)
def test_the_account_decides_then_the_booking_then_the_site(
    world: World, account: str | None, booked: str | None, site: str | None, language: str
) -> None:
    _speaks(world, site)
    customer = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(customer.evolve(language=account)))
    booking = world.book(language=booked)
    reader = recipients.of_booking(world.deps, booking)
    assert reader is not None
    assert reader.language == language


def test_a_guest_without_an_account_reads_in_the_language_of_the_booking(world: World) -> None:
    guest = Guest("Ravi", "ravi@example.com")
    booking = world.book(guests=(guest,), language="hi")
    alone = replace(booking, user_id=None)
    reader = recipients.of_booking(world.deps, alone)
    assert reader is not None
    assert (reader.address, reader.language, reader.name) == ("ravi@example.com", "hi", "Ravi")


def _speaks(world: World, language: str | None) -> None:
    site = world.deps.catalogue.fresh_site("central")
    world.deps.commit(saving(site.evolve(language=language)))
