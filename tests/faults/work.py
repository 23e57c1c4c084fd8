"""Use cases: accounts, shifts, incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.change import saving
from chalicelib.services.accounts import address, api_keys
from tests import scenarios
from tests.client import Client
from tests.clock import Clock
from tests.faults.use_case import Act, UseCase, post, request
from tests.scenarios import FLOAT
from tests.world import World

SHIFTS: Final = "/api/staff/shifts"


def _register(world: World, clock: Clock) -> Act:
    client = Client(world).sending(Idempotency_Key="k")
    body = {"email": "asha@example.com", "password": "seven purple bicycles", "name": "Asha"}
    return lambda: client.post("/api/auth/register", body)


def _close_a_space(world: World, clock: Clock) -> Act:
    world.change_zone(world.zone_a, policy=replace(world.zone_a.policy, advance_window=1))
    return request(world, "DELETE", "/api/admin/spaces/zone-a.A-003", by=world.owner)


def _add_staff(world: World, clock: Clock) -> Act:
    body = {"email": "ravi@example.com", "name": "Ravi", "role": "staff", "sites": ["central"]}
    return post(world, "/api/admin/users", body, key="k", by=world.owner)


def _register_again(world: World, clock: Clock) -> Act:
    client = Client(world).sending(Idempotency_Key="k")
    body = {"email": "user1@example.com", "password": "seven purple bicycles", "name": "Asha"}
    return lambda: client.post("/api/auth/register", body)


def _prove_an_address(world: World, clock: Clock) -> Act:
    """A new address of a customer, by the link in its mail."""
    account = world.deps.accounts.get(world.user.account_id)
    asked = account.evolve(pending_email="asha@example.net")
    world.deps.commit(saving(asked))
    until = world.deps.now() + timedelta(hours=24)
    token = world.deps.tokens.link("change_email", address.subject(asked), asked.epoch, until)
    client = Client(world)
    return lambda: client.post("/api/auth/verify-email", {"token": token})


def _revoke_an_api_key(world: World, clock: Clock) -> Act:
    key, _ = api_keys.create(
        world.deps, world.owner, "central", "North gate", KeyScope.SCANS, source_ip="-"
    )
    return request(world, "DELETE", f"/api/admin/api-keys/{key.key_id}", by=world.owner)


def _open_a_shift(world: World, clock: Clock) -> Act:
    return post(world, SHIFTS, {"cash_float": FLOAT}, key="k", by=world.staff)


def _close_a_shift(world: World, clock: Clock) -> Act:
    shift = scenarios.an_open_shift(world)
    body = {"cash_counted": FLOAT, "note": "Keys are in the safe."}
    return post(world, f"{SHIFTS}/{shift.shift_id}/close", body, by=world.staff)


def _report_an_incident(world: World, clock: Clock) -> Act:
    body = {"kind": "damage", "text": "Bent.", "booking_id": world.book().booking_id}
    return post(world, "/api/staff/incidents", body, key="k", by=world.staff)


CASES: Final = (
    UseCase("register", _register),
    UseCase("close a space", _close_a_space),
    UseCase("add staff", _add_staff),
    UseCase("register a taken address", _register_again),
    UseCase("prove a new address", _prove_an_address),
    UseCase("revoke an API key", _revoke_an_api_key),
    UseCase("open a shift", _open_a_shift),
    UseCase("close a shift", _close_a_shift),
    UseCase("report an incident", _report_an_incident),
)
