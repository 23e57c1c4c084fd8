from __future__ import annotations

from docs import render_mails


def test_the_examples_in_docs_are_what_the_mails_look_like_now() -> None:
    expected = dict(render_mails.files())
    stored = {
        path: path.read_text("utf-8") for path in render_mails.FOLDER.rglob("*") if path.is_file()
    }
    assert stored == expected, "run `make mails`"
