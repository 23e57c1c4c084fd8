"""The pages behind the links in mails, one LinkPage each. The tests of what all pages share run for
each page in LINK_PAGES, a new one included."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.browser import stories
from tests.browser.stories import DAY
from tests.local_server import LocalServer

LONG_AFTER = 400 * DAY
"""When every link has expired."""


@dataclass(frozen=True)
class Sent:
    """A link as its mail brought it, and how to read what it is about."""

    url: str
    read: Callable[[], Any]


@dataclass(frozen=True)
class LinkPage:
    """One kind of link. `send` brings the world to where the mail has gone out; `typed` is what a
    guest writes into the fields, by their labels. `done` heads the page after the button, `after`
    the page when the same link is opened again, `again` (where it differs) when it is pressed
    again."""

    name: str
    send: Callable[[LocalServer], Sent]
    title: str
    button: str
    done: str
    after: str
    again: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def press(self, page: Page) -> None:
        """Fill in what is asked, press the button, wait for the answer."""
        for label, text in self.typed.items():
            page.get_by_label(label).fill(text)
        with page.expect_navigation():
            page.get_by_role("button").click()


def _reminded(berth: LocalServer, which: int) -> Sent:
    booking_id = stories.reminded(berth)
    url = stories.mail(berth, "user1")["links"][which]
    return Sent(url, lambda: stories.booking(berth, "user1", booking_id))


def _offered(berth: LocalServer, which: int) -> Sent:
    hall, entry_id = stories.offered(berth)
    url = stories.mail(berth, "user2")["links"][which]
    return Sent(url, lambda: hall.entry("user2", entry_id))


def _confirm(berth: LocalServer) -> Sent:
    return _reminded(berth, 0)


def _cancel(berth: LocalServer) -> Sent:
    return _reminded(berth, 1)


def _cancel_with_money(berth: LocalServer) -> Sent:
    priced = {"tariff": {"rate": "900.00"}}
    berth.done("PATCH", "/api/admin/zones/halls", priced, berth.token("admin"))
    return _cancel(berth)


def _verify_email(berth: LocalServer) -> Sent:
    person = {"email": "asha@example.com", "password": "a quiet river", "name": "Asha"}
    berth.done("POST", "/api/auth/register", person)
    login = {"email": person["email"], "password": person["password"]}
    token = berth.done("POST", "/api/auth/login", login)["access"]
    url = berth.mails(person["email"])[0]["links"][0]
    return Sent(url, lambda: berth.done("GET", "/api/me", token=token))


def _reset_password(berth: LocalServer) -> Sent:
    berth.done("POST", "/api/auth/password/forgot", {"email": "user1@example.com"})
    token = berth.token("user1")
    url = stories.mail(berth, "user1")["links"][0]
    return Sent(url, lambda: berth.ask("GET", "/api/me", token=token)[0])


def _change_email(berth: LocalServer) -> Sent:
    token = berth.token("user1")
    wanted = {"email": "asha@example.net", "current_password": "password123"}
    berth.done("PATCH", "/api/me", wanted, token)
    url = berth.mails(wanted["email"])[0]["links"][0]
    return Sent(url, lambda: berth.ask("GET", "/api/me", token=token)[0])


def _claim(berth: LocalServer) -> Sent:
    return _offered(berth, 0)


def _decline(berth: LocalServer) -> Sent:
    return _offered(berth, 1)


def _unsubscribe(berth: LocalServer) -> Sent:
    stories.stayed_for_nothing(berth, "user1")
    [url] = stories.mail(berth, "user1")["links"]
    return Sent(url, lambda: _text(url))


def _text(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


LINK_PAGES = (
    LinkPage(
        "confirm",
        _confirm,
        title="Are you coming?",
        button="Yes, I am coming",
        done="Your booking is confirmed",
        after="Your booking is confirmed",
    ),
    LinkPage(
        "cancel",
        _cancel,
        title="Cancel the booking?",
        button="Cancel the booking",
        done="Your booking has been cancelled",
        after="This booking is over",
    ),
    LinkPage(
        "cancel-with-money",
        _cancel_with_money,
        title="Cancel the booking?",
        button="Cancel the booking",
        done="Your booking has been cancelled",
        after="This booking is over",
    ),
    LinkPage(
        "verify-email",
        _verify_email,
        title="Confirm your email address",
        button="Confirm address",
        done="Your email address is confirmed",
        after="Your email address is confirmed",
    ),
    LinkPage(
        "reset-password",
        _reset_password,
        title="Choose a new password",
        button="Save password",
        typed={"New password": "another quiet river"},
        done="Your password has changed",
        after="This link does not work",
        again="Your password has changed",
    ),
    LinkPage(
        "change-email",
        _change_email,
        title="Confirm your new address",
        button="Confirm address",
        done="Your email address has changed",
        after="Your email address has changed",
    ),
    LinkPage(
        "claim",
        _claim,
        title="Do you still want it?",
        button="Yes, book it for me",
        done="It is yours",
        after="It is yours",
    ),
    LinkPage(
        "decline",
        _decline,
        title="Pass it on?",
        button="No, I do not want it",
        done="You have left the waitlist",
        after="You have left the waitlist",
    ),
    LinkPage(
        "unsubscribe",
        _unsubscribe,
        title="Fewer emails?",
        button="Unsubscribe from these emails",
        done="No more optional emails",
        after="No more optional emails",
    ),
)
