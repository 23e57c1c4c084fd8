"""What people do with their own account: prove the address, replace the password, edit the rest.

Links in mails carry the epoch of the account. A new password moves the epoch on, so a link works
once, and whatever was mailed before is void.
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
from chalicelib.services.accounts import mailboxes, sign_in
from chalicelib.services.accounts.sign_in import NOBODY
from chalicelib.services.core import audit_events, signed_links
from chalicelib.services.core.deps import Deps

MOST_RESET_MAILS: Final = 3
"""An hour, to one address: nobody's mailbox is flooded by somebody who knows it."""

_HOUR: Final = int(timedelta(hours=1).total_seconds())


def me(deps: Deps, actor: Actor) -> Account:
    """The actor's account as it is now. Raises AccountNotFound."""
    return deps.accounts.get(actor.account_id)


def purpose_of(deps: Deps, token: str) -> LinkPurpose:
    """What a link about an account is for, while it is good. Raises LinkExpired."""
    purpose = signed_links.read(deps, token).purpose
    _linked(deps, token, purpose)
    return purpose


def verify_email(deps: Deps, token: str, *, source_ip: str) -> Account:
    """The address is the account's, and mail reaches it: its link has been followed. Raises
    LinkExpired."""

    def once() -> Account:
        account = _linked(deps, token, "verify_email")
        if account.verified:
            return account
        verified = account.evolve(verified=True)
        change = saving(verified, *mailboxes.proved(deps, verified.email))
        deps.commit(change.auditing(_did(deps, verified, "verify_email", source_ip)))
        return verified

    return deps.retry_on_conflict(once)


def is_verified(deps: Deps, token: str) -> bool:
    """Whether the address of a link is verified already. Raises LinkExpired."""
    return _linked(deps, token, "verify_email").verified


def forgot_password(deps: Deps, email: str, *, source_ip: str) -> None:
    """Mail a link for a new password, if the account exists: the caller cannot tell."""
    account = deps.accounts.find_by_login(email)
    if account is None or not account.active or not _may_mail(deps, account):
        audit_events.refused(
            deps,
            actor=NOBODY,
            action="forgot_password",
            subject=account.account_id if account else "-",
            refusal=errors.TooMany() if account else errors.AccountNotFound(),
            source_ip=source_ip,
        )
        return
    mail = effect.mail("reset_password", account.account_id)
    asked = _did(deps, account, "forgot_password", source_ip, by=NOBODY)
    deps.commit(Change().sending(mail).auditing(asked))


def _may_mail(deps: Deps, account: Account) -> bool:
    window = unixtime.of(deps.now()) // _HOUR
    asked = deps.counters.count(f"reset#{account.account_id}", window, ttl=(window + 2) * _HOUR)
    return asked <= MOST_RESET_MAILS * deps.settings.limits_factor


def reset_password(deps: Deps, token: str, password: str, *, source_ip: str) -> Account:
    """Set a new password by a link from the mailbox, which proves the address too. The account is
    unlocked and every sign-in so far is void. Repeated with the same password (a double click) it
    answers as the first time. Raises LinkExpired, Invalid."""

    def once() -> Account:
        account, is_current = _addressee(deps, token, "reset_password")
        if not is_current:
            return _require_set_already(deps, account, password)
        _require_good(deps, account, password)
        renewed = account.with_password(deps.passwords.hash(password), verified=True)
        change = saving(renewed, *mailboxes.proved(deps, renewed.email))
        deps.commit(change.auditing(_did(deps, renewed, "reset_password", source_ip)))
        return renewed

    return deps.retry_on_conflict(once)


def change_password(
    deps: Deps, actor: Actor, *, current: str, password: str, source_ip: str
) -> Account:
    """Replace the password by one who knows it; wrong tries count as at sign-in. Every sign-in so
    far is void, this one too. Raises Invalid, LockedOut."""

    def once() -> Account:
        account = deps.accounts.get(actor.account_id)
        sign_in.require_unlocked(deps, account, "change_password", source_ip)
        if not deps.passwords.verify(account.password, current):
            sign_in.count_failure(deps, account, "change_password", source_ip)
            raise errors.Invalid({"current_password": "is not right"})
        _require_good(deps, account, password)
        renewed = account.with_password(deps.passwords.hash(password))
        deps.commit(saving(renewed).auditing(_did(deps, renewed, "change_password", source_ip)))
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
    """Change the actor's own name or phone number, and their password where `passwords` names the
    current and the new one. Raises Invalid, LockedOut."""
    if passwords is not None:
        current, new = passwords
        change_password(deps, actor, current=current, password=new, source_ip=source_ip)

    def once() -> Account:
        edited = deps.accounts.get(actor.account_id).evolve(**changes)
        deps.commit(saving(edited).auditing(_did(deps, edited, "edit_me", source_ip)))
        return edited

    return deps.retry_on_conflict(once) if changes else me(deps, actor)


def _linked(deps: Deps, token: str, purpose: LinkPurpose) -> Account:
    """The account a link was mailed to. Raises LinkExpired for any other link, and for one that a
    new password has made void."""
    account, is_current = _addressee(deps, token, purpose)
    if not is_current:
        raise errors.LinkExpired()
    return account


def _addressee(deps: Deps, token: str, purpose: LinkPurpose) -> tuple[Account, bool]:
    """The account a link was mailed to, and whether its password is still the same."""
    claims = signed_links.opened(deps, token, purpose)
    try:
        account = deps.accounts.get(claims.subject_id)
    except errors.AccountNotFound:
        raise errors.LinkExpired() from None
    if not account.active:
        raise errors.LinkExpired()
    return account, claims.version == account.epoch


def _require_set_already(deps: Deps, account: Account, password: str) -> Account:
    """Refuse a link that is void (LinkExpired), unless it asks for what has been done."""
    if not deps.passwords.verify(account.password, password):
        raise errors.LinkExpired()
    return account


def _require_good(deps: Deps, account: Account, password: str) -> None:
    names = (*account.login_names, account.name)
    require_good_password(password, names=names, is_local=deps.settings.is_local)


def _did(
    deps: Deps, account: Account, action: str, source_ip: str, *, by: Actor | None = None
) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=by or account.actor(),
        action=action,
        subject=account.account_id,
        source_ip=source_ip,
    )
