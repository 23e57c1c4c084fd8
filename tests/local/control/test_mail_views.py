from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from tests.local.control.conftest import Product, a_mail, header

INTRUDER = '"><script>alert(1)</script>'


def listed(page: str) -> list[str]:
    return re.findall(r'<a href="/_local/mails/(\d+)">', page)


def test_mails_are_listed_newest_first(product: Product) -> None:
    assert listed(product.get("/_local/mails")) == ["2", "1"]


def test_mails_are_listed_by_recipient(product: Product) -> None:
    assert listed(product.get("/_local/mails?to=ann%40example.com")) == ["1"]
    assert "No mail was sent to eve@example.com." in product.get("/_local/mails?to=eve@example.com")


def test_many_mails_are_listed_on_several_pages(product: Product) -> None:
    product.mails += [a_mail("ann@example.com", "more")] * 119
    seen, target = [], "/_local/mails?to=ann@example.com"
    while target:
        page = product.get(target)
        seen += listed(page)
        older = re.search(r'<a href="(/_local/mails\?before=[^"]+)">Older', page)
        target = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(number) for number in range(121, 0, -1) if number != 2]


def test_a_mail_opens_with_its_head_its_frame_and_its_attachments(product: Product) -> None:
    page = product.get("/_local/mails/1")
    assert "<h1>first</h1>" in page
    assert "ann@example.com" in page
    assert '<iframe src="/_local/mails/1/html" sandbox="allow-popups ' in page
    assert "visit ₹.ics" in page
    assert "attachment-1.png" in page


def test_links_of_the_plain_text_can_be_followed(product: Product) -> None:
    product.mails = [a_mail("ann@example.com", "s", text="Go: https://berth.example/l/1?a=1&b=2.")]
    page = product.get("/_local/mails/1")
    assert '<a href="https://berth.example/l/1?a=1&amp;b=2" target="_blank"' in page


def test_text_of_a_mail_is_escaped_on_our_pages(product: Product) -> None:
    text = f"https://a.example/{INTRUDER} javascript:alert(1)"
    product.mails = [a_mail("ann@example.com", INTRUDER, text=text)]
    for path in ("/_local/", "/_local/mails", "/_local/mails/1", f"/_local/mails?to={INTRUDER}"):
        page = product.get(path)
        assert "<script>alert" not in page
        assert 'href="javascript' not in page


def test_an_attachment_is_saved_and_never_opened(product: Product) -> None:
    answer = product.ask("GET", "/_local/mails/1/attachments/2")
    assert answer.body.strip() == b"BEGIN:VCALENDAR"
    assert header(answer, "Content-Type") == "text/calendar"
    assert header(answer, "Content-Disposition") == (
        "attachment; filename*=UTF-8''visit%20%E2%82%B9.ics"
    )
    assert "sandbox" in header(answer, "Content-Security-Policy")


def test_the_source_of_a_mail_can_be_saved(product: Product) -> None:
    mail = message_from_bytes(
        product.ask("GET", "/_local/mails/2/source").body, policy=policy.default
    )
    assert (mail["To"], mail["Subject"]) == ("bob@example.com", "second")


@pytest.mark.parametrize(
    "path",
    ["0", "3", "999999999", "0/html", "3/html", "3/source", "3/attachments/1", "1/attachments/0",
     "1/attachments/3"],
)  # fmt: skip
def test_a_mail_that_is_not_there_has_a_page_that_says_so(product: Product, path: str) -> None:
    answer = product.ask("GET", f"/_local/mails/{path}")
    assert (answer.status, b"/_local/mails" in answer.body) == (404, True)
