"""What is known of the addresses that mail goes to. Records are written by `commit`."""

from __future__ import annotations

from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.core import unixtime
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import MailboxItem


class Mailboxes:
    """Reads of mailboxes."""

    def get(self, mailbox_id: str) -> Mailbox:
        """What is known under that digest of an address, which may be nothing: one read."""
        try:
            with translated():
                return from_item(MailboxItem.get(f"mailbox#{mailbox_id}", "mailbox", True))
        except MailboxItem.DoesNotExist:
            return Mailbox(mailbox_id)


def item(mailbox: Mailbox) -> MailboxItem:
    """The item to store for a mailbox."""
    return MailboxItem(
        f"mailbox#{mailbox.mailbox_id}",
        "mailbox",
        version=mailbox.version,
        bounced=unixtime.of(mailbox.bounced_at),
        proved=unixtime.of(mailbox.proved_at),
        unsubscribed=unixtime.of(mailbox.unsubscribed_at),
    )


def from_item(stored: MailboxItem) -> Mailbox:
    """The mailbox in an item."""
    return Mailbox(
        mailbox_id=stored.pk.removeprefix("mailbox#"),
        bounced_at=unixtime.instant(stored.bounced),
        proved_at=unixtime.instant(stored.proved),
        unsubscribed_at=unixtime.instant(stored.unsubscribed),
        version=int(stored.version),
    )
