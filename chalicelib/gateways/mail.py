"""The interface of a mailer, and the MIME form of a message (RFC 5322, 2045, 2387)."""

from __future__ import annotations

import re
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol

from chalicelib.domain.core import plain_text
from chalicelib.domain.mail.message import MailAttachment, Message, Undeliverable
from chalicelib.gateways.ses_events import EFFECT_HEADER

__all__ = ["Mailer", "Message", "mime"]

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_SUBJECT = 200


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Message) -> None:
        """Submit `message` for delivery. Raises Undeliverable where a retry is of no use,
        errors.Unavailable where it may succeed later."""
        ...


def mime(message: Message, sender: str, message_id: str) -> bytes:
    """`message` as MIME bytes: text, HTML with its pictures, and what is inside, as forms of one
    content (RFC 6047, 2.4); then the attachments.

    Raises Undeliverable for an invalid address.
    """
    mail = EmailMessage(policy=SMTP)
    mail["To"] = _address(message.to)
    mail["Message-ID"] = f"<{message_id}@{_domain(sender)}>"
    _add_headers(mail, message)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    _add_pictures(mail, message)
    for attachment in message.attachments:
        if attachment.inside:
            _add_inside(mail, attachment)
    for attachment in message.attachments:
        _attach(mail, attachment)
    own = _from_header(message, sender) + _subject_header(message) + _unsubscribe_headers(message)
    return own + mail.as_bytes()


def _from_header(message: Message, sender: str) -> bytes:
    """The sender, by the name that the message gives it. Built by hand like the subject: a name
    wholly in encoded words or in quotation marks adds no address and no line."""
    own_name, address = parseaddr(plain_text.one_line(sender))
    name = plain_text.one_line(own_name if message.sender_name is None else message.sender_name)
    if not name:
        return f"From: {address}\r\n".encode("ascii")
    if name.isascii() and "=?" not in name:
        shown = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    else:
        shown = Header(name, "utf-8", header_name="From").encode(linesep="\r\n")
    return f"From: {shown}\r\n <{address}>\r\n".encode("ascii")


def _subject_header(message: Message) -> bytes:
    """The subject, wholly in encoded words where it is not plain ASCII. Built by hand: the library
    encodes single words, and mail programs show a second blank where it folds between them."""
    subject = plain_text.one_line(message.subject)[:_LONGEST_SUBJECT]
    is_plain = subject.isascii() and "=?" not in subject
    charset = "ascii" if is_plain else "utf-8"
    folded = Header(subject, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n".encode("ascii")


def _unsubscribe_headers(message: Message) -> bytes:
    """The headers of an optional mail for one-click unsubscription (RFC 8058). Built by hand: the
    library would fold a long URL into encoded words, which mail programs do not read there."""
    if message.unsubscribe is None:
        return b""
    post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    link = plain_text.one_line(message.unsubscribe)
    return f"List-Unsubscribe: <{link}>\r\n{post}\r\n".encode("ascii")


def _add_headers(mail: EmailMessage, message: Message) -> None:
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.reply_to is not None and _ADDRESS.fullmatch(message.reply_to):
        mail["Reply-To"] = message.reply_to
    if message.sent_at is not None:
        mail["Date"] = format_datetime(message.sent_at)
    if message.effect_id is not None:
        mail[EFFECT_HEADER] = plain_text.one_line(message.effect_id)


def _add_pictures(mail: EmailMessage, message: Message) -> None:
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    for picture in message.inline:
        html.add_related(
            picture.content,
            "image",
            "png",
            cid=f"<{picture.cid}>",
            filename=f"{picture.cid}.png",
            disposition="inline",
        )


def _add_inside(mail: EmailMessage, attachment: MailAttachment) -> None:
    _, subtype, params = _kind(attachment)
    params.pop("charset", None)
    text = attachment.content.decode()
    mail.add_alternative(text, subtype=subtype, params=params, cte="quoted-printable")


def _attach(mail: EmailMessage, attachment: MailAttachment) -> None:
    """Attach a file. What is inside the mail too is applied from there: its file names no method,
    or Outlook would show it as a second invitation."""
    maintype, subtype, params = _kind(attachment)
    if attachment.inside:
        params.pop("method", None)
    filename = plain_text.one_line(attachment.filename)
    mail.add_attachment(attachment.content, maintype, subtype, filename=filename, params=params)


def _kind(attachment: MailAttachment) -> tuple[str, str, dict[str, str]]:
    """The main type, the subtype and the parameters of an attachment."""
    kind, *parameters = (part.strip() for part in attachment.content_type.split(";"))
    maintype, _, subtype = kind.partition("/")
    return maintype, subtype, dict(parameter.split("=", 1) for parameter in parameters)


def _address(to: str) -> str:
    if not _ADDRESS.fullmatch(to):
        raise Undeliverable("not an address that mail can be sent to")
    return to


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "berth"
