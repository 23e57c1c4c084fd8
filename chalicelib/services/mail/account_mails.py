"""The mails about accounts, composed from the account at their delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors, languages
from chalicelib.domain.core.access import Role
from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import mails, notices, sign_in_notices
from chalicelib.services.accounts import address
from chalicelib.services.core import recipients, signed_links
from chalicelib.services.core.deps import Deps

VERIFY_LIFE: Final = timedelta(days=7)
RESET_LIFE: Final = timedelta(hours=24)
"""The validity of the links. A new password voids both. The reset link also lets the owner of an
account that staff created choose the first password, so it must be valid overnight."""


def verification(deps: Deps, account_id: str) -> Message | None:
    """The link that proves the address. None where it is proved or known to be wrong, or the
    account switched off."""
    account = deps.accounts.get(account_id)
    if account.verified or not account.active or address.is_corrected(account):
        return None
    until = deps.now() + VERIFY_LIFE
    link = signed_links.url(
        deps,
        "verify_email",
        account_id,
        until=until,
        version=account.epoch,
        language=languages.choose(account.language),
    )
    reader = recipients.of_account(deps, account, to=account.email, named=False)
    return replace(mails.verify_email(reader, link, until=until), counted=True)


def password_reset(deps: Deps, account_id: str) -> Message | None:
    """The link to a new password."""
    account, link, until = _reset_link(deps, account_id)
    reader = recipients.of_account(deps, account, to=account.email, named=account.verified)
    counted = not account.verified and account.role is Role.USER
    return replace(mails.reset_password(reader, link, until=until), counted=counted)


def address_taken(deps: Deps, account_id: str) -> Message | None:
    """The notice that the address was registered again."""
    account, link, until = _reset_link(deps, account_id)
    reader = recipients.of_account(deps, account, to=account.email, named=False)
    notice = sign_in_notices.address_taken(reader, link, until=until)
    return replace(notice, counted=not account.verified)


def sign_in_locked(deps: Deps, account_id: str) -> Message | None:
    """The notice of a lock after wrong passwords. None for an address that is not verified."""
    account, link, until = _reset_link(deps, account_id)
    if not account.verified:
        return None
    reader = recipients.of_account(deps, account, to=account.email)
    return sign_in_notices.sign_in_locked(reader, link, until=until)


def change_email(deps: Deps, account_id: str) -> Message | None:
    """The link to a new address. None for a request that was withdrawn, or has been proved."""
    account = deps.accounts.get(account_id)
    if account.pending_email is None or not account.active:
        return None
    until, subject = deps.now() + RESET_LIFE, address.subject(account)
    link = signed_links.url(
        deps,
        "change_email",
        subject,
        until=until,
        version=account.epoch,
        language=languages.choose(account.language),
    )
    reader = recipients.of_account(deps, account, to=account.pending_email, named=False)
    mail = sign_in_notices.change_email(reader, link, until=until)
    return replace(mail, counted=not address.is_corrected(account))


def email_changing(deps: Deps, account_id: str) -> Message | None:
    """The notice of a request for a new address. None where it was withdrawn, or has been proved:
    then the other notice says so."""
    account, link, until = _reset_link(deps, account_id)
    if account.pending_email is None:
        return None
    reader = recipients.of_account(deps, account, to=account.email)
    return sign_in_notices.email_changing(reader, link, until=until)


def email_changed(deps: Deps, account_id: str) -> Message | None:
    """The notice to the former address that the account has another one."""
    account = deps.accounts.get(account_id)
    if account.former_email is None:
        return None
    reader = recipients.of_account(deps, account, to=account.former_email)
    return sign_in_notices.email_changed(reader)


def _reset_link(deps: Deps, account_id: str) -> tuple[Account, str, datetime]:
    """An account, a link to a new password for it, and the end of the link. Raises AccountNotFound
    for one that is switched off, or whose address is known to be wrong."""
    account = deps.accounts.get(account_id)
    if not account.active or address.is_corrected(account):
        raise errors.AccountNotFound()
    until = deps.now() + RESET_LIFE
    link = signed_links.url(
        deps,
        "reset_password",
        account_id,
        until=until,
        version=account.epoch,
        language=languages.choose(account.language),
    )
    return account, link, until


def webhook_disabled(deps: Deps, subject_id: str) -> Message | None:
    """None for an account that is no longer an owner of the site, and for an enabled webhook."""
    webhook_id, _, account_id = subject_id.partition("/")
    webhook, owner = deps.webhooks.get(webhook_id), deps.accounts.get(account_id)
    to = recipients.address_of(owner)
    if to is None or webhook.active or not owner.active or webhook.site not in owner.sites:
        return None
    site = deps.catalogue.site(webhook.site)
    reader = recipients.of_account(deps, owner, to=to, language=site.language)
    return notices.webhook_disabled(reader, webhook, site)
