"""The pages of the mails that were sent: the list, one mail, its HTML, its attachments."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from local.control import answers, mail_html
from local.control.controlled import Call, View
from local.gateway import HttpResponse
from local.mailbox import Attachment, SentMail

_PAGE: Final = 50
_SEALED: Final = "default-src 'none'; sandbox"


class Numbered(NamedTuple):
    """A mail and its number, counted from 1 in the order of sending."""

    number: int
    mail: SentMail


def newest_first(mails: Sequence[SentMail]) -> list[Numbered]:
    """The mails with their numbers, newest first."""
    return [Numbered(*each) for each in enumerate(mails, 1)][::-1]


def mail_list(call: Call) -> HttpResponse:
    """The mails, newest first; `?to=` keeps those to one address, `?before=` turns the page."""
    to = call.request.query.get("to", [""])[-1].strip()
    before = _number(call.request.query.get("before", [""])[-1])
    found = [
        each
        for each in newest_first(call.product.sent_mails())
        if (not to or to in each.mail.to) and (before is None or each.number < before)
    ]
    shown, rest = found[:_PAGE], found[_PAGE:]
    return answers.page("mails.html", to=to, mails=shown, more=shown[-1].number if rest else None)


def one_mail(call: Call, number: str) -> HttpResponse:
    """One mail: head, HTML in a frame, plain text, links, attachments."""
    mail = _find(call, number)
    if mail is None:
        return _no_such(number)
    return answers.page(
        "mail.html",
        number=int(number),
        mail=mail,
        sandbox=mail_html.SANDBOX,
        text=mail_html.linked(mail.text),
        attachments=[(_name(nth, each), each) for nth, each in enumerate(mail.attachments, 1)],
    )


def mail_body(call: Call, number: str) -> HttpResponse:
    """The HTML of a mail as its reader sees it."""
    mail = _find(call, number)
    if mail is None:
        return _no_such(number)
    page = mail_html.as_read(mail).encode()
    return answers.document(page, "text/html; charset=utf-8", mail_html.POLICY)


def source(call: Call, number: str) -> HttpResponse:
    """A mail as it went over the wire, to be saved."""
    mail = _find(call, number)
    if mail is None:
        return _no_such(number)
    return _saved(mail.raw.encode("utf-8", "surrogateescape"), "message/rfc822", f"{number}.eml")


def attachment(call: Call, number: str, nth: str) -> HttpResponse:
    """One attachment of a mail, to be saved."""
    mail = _find(call, number)
    if mail is None or not 1 <= int(nth) <= len(mail.attachments):
        return _no_such(number)
    found = mail.attachments[int(nth) - 1]
    return _saved(found.content, found.content_type, _name(int(nth), found))


def _find(call: Call, number: str) -> SentMail | None:
    mails = call.product.sent_mails()
    return mails[int(number) - 1] if 1 <= int(number) <= len(mails) else None


def _no_such(number: str) -> HttpResponse:
    return answers.page("no_mail.html", status=404, number=number)


def _saved(body: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answers.document(body, content_type, _SEALED, 200, ("Content-Disposition", disposition))


def _name(nth: int, attachment: Attachment) -> str:
    ending = mimetypes.guess_extension(attachment.content_type) or ""
    return attachment.filename or f"attachment-{nth}{ending}"


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


ROUTES: Final[dict[str, dict[str, View]]] = {
    "/_local/mails": {"GET": mail_list},
    "/_local/mails/([0-9]{1,9})": {"GET": one_mail},
    "/_local/mails/([0-9]{1,9})/html": {"GET": mail_body},
    "/_local/mails/([0-9]{1,9})/source": {"GET": source},
    "/_local/mails/([0-9]{1,9})/attachments/([0-9]{1,9})": {"GET": attachment},
}
