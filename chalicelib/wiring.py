"""The dependencies built from the settings, once, at the first request. Importing this module calls
no AWS service. Stores and gateways that most requests do without are made when first used."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast

from chalicelib import settings as settings_module
from chalicelib.domain.core import ids
from chalicelib.gateways import passwords, payment_gateways, ses, sockets
from chalicelib.gateways import webhooks as webhook_client
from chalicelib.gateways.tokens import Tokens
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.settings import Settings
from chalicelib.store import (
    audit,
    counters,
    day_books,
    due,
    events,
    idempotency,
    incidents,
    ledger,
    mailboxes,
    papers,
    payment_orders,
    promos,
    reviews,
    season_passes,
    settlements,
    shifts,
    subscriptions,
    tallies,
    waitlist,
    webhooks,
    wrong_passwords,
)
from chalicelib.store.accounts import Accounts
from chalicelib.store.api_keys import ApiKeys
from chalicelib.store.bookings import Bookings
from chalicelib.store.catalogue import Catalogue
from chalicelib.store.commit import Commit
from chalicelib.store.dynamodb import schema
from chalicelib.store.outbox import Outbox
from chalicelib.store.rooms import Rooms
from chalicelib.store.sessions import Sessions
from chalicelib.store.sheets import Occupancy

T = TypeVar("T")

_replacement: Deps | None = None


def deps() -> Deps:
    """The dependencies of all use cases."""
    return _replacement if _replacement is not None else _built()


def settings() -> Settings:
    """The settings of this deployment."""
    return deps().settings


def use(replacement: Deps | None) -> None:
    """Use `replacement` from now on (the local runtime and the tests); None restores the real
    ones."""
    global _replacement
    _replacement = replacement


@cache
def _built() -> Deps:
    return build(settings_module.read(os.environ))


def clock() -> datetime:
    """The current time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def build(settings: Settings, now: Callable[[], datetime] = clock) -> Deps:
    """The dependencies for `settings`, on one connection to DynamoDB."""
    connection = schema.connect(settings)
    catalogue = Catalogue(settings.catalogue_seconds)
    accounts = Accounts(settings.catalogue_seconds)
    api_keys = ApiKeys(settings.catalogue_seconds)
    commit = Commit(
        connection,
        shards=settings.deadline_shards,
        caches=(catalogue, accounts, api_keys),
        now=now,
        new_id=lambda prefix: ids.sortable(prefix, now(), secrets.randbits(45)),
    )
    deps = Deps(
        settings=settings,
        now=now,
        random_bits=secrets.randbits,
        commit=commit,
        bookings=Bookings(),
        waitlist=_later(lambda: waitlist.Waitlist()),
        deadlines=_later(lambda: due.Deadlines(settings.deadline_shards)),
        sheets=Occupancy(),
        rooms=Rooms(),
        catalogue=catalogue,
        accounts=accounts,
        api_keys=api_keys,
        sessions=Sessions(settings.catalogue_seconds),
        unknown_names=_later(lambda: wrong_passwords.UnknownNames()),
        tallies=_later(lambda: tallies.Tallies()),
        mailboxes=_later(lambda: mailboxes.Mailboxes()),
        ledger=_later(lambda: ledger.Ledger()),
        papers=_later(lambda: papers.PaperFile()),
        payment_orders=_later(lambda: payment_orders.PaymentOrders(settings.deadline_shards)),
        promos=_later(lambda: promos.Promos()),
        season_passes=_later(lambda: season_passes.SeasonPasses(settings.deadline_shards)),
        reviews=_later(lambda: reviews.Reviews()),
        settlements=_later(lambda: settlements.Settlements()),
        day_books=_later(lambda: day_books.DaysOfBooks()),
        shifts=_later(lambda: shifts.Shifts()),
        outbox=Outbox(),
        idempotency=_later(lambda: idempotency.Idempotency()),
        counters=_later(lambda: counters.Counters()),
        audit=_later(lambda: audit.AuditLog()),
        incidents=_later(lambda: incidents.Incidents()),
        events=_later(lambda: events.Events()),
        subscriptions=_later(lambda: subscriptions.Subscriptions()),
        webhooks=_later(lambda: webhooks.Webhooks()),
        tokens=Tokens(settings.signing_keys),
        passwords=_later(lambda: passwords.Passwords(demo=settings.is_local)),
        mailer=_later(lambda: ses.SesMailer(settings)),
        sockets=_later(lambda: sockets.ApiGatewaySockets(settings)),
        gateways=_later(lambda: payment_gateways.configured(settings, now)),
        webhook_client=_later(
            lambda: webhook_client.HttpsWebhookClient(loopback=settings.webhooks_to_loopback)
        ),
    )
    return replace(deps, commit=UnitOfWork(deps))


class _Later(Generic[T]):
    """Stands for what `make` returns until an attribute is asked for."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []

    def __getattr__(self, name: str) -> Any:
        if not self._made:
            self._made.append(self._make())
        return getattr(self._made[0], name)


def _later(make: Callable[[], T]) -> T:
    """What `make` returns, made when first used."""
    return cast(T, _Later(make))
