"""The actor's own account: verify the address, change the password, edit the profile.

Links in mails carry the epoch of the account. A new password increases the epoch, so a link for a
password works once, and all earlier links are void.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.accounts.account import Account, require_good_password
from chalicelib.domain.core import effect, errors, unixtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.services.accounts import mailboxes, proof, sign_in
from chalicelib.services.accounts.sign_in import ANONYMOUS
from chalicelib.services.core import audit_events, signed_links
from chalicelib.services.core.deps import Deps

MOST_RESET_MAILS: Final = 3
"""Mails per hour to one address, so that others cannot flood it."""

_HOUR: Final = int(timedelta(hours=1).total_seconds())


def me(deps: Deps, actor: Actor) -> Account:
    """The account of the actor: one consistent read. Raises AccountNotFound."""
    return deps.accounts.get(actor.account_id)


def purpose_of(deps: Deps, token: str) -> LinkPurpose:
    """The purpose of a valid link of an account. Raises LinkExpired."""
    purpose = signed_links.read(deps, token).purpose
    _account_of(deps, token, purpose)
    return purpose


def verify_email(deps: Deps, token: str, *, source_ip: str) -> Account:
    """Verify the address of an account by a link mailed to it: a read and a transaction; without
    effect where it is verified. Raises LinkExpired."""

    def once() -> Account:
        account = _account_of(deps, token, "verify_email")
        if account.verified:
            return account
        verified = account.evolve(verified=True)
        change = saving(verified, *mailboxes.after_proof(deps, verified.email))
        change = change.sending(*proof.late_mails(deps, account))
        deps.commit(change.auditing(_audit_event(deps, verified, "verify_email", source_ip)))
        return verified

    return deps.retry_on_conflict(once)


def is_verified(deps: Deps, token: str) -> bool:
    """Whether the address of the link is verified. Raises LinkExpired."""
    return _account_of(deps, token, "verify_email").verified


def forgot_password(deps: Deps, email: str, *, source_ip: str) -> None:
    """Mail a link for a new password, if the account exists. The caller cannot see the difference.
    Unknown addresses and too many mails are audited as refusals."""
    account = deps.accounts.find_by_login(email)
    if account is None or not account.active or not _may_mail(deps, account):
        audit_events.refused(
            deps,
            actor=ANONYMOUS,
            action="forgot_password",
            subject=account.account_id if account else "-",
            refusal=errors.TooMany() if account else errors.AccountNotFound(),
            source_ip=source_ip,
        )
        return
    mail = effect.mail("reset_password", account.account_id)
    event = _audit_event(deps, account, "forgot_password", source_ip, by=ANONYMOUS)
    deps.commit(Change().sending(mail).auditing(event))


def _may_mail(deps: Deps, account: Account) -> bool:
    window = unixtime.of(deps.now()) // _HOUR
    mails = deps.counters.count(f"reset#{account.account_id}", window, ttl=(window + 2) * _HOUR)
    return mails <= MOST_RESET_MAILS * deps.settings.limits_factor


def reset_password(deps: Deps, token: str, password: str, *, source_ip: str) -> Account:
    """Set a new password by a mailed link, which verifies the address too. Unlocks the account and
    voids all sign-ins. A repeated call with the same password (a double click) returns the account.
    Raises LinkExpired, Invalid."""

    def once() -> Account:
        account, is_current = _account_and_validity(deps, token, "reset_password")
        if not is_current:
            return _require_set_already(deps, account, password)
        _require_good(deps, account, password)
        renewed = account.with_password(deps.passwords.hash(password), verified=True)
        change = saving(renewed, *mailboxes.after_proof(deps, renewed.email))
        change = change.sending(*proof.late_mails(deps, account))
        deps.commit(change.auditing(_audit_event(deps, renewed, "reset_password", source_ip)))
        return renewed

    return deps.retry_on_conflict(once)


def change_password(
    deps: Deps, actor: Actor, *, current: str, password: str, source_ip: str
) -> Account:
    """Replace the password, given the current one. A wrong one counts as a failed sign-in. Voids
    all sign-ins, the actor's own included. Raises Invalid, LockedOut."""

    def once() -> Account:
        account = deps.accounts.get(actor.account_id)
        sign_in.require_unlocked(deps, account, "change_password", source_ip)
        if not deps.passwords.verify(account.password, current):
            sign_in.count_failure(deps, account, "change_password", source_ip)
            raise errors.Invalid({"current_password": "is not right"})
        _require_good(deps, account, password)
        renewed = account.with_password(deps.passwords.hash(password))
        deps.commit(
            saving(renewed).auditing(_audit_event(deps, renewed, "change_password", source_ip))
        )
        return renewed

    return deps.retry_on_conflict(once)


def edit(
    deps: Deps,
    actor: Actor,
    changes: Mapping[str, Any],
    *,
    passwords: tuple[str, str] | None = None,
    source_ip: str,
) -> Account:
    """Change the name or the phone number of the actor, and the password where `passwords` has the
    current and the new one. Raises Invalid, LockedOut."""
    if passwords is not None:
        current, new = passwords
        change_password(deps, actor, current=current, password=new, source_ip=source_ip)

    def once() -> Account:
        edited = deps.accounts.get(actor.account_id).evolve(**changes)
        deps.commit(saving(edited).auditing(_audit_event(deps, edited, "edit_me", source_ip)))
        return edited

    return deps.retry_on_conflict(once) if changes else me(deps, actor)


def _account_of(deps: Deps, token: str, purpose: LinkPurpose) -> Account:
    """The account that a link was mailed to. Raises LinkExpired for a link of another purpose, and
    for one that a new password has voided."""
    account, is_current = _account_and_validity(deps, token, purpose)
    if not is_current:
        raise errors.LinkExpired()
    return account


def _account_and_validity(deps: Deps, token: str, purpose: LinkPurpose) -> tuple[Account, bool]:
    """The account that a link was mailed to, and whether its epoch is still that of the link.
    Raises LinkExpired."""
    claims = signed_links.opened(deps, token, purpose)
    try:
        account = deps.accounts.get(claims.subject_id)
    except errors.AccountNotFound:
        raise errors.LinkExpired() from None
    if not account.active:
        raise errors.LinkExpired()
    return account, claims.version == account.epoch


def _require_set_already(deps: Deps, account: Account, password: str) -> Account:
    """The account, where `password` is already its password. Raises LinkExpired otherwise."""
    if not deps.passwords.verify(account.password, password):
        raise errors.LinkExpired()
    return account


def _require_good(deps: Deps, account: Account, password: str) -> None:
    names = (*account.login_names, account.name)
    require_good_password(password, names=names, is_local=deps.settings.is_local)


def _audit_event(
    deps: Deps, account: Account, action: str, source_ip: str, *, by: Actor | None = None
) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=by or account.actor(),
        action=action,
        subject=account.account_id,
        source_ip=source_ip,
    )
