from __future__ import annotations

from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import sign_in_notices
from chalicelib.rendering.mail.reader import Reader
from tests.clock import NOON

LINK = "https://berth.example.com/l/a-b_c"
TO = "asha@example.com"


def both() -> tuple[Message, Message]:
    return (
        sign_in_notices.address_taken(Reader(TO, "en"), LINK, until=NOON),
        sign_in_notices.sign_in_locked(Reader(TO, "en", "Asha"), LINK, until=NOON),
    )


def test_both_notices_lead_to_a_new_password() -> None:
    for mail in both():
        assert mail.to == TO
        assert LINK in mail.text.splitlines()
        assert mail.html.count(f'href="{LINK}"') == 2
        assert "The link works once, until Sat, 21 Nov 2026, 06:30 UTC." in mail.text


def test_each_notice_says_what_to_do_if_it_was_somebody_else() -> None:
    taken, locked = both()
    assert "If it was not you, you can ignore this email" in taken.text
    assert "If it was not you, there is nothing to do" in locked.text


def test_a_notice_that_strangers_can_cause_names_nobody() -> None:
    taken, _ = both()
    assert "Hello" not in taken.text
