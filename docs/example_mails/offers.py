"""The mails of the waitlist."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.mail.message import Message
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.rendering.mail import (
    offers,
)
from chalicelib.rendering.mail.reader import Reader
from docs import example_stays as stays
from docs.example_mails.ingredients import link
from docs.example_places import (
    EVENING,
    HALLS,
    TOWN_HALL,
)


def examples(asha: Reader) -> dict[str, Message]:
    return {
        "offer": _offered(asha),
        "offer-lapsed": _offer_lapsed(asha),
        "wait-ended": _wait_ended(asha),
        "wait-closed": _wait_closed(asha),
    }


def _offered(reader: Reader) -> Message:
    """The big hall has been given up, and Asha is first in line."""
    return offers.offer(
        reader,
        stays.first_in_line(),
        TOWN_HALL,
        HALLS,
        claim=link("claim"),
        decline=link("decline"),
        now=EVENING + timedelta(days=2, seconds=20),
    )


def _offer_lapsed(reader: Reader) -> Message:
    offered = stays.first_in_line()
    assert offered.lapses_at is not None
    [over] = offered.expire(at=offered.lapses_at).saves
    assert isinstance(over, Entry)
    return offers.lapsed(reader, over, TOWN_HALL, HALLS)


def _wait_ended(reader: Reader) -> Message:
    waiting = stays.waiting()
    [over] = waiting.expire(at=waiting.interval.start).saves
    assert isinstance(over, Entry)
    return offers.unserved(reader, over, TOWN_HALL, HALLS)


def _wait_closed(reader: Reader) -> Message:
    [over] = stays.waiting().end(at=EVENING + timedelta(days=1)).saves
    assert isinstance(over, Entry)
    return offers.unserved(reader, over, TOWN_HALL, HALLS)
