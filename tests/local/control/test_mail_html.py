from __future__ import annotations

from local.control import mail_html
from tests.local.control.conftest import Product, a_mail, header


def test_pictures_that_came_with_a_mail_stand_in_their_places() -> None:
    page = mail_html.as_read(a_mail("a@b.c", "s", html='<img src="cid:qr-1"><img src="cid:none">'))
    assert page.strip() == '<img src="data:image/png;base64,iVBORw=="><img src="">'


def test_links_open_in_a_new_tab() -> None:
    page = mail_html.as_read(a_mail("a@b.c", "s", html="<head><title>t</title></head>"))
    assert page.startswith('<head><base target="_blank"><title>')


def test_a_mail_may_open_links_and_nothing_else(product: Product) -> None:
    policy = header(product.ask("GET", "/_local/mails/1/html"), "Content-Security-Policy")
    directives = dict(each.partition(" ")[::2] for each in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["img-src"] == "data:"
    assert directives["form-action"] == "'none'"
    assert set(directives["sandbox"].split()) == {
        "allow-popups", "allow-popups-to-escape-sandbox",
    }  # fmt: skip
