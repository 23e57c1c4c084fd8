from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chalicelib import VERSION, wiring
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.start_page import Link, Section, Step
from tests.gateway import Browser


@pytest.fixture
def browse(deps: Deps) -> Browser:
    return Browser()


def test_the_start_page_says_what_berth_is_and_links_the_interface(browse: Browser) -> None:
    page = browse.get("/")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page.body.decode()
    assert "Bookings of anything" in text
    assert f"Berth {VERSION}" in text
    for path in ("/api/docs", "/api/openapi.json", "/api/public/health"):
        assert f'href="https://berth.example.com{path}"' in text
        assert browse.get(path).status_code == 200


def test_a_deployed_start_page_shows_nothing_of_the_local_runtime(browse: Browser) -> None:
    text = browse.get("/").body.decode()
    assert "_local" not in text
    assert "password" not in text


def test_the_start_page_loads_nothing_and_is_asked_for_again_each_time(browse: Browser) -> None:
    page = browse.get("/")
    assert not re.search(rb"<script|src=|@import|url\(", page.body)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_a_runtime_adds_sections_and_their_text_is_escaped(deps: Deps, browse: Browser) -> None:
    added = Section(
        "Title <1>",
        "Text <2>",
        links=(Link("/a?b=1&c=2", "Label", "About"),),
        facts=(("name", "value"),),
        steps=(Step("Do", "echo '<3>'", Link("/b", "There")),),
    )
    wiring.use(replace(deps, start_sections=(added,)))
    text = browse.get("/").body.decode()
    for part in ("Title &lt;1&gt;", "Text &lt;2&gt;", 'href="/a?b=1&amp;c=2"', "<dd>value</dd>",
                 "echo &#39;&lt;3&gt;&#39;", 'href="/b"'):  # fmt: skip
        assert part in text
