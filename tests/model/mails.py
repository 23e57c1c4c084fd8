"""The mails of a life: they leave at once, late, after several tries, or never."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.mail.message import Message, Undeliverable
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import outbox
from tests.batches import sweep, waiting
from tests.faults.wire import Died
from tests.model import invariants
from tests.model.invariants import Stored
from tests.model.life import Life, steps
from tests.model.reference import MINUTE, ZONES, Known

DRAWN_TOO_LONG = frozenset({"booking_confirmed", "group_confirmed", "booking_changed"})
"""Mails that are not written here: their pictures take as long as ten steps."""

TROUBLES: dict[str, Exception | None] = {
    "works": None,
    "is busy": errors.Unavailable(),
    "refuses": Undeliverable("refused"),
}
MOOD = st.sampled_from(["works", "works", "works", "is busy", "refuses"])


class Mails(Life):
    """A life with a mailer. It checks every mail that leaves against the reference, and records
    there when a reminder has left."""

    longest_pause: ClassVar = outbox.LONGEST_PAUSE * 1.25
    contact: ClassVar = "+91 80 5550 0100"
    """Of the site: each of its mails names it."""

    def __init__(self) -> None:
        self.mood = "works"
        self.posted: Counter[tuple[str, str]] = Counter()
        self.left: dict[tuple[str, str, int], str] = {}
        self.may_come_twice: set[str] = set()
        self.reminders: dict[str, list[datetime]] = defaultdict(list)
        self.links: dict[str, list[str]] = {}
        super().__init__()
        site = self.world.deps.catalogue.fresh_site("central")
        self.world.deps.commit(saving(site.evolve(contact=self.contact)))

    def _deps(self) -> Deps:
        return dataclasses.replace(super()._deps(), mailer=self)

    def _write(self, beneath: Deps, change: Change) -> None:
        kept = tuple(e for e in change.effects if e.name not in DRAWN_TOO_LONG)
        try:
            beneath.commit(dataclasses.replace(change, effects=kept))
        except (Died, errors.Unavailable):
            if self.harness.wire.came_to_pass:
                self._written(change)
            raise
        self._written(change)

    def _written(self, change: Change) -> None:
        super()._written(change)
        self.posted.update((effect.name, effect.subject_id) for effect in change.effects)

    def send(self, message: Message) -> None:
        """A mail leaves, unless the mailer is busy or refuses it."""
        trouble = TROUBLES[self.mood]
        if trouble is not None:
            raise trouble
        try:
            self._hold(message)
        except AssertionError as broken:  # a failed mail is only put off: say it afterwards
            self.wrong.append(broken)
            raise

    def _hold(self, message: Message) -> None:
        _, name, subject_id = (message.effect_id or "").split("-", 2)
        steps[f"{name} leaves"] += 1
        if name != "overstay":  # to the desk itself
            assert f"Questions? Contact Central: {self.contact}" in " ".join(
                message.text.split()
            ), name
        getattr(self, f"_{name}_leaves")(subject_id, message)

    def _once(self, name: str, booking_id: str, message: Message) -> Known:
        """The booking of a mail, which leaves for the first time and to its owner."""
        known = self.reference.bookings[booking_id]
        self._leaves((name, booking_id, known.promise), message)
        assert message.to == self._address(booking_id)
        return known

    def _leaves(self, cause: tuple[str, str, int], message: Message) -> None:
        """One mail for each cause. It leaves twice, under one id, only where a delivery broke off
        between the mail and the record that it has left."""
        effect_id = message.effect_id or ""
        again = cause in self.left and effect_id in self.may_come_twice
        assert cause not in self.left or again, (cause, self.left[cause], effect_id)
        assert self.left.setdefault(cause, effect_id) == effect_id, (cause, effect_id)

    def _address(self, booking_id: str) -> str:
        return self.world.deps.accounts.get(self.owner[booking_id].account_id).email

    def _reminder_leaves(self, booking_id: str, message: Message) -> None:
        known, now = self._once("reminder", booking_id, message), self.clock.now()
        assert known.status is Status.BOOKED, known
        assert known.unanswered, known
        assert known.reminded_at is None, known
        assert known.remind_at <= now < known.booked.start, known
        known.reminded_at = now
        self.reminders[known.booking_id].append(now)
        self.links[known.booking_id] = [
            word.rpartition("/l/")[2] for word in message.text.split() if "/l/" in word
        ]

    def _auto_cancelled_leaves(self, booking_id: str, message: Message) -> None:
        known = self._once("auto_cancelled", booking_id, message)
        assert known.given_up_at is not None, known

    def _stay_over_leaves(self, booking_id: str, message: Message) -> None:
        known = self._once("stay over", booking_id, message)
        assert known.status is Status.COMPLETED, known

    def _stay_ended_leaves(self, booking_id: str, message: Message) -> None:
        self._stay_over_leaves(booking_id, message)

    def _booking_cancelled_leaves(self, booking_id: str, message: Message) -> None:
        known = self._once("booking_cancelled", booking_id, message)
        assert known.status is Status.CANCELLED, known

    def _stay_terminated_leaves(self, booking_id: str, message: Message) -> None:
        known = self._once("stay_terminated", booking_id, message)
        assert known.status is Status.CANCELLED, known

    def _booking_expired_leaves(self, booking_id: str, message: Message) -> None:
        known = self._once("booking_expired", booking_id, message)
        assert known.status is Status.EXPIRED, known

    @precondition(lambda self: self.owner)
    @rule(mood=MOOD, late=st.sampled_from([0, 1, 3, 3, 30]), again=st.booleans())
    def post_goes(self, mood: str, late: int, again: bool) -> None:
        """The stream (so soon) or the sweep delivers the outbox, once or twice."""
        self.clock.move(minutes=late)
        self._settled()
        self.mood = mood
        steps[f"mailer {mood}"] += 1
        for _ in range(1 + again):
            self._deliver()

    def _deliver(self) -> None:
        deps = self.world.deps
        for batch_id in reversed(waiting(deps)):
            outbox.from_stream(deps, batch_id)
        summary = sweep(deps)
        assert self.wrong == []
        assert self.mood != "works" or (summary.failed, summary.parked) == (0, 0)

    def _look_at_everything(self) -> Stored:
        stored = invariants.check(self.clock.now(), posted=self.posted)
        self._none_is_cancelled_unasked(stored)
        return stored

    def _none_is_cancelled_unasked(self, stored: Stored) -> None:
        """A booking is cancelled by itself only when its reminder left long enough before and has
        no answer."""
        for booking in stored.bookings.values():
            entry = booking.auto_cancel
            if entry is None:
                continue
            policy = ZONES[booking.zone_id]
            (*_, asked) = self.reminders[booking.booking_id]
            assert entry.at - asked >= policy.min_confirm_window * MINUTE, booking
            assert entry.at >= booking.booked.start - policy.auto_cancel_lead * MINUTE, booking
            since = [word.what for word in booking.timeline if word.at >= asked]
            assert "confirmed" not in since, booking

    def teardown(self) -> None:
        """At the end everything has come due, and every mail has left or was parked."""
        if self.owner:
            self.mood = "works"
            self._settled()
            for name in ("auto-cancel", "reminders"):
                self._sweep(name)
            self._deliver()
            self.clock.move(seconds=self.longest_pause / timedelta(seconds=1))
            self._settled()
            self._deliver()
            assert waiting(self.world.deps) == []
            self._everybody_was_asked()
        steps["given up"] += sum(
            k.given_up_at is not None for k in self.reference.bookings.values()
        )
        super().teardown()

    def _everybody_was_asked(self) -> None:
        """No reminder that was due an hour ago is missing, unless its mail could not be sent, or was
        held up until the booking began: then nothing is asked any more."""
        before = self.clock.now() - self.longest_pause
        for known in self.reference.bookings.values():
            if known.status is Status.BOOKED and known.unanswered and known.remind_at <= before:
                stored = self.world.deps.bookings.get(known.booking_id)
                assert stored.confirmation is not None
                asked = stored.confirmation.asked_at is not None
                too_late = asked and stored.booked.start <= self.clock.now()
                failed = stored.confirmation.failed
                assert known.reminded_at or failed or too_late, (known, stored)
