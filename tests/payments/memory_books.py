"""A store in memory for the records of payments: cheap to copy, and with the conditions of the real
one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.payments.messages import KnownOrder, Message
from chalicelib.domain.payments.review import ReviewCase

T = TypeVar("T")
Hook = Callable[[Callable[[], T]], T]


@dataclass(frozen=True)
class Kept:
    """What is stored: one booking with its ledger, the orders by their id, the messages that have
    come, the cases for a person, and the names of the payments to ask about."""

    booking: Booking | None = None
    ledger: tuple[LedgerEntry, ...] = ()
    orders: frozenset[tuple[str, str]] = frozenset()
    messages: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    tasks: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """Our reference of the payment."""
        assert self.booking is not None
        return self.booking.payments[-1].reference


@dataclass
class MemoryBooks:
    """Stands for `deps.commit`, `deps.bookings` and `deps.payment_orders`. Each call passes the
    hook."""

    hook: Hook[Kept]
    kept: Kept = field(default_factory=Kept)

    def get(self, booking_id: str) -> Booking:
        found = self.hook(lambda: self.kept).booking
        if found is None or found.booking_id != booking_id:
            raise errors.BookingNotFound()
        return found.as_stored()

    def find(self, gateway: GatewayName, order_id: str) -> str | None:
        return dict(self.hook(lambda: self.kept).orders).get(f"{gateway}/{order_id}")

    def commit(self, change: Change) -> None:
        """Write a change whole or not at all."""
        self.kept = self.hook(lambda: self._written(change))

    def _written(self, change: Change) -> Kept:
        kept = self.kept
        for record in change.saves:
            match record:
                case Booking():
                    known = 0 if kept.booking is None else kept.booking.version
                    if record.version != known + 1:
                        raise errors.StaleVersion()
                    kept = replace(kept, booking=replace(record, before=None))
                case Message():
                    name = f"{record.gateway}/{record.event_id}"
                    if name in kept.messages:
                        raise errors.AlreadyExists()
                    kept = replace(kept, messages=kept.messages | {name})
                case KnownOrder():
                    known_order = (f"{record.gateway}/{record.order_id}", record.reference)
                    kept = replace(kept, orders=kept.orders | {known_order})
                case ReviewCase():
                    kept = replace(kept, cases=kept.cases | {record.reason})
                case _:  # a record without money, such as the place of a short code
                    continue
        tasks = (each.subject_id for each in change.effects if each.name == "ask_gateway")
        return replace(kept, ledger=(*kept.ledger, *change.ledger), tasks=(*kept.tasks, *tasks))
