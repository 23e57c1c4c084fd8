"""The pages of links in the language of the mail that they are from."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core.change import saving
from chalicelib.domain.core.languages import Language
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.services.bookings import links
from tests.clock import Clock
from tests.gateway import Browser
from tests.hotel import Hotel
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def mailed(world: World, deliver: Callable[[], list[Any]]) -> list[str]:
    """The paths of the links in the reminder to a customer who reads Hindi."""
    customer = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(customer.evolve(language="hi-IN")))
    booking = world.book_hall(number="A-001")
    make = links.make
    return [
        _path(make(world.deps, booking, purpose, to="user1@example.com", language="hi"))
        for purpose in ("confirm", "cancel")
    ]


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_a_link_page_speaks_the_language_of_its_mail(mailed: list[str]) -> None:
    browse = Browser()
    for path, title in zip(mailed, ("आप आ रहे हैं?", "बुकिंग रद्द करें?"), strict=True):
        page = browse.get(path, headers={"Accept-Language": "en"})
        text = page.body.decode()
        assert page.headers["Content-Language"] == "hi"
        assert '<html lang="hi">' in text
        assert title in text
        assert "नव॰ 2026" in text
        assert not re.search(r"\b(Space|Where|When|Booking|Confirm|Cancel)\b", text)


def test_a_link_that_has_run_out_says_so_in_the_language_of_its_mail(
    mailed: list[str], clock: Clock
) -> None:
    clock.move(days=3)
    for asked in (Browser().get(mailed[0]), Browser().post(mailed[0], headers=FORM, body=b"")):
        assert asked.status_code == 410
        assert '<html lang="hi">' in asked.body.decode()
        assert "यह लिंक काम नहीं कर रहा है" in asked.body.decode()


def test_a_forged_link_is_refused_in_the_language_of_the_browser(world: World) -> None:
    page = Browser().get("/l/abc", headers={"Accept-Language": "hi-IN,hi;q=0.9"})
    assert page.status_code == 410
    assert '<html lang="hi">' in page.body.decode()
    assert "This link does not work" in Browser().get("/l/abc").body.decode()


@pytest.mark.parametrize("purpose", ["verify_email", "reset_password"])
def test_an_account_reads_its_page_in_hindi(world: World, purpose: LinkPurpose) -> None:
    account = world.deps.accounts.get(world.user.account_id)
    until = world.deps.now().replace(year=2027)
    token = world.deps.tokens.link(purpose, account.account_id, account.epoch, until, "hi")
    text = Browser().get(f"/l/{token}").body.decode()
    assert '<html lang="hi">' in text
    assert not re.search(
        r"\b(password|address|Press|characters)\b", re.sub(r"<[^>]*>", "", text.split("</head>")[1])
    )


@pytest.mark.parametrize(
    ("kind", "language", "label"),
    [
        ("parking", "en", "Space"),
        ("venue", "en", "Venue"),
        ("room", "en", "Room"),
        ("venue", "hi", "हॉल"),
        ("room", "hi", "कमरा"),
    ],
)
def test_a_page_names_the_space_as_the_mails_of_its_kind_of_place_do(
    world: World, clock: Clock, kind: str, language: Language, label: str
) -> None:
    make = {
        "parking": lambda: world.book(start=clock.now() + timedelta(days=2)),
        "venue": lambda: world.book_hall(number="A-001"),
        "room": lambda: Hotel(world, clock).book_nights("2026-11-23", "2026-11-24"),
    }
    booking = make[kind]()
    url = links.make(world.deps, booking, "cancel", to="user1@example.com", language=language)
    text = Browser().get(_path(url)).body.decode()
    assert f"<dt>{label}</dt>" in text
