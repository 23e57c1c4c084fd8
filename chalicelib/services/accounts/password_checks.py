"""Checks of passwords: refused while the place is locked, and each wrong one counted
(docs/decisions/sign-in.md).

A right and a wrong password both write the version of the account that was read, so of many
simultaneous guesses at most five are checked before the lock. A name that opens no account takes
the same steps in the same order, so neither the answer nor its time shows which names do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.wrong_passwords import SIGNED_IN, place_of
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import ANONYMOUS
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.sentence import say
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


def require_unlocked(
    deps: Deps, account: Account, action: str, source_ip: str, *, signed_in: bool = False
) -> None:
    """Require that the account is not locked for `source_ip`, or for those who are `signed_in`, and
    audit the refusal. Raises LockedOut."""
    try:
        account.require_unlocked(_place(account, source_ip, signed_in), deps.now())
    except errors.LockedOut as refusal:
        audit_failure(deps, account.account_id, refusal, action, source_ip)
        raise


def count_failure(
    deps: Deps, account: Account, action: str, source_ip: str, *, signed_in: bool = False
) -> None:
    """Count a wrong password: one transaction, which mails the account once a day where it locks.
    Raises StaleVersion after another write."""
    failed = account.failed(_place(account, source_ip, signed_in), deps.now())
    change = saving(failed).auditing(_wrong(deps, account.account_id, action, source_ip))
    if failed.warned_at != account.warned_at:
        change = change.sending(effect.mail("sign_in_locked", account.account_id))
    deps.commit(change)


def require_own(
    deps: Deps, account: Account, password: str, *, action: str, source_ip: str
) -> None:
    """Require the password of an account that is signed in. Raises LockedOut, Invalid (field
    `current_password`), and StaleVersion after another write."""
    require_unlocked(deps, account, action, source_ip, signed_in=True)
    if not deps.passwords.verify(account.password, password):
        count_failure(deps, account, action, source_ip, signed_in=True)
        raise errors.Invalid({"current_password": say("is_wrong_password")})


def refuse_unknown_name(
    deps: Deps, name: str, is_right: Callable[[str], bool], *, action: str, source_ip: str
) -> NoReturn:
    """Refuse a name that opens no account like a wrong password: with the same locks, and after as
    many reads, writes and as much hashing. Raises BadCredentials, LockedOut, and StaleVersion after
    another guess."""
    guessed = deps.unknown_names.get(mailbox.id_of(name))
    try:
        guessed.failures.require_unlocked(deps.now())
    except errors.LockedOut as refusal:
        audit_failure(deps, "-", refusal, action, source_ip)
        raise
    is_right(NO_PASSWORD)
    deps.commit(saving(guessed.failed(deps.now())).auditing(_wrong(deps, "-", action, source_ip)))
    raise errors.BadCredentials()


def audit_failure(
    deps: Deps, subject: str, refusal: errors.Refusal, action: str, source_ip: str
) -> None:
    """Record a refusal of a public route: one write."""
    audit_events.refused(
        deps, actor=ANONYMOUS, action=action, subject=subject, refusal=refusal, source_ip=source_ip
    )


def _place(account: Account, source_ip: str, signed_in: bool) -> str:
    return SIGNED_IN if signed_in else place_of(account.account_id, source_ip)


def _wrong(deps: Deps, subject: str, action: str, source_ip: str) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=ANONYMOUS,
        action=action,
        subject=subject,
        source_ip=source_ip,
        outcome=errors.BadCredentials.code,
    )
