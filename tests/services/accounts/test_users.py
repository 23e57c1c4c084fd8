from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.services.accounts import sign_in, users
from chalicelib.services.accounts.users import NewUser, UserFilter
from chalicelib.services.sites import closing
from chalicelib.store.outbox import OutboxItem
from local.metering import Meter
from tests.clock import NOON, Clock
from tests.world import World

ADDRESS = "203.0.113.9"
CENTRAL = frozenset({"central"})
HALL = frozenset({"hall"})


@pytest.fixture
def world(world: World) -> World:
    """With a second site, its owner and its staff."""
    world.add_site("hall")
    world.add_account("owner2", Role.OWNER, "hall")
    world.add_account("staff3", Role.STAFF, "hall")
    world.add_account("both", Role.STAFF, "central", "hall")
    return world


def named(world: World, name: str) -> Actor:
    account = world.deps.accounts.find_by_login(name)
    assert account is not None
    return account.actor()


def create(world: World, actor: Actor, **wishes: Any) -> Account:
    ordinary = {"email": "new@example.com", "name": "New", "role": Role.STAFF, "sites": CENTRAL}
    new = NewUser(**{**ordinary, **wishes})
    return users.create_user(world.deps, actor, new, source_ip=ADDRESS)


def edit(world: World, actor: Actor, who: str, /, **changes: Any) -> Account:
    account_id = named(world, who).account_id
    return users.edit_user(world.deps, actor, account_id, changes, source_ip=ADDRESS)


def listed(world: World, actor: Actor, limit: int = 50, **wanted: Any) -> list[str | None]:
    found = users.list_users(world.deps, actor, UserFilter(**wanted), limit=limit, after=None)
    return [account.username for account in found.records]


# -- listing ---------------------------------------------------------------------------------------


def test_an_admin_sees_everybody_by_role_and_address(world: World) -> None:
    assert listed(world, world.admin) == [
        "user1", "user2", "both", "staff1", "staff3", "owner2", "owner", "admin",
    ]  # fmt: skip


def test_an_owner_sees_who_works_at_their_sites(world: World) -> None:
    assert listed(world, world.owner) == ["both", "staff1", "owner"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"role": Role.STAFF}, ["both", "staff1", "staff3"]),
        ({"site": "hall"}, ["both", "staff3", "owner2"]),
        ({"role": Role.OWNER, "site": "hall"}, ["owner2"]),
        ({"email": "USER2@example.com"}, ["user2"]),
        ({"email": "user2@example.com", "role": Role.STAFF}, []),
        ({"email": "nobody@example.com"}, []),
    ],
)
def test_a_list_is_narrowed(world: World, wanted: dict[str, Any], names: list[str]) -> None:
    assert listed(world, world.admin, **wanted) == names


def test_an_owner_finds_nobody_they_have_nothing_to_do_with(world: World) -> None:
    assert listed(world, world.owner, role=Role.USER) == []
    assert listed(world, world.owner, email="user1@example.com") == []
    with pytest.raises(errors.Forbidden):
        listed(world, world.owner, site="hall")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
def test_pages_hold_everybody_once(world: World, limit: int) -> None:
    seen: list[str | None] = []
    after = None
    while True:
        page = users.list_users(world.deps, world.admin, UserFilter(), limit=limit, after=after)
        seen += [account.username for account in page.records]
        if page.after is None:
            break
        assert len(page.records) == limit
        after = page.after
    assert seen == listed(world, world.admin)


def test_a_narrowed_page_reads_on_until_it_is_full(world: World) -> None:
    for number in range(4):
        world.add_account(f"a{number}", Role.STAFF, "central")
    page = users.list_users(world.deps, world.admin, UserFilter(site="hall"), limit=1, after=None)
    assert [account.username for account in page.records] == ["both"]


def test_a_page_reads_no_more_than_it_may(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "MOST_READ", 2)
    first = users.list_users(world.deps, world.admin, UserFilter(site="hall"), limit=9, after=None)
    assert (first.records, first.after is not None) == ((), True)
    rest = users.list_users(
        world.deps, world.admin, UserFilter(site="hall"), limit=9, after=first.after
    )
    assert [account.username for account in rest.records] == ["both"]


def test_a_page_costs_one_query_and_one_batch_read(world: World, meter: Meter) -> None:
    meter.reset()
    listed(world, world.admin, limit=1, role=Role.STAFF)
    assert meter.snapshot().requests == {"Query": 1, "BatchGetItem": 1}


# -- taking on -------------------------------------------------------------------------------------


def test_an_admin_gives_any_role(world: World) -> None:
    for number, role in enumerate(Role):
        sites = CENTRAL if role in (Role.STAFF, Role.OWNER) else frozenset()
        made = create(world, world.admin, role=role, sites=sites, email=f"n{number}@example.com")
        assert world.deps.accounts.get(made.account_id).role is role


def test_an_owner_takes_on_staff_for_their_own_sites(world: World) -> None:
    made = create(world, world.owner, username="new1")
    assert (made.role, made.sites, made.username) == (Role.STAFF, CENTRAL, "new1")


@pytest.mark.parametrize(
    "wishes",
    [
        {"role": Role.OWNER},
        {"role": Role.ADMIN, "sites": frozenset()},
        {"role": Role.USER, "sites": frozenset()},
        {"sites": HALL},
        {"sites": CENTRAL | HALL},
    ],
)
def test_an_owner_gives_nothing_beyond_that(world: World, wishes: dict[str, Any]) -> None:
    with pytest.raises(errors.Forbidden):
        create(world, world.owner, **wishes)


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"sites": frozenset({"nowhere"})}, "sites"),
        ({"sites": frozenset()}, "sites"),
        ({"role": Role.USER}, "sites"),
        ({"password": "password123"}, "password"),
        ({"password": "new@example.com"}, "password"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, wishes: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        create(world, world.admin, **wishes)
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize("wishes", [{"email": "user1@example.com"}, {"username": "user1"}])
def test_a_name_that_is_taken_is_refused(world: World, wishes: dict[str, Any]) -> None:
    with pytest.raises(errors.EmailTaken):
        create(world, world.admin, **wishes)


@pytest.mark.parametrize(
    ("password", "mail"), [(None, "reset_password"), ("correct horse 7", "verify_email")]
)
def test_whoever_is_taken_on_is_written_to(world: World, password: str | None, mail: str) -> None:
    create(world, world.admin, password=password)
    waiting = [e["name"] for item in OutboxItem.query("waiting.0") for e in item.effects]
    assert waiting == [mail]


# -- editing ---------------------------------------------------------------------------------------


def test_an_owner_edits_and_moves_staff_within_their_sites(world: World) -> None:
    world.add_site("garage")
    owner = edit(world, world.admin, "owner", sites=CENTRAL | {"garage"}).actor()
    assert edit(world, owner, "staff1", name="Sam", phone="12345").name == "Sam"
    assert edit(world, owner, "staff1", sites=frozenset({"garage"})).sites == {"garage"}


def test_an_owner_takes_their_own_site_from_staff_they_share(world: World) -> None:
    assert edit(world, world.owner, "both", sites=HALL).sites == HALL


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("staff1", {"role": Role.OWNER}),
        ("staff1", {"role": Role.USER}),
        ("staff1", {"sites": CENTRAL | HALL}),
        ("both", {"sites": CENTRAL}),  # the hall is not theirs to take
        ("both", {"active": False}),
        ("both", {"name": "Sam"}),
        ("owner", {"sites": CENTRAL | HALL}),
        ("owner", {"role": Role.ADMIN}),
        ("owner", {"name": "Boss"}),
    ],
)
def test_an_owner_changes_nothing_beyond_that(
    world: World, name: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(errors.Forbidden):
        edit(world, world.owner, name, **changes)


def test_an_owner_does_not_know_of_others(world: World) -> None:
    for name in ("staff3", "owner2", "user1", "admin"):
        with pytest.raises(errors.AccountNotFound):
            edit(world, world.owner, name, name="Sam")


@pytest.mark.parametrize("changes", [{"role": Role.USER}, {"active": False}, {"sites": CENTRAL}])
def test_nobody_changes_their_own_standing(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(errors.Forbidden):
        edit(world, world.admin, "admin", **changes)


def test_an_admin_may_edit_their_own_name(world: World) -> None:
    assert edit(world, world.admin, "admin", name="Root").name == "Root"


def test_a_role_without_sites_loses_them(world: World) -> None:
    assert edit(world, world.admin, "staff1", role=Role.USER).sites == frozenset()
    with pytest.raises(errors.Invalid):
        edit(world, world.admin, "staff1", role=Role.STAFF)
    assert edit(world, world.admin, "staff1", role=Role.STAFF, sites=HALL).sites == HALL


def test_a_site_that_has_closed_keeps_nobody_from_being_edited(world: World) -> None:
    closing.close_site(world.deps, world.admin, "hall", source_ip="-")
    assert edit(world, world.admin, "staff3", name="Sam").sites == HALL
    with pytest.raises(errors.Invalid):
        edit(world, world.admin, "staff1", sites=CENTRAL | HALL)


def test_switching_an_account_off_ends_its_sign_ins(world: World) -> None:
    token = world.token(world.staff)
    edit(world, world.owner, "staff1", active=False)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(world.deps, token)
    edit(world, world.owner, "staff1", active=True)
    with pytest.raises(errors.NotAuthenticated):
        sign_in.authenticate(world.deps, token)
    again = sign_in.authenticate(world.deps, world.token(world.staff))
    assert again.account_id == world.staff.account_id


# -- dismissing ------------------------------------------------------------------------------------


def delete(world: World, actor: Actor, name: str) -> None:
    users.delete_user(world.deps, actor, named(world, name).account_id, source_ip=ADDRESS)


def test_an_account_that_is_deleted_is_erased(world: World) -> None:
    delete(world, world.owner, "staff1")
    assert world.deps.accounts.get(world.staff.account_id).erased
    with pytest.raises(errors.AccountNotFound):
        users.get_user(world.deps, world.admin, world.staff.account_id)
    assert "staff1" not in listed(world, world.admin)


@pytest.mark.parametrize("name", ["both", "owner"])
def test_an_owner_dismisses_the_staff_of_their_own_sites_alone(world: World, name: str) -> None:
    with pytest.raises(errors.Forbidden):
        delete(world, world.owner, name)


def test_nobody_deletes_themselves_here(world: World) -> None:
    with pytest.raises(errors.Forbidden):
        delete(world, world.admin, "admin")


def test_what_is_done_to_accounts_is_filed_with_their_site(world: World, clock: Clock) -> None:
    create(world, world.owner)
    clock.move(seconds=1)
    edit(world, world.owner, "staff1", name="Sam")
    clock.move(seconds=1)
    delete(world, world.owner, "staff1")
    events = world.deps.audit.list_day("central", NOON.date(), 10).events
    assert [event.action for event in reversed(events)] == [
        "create_user", "edit_user", "delete_user",
    ]  # fmt: skip
    assert {event.actor for event in events} == {world.owner.account_id}
