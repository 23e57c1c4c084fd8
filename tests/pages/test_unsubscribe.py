"""Unsubscribing from optional mails, in a browser and by a mail program (RFC 8058)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.domain.accounts.mailbox import Mailbox, id_of
from chalicelib.services.accounts import mailboxes
from chalicelib.services.core.deps import Deps
from tests.clock import Clock
from tests.gateway import Browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ASHA = "asha@example.com"
ONE_CLICK = [
    (FORM["Content-Type"], b"List-Unsubscribe=One-Click"),
    (
        "multipart/form-data; boundary=x7",
        b'--x7\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
        b"One-Click\r\n--x7--\r\n",
    ),
]


@pytest.fixture
def browse(deps: Deps) -> Browser:
    return Browser()


@pytest.fixture
def path(deps: Deps) -> str:
    return mailboxes.unsubscribe_link(deps, ASHA).removeprefix(deps.settings.base_url)


def box(deps: Deps) -> Mailbox:
    return deps.mailboxes.get(id_of(ASHA))


def buttons(page: Any) -> list[bytes]:
    return re.findall(rb"<button[^>]*>([^<]*)</button>", page.body)


def test_looking_changes_nothing_and_the_button_acts_once(
    deps: Deps, browse: Browser, path: str, clock: Clock
) -> None:
    for _ in range(2):
        page = browse.get(path)
        assert (page.status_code, buttons(page)) == (200, [b"Unsubscribe from these emails"])
    assert box(deps).version == 0
    done = browse.post(path, headers=FORM, body=b"")
    assert (done.status_code, buttons(done)) == (200, [])
    first = box(deps)
    assert first.unsubscribed_at == clock.now()
    clock.move(days=3)
    for again in (browse.post(path, headers=FORM, body=b""), browse.get(path)):
        assert (again.status_code, again.body) == (200, done.body)
    assert box(deps) == first


@pytest.mark.parametrize(("content_type", "body"), ONE_CLICK, ids=["form", "multipart"])
def test_a_mail_program_unsubscribes_its_reader_without_a_further_page(
    deps: Deps, browse: Browser, path: str, content_type: str, body: bytes
) -> None:
    answer = browse.post(path, headers={"Content-Type": content_type}, body=body)
    assert answer.status_code == 200
    assert box(deps).unsubscribed_at is not None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\xff\xfe--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="\xff"'),
        ("multipart/form-data; boundary=\xfc", b"--\xfc"),
        ("application/json", b"{}"),
    ],
)
def test_whatever_a_mail_program_sends_along_the_link_decides(
    deps: Deps, browse: Browser, path: str, content_type: str, body: bytes
) -> None:
    answer = browse.post(path, headers={"Content-Type": content_type}, body=body)
    assert answer.status_code == 200
    assert box(deps).unsubscribed_at is not None


def nested(depth: int) -> bytes:
    """A form within a form within a form …"""
    head = "--{0}\r\nContent-Type: multipart/mixed; boundary={1}\r\n\r\n"
    return "".join(head.format(f"b{n}", f"b{n + 1}") for n in range(depth)).encode()


@pytest.mark.parametrize("depth", [1, 1000])
@pytest.mark.parametrize(("ending", "status"), [("", 400), ("AAAA", 410)])
def test_parts_within_parts_are_refused_after_the_link(
    deps: Deps, browse: Browser, path: str, depth: int, ending: str, status: int
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b0"}
    path = path[: len(path) - len(ending)] + ending
    assert browse.post(path, headers=headers, body=nested(depth)).status_code == status
    assert box(deps).unsubscribed_at is None


def test_the_link_is_judged_before_the_body_is_read(browse: Browser, path: str) -> None:
    for content_type, body in (
        ("application/json", b"["),
        ("application/json", b"[" * 20_000),
        ("application/x-www-form-urlencoded", b"x" * 70_000),
    ):
        headers = {"Content-Type": content_type}
        assert browse.post(path[:-4] + "AAAA", headers=headers, body=body).status_code == 410
        assert browse.post(path, headers=headers, body=body).status_code in (400, 413)


def test_a_form_in_parts_is_read_like_any_other(deps: Deps, browse: Browser) -> None:
    from chalicelib.services.accounts import sign_in

    account = sign_in.register(
        deps, email=ASHA, password="a quiet river", name="Asha", phone=None, source_ip="-"
    )
    until = deps.now() + mailboxes.UNSUBSCRIBE_LIFE
    token = deps.tokens.link("reset_password", account.account_id, account.epoch, until)
    body = '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nein stiller Fluß\r\n--x--'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = browse.post(f"/l/{token}", headers=headers, body=body.encode())
    assert answer.status_code == 200, answer.body
    signed_in = sign_in.login(deps, ASHA, "ein stiller Fluß", source_ip="-")
    assert signed_in.account.account_id == account.account_id


def test_the_link_opens_nothing_else(deps: Deps, browse: Browser, path: str, clock: Clock) -> None:
    dead = [browse.get(path[:-4] + "AAAA"), browse.get("/l/abc")]
    clock.move(days=366)
    dead += [browse.get(path), browse.post(path, headers=FORM, body=b"")]
    assert [page.status_code for page in dead] == [410] * 4
    assert len({page.body for page in dead}) == 1
    assert box(deps).version == 0


def test_the_page_runs_no_script_and_is_kept_by_nobody(browse: Browser, path: str) -> None:
    page = browse.get(path)
    assert b"<script" not in page.body
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert b"asha" not in page.body
