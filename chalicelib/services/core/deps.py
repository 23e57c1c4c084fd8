"""The dependencies of every use case: one clock, one source of ids and randomness, the stores, the
gateways and `commit`. `wiring.py` builds them once; tests and the local runtime build their own."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.expected import ANY, Expected
from chalicelib.domain.core.languages import LANGUAGES, Language

if TYPE_CHECKING:
    from chalicelib.domain.core.change import Change, Record
    from chalicelib.gateways.mail import Mailer
    from chalicelib.gateways.passwords import Passwords
    from chalicelib.gateways.payment_gateways import Gateways
    from chalicelib.gateways.sockets import Sockets
    from chalicelib.gateways.tokens import Tokens
    from chalicelib.gateways.webhooks import WebhookClient
    from chalicelib.services.core.start_page import Section
    from chalicelib.settings import Settings
    from chalicelib.store.accounts import Accounts
    from chalicelib.store.api_keys import ApiKeys
    from chalicelib.store.audit import AuditLog
    from chalicelib.store.bookings import Bookings
    from chalicelib.store.catalogue import Catalogue
    from chalicelib.store.counters import Counters
    from chalicelib.store.day_books import DaysOfBooks
    from chalicelib.store.due import Deadlines
    from chalicelib.store.events import Events
    from chalicelib.store.idempotency import Idempotency
    from chalicelib.store.incidents import Incidents
    from chalicelib.store.ledger import Ledger
    from chalicelib.store.mailboxes import Mailboxes
    from chalicelib.store.outbox import Outbox
    from chalicelib.store.papers import PaperFile
    from chalicelib.store.payment_orders import PaymentOrders
    from chalicelib.store.promos import Promos
    from chalicelib.store.reviews import Reviews
    from chalicelib.store.rooms import Rooms
    from chalicelib.store.season_passes import SeasonPasses
    from chalicelib.store.sessions import Sessions
    from chalicelib.store.settlements import Settlements
    from chalicelib.store.sheets import Occupancy
    from chalicelib.store.shifts import Shifts
    from chalicelib.store.subscriptions import Subscriptions
    from chalicelib.store.tallies import Tallies
    from chalicelib.store.waitlist import Waitlist
    from chalicelib.store.webhooks import Webhooks
    from chalicelib.store.wrong_passwords import UnknownNames

ATTEMPTS = 12
"""Attempts of a step whose reads keep changing. With 200 callers for one space, or 50 for 50, the
slowest needs about six."""

LONGEST_PAUSE = 0.2
"""Seconds. Pauses grow from a few milliseconds to this, with jitter."""

T = TypeVar("T")
R = TypeVar("R", bound="Record")


@dataclass(frozen=True)
class Replay:
    """A request with an Idempotency-Key: first seen at `at`. Its ids grow from `seed`, which is
    random and kept with the key, so a second run makes the same ids and its writes conflict.
    `claim` names the claim of that key."""

    at: datetime
    seed: bytes
    claim: str = ""


@dataclass(frozen=True)
class Deps:
    """Everything outside the rules, by name. `random_bits(n)` returns n random bits. `language` is
    that of the reader of an answer."""

    settings: Settings
    now: Callable[[], datetime]
    random_bits: Callable[[int], int]
    commit: Callable[[Change], None]
    bookings: Bookings
    waitlist: Waitlist
    deadlines: Deadlines
    sheets: Occupancy
    rooms: Rooms
    catalogue: Catalogue
    accounts: Accounts
    sessions: Sessions
    api_keys: ApiKeys
    unknown_names: UnknownNames
    tallies: Tallies
    mailboxes: Mailboxes
    ledger: Ledger
    papers: PaperFile
    payment_orders: PaymentOrders
    promos: Promos
    season_passes: SeasonPasses
    reviews: Reviews
    settlements: Settlements
    day_books: DaysOfBooks
    shifts: Shifts
    outbox: Outbox
    idempotency: Idempotency
    counters: Counters
    audit: AuditLog
    incidents: Incidents
    events: Events
    subscriptions: Subscriptions
    webhooks: Webhooks
    tokens: Tokens
    passwords: Passwords
    mailer: Mailer
    sockets: Sockets
    gateways: Gateways
    webhook_client: WebhookClient
    sleep: Callable[[float], None] = time.sleep
    replay: Replay | None = None
    expected: Expected = ANY
    language: Language = LANGUAGES[0]
    start_sections: tuple[Section, ...] = ()

    def new_id(self, prefix: str) -> str:
        """A new id that sorts by its time."""
        return ids.sortable(prefix, self.now(), self.random_bits(45))

    def new_lasting_id(self, prefix: str) -> str:
        """A new id that sorts by its time; a replayed request gets the same one."""
        if self.replay is None:
            return self.new_id(prefix)
        return ids.sortable(prefix, self.replay.at, _drawn(self.replay, prefix))

    def new_locator(self) -> str:
        """A new locator, for an account or for a guest without account."""
        return ids.locator(
            self.random_bits(40) if self.replay is None else _drawn(self.replay, "who")
        )

    def new_booking_id(self, owner: str) -> str:
        """A new booking id; a replayed request gets the same one."""
        if self.replay is None:
            return ids.booking_id(owner, self.now(), self.random_bits(20))
        return ids.booking_id(owner, self.replay.at, _drawn(self.replay, owner))

    def new_entry_id(self, owner: str) -> str:
        """A new id of a waitlist entry; a replayed request gets the same one."""
        if self.replay is None:
            return ids.entry_id(owner, self.now(), self.random_bits(20))
        return ids.entry_id(owner, self.replay.at, _drawn(self.replay, owner))

    def new_season_pass_id(self) -> str:
        """A new id of a season pass; a replayed request gets the same one."""
        locator = self.new_locator()
        if self.replay is None:
            return ids.season_pass_id(locator, self.now(), self.random_bits(20))
        return ids.season_pass_id(locator, self.replay.at, _drawn(self.replay, locator))

    def new_group_id(self, owner: str) -> str:
        """A new id of a group; a replayed request gets the same one."""
        if self.replay is None:
            return ids.group_id(owner, self.now(), self.random_bits(20))
        return ids.group_id(owner, self.replay.at, _drawn(self.replay, owner))

    def lasting_bits(self, count: int, what: str) -> int:
        """Random bits, at most 256, to be kept as `what`; a replayed request gets the same ones."""
        if self.replay is None:
            return self.random_bits(count)
        return _digest(self.replay, what) >> 256 - count

    def with_other_ids(self) -> Deps:
        """These dependencies, with other ids, because those drawn so far are taken."""
        if self.replay is None:
            return self
        seed = hashlib.sha256(self.replay.seed + b"other").digest()
        return replace(self, replay=replace(self.replay, seed=seed))

    def is_replay_of(self, made_at: datetime) -> bool:
        """Whether what was made at `made_at` under an id of this request may be the work of an
        earlier run. False without an Idempotency-Key, where each id is drawn once."""
        return self.replay is not None and made_at >= self.replay.at

    def as_expected(self, record: R) -> R:
        """The record that a request edits, as just read. Its write is conditional on the version
        read, so what holds here holds in the transaction. Raises VersionChanged."""
        self.expected.require(record.version)
        return record

    def retry_on_conflict(self, step: Callable[[], T], *, tries: int = ATTEMPTS) -> T:
        """Run `step` again from its read while it raises StaleVersion, with pauses. Raises what the
        step refuses, and StaleVersion after `tries` attempts."""
        for attempt in range(tries - 1):
            try:
                return step()
            except errors.StaleVersion:
                self.sleep(_pause(attempt))
        return step()


def _pause(attempt: int) -> float:
    return random.uniform(0, min(LONGEST_PAUSE, 0.005 * 2**attempt))  # noqa: S311 (jitter)


def _drawn(replay: Replay, what: str) -> int:
    return _digest(replay, what) >> 192


def _digest(replay: Replay, what: str) -> int:
    return int.from_bytes(hashlib.sha256(replay.seed + what.encode()).digest(), "big")
