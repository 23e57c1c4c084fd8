from __future__ import annotations

import re

from docs import render_mails


def test_the_examples_in_docs_are_what_the_mails_look_like_now() -> None:
    expected = dict(render_mails.files())
    stored = {
        path: path.read_text("utf-8") for path in render_mails.FOLDER.rglob("*") if path.is_file()
    }
    assert stored == expected, "run `make mails`"


def test_a_mail_that_names_a_booking_says_its_short_code_too() -> None:
    named = 0
    for path, text in render_mails.files():
        for booking_id in set(re.findall("BK[0-9A-Z]{19}", text)) if path.suffix == ".txt" else ():
            named += 1
            assert re.search(rf"\b[0-9A-Z]{{2}}-{booking_id[-4:]}\b", text), path.name
    assert named > 40
