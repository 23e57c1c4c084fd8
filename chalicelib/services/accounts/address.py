"""A new mail address of an account (docs/rules/accounts.md, A new address).

Stages: the customer asks for it with the password, or an owner or an admin asks; a link goes to the
new address and a notice to the present one; following the link makes the new address the sign-in
name. Until then nothing changes, and a later request replaces the earlier one.
"""

from __future__ import annotations

from typing import Final

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.account import Account, NameMove, login_name
from chalicelib.domain.core import effect, errors, unixtime
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.effect import Effect, MailName
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.accounts import mailboxes, proof
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

PURPOSE: Final = "change_email"


def require_may_ask(deps: Deps, account_id: str) -> None:
    """Count a request for a new address: a few a day for each account. Raises TooMany."""
    if not mailboxes.may_mail(deps, PURPOSE, account_id):
        raise errors.TooMany(retry_after=mailboxes.DAY - unixtime.of(deps.now()) % mailboxes.DAY)


def pending(account: Account, wanted: str) -> str | None:
    """The pending address after a request for `wanted`: the present one withdraws a request."""
    address = login_name(wanted)
    return None if address == account.email else address


def mails(before: Account, after: Account) -> tuple[Effect, ...]:
    """The mails of a request: the link to the new address, and the notice to the present one where
    it is proved. None for a request that is withdrawn."""
    if after.pending_email is None:
        return ()
    names: tuple[MailName, ...] = ("change_email", "email_changing")
    return _to(after, *(names if before.verified else names[:1]))


def is_corrected(account: Account) -> bool:
    """Whether the present address is known to be wrong: those who run the account have asked for
    another one, and neither is proved. No mail to the present one opens the account."""
    is_open = account.verified or account.password != NO_PASSWORD
    return account.pending_email is not None and not is_open


def subject(account: Account) -> str:
    """The subject of a link to the pending address. It names the address, so that the link is void
    for another one."""
    return f"{account.account_id}.{_digest(account.pending_email or account.email)}"


def of_link(deps: Deps, claims: LinkClaims) -> Account:
    """The account of a link to a new address: pending, or proved by this link. Raises
    LinkExpired."""
    account_id, _, digest = claims.subject_id.partition(".")
    try:
        account = deps.accounts.get(account_id)
    except errors.AccountNotFound:
        raise errors.LinkExpired() from None
    steps = account.epoch - claims.version
    its = account.email if steps == 1 else account.pending_email if steps == 0 else None
    if not account.active or its is None or _digest(its) != digest:
        raise errors.LinkExpired()
    return account


def prove(deps: Deps, claims: LinkClaims, *, source_ip: str) -> Account:
    """Make the address of a link that of its account: a read and a transaction; without effect
    where it has become so. Ends all sign-ins and voids all earlier links. Raises LinkExpired, and
    EmailTaken where another account has the address meanwhile."""

    def once() -> Account:
        account = of_link(deps, claims)
        if claims.version != account.epoch:
            return account
        moved = account.moved()
        deps.commit(_move(deps, account, moved, source_ip))
        return moved

    return deps.retry_on_conflict(once)


def _move(deps: Deps, before: Account, after: Account, source_ip: str) -> Change:
    event = audit_events.event(
        deps,
        actor=after.actor(),
        action="change_email",
        subject=after.account_id,
        source_ip=source_ip,
    )
    names = NameMove(after.account_id, leaves=before.email, takes=after.email)
    change = saving(after, names, *mailboxes.after_proof(deps, after.email)).auditing(event)
    change = change.sending(*proof.late_mails(deps, before))
    if before.verified:
        change = change.sending(effect.ask_mover(after.account_id))
    notice: tuple[MailName, ...] = ("email_changed",) if before.verified else ()
    first: tuple[MailName, ...] = ("reset_password",) if before.password == NO_PASSWORD else ()
    return change.sending(*_to(after, *notice, *first))


def _to(account: Account, *names: MailName) -> tuple[Effect, ...]:
    return tuple(effect.mail(name, account.account_id) for name in names)


def _digest(address: str) -> str:
    return mailbox.id_of(address)[:16]
