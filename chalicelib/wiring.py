"""The dependencies built from the settings, once, at the first request. Importing this module calls
no AWS service."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from chalicelib import settings as settings_module
from chalicelib.domain.core import ids
from chalicelib.gateways.passwords import Passwords
from chalicelib.gateways.ses import SesMailer
from chalicelib.gateways.sockets import ApiGatewaySockets
from chalicelib.gateways.tokens import Tokens
from chalicelib.gateways.webhooks import HttpsWebhookClient
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.settings import Settings
from chalicelib.store.accounts import Accounts
from chalicelib.store.api_keys import ApiKeys
from chalicelib.store.audit import AuditLog
from chalicelib.store.bookings import Bookings
from chalicelib.store.catalogue import Catalogue
from chalicelib.store.commit import Commit
from chalicelib.store.counters import Counters
from chalicelib.store.due import Deadlines
from chalicelib.store.dynamodb import schema
from chalicelib.store.events import Events
from chalicelib.store.idempotency import Idempotency
from chalicelib.store.incidents import Incidents
from chalicelib.store.ledger import Ledger
from chalicelib.store.mailboxes import Mailboxes
from chalicelib.store.outbox import Outbox
from chalicelib.store.rooms import Rooms
from chalicelib.store.sessions import Sessions
from chalicelib.store.sheets import Occupancy
from chalicelib.store.shifts import Shifts
from chalicelib.store.subscriptions import Subscriptions
from chalicelib.store.tallies import Tallies
from chalicelib.store.waitlist import Waitlist
from chalicelib.store.webhooks import Webhooks
from chalicelib.store.wrong_passwords import UnknownNames

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
        waitlist=Waitlist(),
        deadlines=Deadlines(settings.deadline_shards),
        sheets=Occupancy(),
        rooms=Rooms(),
        catalogue=catalogue,
        accounts=accounts,
        api_keys=api_keys,
        sessions=Sessions(settings.catalogue_seconds),
        unknown_names=UnknownNames(),
        tallies=Tallies(),
        mailboxes=Mailboxes(),
        ledger=Ledger(),
        shifts=Shifts(),
        outbox=Outbox(),
        idempotency=Idempotency(),
        counters=Counters(),
        audit=AuditLog(),
        incidents=Incidents(),
        events=Events(),
        subscriptions=Subscriptions(),
        webhooks=Webhooks(),
        tokens=Tokens(settings.signing_keys),
        passwords=Passwords(demo=settings.is_local),
        mailer=SesMailer(settings),
        sockets=ApiGatewaySockets(settings),
        webhook_client=HttpsWebhookClient(loopback=settings.webhooks_to_loopback),
    )
    return replace(deps, commit=UnitOfWork(deps))
