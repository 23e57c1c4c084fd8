"""What guests of halls do, and those who run them: confirm, click, speak for somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain import errors
from chalicelib.domain.booking import Booking
from chalicelib.domain.status import Status
from chalicelib.services import booking_links, confirmations
from tests.model.life import PICK, steps
from tests.model.machine import Lives
from tests.model.post import Post
from tests.model.reference import MINUTE, Known

INSTANT = st.sampled_from(["remind", "give up", "answer", "start", "end"])
A_SECOND = st.sampled_from([-1, 0, 0, 1])
ADDRESS = "192.0.2.7"


class HallLives(Post, Lives):
    """A life in which halls are booked days ahead, beside a car park."""

    zones: ClassVar = ("halls", "halls", "halls", "stage", "stage", "timed")
    lengths: ClassVar = (60, 60, 180, 1500)
    leads: ClassVar = (0, 60, 120, 660, 1440, 1440, 1500, 2880, 2880, 4320)
    shifts: ClassVar = (-2880, -1440, -120, -60, 60, 1500, 4320)
    passing: ClassVar = (1, 30, 59, 60, 120, 600, 1320, 1440, 2880)
    sweeping: ClassVar = (
        None,
        "reminders",
        "reminders",
        "auto-cancel",
        "auto-checkout",
        "expire-bookings",
    )

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, what=INSTANT, by=A_SECOND, order=st.permutations(["reminders", "auto-cancel"]))
    def its_time_comes(self, pick: int, what: str, by: int, order: list[str]) -> None:
        """The very second of something, and the sweeps in any order."""
        known = self._pick(pick)
        at = self._instant(known, what) + timedelta(seconds=by)
        self.clock.set(max(at, self.clock.now()))
        self._told()
        steps[f"time to {what}"] += 1
        for name in order:
            self._sweep(name)

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
        known, _ = self._pick(pick), self._told()
        actor = self.world.staff if by_staff else self.owner[known.booking_id]
        refusal, sure = self._try(
            "confirm", lambda: confirmations.confirm(self.world.deps, actor, known.booking_id)
        )
        self._promised(known, refusal, sure)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, who=st.sampled_from(["owner", "owner", "staff", "other"]))
    def override(self, pick: int, who: str) -> None:
        """Only who runs the hall may; whoever else tries changes nothing."""
        known, _ = self._pick(pick), self._told()
        actor = getattr(self.world, who)
        refusal, sure = self._try(
            "override",
            lambda: confirmations.override(
                self.world.deps, actor, known.booking_id, address=ADDRESS
            ),
        )
        if who == "owner":
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

    @precondition(lambda self: self.links)
    @rule(pick=PICK, cancels=st.sampled_from([False, False, True]))
    def click(self, pick: int, cancels: bool) -> None:
        """A link of the last reminder of some booking, whatever has become of it since."""
        booking_id = list(self.links)[-1 - pick % len(self.links)]
        known, token = self.reference.bookings[booking_id], self.links[booking_id][cancels]
        self._told()
        act = booking_links.cancel if cancels else booking_links.confirm
        refusal, done = self._try(f"click {act.__name__}", lambda: act(self.world.deps, token))  # type: ignore[operator, arg-type, return-value]
        if isinstance(refusal, errors.LinkExpired):
            assert self.clock.now() >= self.good_until[booking_id]
        elif cancels and known.status is Status.BOOKED:
            assert done is not None, refusal
            known.status = Status.CANCELLED
            self._agree(known, done.booking)  # type: ignore[attr-defined]
        elif cancels:
            over = errors.IllegalTransition if known.is_live else errors.AlreadyEnded
            assert isinstance(refusal, over), refusal
        else:
            self._promised(known, refusal, done)
