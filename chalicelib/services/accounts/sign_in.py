"""Signing up, in and out; and who a request is from.

A sign-in is a session: a family of refresh tokens of which only the newest is good, and the access
tokens made with them. A second use of a refresh token ends its family (docs/decisions/sign-in.md).
Access tokens live for a day, so every request also asks whether the account is still active,
whether its epoch has moved on and whether the session has been ended: from what the instance has
kept, at most `CATALOGUE_SECONDS` old. That is how long a sign-out may take to reach the other
instances.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, NoReturn

from chalicelib.domain.accounts.account import (
    FIRST_LOCK,
    TRIES,
    Account,
    login_name,
    require_good_password,
)
from chalicelib.domain.core import effect, errors, unixtime
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import MailName
from chalicelib.gateways.tokens import REFRESH_LIFE
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

NOBODY: Final = Actor("-", Role.USER)
"""Whoever calls a public route."""


@dataclass(frozen=True)
class SignedIn(Actor):
    """An account that acts, and the session it does so in."""

    session: str = ""


@dataclass(frozen=True)
class SignIn:
    """What signing in gives: an access token, a refresh token, and whose they are."""

    access: str
    refresh: str
    account: Account


def authenticate(deps: Deps, token: str) -> SignedIn:
    """Who an access token stands for. Role and sites are the account's, not the token's, so that a
    change of them counts at once. Raises NotAuthenticated, TokenExpired."""
    claims = deps.tokens.read_access(token, deps.now())
    return still_signed_in(deps, claims.account_id, claims.epoch, claims.session)


def still_signed_in(deps: Deps, account_id: str, epoch: int, session: str) -> SignedIn:
    """Who acts in a sign-in that was good once, with the role and the sites of today. Raises
    NotAuthenticated."""
    account = _holder(deps.accounts.known, account_id, epoch)
    if not deps.accounts.has_session(account_id, session):
        raise errors.NotAuthenticated(_OVER)
    return SignedIn(account.account_id, account.role, account.sites, account.name, session=session)


def register(
    deps: Deps, *, email: str, password: str, name: str, phone: str | None, source_ip: str
) -> Account:
    """Open a customer's account; a mail asks for the address to be verified. Raises Invalid for a
    poor password, EmailTaken."""
    require_good_password(password, names=(email, name), is_local=deps.settings.is_local)
    account = Account(
        account_id=f"US{deps.new_locator()}",
        email=login_name(email),
        name=name,
        phone=phone,
        password=deps.passwords.hash(password),
        created_at=deps.now(),
    )
    return enrol(deps, account, by=account.actor(), mail="verify_email", source_ip=source_ip)


def enrol(deps: Deps, account: Account, *, by: Actor, mail: MailName, source_ip: str) -> Account:
    """Save a new account with the names that open it, its mail and its audit event. For a repeated
    request the account of the first time. Raises EmailTaken."""
    action = "register" if by.account_id == account.account_id else "create_user"
    opened = audit_events.event(
        deps,
        actor=by,
        action=action,
        subject=account.account_id,
        site=filed_under(by, account),
        source_ip=source_ip,
        detail=account.role.value,
    )
    change = saving(account).sending(effect.mail(mail, account.account_id)).auditing(opened)
    try:
        deps.commit(change)
    except errors.EmailTaken:
        raise
    except errors.AlreadyExists:
        if deps.replay is None:
            raise
        return deps.accounts.get(account.account_id)
    return account


def filed_under(by: Actor, account: Account) -> str | None:
    """The site in whose audit trail a step on an account belongs: one that `by` runs, if any."""
    return next(iter(sorted(account.sites & by.sites) or sorted(account.sites)), None)


def login(deps: Deps, name: str, password: str, *, source_ip: str) -> SignIn:
    """Sign in with an e-mail address or a user name. Unknown names, wrong passwords and accounts
    that are switched off are refused alike. Raises BadCredentials, LockedOut."""
    right = cache(lambda hashed: deps.passwords.verify(hashed, password))
    try:
        account = deps.retry_on_conflict(lambda: _let_in(deps, name, password, right, source_ip))
    except errors.StaleVersion:
        raise errors.LockedOut(retry_after=1) from None
    if account is None:
        _refuse_stranger(deps, name, password, source_ip)
    return sign_in(deps, account)


def _let_in(
    deps: Deps, name: str, password: str, right: Callable[[str], bool], source_ip: str
) -> Account | None:
    """The account that `name` opens, signed in to; None where there is none. Right or wrong, the
    outcome is a write on the account as it was read: of many guesses made at once, no more than
    five are ever judged before it locks."""
    account = deps.accounts.find_by_login(name)
    if account is None:
        return None
    require_unlocked(deps, account, "login", source_ip)
    if not right(account.password):
        count_failure(deps, account, "login", source_ip)
        raise errors.BadCredentials()
    if not account.active:
        _audit_failure(deps, account, errors.BadCredentials(), "login", source_ip)
        raise errors.BadCredentials()
    old = deps.passwords.needs_rehash(account.password)
    inside = account.signed_in(password=deps.passwords.hash(password) if old else None)
    deps.commit(saving(inside).auditing(_did(deps, inside, "login", source_ip)))
    return inside


def require_unlocked(deps: Deps, account: Account, action: str, source_ip: str) -> None:
    """Refuse (LockedOut), and record it, while the account is locked."""
    try:
        account.require_unlocked(deps.now())
    except errors.LockedOut as refusal:
        _audit_failure(deps, account, refusal, action, source_ip)
        raise


def count_failure(deps: Deps, account: Account, action: str, source_ip: str) -> None:
    """Write down one more wrong password. Raises StaleVersion when somebody else was faster."""
    wrong = audit_events.event(
        deps,
        actor=NOBODY,
        action=action,
        subject=account.account_id,
        source_ip=source_ip,
        outcome=errors.BadCredentials.code,
    )
    deps.commit(saving(account.failed(deps.now())).auditing(wrong))


def _audit_failure(
    deps: Deps, account: Account, refusal: errors.Refusal, action: str, source_ip: str
) -> None:
    audit_events.refused(
        deps,
        actor=NOBODY,
        action=action,
        subject=account.account_id,
        refusal=refusal,
        source_ip=source_ip,
    )


def _refuse_stranger(deps: Deps, name: str, password: str, source_ip: str) -> NoReturn:
    """Refuse a name that nobody has as a wrong password would be: after five in a quarter of an
    hour, as locked; otherwise after as much work."""
    seconds = int(FIRST_LOCK.total_seconds())
    now = unixtime.of(deps.now())
    window = now // seconds
    digest = hashlib.sha256(login_name(name).encode()).hexdigest()[:32]
    tries = deps.counters.count(f"stranger#{digest}", window, ttl=(window + 2) * seconds)
    refusal: errors.Refusal = errors.LockedOut(retry_after=(window + 1) * seconds - now)
    if tries <= TRIES:
        deps.passwords.waste(password)
        refusal = errors.BadCredentials()
    audit_events.refused(
        deps, actor=NOBODY, action="login", subject="-", refusal=refusal, source_ip=source_ip
    )
    raise refusal


def sign_in(deps: Deps, account: Account) -> SignIn:
    """Open a session for an account that has proved who it is."""
    session, token_id = deps.new_id("SE"), deps.new_id("RT")
    until = deps.now() + REFRESH_LIFE
    deps.accounts.open_session(account.account_id, session, token_id, until)
    return _tokens(deps, account, session, token_id)


def refresh(deps: Deps, token: str, *, source_ip: str) -> SignIn:
    """New tokens for a refresh token, which is good for nothing after this: two updates and a
    read at most. Raises NotAuthenticated, TokenExpired, and RefreshReused, which ends the whole
    session, because either the caller or whoever came before has stolen it."""
    now = deps.now()
    claims = deps.tokens.read_refresh(token, now)
    account = _holder(deps.accounts.get, claims.account_id, claims.epoch)
    token_id = deps.new_id("RT")
    outcome = deps.accounts.rotate(
        account.account_id,
        claims.session,
        presented=claims.token_id,
        current=token_id,
        until=now + REFRESH_LIFE,
    )
    if outcome == "reused":
        deps.accounts.close_session(account.account_id, claims.session)
        _audit_failure(deps, account, errors.RefreshReused(), "refresh", source_ip)
        raise errors.RefreshReused()
    if outcome == "closed":
        raise errors.NotAuthenticated(_OVER)
    return _tokens(deps, account, claims.session, token_id)


def logout(deps: Deps, actor: Actor, *, refresh_token: str | None, source_ip: str) -> None:
    """End the session of `actor`, and that of a refresh token of theirs if one is given: both
    kinds of its tokens are void, here at once and everywhere within CATALOGUE_SECONDS."""
    sessions = {actor.session} if isinstance(actor, SignedIn) else set()
    if refresh_token is not None:
        sessions |= _session_of(deps, actor, refresh_token)
    for session in sessions:
        deps.accounts.close_session(actor.account_id, session)
    deps.audit.append(
        audit_events.event(
            deps, actor=actor, action="logout", subject=actor.account_id, source_ip=source_ip
        )
    )


def _session_of(deps: Deps, actor: Actor, refresh_token: str) -> set[str]:
    try:
        claims = deps.tokens.read_refresh(refresh_token, deps.now())
    except errors.NotAuthenticated:
        return set()
    return {claims.session} if claims.account_id == actor.account_id else set()


def _holder(read: Callable[[str], Account], account_id: str, epoch: int) -> Account:
    """The account a token was made for. Raises NotAuthenticated when its sign-ins are void."""
    try:
        account = read(account_id)
    except errors.AccountNotFound:
        raise errors.NotAuthenticated() from None
    if not account.active or account.epoch != epoch:
        raise errors.NotAuthenticated(_OVER)
    return account


def _tokens(deps: Deps, account: Account, session: str, token_id: str) -> SignIn:
    now = deps.now()
    return SignIn(
        access=deps.tokens.access(
            account.account_id,
            account.role,
            account.sites,
            account.epoch,
            now=now,
            session=session,
            token_id=deps.new_id("AT"),
        ),
        refresh=deps.tokens.refresh(
            account.account_id, account.epoch, now=now, session=session, token_id=token_id
        ),
        account=account,
    )


def _did(deps: Deps, account: Account, action: str, source_ip: str) -> AuditEvent:
    """The event of what an account did to itself."""
    return audit_events.event(
        deps, actor=account.actor(), action=action, subject=account.account_id, source_ip=source_ip
    )


_OVER: Final = "This sign-in has ended. Sign in again."
