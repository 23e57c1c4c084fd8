"""Mailboxes: the state of the addresses that mail goes to."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.core import errors, unixtime
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable
from chalicelib.store.dynamodb.transaction import Write


class MailboxItem(AccountsTable):
    """A mailbox under the digest of its address (`mailbox#<digest>`, `mailbox`)."""

    version = IntegerAttribute(attr_name="v")
    bounced = IntegerAttribute(null=True)
    proved = IntegerAttribute(null=True)
    unsubscribed = IntegerAttribute(null=True)


class Mailboxes:
    """All mailboxes."""

    def get(self, mailbox_id: str) -> Mailbox:
        """The mailbox under a digest: one read. At version 0 where it has no item."""
        try:
            with translated():
                return from_item(MailboxItem.get(f"mailbox#{mailbox_id}", "mailbox", True))
        except MailboxItem.DoesNotExist:
            return Mailbox(mailbox_id)


def writes(mailbox: Mailbox) -> Iterator[Write]:
    """The mailbox under its version. Two steps may create it at the same time: the second is
    refused as stale, so that it reads again and repeats."""
    yield transaction.save(to_item(mailbox), mailbox.version, exists=errors.StaleVersion)


def to_item(mailbox: Mailbox) -> MailboxItem:
    """The item of a mailbox."""
    return MailboxItem(
        f"mailbox#{mailbox.mailbox_id}",
        "mailbox",
        version=mailbox.version,
        bounced=unixtime.of(mailbox.bounced_at),
        proved=unixtime.of(mailbox.proved_at),
        unsubscribed=unixtime.of(mailbox.unsubscribed_at),
    )


def from_item(item: MailboxItem) -> Mailbox:
    """The mailbox in an item."""
    return Mailbox(
        mailbox_id=item.pk.removeprefix("mailbox#"),
        bounced_at=unixtime.instant(item.bounced),
        proved_at=unixtime.instant(item.proved),
        unsubscribed_at=unixtime.instant(item.unsubscribed),
        version=item.version,
    )
