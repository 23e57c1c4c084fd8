"""The actor's own account: verify the address, change the password, edit the profile.

Links in mails carry the epoch of the account. A new password increases the epoch, so a link for a
password works once, and all earlier links are void.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.accounts.account import Account, require_good_password
from chalicelib.domain.accounts.wrong_passwords import place_of
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import ANONYMOUS, Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.expected import ANY
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.services.accounts import address, mailboxes, password_checks, proof
from chalicelib.services.core import audit_events, signed_links
from chalicelib.services.core.deps import Deps

_HOUR: Final = int(timedelta(hours=1).total_seconds())


def me(deps: Deps, actor: Actor) -> Account:
    """The account of the actor: one consistent read. Raises AccountNotFound."""
    return deps.accounts.get(actor.account_id)


def purpose_of(deps: Deps, token: str) -> LinkPurpose:
    """The purpose of a valid link of an account. Raises LinkExpired."""
    claims = signed_links.read(deps, token)
    if claims.purpose == address.PURPOSE:
        address.of_link(deps, claims)
    else:
        _account_of(deps, token, claims.purpose)
    return claims.purpose


def verify_email(deps: Deps, token: str, *, source_ip: str) -> Account:
    """Verify the address of an account by a link mailed to it, also a new one: a read and a
    transaction; without effect where it is verified. Raises LinkExpired, EmailTaken."""
    claims = signed_links.read(deps, token)
    if claims.purpose == address.PURPOSE:
        return address.prove(deps, claims, source_ip=source_ip)

    def once() -> Account:
        account = _account_of(deps, token, "verify_email")
        if account.verified:
            return account
        verified = account.evolve(verified=True)
        change = saving(verified, *mailboxes.after_proof(deps, verified.email))
        change = change.sending(*proof.late_mails(deps, account))
        deps.commit(change.auditing(audit_events.of_own(deps, verified, "verify_email", source_ip)))
        return verified

    return deps.retry_on_conflict(once)


def is_verified(deps: Deps, token: str) -> bool:
    """Whether the address of the link is verified. Raises LinkExpired."""
    claims = signed_links.read(deps, token)
    if claims.purpose == address.PURPOSE:
        return address.of_link(deps, claims).epoch != claims.version
    return _account_of(deps, token, "verify_email").verified


def forgot_password(deps: Deps, email: str, *, source_ip: str) -> None:
    """Mail a link for a new password, if the account exists and is active. The caller cannot see
    the difference, nor measure it: the steps are the same. Unknown addresses and too many mails are
    audited as refusals."""
    may_mail = mailboxes.may_mail(deps, "reset", email, seconds=_HOUR)
    account_id = deps.accounts.id_of_login(email)
    refusal = errors.AccountNotFound if account_id is None else None if may_mail else errors.TooMany
    event = audit_events.event(
        deps,
        actor=ANONYMOUS,
        action="forgot_password",
        subject=account_id or "-",
        source_ip=source_ip,
        outcome=refusal.code if refusal else "allowed",
    )
    change = Change().auditing(event)
    if account_id is not None and may_mail:
        change = change.sending(effect.mail("reset_password", account_id))
    deps.commit(change)


def reset_password(deps: Deps, token: str, password: str, *, source_ip: str) -> Account:
    """Set a new password by a mailed link, which verifies the address too. Voids all sign-ins; from
    `source_ip` the account is not locked any more. A repeated call with the same password (a double
    click) returns the account; any other password counts as a failed sign-in. Raises LinkExpired,
    LockedOut, Invalid."""

    def once() -> Account:
        account, age = _account_and_age(deps, token, "reset_password")
        if age == 1:
            return _require_set_already(deps, account, password, source_ip)
        if age:
            raise errors.LinkExpired()
        _require_good(deps, account, password)
        renewed = account.with_password(
            deps.passwords.hash(password), _place(account, source_ip), by_link=True
        )
        change = saving(renewed, *mailboxes.after_proof(deps, renewed.email))
        change = change.sending(*proof.late_mails(deps, account))
        deps.commit(
            change.auditing(audit_events.of_own(deps, renewed, "reset_password", source_ip))
        )
        return renewed

    return deps.retry_on_conflict(once)


def change_password(
    deps: Deps, actor: Actor, *, current: str, password: str, source_ip: str
) -> Account:
    """Replace the password, given the current one. A wrong one counts as a failed sign-in. Voids
    all sign-ins, the actor's own included. Raises Invalid, LockedOut."""

    def once() -> Account:
        account = deps.as_expected(deps.accounts.get(actor.account_id))
        password_checks.require_own(
            deps, account, current, action="change_password", source_ip=source_ip
        )
        _require_good(deps, account, password)
        renewed = account.with_password(deps.passwords.hash(password), _place(account, source_ip))
        deps.commit(
            saving(renewed).auditing(
                audit_events.of_own(deps, renewed, "change_password", source_ip)
            )
        )
        return renewed

    return deps.retry_on_conflict(once)


def edit(
    deps: Deps,
    actor: Actor,
    changes: Mapping[str, Any],
    *,
    current: str = "",
    password: str | None = None,
    email: str | None = None,
    source_ip: str,
) -> Account:
    """Change the name or the phone number of the actor, and with the `current` password the
    password, or the address, which has to be proved first. Raises Invalid, LockedOut, TooMany."""
    if email is not None:  # before the new password, which would stand if this is refused
        address.require_may_ask(deps, actor.account_id)
    if password is not None:
        change_password(deps, actor, current=current, password=password, source_ip=source_ip)
        deps = replace(deps, expected=ANY)  # the new password has made another version
    if email is not None:
        ask_for_address(deps, actor, email, password or current, source_ip=source_ip)
        deps = replace(deps, expected=ANY)

    def once() -> Account:
        edited = deps.as_expected(deps.accounts.get(actor.account_id)).evolve(**changes)
        deps.commit(
            saving(edited).auditing(audit_events.of_own(deps, edited, "edit_me", source_ip))
        )
        return edited

    return deps.retry_on_conflict(once) if changes else deps.as_expected(me(deps, actor))


def ask_for_address(
    deps: Deps, actor: Actor, email: str, password: str, *, source_ip: str
) -> Account:
    """Ask for a new address, given the password. A wrong one counts as a failed sign-in; nothing
    changes until the address is proved. Raises Invalid, LockedOut."""

    def once() -> Account:
        before = deps.as_expected(deps.accounts.get(actor.account_id))
        password_checks.require_own(
            deps, before, password, action="ask_for_email", source_ip=source_ip
        )
        asked = before.evolve(pending_email=address.pending(before, email))
        event = audit_events.of_own(deps, asked, "ask_for_email", source_ip)
        deps.commit(saving(asked).auditing(event).sending(*address.mails(before, asked)))
        return asked

    return deps.retry_on_conflict(once)


def _account_of(deps: Deps, token: str, purpose: LinkPurpose) -> Account:
    """The account that a link was mailed to. Raises LinkExpired for a link of another purpose, and
    for one that a new password has voided."""
    account, age = _account_and_age(deps, token, purpose)
    if age:
        raise errors.LinkExpired()
    return account


def _account_and_age(deps: Deps, token: str, purpose: LinkPurpose) -> tuple[Account, int]:
    """The account that a link was mailed to, and how often it has changed its epoch since then: 0
    for a valid link. Raises LinkExpired."""
    claims = signed_links.opened(deps, token, purpose)
    try:
        account = deps.accounts.get(claims.subject_id)
    except errors.AccountNotFound:
        raise errors.LinkExpired() from None
    if not account.active:
        raise errors.LinkExpired()
    return account, account.epoch - claims.version


def _require_set_already(deps: Deps, account: Account, password: str, source_ip: str) -> Account:
    """The account, where `password` is already its password. A used link is no better way to guess
    than a sign-in: it is refused while that is locked, and a wrong password counts. Raises
    LinkExpired, LockedOut."""
    password_checks.require_unlocked(deps, account, "reset_password", source_ip)
    if not deps.passwords.verify(account.password, password):
        password_checks.count_failure(deps, account, "reset_password", source_ip)
        raise errors.LinkExpired()
    return account


def _place(account: Account, source_ip: str) -> str:
    return place_of(account.account_id, source_ip)


def _require_good(deps: Deps, account: Account, password: str) -> None:
    names = (*account.login_names, account.name)
    require_good_password(password, names=names, is_local=deps.settings.is_local)
