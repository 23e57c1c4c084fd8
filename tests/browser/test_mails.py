"""The mails in docs/mails/, which are what the mails look like now, on screens people read at."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.render_mails import FOLDER
from tests.browser import reading
from tests.browser.chromium import DESK, PHONE, Visit

pytestmark = pytest.mark.browser


def _name(mail: Path) -> str:
    return f"{mail.parent.name}-{mail.stem}"


MAILS = sorted(FOLDER.rglob("*.html"))
ASKING = [mail for mail in MAILS if 'class="button"' in mail.read_text("utf-8")]
"""The mails that want something done."""

FOLD = PHONE.height - 200
"""Pixels of a mail that a phone shows at once: the mail program's head takes the rest."""


@pytest.mark.parametrize("mail", MAILS, ids=_name)
def test_a_mail_is_read_on_every_screen_by_day_and_night_and_tells_nobody(
    visit: Visit, mail: Path
) -> None:
    page = visit(PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(mail.as_uri())
    assert reading.sticks_out(page) == []
    assert reading.barriers(page, "wcag2a", "wcag2aa") == []
    page.emulate_media(color_scheme="dark")
    assert reading.barriers(page, "color-contrast") == []
    page.set_viewport_size({"width": DESK.width, "height": DESK.height})
    assert reading.sticks_out(page) == []
    assert [url for url in asked if not url.startswith("data:")] == [mail.as_uri()]


@pytest.mark.parametrize("mail", MAILS, ids=_name)
def test_a_program_that_drops_the_style_sheet_shows_it_all_the_same(
    visit: Visit, mail: Path
) -> None:
    page = visit(PHONE)
    page.goto(mail.as_uri())
    page.evaluate("() => document.querySelectorAll('style').forEach(sheet => sheet.remove())")
    assert reading.sticks_out(page) == []


def test_the_mails_that_want_something_done_are_these_at_least() -> None:
    assert {"reminder", "verify-email", "reset-password"} <= {mail.stem for mail in ASKING}


@pytest.mark.parametrize("asking", ASKING, ids=_name)
def test_what_is_to_be_done_stands_where_a_phone_shows_it_at_once(
    visit: Visit, asking: Path
) -> None:
    page = visit(PHONE)
    page.goto(asking.as_uri())
    box = page.locator("a.button").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= FOLD
    assert box["width"] >= PHONE.width - 40
    assert reading.too_small(page) == []
