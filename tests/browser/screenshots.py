"""Pictures of every page and every mail, to be looked at: `make screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from docs.render_mails import FOLDER as MAILS
from tests.browser import chromium, stories
from tests.browser.chromium import VIEWS
from tests.browser.link_pages import LINK_PAGES, LONG_AFTER, LinkPage
from tests.browser.local_pages import LOCAL_PAGES
from tests.local_server import LocalServer

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"


def main() -> None:
    """Write them into build/screenshots/, one `<what>-<screen>-<scheme>.png` each."""
    program = chromium.binary()
    if program is None:
        sys.exit(chromium.ABSENT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    berth = LocalServer()
    try:
        with chromium.started(program) as browser:
            _all(browser, berth)
    finally:
        berth.end()


def _all(browser: Browser, berth: LocalServer) -> None:
    page = browser.new_page()
    for view in VIEWS:
        chromium.look(page, view)
        for mail in sorted(MAILS.rglob("*.html")):
            page.goto(mail.as_uri())
            page.screenshot(
                path=FOLDER / f"mail-{mail.parent.name}-{mail.stem}-{view}.png", full_page=True
            )
        berth.reset()
        stories.reminded(berth)
        for name, path in LOCAL_PAGES.items():
            page.goto(berth.address + path)
            page.screenshot(path=FOLDER / f"local-{name}-{view}.png", full_page=True)
        for link_page in LINK_PAGES:
            for moment in _moments(page, berth, link_page):
                page.screenshot(path=FOLDER / f"page-{link_page}-{moment}-{view}.png")


def _moments(page: Page, berth: LocalServer, link_page: LinkPage) -> Iterator[str]:
    """The page as it is met: asking, done, opened again, and when the link is dead."""
    berth.reset()
    sent = link_page.send(berth)
    page.goto(sent.url)
    yield "1-asks"
    link_page.press(page)
    yield "2-done"
    page.goto(sent.url)
    yield "3-after"
    berth.advance(LONG_AFTER)
    page.goto(sent.url)
    yield "4-dead"


if __name__ == "__main__":
    main()
