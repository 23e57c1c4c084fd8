"""The Chromium of this machine, driven by Playwright, and the ways people look at a page."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

ABSENT = "no Chromium on this machine (apt-get install chromium)"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@dataclass(frozen=True)
class View:
    """A screen and how its owner likes it."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"

    def __str__(self) -> str:
        return f"{self.name}-{self.scheme}"


PHONE = View("phone", 360, 740)
PHONE_AT_NIGHT = View("phone", 360, 740, "dark")
DESK = View("desk", 800, 900)
DESK_AT_NIGHT = View("desk", 800, 900, "dark")
VIEWS = (PHONE, PHONE_AT_NIGHT, DESK, DESK_AT_NIGHT)


def binary() -> str | None:
    """Where Chromium is, if it is anywhere on the PATH."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.contextmanager
def started(program: str) -> Iterator[Browser]:
    """A browser, ended on leaving."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


def look(page: Page, view: View) -> None:
    """Look at a page on such a screen."""
    page.set_viewport_size({"width": view.width, "height": view.height})
    page.emulate_media(color_scheme=view.scheme)


Visit = Callable[..., Page]


class Tabs:
    """The tabs that are open, by their names and by what is peculiar to their browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: dict[Any, Page] = {}

    def get(self, view: View = PHONE, *, tab: str = "first", **wishes: Any) -> Page:
        """The tab `tab` of a browser with these `wishes` (as `Browser.new_context` knows them)."""
        key = (tab, *sorted(wishes.items()))
        if key not in self._open:
            self._open[key] = self._browser.new_context(**wishes).new_page()
        page = self._open[key]
        page.context.clear_cookies()
        page.unroute_all()
        look(page, view)
        return page
