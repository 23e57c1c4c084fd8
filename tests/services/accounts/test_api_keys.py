from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.accounts.api_key import MOST, ApiKey
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, KeyActor, KeyScope
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import saving
from chalicelib.services.accounts import api_keys
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.services.stays import check_in, check_out
from chalicelib.store.api_keys import ApiKeyItem
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HERE = "203.0.113.9"


def create(
    world: World,
    name: str = "North gate",
    scope: KeyScope = KeyScope.SCANS,
    by: Actor | None = None,
) -> tuple[ApiKey, str]:
    key, text = api_keys.create(
        world.deps, by or world.owner, "central", name, scope, source_ip=HERE
    )
    assert text is not None
    return key, text


def device(world: World, text: str) -> KeyActor:
    return api_keys.authenticate(world.deps, text, source_ip=HERE)


def trail(deps: Deps) -> list[AuditEvent]:
    return list(reversed(deps.audit.list_day("central", deps.now().date(), 100).events))


def test_a_key_opens_its_site_to_a_device_with_its_scope(world: World) -> None:
    key, text = create(world)
    actor = device(world, text)
    assert (actor.account_id, actor.device, actor.scope) == (key.key_id, "North gate", "scans")
    assert actor.works_at("central")
    assert not actor.works_at("elsewhere")
    assert not actor.runs("central")


def test_the_secret_of_a_key_is_stored_nowhere(world: World) -> None:
    key, text = create(world)
    (item,) = ApiKeyItem.query("keys#central")
    secret = text.rpartition("_")[2]
    assert secret not in str(item.serialize())
    assert secret not in repr(key)
    assert key.digest not in repr(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "berth_central.AK1NG2EK8000000007_" + "0" * 40,  # no such key
        "berth_central.AK1NG2EK8000000007_" + "0" * 39,
        "berth_../secret.AK1NG2EK8000000007_" + "0" * 40,
        "berth_" + "x" * 5000,
    ],
)
def test_another_text_is_no_key(world: World, text: str) -> None:
    create(world)
    with pytest.raises(errors.NotAuthenticated):
        device(world, text)


def test_a_key_with_another_secret_is_refused(world: World) -> None:
    _, text = create(world)
    with pytest.raises(errors.NotAuthenticated):
        device(world, text[:-1] + ("0" if text[-1] != "0" else "1"))


def test_a_revoked_key_is_void_at_once_and_stays_in_the_list(world: World, clock: Clock) -> None:
    key, text = create(world)
    device(world, text)
    clock.move(hours=1)
    for _ in range(2):
        api_keys.revoke(world.deps, world.owner, key.key_id, source_ip=HERE)
    with pytest.raises(errors.NotAuthenticated):
        device(world, text)
    (listed,) = api_keys.list_of(world.deps, world.owner, "central", limit=20, after=None).records
    assert (listed.key_id, listed.name, listed.revoked_at) == (
        key.key_id, "North gate", clock.now(),
    )  # fmt: skip


def test_another_instance_learns_of_a_revocation_when_what_it_knows_is_old(world: World) -> None:
    """An instance keeps a key for CATALOGUE_SECONDS; this one for none."""
    key, text = create(world)
    fresh = dataclasses.replace(world.deps, api_keys=type(world.deps.api_keys)(0))
    assert api_keys.authenticate(fresh, text, source_ip=HERE).account_id == key.key_id
    api_keys.revoke(world.deps, world.owner, key.key_id, source_ip=HERE)
    with pytest.raises(errors.NotAuthenticated):
        api_keys.authenticate(fresh, text, source_ip=HERE)


def test_knowing_a_device_costs_one_read_and_then_nothing(world: World, meter: Meter) -> None:
    _, text = create(world)
    meter.reset()
    for _ in range(3):
        device(world, text)
    assert meter.snapshot().requests == {"GetItem": 1}


def test_creation_and_revocation_are_audited_with_scope_and_name(
    world: World, clock: Clock
) -> None:
    key, _ = create(world)
    clock.move(seconds=1)
    api_keys.revoke(world.deps, world.owner, key.key_id, source_ip=HERE)
    assert [(e.action, e.actor, e.subject, e.detail, e.source_ip) for e in trail(world.deps)] == [
        (action, world.owner.account_id, key.key_id, "scans: North gate", HERE)
        for action in ("create_api_key", "revoke_api_key")
    ]


def test_the_timeline_names_the_key_and_the_device_of_each_scan(world: World, clock: Clock) -> None:
    key, text = create(world)
    actor = device(world, text)
    booking = world.book()
    code = world.deps.tokens.qr(booking)
    check_in.scan_entry(world.deps, actor, code, plate=None)
    clock.move(minutes=30)
    check_out.scan_exit(world.deps, actor, code, tender=builders.cash(None))
    scans = [entry for entry in world.read(booking).timeline if entry.actor == key.key_id]
    assert [(entry.source, entry.note) for entry in scans] == [
        ("gate_entry", "North gate"), ("gate_exit", "North gate"),
    ]  # fmt: skip


def test_a_site_has_twenty_keys_in_force(world: World) -> None:
    first, _ = create(world)
    for _ in range(MOST - 1):
        create(world)
    with pytest.raises(errors.TooManyApiKeys):
        create(world)
    api_keys.revoke(world.deps, world.owner, first.key_id, source_ip=HERE)
    create(world)


@pytest.mark.engine2
def test_of_two_who_revoke_a_key_at_once_one_is_counted(world: World) -> None:
    key, _ = create(world)
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda _: api_keys.revoke(world.deps, world.owner, key.key_id, source_ip=HERE),
                range(4),
            )
        )
    assert world.deps.tallies.get("site#central", "api_keys") == 0
    assert [event.action for event in trail(world.deps)].count("revoke_api_key") == 1


def test_a_repeated_request_after_a_crash_gets_the_same_key_with_a_secret_that_works(
    world: World,
) -> None:
    deps = dataclasses.replace(world.deps, replay=Replay(NOON, b"the same request"))
    lost, _ = api_keys.create(deps, world.owner, "central", "Gate", KeyScope.SCANS, source_ip=HERE)
    key, text = api_keys.create(
        deps, world.owner, "central", "Gate", KeyScope.SCANS, source_ip=HERE
    )
    assert key.key_id == lost.key_id
    assert text is not None
    assert device(world, text).account_id == key.key_id
    assert deps.tallies.get("site#central", "api_keys") == 1


def test_a_repeated_request_shows_a_key_that_was_revoked_meanwhile_as_revoked_and_without_a_text(
    world: World, clock: Clock
) -> None:
    deps = dataclasses.replace(world.deps, replay=Replay(NOON, b"the same request"))
    new = ("central", "Gate", KeyScope.SCANS)
    lost, _ = api_keys.create(deps, world.owner, *new, source_ip=HERE)
    api_keys.revoke(deps, world.owner, lost.key_id, source_ip=HERE)
    before = deps.api_keys.get(lost.key_id)
    assert api_keys.create(deps, world.owner, *new, source_ip=HERE) == (before, None)
    assert deps.api_keys.get(lost.key_id) == before
    assert before.revoked_at == clock.now()


def test_a_key_is_limited_and_another_one_goes_on(world: World) -> None:
    strict = dataclasses.replace(
        world.deps, settings=dataclasses.replace(world.deps.settings, limits_factor=1)
    )
    rate_limits.forget()
    (_, busy), (_, quiet) = create(world), create(world)
    for _ in range(api_keys.LIMIT.per_account):
        api_keys.authenticate(strict, busy, source_ip=HERE)
    with pytest.raises(errors.TooMany):
        api_keys.authenticate(strict, busy, source_ip=HERE)
    api_keys.authenticate(strict, quiet, source_ip=HERE)
    rate_limits.forget()


def test_only_those_who_run_a_site_see_and_manage_its_keys(world: World) -> None:
    key, _ = create(world, by=world.admin)
    for actor in (world.staff, world.user):
        with pytest.raises(errors.Forbidden):
            create(world, by=actor)
        with pytest.raises(errors.Forbidden):
            api_keys.get(world.deps, actor, key.key_id)
        with pytest.raises(errors.Forbidden):
            api_keys.revoke(world.deps, actor, key.key_id, source_ip=HERE)
    with pytest.raises(errors.SiteNotFound):
        api_keys.create(world.deps, world.admin, "nowhere", "Gate", KeyScope.SCANS, source_ip=HERE)


def test_a_site_that_is_closed_for_good_gets_no_key(world: World) -> None:
    site = world.add_site("north")
    world.deps.commit(saving(site.evolve(active=False, closed_at=world.deps.now())))
    with pytest.raises(errors.ClosedForGood):
        api_keys.create(world.deps, world.admin, "north", "Gate", KeyScope.SCANS, source_ip=HERE)


@pytest.mark.parametrize("key_id", ["central.AK1NG2EK8000000007", "central", "", "x" * 200, "ü"])
def test_an_unknown_id_is_no_key(world: World, key_id: str) -> None:
    with pytest.raises(errors.ApiKeyNotFound):
        api_keys.get(world.deps, world.owner, key_id)


def test_the_list_is_read_page_by_page_newest_first(world: World, clock: Clock) -> None:
    made = []
    for number in range(5):
        made.append(create(world, f"Gate {number}")[0].key_id)
        clock.move(seconds=1)
    found: list[str] = []
    after: str | None = None
    while True:
        page = api_keys.list_of(world.deps, world.owner, "central", limit=2, after=after)
        found += [key.key_id for key in page.records]
        after = page.after
        if after is None:
            break
    assert found == made[::-1]
