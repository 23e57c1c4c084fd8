"""Accounts as admins and owners look after them (docs/rules/accounts.md).

An admin may do everything but change their own role. An owner sees who works at their sites, and
takes on, edits and dismisses the staff of those sites, not the other owners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.domain.accounts.account import (
    Account,
    login_name,
    require_good_password,
    require_sites_of_role,
)
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import MailName
from chalicelib.domain.core.listing import Listing
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.accounts import erasure, sign_in
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

MOST_READ: Final = 500
"""Accounts read for one page when filters apply; the page may then hold fewer than asked for."""

_PLACED: Final = frozenset({Role.STAFF, Role.OWNER})
"""The roles that belong to sites."""

_STANDING: Final = frozenset({"role", "sites", "active"})
"""What nobody changes of their own account."""


@dataclass(frozen=True)
class UserFilter:
    """Which accounts a list is about."""

    role: Role | None = None
    site: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class NewUser:
    """Somebody to take on. Without a password they are mailed a link to choose one."""

    email: str
    name: str
    role: Role
    sites: frozenset[str] = frozenset()
    phone: str | None = None
    username: str | None = None
    password: str | None = None


def list_users(
    deps: Deps, actor: Actor, wanted: UserFilter, *, limit: int, after: str | None
) -> Listing[Account]:
    """Accounts by role and e-mail: all for an admin, for an owner those who work at their sites.
    A query and a batch read a page."""
    if wanted.site is not None:
        access.require_runs(actor, wanted.site)
    if wanted.email is not None:
        return Listing(_by_email(deps, actor, wanted), None)
    found: list[Account] = []
    for looked_at, account in enumerate(_directory(deps, _roles(actor, wanted), limit, after), 1):
        if _is_wanted(actor, wanted, account):
            if len(found) == limit:
                return Listing(tuple(found), _place(found[-1]))
            found.append(account)
        if looked_at == MOST_READ:
            return Listing(tuple(found), _place(account))
    return Listing(tuple(found), None)


def get_user(deps: Deps, actor: Actor, account_id: str) -> Account:
    """One account. Raises AccountNotFound, also for those an owner has nothing to do with."""
    account = deps.accounts.get(account_id)
    if not _is_visible(actor, account):
        raise errors.AccountNotFound()
    return account


def create_user(deps: Deps, actor: Actor, new: NewUser, *, source_ip: str) -> Account:
    """Open an account with a role. Raises Forbidden, Invalid, EmailTaken."""
    _require_may_place(actor, new.role, new.sites)
    _require_placed(deps, new.role, new.sites)
    account = Account(
        account_id=f"US{deps.new_locator()}",
        email=login_name(new.email),
        name=new.name,
        phone=new.phone,
        username=new.username,
        role=new.role,
        sites=new.sites,
        password=NO_PASSWORD if new.password is None else _hashed(deps, new, new.password),
        created_at=deps.now(),
    )
    mail: MailName = "reset_password" if new.password is None else "verify_email"
    return sign_in.enrol(deps, account, by=actor, mail=mail, source_ip=source_ip)


def edit_user(
    deps: Deps, actor: Actor, account_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Account:
    """Change some fields of an account; a new role that has no sites clears them, and switching
    the account off ends its sign-ins. Raises AccountNotFound, Forbidden, Invalid."""

    def once() -> Account:
        before = get_user(deps, actor, account_id)
        edited = _edited(before, changes)
        _require_may_edit(actor, before, edited, changes)
        _require_placed(deps, edited.role, edited.sites - before.sites, all_sites=edited.sites)
        edit = audit_events.event(
            deps,
            actor=actor,
            action="edit_user",
            subject=account_id,
            site=sign_in.filed_under(actor, edited if edited.sites else before),
            source_ip=source_ip,
            detail=", ".join(changes),
        )
        deps.commit(saving(edited).auditing(edit))
        return edited

    return deps.retry_on_conflict(once)


def delete_user(deps: Deps, actor: Actor, account_id: str, *, source_ip: str) -> None:
    """Erase somebody's account. Raises AccountNotFound, Forbidden, PaymentDue, InUse."""
    account = get_user(deps, actor, account_id)
    if actor.owns(account_id):
        raise errors.Forbidden("Erase your own account under /api/me.")
    _require_may_edit(actor, account, account, {})
    erasure.erase(deps, account_id, by=actor, action="delete_user", source_ip=source_ip)


def _edited(before: Account, changes: Mapping[str, Any]) -> Account:
    role = changes.get("role", before.role)
    sites = changes.get("sites", before.sites if role in _PLACED else frozenset())
    ended = changes.get("active", before.active) is False and before.active
    return before.evolve(**{**changes, "sites": sites, "epoch": before.epoch + ended})


def _require_may_edit(
    actor: Actor, before: Account, edited: Account, changes: Mapping[str, Any]
) -> None:
    """Refuse (Forbidden) whoever changes their own standing, and an owner who reaches beyond the
    staff of their own sites."""
    if actor.owns(before.account_id) and _STANDING & changes.keys():
        raise errors.Forbidden("Nobody changes their own role, sites or standing.")
    if actor.role is Role.ADMIN:
        return
    if before.role is not Role.STAFF:
        raise errors.Forbidden("Owners look after staff only.")
    _require_may_place(actor, edited.role, edited.sites ^ before.sites)
    if changes.keys() - {"sites"} or not changes:
        _require_may_place(actor, before.role, before.sites)


def _require_may_place(actor: Actor, role: Role, sites: frozenset[str]) -> None:
    """Refuse (Forbidden) an owner who gives another role than staff, or a place elsewhere."""
    if actor.role is Role.ADMIN:
        return
    if role is not Role.STAFF:
        raise errors.Forbidden("Only an admin gives this role.")
    for site in sites:
        access.require_runs(actor, site)


def _require_placed(
    deps: Deps, role: Role, new: frozenset[str], *, all_sites: frozenset[str] | None = None
) -> None:
    """Refuse (Invalid) sites that do not go with the role, and new ones that do not exist."""
    require_sites_of_role(role, new if all_sites is None else all_sites)
    for site in sorted(new):
        try:
            deps.catalogue.site(site)
        except errors.SiteNotFound:
            raise errors.Invalid({"sites": f"there is no site {site}"}) from None


def _hashed(deps: Deps, new: NewUser, password: str) -> str:
    names = (new.email, new.name, new.username or new.name)
    require_good_password(password, names=names, is_local=deps.settings.is_local)
    return deps.passwords.hash(password)


def _is_visible(actor: Actor, account: Account) -> bool:
    if account.erased:
        return False
    if actor.role is Role.ADMIN or actor.owns(account.account_id):
        return True
    return account.role in _PLACED and bool(account.sites & actor.sites)


def _is_wanted(actor: Actor, wanted: UserFilter, account: Account) -> bool:
    return _is_visible(actor, account) and (wanted.site is None or wanted.site in account.sites)


def _roles(actor: Actor, wanted: UserFilter) -> tuple[Role, ...]:
    """The roles whose directories are read, in their order."""
    seen = tuple(Role) if actor.role is Role.ADMIN else (Role.STAFF, Role.OWNER)
    return tuple(role for role in seen if wanted.role in (None, role))


def _directory(
    deps: Deps, roles: tuple[Role, ...], limit: int, after: str | None
) -> Iterator[Account]:
    """The accounts of these roles, one role after the other, from behind a place."""
    role_name, account_id, email = after.split(" ", 2) if after else ("", "", "")
    behind = (email, account_id) if after else None
    start = roles.index(Role(role_name)) if after else 0
    for role in roles[start:]:
        page = deps.accounts.directory(role, limit=limit + 1, after=behind)
        yield from page.accounts
        while page.next is not None:
            behind = (page.next.email, page.next.account_id)
            page = deps.accounts.directory(role, limit=limit + 1, after=behind)
            yield from page.accounts
        behind = None


def _place(account: Account) -> str:
    """Where a list goes on behind this account."""
    return f"{account.role.value} {account.account_id} {account.email}"


def _by_email(deps: Deps, actor: Actor, wanted: UserFilter) -> tuple[Account, ...]:
    account = deps.accounts.find_by_login(wanted.email or "")
    if account is None or not _is_wanted(actor, wanted, account):
        return ()
    return (account,) if wanted.role in (None, account.role) else ()
