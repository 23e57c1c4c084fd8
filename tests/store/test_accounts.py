from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.wrong_passwords import WrongPasswords
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Change, Tally, saving
from chalicelib.services.core.deps import Deps
from local.metering import Meter
from tests.clock import NOON

pytestmark = pytest.mark.engine2
UNTIL = NOON + timedelta(days=7)
ID = "US7Q2M9X4T"


def an_account(number: int = 0, **fields: Any) -> Account:
    ordinary: dict[str, Any] = {
        "account_id": f"US7Q2M9X4{number}" if number else ID, "email": f"asha{number}@example.com",
        "name": "Asha Rao", "password": "hash", "created_at": NOON,
    }  # fmt: skip
    return Account(**ordinary | fields)


def add(deps: Deps, *accounts: Account) -> None:
    for account in accounts:
        deps.commit(saving(account))


FULL = an_account(
    phone="+91 98450 12345", username="asha", role=Role.OWNER, sites=frozenset({"central", "hall"}),
    active=False, verified=True, epoch=3, owing=2,
    debts=frozenset({"central/BK7Q2M9X4T1NG1QR00005", "hall/BK7Q2M9X4T1NG1QR00006"}), warned_at=UNTIL,
    wrong_passwords=WrongPasswords().proved("home").failed("home", NOON).failed("elsewhere", NOON),
)  # fmt: skip


@pytest.mark.parametrize("account", [an_account(), FULL], ids=["least", "most"])
def test_an_account_is_read_as_it_was_written(deps: Deps, account: Account) -> None:
    add(deps, account)
    assert deps.accounts.get(ID) == account


@pytest.mark.parametrize(
    "account_id", ["US00000000", "", "US", "US7Q2M9X4T0", "login#asha", "us7q2m9x4t", "U" * 3000]
)
def test_an_unknown_id_is_no_account(deps: Deps, account_id: str) -> None:
    with pytest.raises(errors.AccountNotFound):
        deps.accounts.get(account_id)
    with pytest.raises(errors.AccountNotFound):
        deps.accounts.known(account_id)


def test_an_account_is_found_by_each_of_its_names(deps: Deps) -> None:
    add(deps, an_account(username="asha"))
    for name in ("asha", "ASHA", "asha0@example.com", " Asha0@Example.com "):
        found = deps.accounts.find_by_login(name)
        assert found is not None
        assert found.account_id == ID
    assert deps.accounts.find_by_login("nobody") is None


@pytest.mark.parametrize(
    "second",
    [
        an_account(2, email="asha0@example.com"),
        an_account(2, username="asha"),
    ],
    ids=["address", "user name"],
)
def test_a_login_name_is_one_account_s_alone(deps: Deps, second: Account) -> None:
    add(deps, an_account(username="asha"))
    with pytest.raises(errors.EmailTaken):
        add(deps, second)
    with pytest.raises(errors.AccountNotFound):
        deps.accounts.get(second.account_id)  # all or nothing


def test_an_account_is_saved_over_the_version_before_alone(deps: Deps) -> None:
    account = an_account()
    add(deps, account)
    add(deps, account.evolve(name="Asha"))
    with pytest.raises(errors.StaleVersion):
        add(deps, account.evolve(name="Ravi"))
    assert deps.accounts.get(ID).name == "Asha"


def test_released_names_can_be_registered_again(deps: Deps) -> None:
    add(deps, an_account(username="asha"))
    deps.accounts.release_names(an_account(username="asha"))
    assert deps.accounts.find_by_login("asha") is None
    add(deps, an_account(2, email="asha0@example.com", username="asha"))


def test_a_cached_account_is_read_once_and_again_after_a_write_of_its_own(
    deps: Deps, meter: Meter
) -> None:
    account = an_account()
    add(deps, account)
    meter.reset()
    for _ in range(3):
        assert deps.accounts.known(ID).owing == 0
    assert meter.snapshot().requests == {"GetItem": 1}
    deps.commit(Change().counting(Tally("7Q2M9X4T", "owing", 1)))
    assert deps.accounts.known(ID).owing == 1
    add(deps, deps.accounts.get(ID).evolve(name="Asha"))
    assert deps.accounts.known(ID).name == "Asha"


def test_the_sites_of_all_owners_are_read_once_and_again_after_a_change_of_one(
    deps: Deps, meter: Meter
) -> None:
    both = frozenset({"central", "hall"})
    add(deps, an_account(), an_account(2, email="o@example.com", role=Role.OWNER, sites=both))
    meter.reset()
    for _ in range(3):
        assert deps.accounts.sites_of_owners() == (both,)
    assert meter.snapshot().requests == {"Query": 1, "BatchGetItem": 1}
    owner = deps.accounts.find_by_login("o@example.com")
    assert owner is not None
    add(deps, owner.evolve(sites=frozenset({"hall"})))
    assert deps.accounts.sites_of_owners() == (frozenset({"hall"}),)


def test_the_directory_lists_a_role_by_address_page_by_page(deps: Deps) -> None:
    add(deps, *(an_account(n) for n in (3, 1, 2)))
    add(deps, an_account(4, role=Role.STAFF, sites=frozenset({"central"})))
    first = deps.accounts.directory(Role.USER, limit=2)
    assert [a.email for a in first.accounts] == ["asha1@example.com", "asha2@example.com"]
    assert first.next is not None
    place = (first.next.email, first.next.account_id)
    rest = deps.accounts.directory(Role.USER, limit=2, after=place)
    assert [a.email for a in rest.accounts] == ["asha3@example.com"]
    assert rest.next is None
    assert [a.account_id for a in deps.accounts.directory(Role.STAFF, limit=9).accounts] == ["US7Q2M9X44"]  # fmt: skip
    assert deps.accounts.directory(Role.ADMIN, limit=9).accounts == ()


def test_an_erased_account_is_not_listed(deps: Deps) -> None:
    account = an_account()
    add(deps, account)
    add(deps, account.forgotten("!"))
    assert deps.accounts.directory(Role.USER, limit=9).accounts == ()
    assert deps.accounts.get(ID).erased
