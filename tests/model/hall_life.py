"""Halls that are booked days ahead: reminders, confirmations, links in mails, auto-cancel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.services.bookings import confirmations, links
from tests.model.car_park_life import CarParkLife
from tests.model.customers import SOMEONE, ZONE
from tests.model.life import PICK, steps
from tests.model.mails import Mails
from tests.model.reference import MINUTE, Known

FAR = st.sampled_from([1441, 1500, 2880, 2880])
INSTANT = st.sampled_from(["remind", "give up", "give up", "answer", "answer", "start", "end"])
SWEEPS = st.permutations(["reminders", "auto-cancel"])
A_SECOND = st.sampled_from([-1, 0, 0, 1])
ADDRESS = "192.0.2.7"


class HallLife(Mails, CarParkLife):
    """A life in which halls are booked days ahead, confirmed or forgotten. There is no gate and
    nothing to pay."""

    drive_in = leave = waive = None  # type: ignore[assignment]
    zones: ClassVar = ("halls", "halls", "halls", "stage", "stage")
    lengths: ClassVar[tuple[int, ...]] = (60, 60, 180, 1500)
    leads: ClassVar[tuple[int, ...]] = (0, 60, 120, 660, 1440, 1440, 1500, 2880, 2880, 4320)
    shifts: ClassVar[tuple[int, ...]] = (-2880, -1440, -120, -60, 60, 1500, 4320)
    passing: ClassVar[tuple[int, ...]] = (1, 30, 59, 60, 120, 600, 1320, 1440, 2880)
    sweeping: ClassVar[tuple[str | None, ...]] = (
        None,
        "reminders",
        "reminders",
        "auto-cancel",
        "auto-checkout",
        "expire-bookings",
    )

    @rule(
        other=SOMEONE, zone=ZONE, ahead=FAR, by=A_SECOND, post=st.sampled_from([True, True, False])
    )
    def forget(self, other: bool, zone: str, ahead: int, by: int, post: bool) -> None:
        """Book days ahead and do nothing until the reminder is due."""
        before = len(self.reference.bookings)
        self.book(other=other, zone=zone, number=None, ahead=ahead, minutes=60, key=False)
        if len(self.reference.bookings) > before:
            self.mood = "works"
            self.its_time_comes(pick=0, what="remind", by=by, order=["reminders"], post=post)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, what=INSTANT, by=A_SECOND, order=SWEEPS, post=st.booleans())
    def its_time_comes(self, pick: int, what: str, by: int, order: list[str], post: bool) -> None:
        """The exact second of a deadline, the sweeps in any order, and often the mails at once."""
        known = self._pick(pick)
        at = self._instant(known, what) + timedelta(seconds=by)
        self.clock.set(max(at, self.clock.now()))
        self._settled()
        steps[f"time to {what}"] += 1
        for name in order:
            self._sweep(name)
        if post:
            self._deliver()

    def _instant(self, known: Known, what: str) -> datetime:
        policy, start = known.policy, known.booked.start
        return {
            "remind": known.remind_at,
            "give up": start - policy.auto_cancel_lead * MINUTE,
            "answer": (known.reminded_at or start) + policy.min_confirm_window * MINUTE,
            "start": start,
            "end": known.booked.end,
        }[what]

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, by_staff=st.booleans())
    def confirm(self, pick: int, by_staff: bool) -> None:
        known, _ = self._pick(pick), self._settled()
        actor = self.world.staff if by_staff else self.owner[known.booking_id]
        refusal, sure = self._try(
            "confirm", lambda: confirmations.confirm(self.world.deps, actor, known.booking_id)
        )
        self._promised(known, refusal, sure)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, who=st.sampled_from(["owner", "owner", "staff", "other"]))
    def override(self, pick: int, who: str) -> None:
        """Confirm for the guest: only staff may, and other attempts change nothing."""
        known, _ = self._pick(pick), self._settled()
        actor = getattr(self.world, who)
        refusal, sure = self._try(
            "override",
            lambda: confirmations.override(self.world.deps, actor, known.booking_id, reason="rang"),
        )
        if who != "other":
            self._promised(known, refusal, sure)
        else:
            assert isinstance(refusal, errors.Forbidden | errors.BookingNotFound)

    def _promised(self, known: Known, refusal: object, sure: Booking | None) -> None:
        if not known.is_live:
            assert isinstance(refusal, errors.AlreadyEnded), refusal
        elif known.status is Status.ACTIVE or self.clock.now() >= known.booked.start:
            assert isinstance(refusal, errors.IllegalTransition), refusal
        else:
            assert refusal is None, refusal
            known.unanswered = False
            self._agree(known, sure)
            assert sure is not None
            words = [entry.what for entry in sure.timeline]
            assert words.count("confirmed") <= known.promise, "the first answer counts"

    @precondition(lambda self: self.links)
    @rule(pick=PICK, cancels=st.booleans())
    def click(self, pick: int, cancels: bool) -> None:
        """A link of the last reminder of a booking in any state."""
        booking_id = list(self.links)[-1 - pick % len(self.links)]
        known, token = self.reference.bookings[booking_id], self.links[booking_id][cancels]
        self._settled()
        deps, what = self.world.deps, "cancel" if cancels else "confirm"

        def act() -> Booking:
            if cancels:
                return links.cancel(deps, token).booking
            return links.confirm(deps, token)

        refusal, done = self._try(f"click {what}", act)
        if self.clock.now() >= known.booked.start:
            assert isinstance(refusal, errors.LinkExpired), refusal
        elif cancels and known.status is Status.BOOKED:
            assert done is not None, refusal
            known.status = Status.CANCELLED
            self._agree(known, done)
        elif cancels:
            over = errors.IllegalTransition if known.is_live else errors.AlreadyEnded
            assert isinstance(refusal, over), refusal
        else:
            self._promised(known, refusal, done)
