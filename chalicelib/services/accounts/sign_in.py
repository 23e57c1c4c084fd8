"""Sign-up, sign-in, sign-out, and the authentication of requests.

A sign-in opens a session: a family of refresh tokens, of which only the newest is valid, and the
access tokens issued with them. A later use of a replaced refresh token ends its session
(docs/decisions/sign-in.md). Access tokens are valid for a day, so each request also checks that the
account is active, its epoch unchanged and the session open. The instance caches these facts for
`CATALOGUE_SECONDS`, so a sign-out takes that long to reach the other instances.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from chalicelib.domain.accounts.account import Account, login_name, require_good_password
from chalicelib.domain.accounts.wrong_passwords import place_of
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import ANONYMOUS, Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.effect import MailName
from chalicelib.domain.core.sentence import say
from chalicelib.gateways.tokens import REFRESH_LIFE
from chalicelib.services.accounts import mailboxes, password_checks
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.store.sessions import Rotation


@dataclass(frozen=True)
class SessionActor(Actor):
    """An account as an actor, with its session."""

    session: str = ""


@dataclass(frozen=True)
class SignIn:
    """The result of a sign-in: an access token, a refresh token, and their account."""

    access: str
    refresh: str
    account: Account


def authenticate(deps: Deps, token: str) -> SessionActor:
    """The actor of an access token, with the role and the sites of the account, not of the token,
    so that a change applies at once. Raises NotAuthenticated, TokenExpired."""
    claims = deps.tokens.read_access(token, deps.now())
    return revalidate(deps, claims.account_id, claims.epoch, claims.session)


def revalidate(deps: Deps, account_id: str, epoch: int, session: str) -> SessionActor:
    """The actor of an earlier sign-in, with the current role and sites. Raises NotAuthenticated
    where the sign-in has ended."""
    account = _account_of(deps.accounts.known, account_id, epoch)
    if not deps.sessions.is_open(account_id, session):
        raise errors.NotAuthenticated(_ENDED)
    return SessionActor(**vars(account.actor()) | {"session": session})


def register(
    deps: Deps,
    *,
    email: str,
    password: str,
    name: str,
    phone: str | None,
    language: str | None = None,
    source_ip: str,
) -> Account:
    """Create the account of a customer, and mail a link to verify the address. An address that has
    an account gets a mail that says so, and nothing is created. The account that is returned looks
    like a new one: the caller does not learn who has an account. Raises Invalid for a weak
    password."""
    require_good_password(password, names=(email, name), is_local=deps.settings.is_local)
    account = Account(
        account_id=f"US{deps.new_locator()}",
        email=login_name(email),
        name=name,
        phone=phone,
        language=language,
        password=deps.passwords.hash(password),
        created_at=deps.now(),
    )
    may_mail = mailboxes.may_mail(deps, "register", email)
    owner = deps.accounts.id_of_login(email)
    if owner in (None, account.account_id):
        try:
            return create_account(
                deps, account, by=account.actor(), mail="verify_email", source_ip=source_ip
            )
        except errors.EmailTaken:
            owner = deps.accounts.id_of_login(email)
    if owner is not None:
        _refuse_quietly(deps, owner, may_mail=may_mail, source_ip=source_ip)
    return account


def _refuse_quietly(deps: Deps, owner: str, *, may_mail: bool, source_ip: str) -> None:
    """Audit that an address was registered again, and mail it to the account that has it; without
    effect where an earlier run of the request has done so."""
    event = audit_events.event(
        deps,
        actor=ANONYMOUS,
        action="register",
        subject=owner,
        source_ip=source_ip,
        outcome=errors.EmailTaken.code,
    )
    change = Change().auditing(audit_events.again(deps, event))
    try:
        deps.commit(change.sending(effect.mail("address_taken", owner)) if may_mail else change)
    except errors.AlreadyExists:
        if deps.replay is None:
            raise


def create_account(
    deps: Deps, account: Account, *, by: Actor, mail: MailName, source_ip: str
) -> Account:
    """Save a new account with its sign-in names, its first mail and its audit event: one
    transaction. A replayed request returns the account of an earlier run of it, and no other.
    Raises EmailTaken."""
    account = replace(account, made_under=deps.replay.claim if deps.replay else "")
    action = "register" if by.account_id == account.account_id else "create_user"
    event = audit_events.event(
        deps,
        actor=by,
        action=action,
        subject=account.account_id,
        site=audit_site(by, account),
        source_ip=source_ip,
        detail=account.role.value,
    )
    change = saving(account).sending(effect.mail(mail, account.account_id)).auditing(event)
    try:
        deps.commit(change)
    except errors.EmailTaken:
        raise
    except errors.AlreadyExists:
        found = deps.accounts.get(account.account_id)
        is_same = (found.email, found.role) == (account.email, account.role)
        if not (is_same and deps.is_replay_of(found.created_at)):
            raise
        return found
    return account


def audit_site(by: Actor, account: Account) -> str | None:
    """The site whose audit trail has a step on an account: one that `by` runs, otherwise its first;
    None for an account without sites."""
    return next(iter(sorted(account.sites & by.sites) or sorted(account.sites)), None)


def login(deps: Deps, name: str, password: str, *, source_ip: str) -> SignIn:
    """Sign in with an e-mail address or a user name. An unknown name, a wrong password and an
    inactive account give the same answer in the same time. Raises BadCredentials, LockedOut."""
    is_right = cache(lambda hashed: deps.passwords.verify(hashed, password))
    try:
        account = deps.retry_on_conflict(
            lambda: _attempt_sign_in(deps, name, password, is_right, source_ip)
        )
    except errors.StaleVersion:
        raise errors.LockedOut(retry_after=1) from None
    return open_session(deps, account)


def _attempt_sign_in(
    deps: Deps, name: str, password: str, is_right: Callable[[str], bool], source_ip: str
) -> Account:
    """The account of `name` after a sign-in."""
    account = deps.accounts.find_by_login(name)
    if account is None:
        password_checks.refuse_unknown_name(
            deps, name, is_right, action="login", source_ip=source_ip
        )
    password_checks.require_unlocked(deps, account, "login", source_ip)
    if not is_right(account.password) or not account.active:
        password_checks.count_failure(deps, account, "login", source_ip)
        raise errors.BadCredentials()
    needs_rehash = deps.passwords.needs_rehash(account.password)
    signed_in = account.signed_in(
        place_of(account.account_id, source_ip),
        password=deps.passwords.hash(password) if needs_rehash else None,
    )
    deps.commit(
        saving(signed_in).auditing(audit_events.of_own(deps, signed_in, "login", source_ip))
    )
    return signed_in


def open_session(deps: Deps, account: Account) -> SignIn:
    """Open a session for an authenticated account: one write."""
    session, token_id = deps.new_id("SE"), deps.new_id("RT")
    now = deps.now()
    deps.sessions.open(account.account_id, session, token_id, now + REFRESH_LIFE)
    return _tokens(deps, account, session, Rotation(token_id, now))


def refresh(deps: Deps, token: str, *, source_ip: str) -> SignIn:
    """New tokens for a refresh token: at most two updates and two reads. Used again within
    `GRACE_SECONDS`, as by two tabs of one browser, it gets the same tokens. Raises
    NotAuthenticated, TokenExpired, and RefreshReused at a later use, which ends the session,
    because one of the two callers has stolen the token."""
    now = deps.now()
    claims = deps.tokens.read_refresh(token, now)
    account = _account_of(deps.accounts.get, claims.account_id, claims.epoch)
    rotation = deps.sessions.rotate(
        account.account_id,
        claims.session,
        presented=claims.token_id,
        current=deps.new_id("RT"),
        now=now,
        until=now + REFRESH_LIFE,
    )
    if rotation == "reused":
        deps.sessions.close(account.account_id, claims.session)
        password_checks.audit_failure(
            deps, account.account_id, errors.RefreshReused(), "refresh", source_ip
        )
        raise errors.RefreshReused()
    if rotation == "closed":
        raise errors.NotAuthenticated(_ENDED)
    return _tokens(deps, account, claims.session, rotation)


def logout(deps: Deps, actor: Actor, *, refresh_token: str | None, source_ip: str) -> None:
    """End the session of `actor` and, where given, that of a refresh token of the same account. Its
    tokens are void on this instance at once, on the others within `CATALOGUE_SECONDS`."""
    sessions = {actor.session} if isinstance(actor, SessionActor) else set()
    if refresh_token is not None:
        sessions |= _session_of(deps, actor, refresh_token)
    for session in sessions:
        deps.sessions.close(actor.account_id, session)
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


def _account_of(read: Callable[[str], Account], account_id: str, epoch: int) -> Account:
    """The account of a token. Raises NotAuthenticated where its sign-ins are void."""
    try:
        account = read(account_id)
    except errors.AccountNotFound:
        raise errors.NotAuthenticated() from None
    if not account.active or account.epoch != epoch:
        raise errors.NotAuthenticated(_ENDED)
    return account


def _tokens(deps: Deps, account: Account, session: str, rotation: Rotation) -> SignIn:
    """The tokens of a rotation: the same ones each time."""
    token_id, actor = rotation.current, account.actor()
    return SignIn(
        access=deps.tokens.access(
            account.account_id,
            actor.role,
            actor.sites,
            account.epoch,
            now=rotation.at,
            session=session,
            token_id=token_id.replace("RT", "AT", 1),
        ),
        refresh=deps.tokens.refresh(
            account.account_id, account.epoch, now=rotation.at, session=session, token_id=token_id
        ),
        account=account,
    )


_ENDED: Final = say("sign_in_ended")
