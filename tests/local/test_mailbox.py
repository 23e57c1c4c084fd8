from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from local.mailbox import Postbag, SentMail, parsed

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Berth <no-reply@example.com>"
    mail["To"] = "Ann Önd <ann@example.com>"
    mail["Subject"] = "Stellplatz A-001 für ₹50"
    mail.set_content("See https://berth.example/b/1 or (https://berth.example/l/2).")
    mail.add_alternative('<a href="https://berth.example/l/2?a=1&amp;b=2">go</a>', subtype="html")
    html = mail.get_body(("html",))
    assert html is not None
    html.add_related(b"\x89PNG", "image", "png", cid="<qr>")
    mail.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="booking.ics")
    return mail


def read() -> SentMail:
    return parsed(a_mail().as_string(), ("ann@example.com", "Ann <ann@example.com>"), NOON)


def test_a_mail_is_read_as_its_reader_sees_it() -> None:
    mail = read()
    assert mail.to == ("ann@example.com",)
    assert mail.subject == "Stellplatz A-001 für ₹50"
    assert mail.text.startswith("See https://")
    assert "<a href" in mail.html


def test_links_are_found_in_text_and_html_once_each() -> None:
    assert read().links == (
        "https://berth.example/l/2?a=1&b=2",
        "https://berth.example/b/1",
        "https://berth.example/l/2",
    )


def test_attachments_come_with_their_content() -> None:
    picture, calendar = (attachment.as_json() for attachment in read().attachments)
    assert (picture["filename"], picture["content_type"]) == (None, "image/png")
    assert picture["content"] == "iVBORw=="
    assert (calendar["filename"], calendar["content_type"]) == ("booking.ics", "text/calendar")
    assert calendar["text"].startswith("BEGIN:VCALENDAR")


def test_a_mail_is_shown_as_json() -> None:
    shown = read().as_json()
    assert shown["to"] == "ann@example.com"
    assert shown["sent_at"] == "2026-11-21T12:00:00Z"
    assert set(shown) == {
        "to",
        "from",
        "subject",
        "text",
        "html",
        "links",
        "sent_at",
        "attachments",
    }


def test_a_postbag_notes_when_each_mail_was_sent() -> None:
    hours = iter([11, 12])
    bag = Postbag(lambda: NOON.replace(hour=next(hours)))
    message = SimpleNamespace(raw_data=a_mail().as_string(), destinations=["ann@example.com"])
    bag.append(message)
    bag.append(message)
    assert [mail.sent_at.hour for mail in bag.mails()] == [11, 12]
    bag.clear()
    assert bag.mails() == []


def test_a_mail_that_cannot_be_kept_is_not_in_the_postbag() -> None:
    def refuse(message: object, at: datetime) -> bool:
        raise OSError("full")

    bag = Postbag(lambda: NOON)
    bag.keep = refuse
    with pytest.raises(OSError, match="full"):
        bag.append(SimpleNamespace(raw_data="", destinations=[]))
    assert bag.mails() == []


def test_a_mail_of_an_earlier_run_keeps_its_instant_and_is_not_kept_again() -> None:
    bag = Postbag(lambda: NOON)
    bag.keep = lambda message, at: pytest.fail("it is kept already")
    bag.restore(SimpleNamespace(raw_data="Subject: x\n\n", destinations=[]), NOON.replace(hour=1))
    assert [mail.sent_at.hour for mail in bag.mails()] == [1]
