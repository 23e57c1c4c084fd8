from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.services.accounts import profile, sign_in
from chalicelib.services.core.deps import Deps
from tests.clock import Clock
from tests.gateway import Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def link(deps: Deps, deliver: Callable[[], list[Any]]) -> Callable[[str], str]:
    """The path of the link in the newest mail to a new account."""
    sign_in.register(
        deps,
        email="asha@example.com",
        password="a quiet river",
        name="Asha",
        phone=None,
        source_ip="-",
    )

    def newest(kind: str) -> str:
        if kind == "reset":
            deliver()
            profile.forgot_password(deps, "asha@example.com", source_ip="-")
        mail = deliver()[-1]
        found = re.search(r"https://berth\.example\.com(/l/\S+)", mail.text)
        assert found is not None
        return found[1]

    return newest


@pytest.fixture
def browse(deps: Deps) -> Browser:
    return Browser()


def account(deps: Deps) -> Any:
    return deps.accounts.find_by_login("asha@example.com")


def test_looking_at_a_link_changes_nothing_and_the_button_acts_once(
    deps: Deps, browse: Browser, link: Callable[[str], str]
) -> None:
    path = link("verify")
    page = browse.get(path)
    assert page.status_code == 200
    assert b"<button>Confirm address</button>" in page.body
    assert b"<script" not in page.body
    assert not account(deps).verified
    for _ in range(2):
        assert b"is confirmed" in browse.post(path, headers=FORM, body=b"").body
    assert account(deps).verified
    assert b"is confirmed" in browse.get(path).body
    assert b"<button" not in browse.get(path).body


def test_a_new_password_is_chosen_on_the_page_and_the_link_works_once(
    deps: Deps, browse: Browser, link: Callable[[str], str]
) -> None:
    path = link("reset")
    assert b'type="password"' in browse.get(path).body
    short = browse.post(path, headers=FORM, body=b"password=short")
    assert (short.status_code, b"It must have 8 to 128 characters." in short.body) == (400, True)
    assert b'aria-invalid="true"' in short.body
    assert b"<button>Save password</button>" in short.body
    for _ in range(2):
        saved = browse.post(path, headers=FORM, body=b"password=another+quiet+river")
        assert b"changed" in saved.body
    sign_in.login(deps, "asha@example.com", "another quiet river", source_ip="-")
    assert browse.get(path).status_code == 410
    assert browse.post(path, headers=FORM, body=b"password=a+third+river").status_code == 410


def test_unknown_expired_and_forged_links_look_alike(
    browse: Browser, link: Callable[[str], str], clock: Clock
) -> None:
    path = link("verify")
    forged = browse.get(path[:-4] + "AAAA").body
    unknown = browse.get("/l/abc").body
    clock.move(days=8)
    expired = browse.get(path)
    assert expired.status_code == 410
    assert forged == unknown == expired.body


def test_a_page_behind_a_link_is_kept_by_nobody_and_tells_nobody(
    browse: Browser, link: Callable[[str], str]
) -> None:
    headers = browse.get(link("verify")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
