"""The unit of work: one Change becomes one TransactWriteItems.

Stages: every part of the change becomes a Write with the refusal it stands for; the writes go out
together, in the order PynamoDB sends them (deletes, puts, updates); a cancelled transaction answers
with one reason per write in that order, so the right refusal needs no second read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, NoReturn

from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import WEBHOOKS, Change, Record, Tally
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.housekeeping.turnover import Condition as RoomCondition
from chalicelib.domain.housekeeping.turnover import RoomEdit
from chalicelib.domain.occupancy.occupancy import SheetEdit
from chalicelib.domain.operations.incident import Incident
from chalicelib.domain.operations.shift import Shift
from chalicelib.domain.realtime.event import Event
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import QueueEdit, WishEdit
from chalicelib.store import (
    accounts,
    audit,
    catalogue,
    events,
    incidents,
    ledger,
    mailboxes,
    outbox,
    rooms,
    sheets,
    shifts,
    waitlist,
    webhooks,
)
from chalicelib.store.accounts import Accounts
from chalicelib.store.bookings import Bookings
from chalicelib.store.catalogue import Catalogue
from chalicelib.store.dynamodb.refusals import RETRY_AFTER, is_busy, translated
from chalicelib.store.dynamodb.schema import AccountItem, RoomStepItem, TallyItem
from chalicelib.store.rooms import Steps, StepTaken
from chalicelib.store.waitlist import Waitlist

MOST_WRITES = 100
"""What one TransactWriteItems takes."""

MOST_STEPS = 30
"""Steps of one room within one second."""

_ORDER = ("delete", "put", "update")


@dataclass(frozen=True)
class Write:
    """One item of the transaction, and what it means when its condition fails."""

    operation: Literal["delete", "put", "update"]
    item: Model
    condition: Condition | None
    refusal: Callable[[], errors.Refusal]
    actions: tuple[Action, ...] = ()


class Commit:
    """Writes Changes. Called, it raises the refusal of the first write that was refused, and
    StaleVersion where somebody else was faster."""

    def __init__(
        self,
        connection: Connection,
        bookings: Bookings,
        entries: Waitlist,
        cached_catalogue: Catalogue,
        cached_accounts: Accounts,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._connection = connection
        self._bookings = bookings
        self._waitlist = entries
        self._catalogue = cached_catalogue
        self._accounts = cached_accounts
        self._now = now
        self._new_id = new_id
        self._steps = Steps()

    def __call__(self, change: Change) -> None:
        for _ in range(MOST_STEPS):
            steps = [self._steps.next(edit, self._now()) for edit in change.rooms]
            try:
                self._write(change, steps)
            except StepTaken as taken:
                self._steps.know(step for step in steps if step.pk == taken.message)
            else:
                return self._steps.know(steps)
        raise errors.StaleVersion()

    def _write(self, change: Change, steps: list[RoomStepItem]) -> None:
        writes = sorted(
            (*self._writes(change), *map(_step, steps)),
            key=lambda write: _ORDER.index(write.operation),
        )
        assert 0 < len(writes) <= MOST_WRITES, f"a change of {len(writes)} writes"
        try:
            with translated(), TransactWrite(connection=self._connection) as transaction:
                for write in writes:
                    _add(transaction, write)
        except TransactWriteError as error:
            _refuse(error, writes)
        finally:
            self._forget(change)

    def _writes(self, change: Change) -> Iterator[Write]:
        for record in change.deletes:
            yield Write(
                "delete",
                self._item(record),
                _is_at(self._item(record), record.version),
                errors.StaleVersion,
            )
        for record in change.saves:
            yield self._save(record)
            if isinstance(record, Account) and record.version == 1:
                yield from _login_names(record)
            if isinstance(record, Entry):
                yield from _place(record)
            if isinstance(record, Shift):
                yield _drawer(record)
        yield from (_sheet(edit) for edit in change.sheets)
        yield from (_room(edit) for edit in change.rooms)
        yield from (_line(edit) for edit in change.queues)
        yield from (_wish(edit) for edit in change.wishes)
        yield from (_tally(tally) for tally in change.tallies)
        yield from (_append(ledger.item(entry)) for entry in change.ledger)
        yield from (_append(audit.item(event)) for event in change.audits)
        if change.effects:
            yield self._post(change.effects)

    def _save(self, record: Record) -> Write:
        item = self._item(record)
        if record.version == 1:
            # Nobody makes a mailbox on purpose: whoever comes second looks again.
            taken = errors.StaleVersion if isinstance(record, Mailbox) else errors.AlreadyExists
            return Write("put", item, type(item).pk.does_not_exist(), taken)  # type: ignore[attr-defined]
        return Write("put", item, _is_at(item, record.version - 1), errors.StaleVersion)

    def _item(self, record: Record) -> Model:
        match record:
            case Booking():
                return self._bookings.item(record)
            case Entry():
                return self._waitlist.item(record)
        return _ITEMS[type(record)](record)

    def _post(self, effects: tuple[Effect, ...]) -> Write:
        item = outbox.item(self._new_id("EF"), effects, self._now())
        return Write("put", item, None, errors.Conflict)

    def _forget(self, change: Change) -> None:
        for record in (*change.saves, *change.deletes):
            if isinstance(record, (Site, Zone, Space)):
                self._catalogue.forget()
            elif isinstance(record, Account):
                self._accounts.forget(record.account_id)
        for tally in change.tallies:
            self._accounts.forget(f"US{tally.locator}")


_ITEMS: Final[Mapping[type[Record], Callable[[Any], Model]]] = {
    Account: accounts.item,
    Mailbox: mailboxes.item,
    Site: catalogue.site_item,
    Zone: catalogue.zone_item,
    Space: catalogue.space_item,
    Event: events.item,
    Webhook: webhooks.item,
    Shift: shifts.item,
    Incident: incidents.item,
}
"""The item of a record, where it is the same in every deployment."""


def _is_at(item: Model, version: int) -> Condition:
    condition: Condition = type(item).version == version  # type: ignore[attr-defined]
    return condition


def _login_names(account: Account) -> Iterator[Write]:
    for item in accounts.login_items(account):
        yield Write("put", item, type(item).pk.does_not_exist(), errors.EmailTaken)


def _sheet(edit: SheetEdit) -> Write:
    if edit.waits:
        item, marks = sheets.marked(edit)
        return Write("update", item, None, errors.StaleVersion, tuple(marks))
    if edit.expected == 0:
        item, condition = sheets.fresh(edit)
        return Write("put", item, condition, errors.StaleVersion)
    item, actions, condition = sheets.edited(edit)
    refusal = errors.FreedTimeIsWaitedFor if edit.frees else errors.StaleVersion
    return Write("update", item, condition, refusal, tuple(actions))


def _room(edit: RoomEdit) -> Write:
    item, actions, condition = rooms.edited(edit)
    return Write("update", item, condition, partial(_room_refused, edit), tuple(actions))


def _step(item: RoomStepItem) -> Write:
    return Write("put", item, RoomStepItem.pk.does_not_exist(), partial(StepTaken, item.pk))


def _room_refused(edit: RoomEdit) -> errors.Refusal:
    """What it means that a room is not what the edit relies on."""
    if edit.was is None:
        return errors.CheckoutFailed("Another booking is in this room. Ask an admin to clear it.")
    if (edit.was, edit.to) == (RoomCondition.READY_FOR_GUEST, RoomCondition.OCCUPIED):
        return errors.RoomNotReady()
    return errors.StaleVersion()


def _line(edit: QueueEdit) -> Write:
    item, actions, condition = sheets.joined(edit) if edit.joins else sheets.freed(edit)
    return Write("update", item, condition, errors.StaleVersion, tuple(actions))


def _place(entry: Entry) -> Iterator[Write]:
    """The place in line of an entry that begins or ceases to wait."""
    if entry.version == 1:
        yield Write("put", waitlist.place_item(entry), None, errors.StaleVersion)
    if entry.leaves_queue:
        yield Write("delete", waitlist.place_item(entry), None, errors.StaleVersion)


def _drawer(shift: Shift) -> Write:
    """That somebody has a shift open, which they may only once at a site, or has closed it."""
    condition = shifts.drawer_free(shift) if shift.is_open else None
    return Write("put", shifts.drawer_item(shift), condition, errors.StaleVersion)


def _wish(edit: WishEdit) -> Write:
    item, actions, condition = waitlist.wishes_edited(edit)
    return Write("update", item, condition, errors.StaleVersion, tuple(actions))


def _tally(tally: Tally) -> Write:
    if tally.name == "owing":
        account = AccountItem(tally.locator, "account")
        actions = (AccountItem.owing.add(tally.by), AccountItem.version.add(1))
        return Write("update", account, AccountItem.pk.exists(), errors.AccountNotFound, actions)
    item = TallyItem(tally.locator, f"tally#{tally.name}")
    condition, refusal = None, _full(tally)
    if tally.limit is not None:
        if tally.by > tally.limit:
            raise refusal()
        condition = TallyItem.n.does_not_exist() | (TallyItem.n <= tally.limit - tally.by)
    return Write("update", item, condition, refusal, (TallyItem.n.add(tally.by),))


def _full(tally: Tally) -> Callable[[], errors.Refusal]:
    """What it means that a tally is at its limit."""
    if tally.name == WEBHOOKS:
        return errors.TooManyWebhooks
    return partial(errors.QuotaReached.of, tally.limit)


def _append(item: Model) -> Write:
    return Write("put", item, type(item).pk.does_not_exist(), errors.AlreadyExists)  # type: ignore[attr-defined]


def _add(transaction: TransactWrite, write: Write) -> None:
    match write.operation:
        case "delete":
            transaction.delete(write.item, condition=write.condition)
        case "put":
            transaction.save(write.item, condition=write.condition)
        case "update":
            transaction.update(write.item, actions=list(write.actions), condition=write.condition)


def _refuse(error: TransactWriteError, writes: list[Write]) -> NoReturn:
    reasons = list(error.cancellation_reasons)
    codes = {reason.code for reason in reasons if reason is not None}
    if codes and not codes - {"ConditionalCheckFailed", "TransactionConflict"}:
        for write, reason in zip(writes, reasons, strict=True):
            if reason is not None and reason.code == "ConditionalCheckFailed":
                raise write.refusal() from error
        raise errors.StaleVersion() from error
    if any(is_busy(code) for code in codes):
        raise errors.Unavailable(retry_after=RETRY_AFTER) from error
    raise error
