"""One server and one Chromium for all of these tests, and fresh demo data for each.

Where there is no Chromium they are skipped, and say so. Tabs are used again, because opening one
takes longer than most of the tests; a test that leaves something behind asks for a tab of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import Tabs, Visit
from tests.browser.link_pages import LINK_PAGES, LinkPage, Sent
from tests.local_server import LocalServer


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = chromium.binary()
    if program is None:
        pytest.skip(chromium.ABSENT)
    with chromium.started(program) as started:
        yield started


@pytest.fixture(scope="package")
def running(browser: Browser) -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


@pytest.fixture
def berth(running: LocalServer) -> LocalServer:
    """The local runtime with fresh demo data."""
    running.reset()
    return running


@pytest.fixture(scope="package")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def visit(tabs: Tabs) -> Visit:
    """A tab on such a screen, without cookies or storage of an earlier visit."""
    return tabs.get


@pytest.fixture(params=LINK_PAGES, ids=str)
def link_page(request: pytest.FixtureRequest) -> LinkPage:
    """Every kind of link there is."""
    kind: LinkPage = request.param
    return kind


@pytest.fixture
def sent(berth: LocalServer, link_page: LinkPage) -> Sent:
    """Its link, just mailed."""
    return link_page.send(berth)
