"""What happens before a mail goes out: people who book, wait, give up, and the time between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.local_server import LocalServer

DAY = timedelta(days=1)
EVENING = {"minutes": 180}

_OF_THE_MOMENT = ("server_time", "remaining_time", "is_expired", "expiring_soon", "time_remaining")


def lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """What is left of an answer when the time it was given at is taken out."""
    return {name: value for name, value in answer.items() if name not in _OF_THE_MOMENT}


def mail(berth: LocalServer, who: str) -> dict[str, Any]:
    """The newest mail to an account of the demo data."""
    return berth.mails(f"{who}@example.com")[0]


def in_two_days(berth: LocalServer) -> str:
    """A full hour, the day after tomorrow."""
    return f"{(berth.now() + 2 * DAY).replace(minute=0, second=0):%FT%TZ}"


def book(berth: LocalServer, who: str, **wish: Any) -> dict[str, Any]:
    """A hall for an evening, or several of them."""
    wish = EVENING | {"purpose": "Choir"} | wish
    return dict(berth.done("POST", "/api/bookings", wish, berth.signed_in(who)))


def booking(berth: LocalServer, who: str, booking_id: str) -> dict[str, Any]:
    """The state of a booking, as its user sees it."""
    path = f"/api/bookings/{booking_id}"
    return lasting(berth.done("GET", path, token=berth.signed_in(who)))


def reminded(berth: LocalServer) -> str:
    """user1 has booked a hall, and is asked whether they come; the id of the booking."""
    booked = book(berth, "user1", zone_id="halls", start=in_two_days(berth))
    berth.advance(DAY)
    assert berth.sweep("reminders")["done"] == 1
    return str(booked["booking_id"])


class FullHall:
    """`user1` has booked both halls for the same evening."""

    def __init__(self, berth: LocalServer) -> None:
        self.berth = berth
        self.wish = {"zone_id": "halls", "start": in_two_days(berth), **EVENING}
        self.booked = book(berth, "user1", **self.wish, quantity=2)["bookings"][0]

    def join(self, who: str) -> str:
        """Join the waitlist as `who`; the id of the entry."""
        token = self.berth.signed_in(who)
        return str(self.berth.done("POST", "/api/waitlist", self.wish, token)["id"])

    def give_up(self) -> None:
        """`user1` cancels."""
        path = f"/api/bookings/{self.booked['booking_id']}/cancel"
        self.berth.done("POST", path, {}, self.berth.signed_in("user1"))

    def entry(self, who: str, entry_id: str) -> dict[str, Any]:
        """The state of a waitlist entry, as its user sees it."""
        path = f"/api/waitlist/{entry_id}"
        return lasting(self.berth.done("GET", path, token=self.berth.signed_in(who)))


def offered(berth: LocalServer, who: str = "user2") -> tuple[FullHall, str]:
    """One hall that is offered to `who`, the first in line; the id of the entry."""
    hall = FullHall(berth)
    entry_id = hall.join(who)
    hall.give_up()
    return hall, entry_id


def stayed_for_nothing(berth: LocalServer, who: str) -> None:
    """A stay of `who` that is over and cost nothing."""
    stay = book(berth, who, zone_id="zone-t", minutes=60)
    berth.advance(timedelta(minutes=61))
    assert booking(berth, who, stay["booking_id"])["status"] == "completed"
