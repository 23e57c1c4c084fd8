from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.domain.mail.message import MailAttachment, Message, Picture, Undeliverable
from chalicelib.gateways.mail import mime

SENDER = "Berth <no-reply@berth.example>"
MAIL = Message(
    to="user1@example.com",
    subject="Gebucht: ₹150",
    text="Ünïcode ₹150\n",
    html='<p>₹150</p><img src="cid:qr">',
    attachments=(
        MailAttachment(
            "b.ics", "text/calendar; charset=utf-8; method=PUBLISH", b"BEGIN:X\r\nEND:X\r\n"
        ),
    ),
    inline=(Picture("qr", b"\x89PNG\r\n\x1a\n"),),
).leaving("EF1.booking_confirmed", datetime(2026, 11, 21, 6, 30, tzinfo=UTC))


def read(message: Message = MAIL, sender: str = SENDER) -> EmailMessage:
    return message_from_bytes(mime(message, sender, "EF1.booking_confirmed"), policy=policy.default)


def shape(part: Any) -> object:
    if not part.is_multipart():
        return part.get_content_type()
    return {part.get_content_type(): [shape(p) for p in part.iter_parts()]}


def test_the_picture_belongs_to_the_html_and_the_file_to_the_mail() -> None:
    assert shape(read()) == {
        "multipart/mixed": [
            {
                "multipart/alternative": [
                    "text/plain",
                    {"multipart/related": ["text/html", "image/png"]},
                ]
            },
            "text/calendar",
        ]
    }


def test_headers_say_who_when_why_and_that_nobody_answers() -> None:
    mail = read()
    assert mail["From"] == SENDER
    assert mail["To"] == "user1@example.com"
    assert mail["Subject"] == "Gebucht: ₹150"
    assert mail["Message-ID"] == "<EF1.booking_confirmed@berth.example>"
    assert mail["X-Berth-Effect"] == "EF1.booking_confirmed"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("size", range(30, 61))
def test_a_subject_reads_the_same_wherever_it_is_folded(size: int) -> None:
    subject = (
        f"{'Shortened: '.ljust(size, 'x')} 5 Dec 2026, 15:00 – Mon 7 Dec 2026, 11:00 at Türkis"
    )
    mail = mime(replace(MAIL, subject=subject), SENDER, "EF1")
    assert message_from_bytes(mail, policy=policy.default)["Subject"] == subject
    assert b"?q??=" not in mail
    assert max(map(len, mail.split(b"\r\n")[:4])) <= 78


@pytest.mark.parametrize("subject", ["Booked: A-001", "=?utf-8?q?Berth?=", "A " * 60 + "end"])
def test_an_ascii_subject_stays_as_it_is(subject: str) -> None:
    assert read(replace(MAIL, subject=subject))["Subject"] == subject


def test_the_parts_arrive_as_they_were() -> None:
    mail = read()
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Ünïcode ₹150"]
    assert html.get_content().strip() == MAIL.html
    picture = next(p for p in mail.walk() if p.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<qr>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == b"\x89PNG\r\n\x1a\n"
    file = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    assert file.get_filename() == "b.ics"
    assert file.get_param("method") == "PUBLISH"
    assert file.get_payload(decode=True) == b"BEGIN:X\r\nEND:X\r\n"


def test_every_line_is_short_enough_for_smtp() -> None:
    long = Message("user1@example.com", "x" * 500, "y" * 5000, "z" * 5000)
    assert max(map(len, mime(long, SENDER, "EF1").split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "evil", ["Hi\r\nBcc: all@example.com", "Hi\nBcc: all@example.com", "Hi\rBcc: x"]
)
def test_a_subject_cannot_add_headers(evil: str) -> None:
    mail = read(Message("user1@example.com", evil, "", ""), sender=f"{evil} <a@b.example>")
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).startswith("Hi Bcc: ")


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b", "a b@example.com", "a@example.com\r\nBcc: b@example.com",
     "a@example.com, b@example.com", "jürgen@example.com", "x" * 65 + "@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_undeliverable(address: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        mime(Message(address, "s", "t", "h"), SENDER, "EF1")
    assert not address or address not in str(refused.value)


def test_an_optional_mail_offers_mail_programs_one_click_to_the_way_out() -> None:
    link = "https://berth.example.com/l/" + "A" * 240
    raw = mime(replace(MAIL, unsubscribe=link), SENDER, "EF1")
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <{link}>".encode() in head
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert shape(message_from_bytes(raw, policy=policy.default)) == shape(read())


def test_a_mail_that_is_needed_offers_no_way_out() -> None:
    assert b"unsubscribe" not in mime(MAIL, SENDER, "EF1").lower()


def test_a_way_out_adds_no_other_headers() -> None:
    evil = "https://berth.example.com/l/x>\r\nBcc: all@example.com"
    mail = read(replace(MAIL, unsubscribe=evil))
    assert mail["Bcc"] is None


def test_a_mail_without_pictures_or_files_is_just_its_two_texts() -> None:
    mail = read(Message("user1@example.com", "s", "t", "<p>h</p>"))
    assert shape(mail) == {"multipart/alternative": ["text/plain", "text/html"]}
    assert mail["Date"] is None


# -- an invitation

LONG_LINE = "X-NAME:" + "ü" * 34 + "\r\n " + "ü" * 34
INVITATION = f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n{LONG_LINE}\r\nEND:VCALENDAR\r\n"
INVITING = replace(
    MAIL,
    attachments=(
        MailAttachment(
            "b.ics",
            "text/calendar; charset=utf-8; method=REQUEST",
            INVITATION.encode(),
            inside=True,
        ),
    ),
)


def test_an_invitation_is_a_form_of_the_mail_and_a_file_beside_it() -> None:
    """RFC 6047, 2.4: the form that mail programs apply names the method."""
    assert shape(read(INVITING)) == {
        "multipart/mixed": [
            {
                "multipart/alternative": [
                    "text/plain",
                    {"multipart/related": ["text/html", "image/png"]},
                    "text/calendar",
                ]
            },
            "text/calendar",
        ]
    }
    inside, file = (
        part for part in read(INVITING).walk() if part.get_content_type() == "text/calendar"
    )
    assert (inside.get_param("method"), inside.get_param("charset")) == ("REQUEST", "utf-8")
    assert inside.get_content_disposition() is None
    assert (file.get_param("method"), file.get_filename()) == (None, "b.ics")


def test_an_invitation_arrives_to_the_byte_with_its_folded_lines() -> None:
    for part in read(INVITING).walk():
        if part.get_content_type() == "text/calendar":
            assert part.get_payload(decode=True) == INVITATION.encode()


@pytest.mark.parametrize(
    "name",
    [
        "Killarney House",
        "होटल गंगा",
        'Fish & "Chips", Ltd. <new>',
        "back\\slash",
        "=?utf-8?q?Bank?=",
        "a" * 120,
        "Grüße " * 19,
    ],
)
def test_a_mail_bears_the_name_of_its_place_and_the_address_of_the_operator(name: str) -> None:
    sender = read(replace(MAIL, sender_name=name))["From"].addresses
    assert [each.addr_spec for each in sender] == ["no-reply@berth.example"]
    # without blanks: this parser puts some of its own between encoded words
    assert "".join(sender[0].display_name.split()) == "".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        "Inn\r\nBcc: all@example.com",
        'Inn" <evil@example.com>, "x',
        "Inn\u2028Bcc: all@example.com",
        "\x00Inn",
    ],
)
def test_no_name_of_a_place_adds_a_header_or_an_address(name: str) -> None:
    raw = mime(replace(MAIL, sender_name=name), SENDER, "EF1")
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["From"].addresses] == ["no-reply@berth.example"]
    assert mail["To"] == "user1@example.com"


@pytest.mark.parametrize(
    ("reply_to", "header"),
    [
        ("desk@killarney.example", "desk@killarney.example"),
        (None, None),
        ("desk@killarney.example\r\nBcc: all@example.com", None),
        ("a@b.example,c@d.example", None),
    ],
)
def test_answers_go_to_the_contact_where_it_is_an_address(
    reply_to: str | None, header: str | None
) -> None:
    mail = read(replace(MAIL, reply_to=reply_to))
    assert mail["Reply-To"] == header
    assert mail["Bcc"] is None
