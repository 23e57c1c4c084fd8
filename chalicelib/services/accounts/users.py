"""Management of accounts by admins and owners (docs/rules/accounts.md).

An admin may do everything except change their own role. An owner sees the staff and the owners of
their own sites, and creates, edits and deletes the staff of those sites only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from chalicelib.domain.accounts.account import (
    Account,
    login_name,
    require_good_password,
    require_sites_of_role,
)
from chalicelib.domain.core import access, effect, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Effect, MailName
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.accounts import address, erasure, sign_in
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

MOST_READ: Final = 500
"""Accounts read for one page. Where filters apply, the page may have fewer than its limit."""

_SITE_ROLES: Final = frozenset({Role.STAFF, Role.OWNER})
"""The roles that have sites."""

_PROTECTED: Final = frozenset({"role", "sites", "active"})
"""The fields that accounts cannot change of themselves."""


@dataclass(frozen=True)
class UserFilter:
    """The filters of a list of accounts; None: no filter."""

    role: Role | None = None
    site: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class NewUser:
    """A new account. Without a password it gets a mail with a link to choose one. `verified` where
    the operator vouches for the address."""

    email: str
    name: str
    role: Role
    sites: frozenset[str] = frozenset()
    phone: str | None = None
    username: str | None = None
    password: str | None = None
    verified: bool = False
    language: str | None = None


def list_users(
    deps: Deps, actor: Actor, filters: UserFilter, *, limit: int, after: str | None
) -> Listing[Account]:
    """The accounts by role and e-mail: all for an admin; for an owner the staff and owners of their
    sites. Cost: one query and one batch read per page. Raises Forbidden."""
    if filters.site is not None:
        access.require_runs(actor, filters.site)
    if filters.email is not None:
        return Listing(_by_email(deps, actor, filters), None)
    found: list[Account] = []
    for number, account in enumerate(_directory(deps, _roles(actor, filters), limit, after), 1):
        if _matches(actor, filters, account):
            if len(found) == limit:
                return Listing(tuple(found), _cursor(found[-1]))
            found.append(account)
        if number == MOST_READ:
            return Listing(tuple(found), _cursor(account))
    return Listing(tuple(found), None)


def get_user(deps: Deps, actor: Actor, account_id: str) -> Account:
    """One account. Raises AccountNotFound, also for one that the actor may not see."""
    account = deps.accounts.get(account_id)
    if not _is_visible(actor, account):
        raise errors.AccountNotFound()
    return account


def create_user(deps: Deps, actor: Actor, new: NewUser, *, source_ip: str) -> Account:
    """Create an account with a role. Raises Forbidden, Invalid, EmailTaken."""
    _require_may_assign(actor, new.role, new.sites)
    _require_sites(deps, new.role, new.sites)
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
        verified=new.verified,
        language=new.language,
    )
    mail: MailName = "reset_password" if new.password is None else "verify_email"
    return sign_in.create_account(deps, account, by=actor, mail=mail, source_ip=source_ip)


def edit_user(
    deps: Deps, actor: Actor, account_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Account:
    """Change some fields of an account. A new role without sites clears the sites, and deactivation
    voids all sign-ins. Rights void a password that no reader of the mailbox has proved, and a mail
    asks to choose one; so does the correction of an address that is not verified. A new address has
    to be proved first. Raises AccountNotFound, Forbidden, Invalid, TooMany."""
    if "email" in changes:
        _require_may_ask(deps, actor, account_id, changes)

    def once() -> Account:
        before = deps.as_expected(get_user(deps, actor, account_id))
        edited = _edited(before, changes)
        _require_may_edit(actor, before, edited, changes)
        _require_sites(deps, edited.role, edited.sites - before.sites, all_sites=edited.sites)
        edit = audit_events.event(
            deps,
            actor=actor,
            action="edit_user",
            subject=account_id,
            site=sign_in.audit_site(actor, edited if edited.sites else before),
            source_ip=source_ip,
            detail=", ".join(changes),
        )
        deps.commit(saving(edited).auditing(edit).sending(*_effects(before, edited, changes)))
        return edited

    return deps.retry_on_conflict(once)


def _require_may_ask(deps: Deps, actor: Actor, account_id: str, changes: Mapping[str, Any]) -> None:
    """Count a request for a new address, of an actor who may ask for it: one read. Raises
    AccountNotFound, Forbidden, TooMany."""
    before = get_user(deps, actor, account_id)
    _require_may_edit(actor, before, _edited(before, changes), changes)
    address.require_may_ask(deps, account_id)


def delete_user(deps: Deps, actor: Actor, account_id: str, *, source_ip: str) -> None:
    """Erase the account of another person. Raises AccountNotFound, Forbidden, PaymentDue, InUse."""
    account = get_user(deps, actor, account_id)
    if actor.owns(account_id):
        raise errors.Forbidden(say("erase_under_me"))
    _require_may_edit(actor, account, account, {})
    erasure.erase(deps, account_id, by=actor, action="delete_user", source_ip=source_ip)


def _edited(before: Account, changes: Mapping[str, Any]) -> Account:
    role = changes.get("role", before.role)
    sites = changes.get("sites", before.sites if role in _SITE_ROLES else frozenset())
    others = {name: value for name, value in changes.items() if name != "email"}
    if "email" in changes:
        others["pending_email"] = address.pending(before, changes["email"])
    edited = before.evolve(**{**others, "sites": sites})
    if _must_prove(before, edited) or _corrects(before, edited, changes):
        edited = replace(edited, password=NO_PASSWORD)
    if not _ends_sign_ins(before, edited, changes):
        return edited
    asks = "email" in changes or address.is_corrected(before)
    pending = edited.pending_email if asks else None
    return replace(edited, epoch=before.epoch + 1, pending_email=pending)


def _ends_sign_ins(before: Account, edited: Account, changes: Mapping[str, Any]) -> bool:
    """Whether an edit voids the sign-ins and links so far: a wrong address has received some."""
    is_switched_off = before.active and not edited.active
    may_be_wrong = "email" in changes and not before.verified
    return is_switched_off or may_be_wrong or _must_prove(before, edited)


def _corrects(before: Account, edited: Account, changes: Mapping[str, Any]) -> bool:
    """Whether an edit replaces an address that is not verified. A stranger who opened the
    account, or reads there, may know its password."""
    return "email" in changes and edited.pending_email is not None and not before.verified


def _must_prove(before: Account, edited: Account) -> bool:
    """Whether the password has to be chosen by a mailed link before the rights count that an
    account gains. It may be that of a stranger who registered the address, also where its owner
    has followed the link since."""
    is_strangers = before.role is Role.USER and not before.password_proved
    return before.gains_rights(edited) and (not before.verified or is_strangers)


def _effects(before: Account, edited: Account, changes: Mapping[str, Any]) -> Iterator[Effect]:
    """What follows an edit."""
    if "email" in changes:
        yield from address.mails(before, edited)
    elif _must_prove(before, edited) and address.is_corrected(edited):
        yield effect.mail("change_email", edited.account_id)
    if _must_prove(before, edited) and edited.active and not address.is_corrected(edited):
        yield effect.mail("reset_password", edited.account_id)
    if before.active and not edited.active:
        yield effect.end_waiting(edited.account_id)


def _require_may_edit(
    actor: Actor, before: Account, edited: Account, changes: Mapping[str, Any]
) -> None:
    """Require that no account changes its own role, sites or `active`, and that an owner edits
    staff of their own sites only. Raises Forbidden."""
    if actor.owns(before.account_id) and _PROTECTED & changes.keys():
        raise errors.Forbidden(say("not_your_own_role"))
    if actor.owns(before.account_id) and "email" in changes:
        raise errors.Forbidden(say("address_under_me"))
    if actor.role is Role.ADMIN:
        return
    if before.role is not Role.STAFF:
        raise errors.Forbidden(say("owners_edit_staff"))
    _require_may_assign(actor, edited.role, edited.sites ^ before.sites)
    if changes.keys() - {"sites"} or not changes:
        _require_may_assign(actor, before.role, before.sites)


def _require_may_assign(actor: Actor, role: Role, sites: frozenset[str]) -> None:
    """Require that an owner assigns only the role staff, at their own sites. Raises Forbidden."""
    if actor.role is Role.ADMIN:
        return
    if role is not Role.STAFF:
        raise errors.Forbidden(say("only_admin_role"))
    for site in sites:
        access.require_runs(actor, site)


def _require_sites(
    deps: Deps, role: Role, new: frozenset[str], *, all_sites: frozenset[str] | None = None
) -> None:
    """Require sites that match the role, and new ones that exist. Raises Invalid."""
    require_sites_of_role(role, new if all_sites is None else all_sites)
    for site in sorted(new):
        try:
            closed = deps.catalogue.site(site).closed_at is not None
        except errors.SiteNotFound:
            raise errors.Invalid({"sites": say("no_such_site", site=site)}) from None
        if closed:
            raise errors.Invalid({"sites": say("site_closed_for_good", site=site)})


def _hashed(deps: Deps, new: NewUser, password: str) -> str:
    names = (new.email, new.name, new.username or new.name)
    require_good_password(password, names=names, is_local=deps.settings.is_local)
    return deps.passwords.hash(password)


def _is_visible(actor: Actor, account: Account) -> bool:
    if account.erased:
        return False
    if actor.role is Role.ADMIN or actor.owns(account.account_id):
        return True
    return account.role in _SITE_ROLES and bool(account.sites & actor.sites)


def _matches(actor: Actor, filters: UserFilter, account: Account) -> bool:
    return _is_visible(actor, account) and (filters.site is None or filters.site in account.sites)


def _roles(actor: Actor, filters: UserFilter) -> tuple[Role, ...]:
    """The roles to list, in order."""
    visible = tuple(Role) if actor.role is Role.ADMIN else (Role.STAFF, Role.OWNER)
    return tuple(role for role in visible if filters.role in (None, role))


def _directory(
    deps: Deps, roles: tuple[Role, ...], limit: int, after: str | None
) -> Iterator[Account]:
    """The accounts of the roles, one role after the other, after the cursor `after`."""
    role_name, account_id, email = after.split(" ", 2) if after else ("", "", "")
    last = (email, account_id) if after else None
    start = roles.index(Role(role_name)) if after else 0
    for role in roles[start:]:
        page = deps.accounts.directory(role, limit=limit + 1, after=last)
        yield from page.accounts
        while page.next is not None:
            last = (page.next.email, page.next.account_id)
            page = deps.accounts.directory(role, limit=limit + 1, after=last)
            yield from page.accounts
        last = None


def _cursor(account: Account) -> str:
    """The cursor of a list after this account."""
    return f"{account.role.value} {account.account_id} {account.email}"


def _by_email(deps: Deps, actor: Actor, filters: UserFilter) -> tuple[Account, ...]:
    account = deps.accounts.find_by_login(filters.email or "")
    if account is None or not _matches(actor, filters, account):
        return ()
    return (account,) if filters.role in (None, account.role) else ()
