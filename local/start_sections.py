"""What the local runtime adds to the start page: its own pages, the demo accounts, what to try."""

from __future__ import annotations

from chalicelib.services.core.start_page import Link, Section, Step
from local.demo import ACCOUNTS, PASSWORD

_BOOK = """\
B={url}
TOKEN=$(curl -s $B/api/auth/login -H 'Content-Type: application/json' \\
  -d '{{"username": "user1", "password": "{password}"}}' \\
  | sed 's/.*"access": *"\\([^"]*\\)".*/\\1/')
curl -s $B/api/user/book-slot -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{{"zone_id": "zone-a", "vehicle_number": "KA01AB1234",
       "owner_name": "Asha"}}'"""
_LIST = 'curl -s $B/api/user/history -H "Authorization: Bearer $TOKEN"'


def sections(base_url: str) -> tuple[Section, ...]:
    """The sections of a runtime at `base_url`."""
    return (_THIS_MACHINE, _first_steps(base_url), _ACCOUNTS)


_THIS_MACHINE = Section(
    "On this machine",
    "AWS is emulated here. No mail leaves this machine, and the clock can be moved.",
    links=(
        Link("/_local/mails", "Mails", "Every mail that was sent, as its reader sees it."),
        Link("/_local/", "Clock and sweeps", "Let time pass, run a sweep, reset the demo data."),
    ),
)

_ACCOUNTS = Section(
    "Demo accounts",
    f"The password of each is {PASSWORD}. It works on this machine only.",
    facts=tuple((person.username, person.description) for person in ACCOUNTS),
)


def _first_steps(base_url: str) -> Section:
    return Section(
        "First things to try",
        steps=(
            Step("Sign in and book a bay:", _BOOK.format(url=base_url, password=PASSWORD)),
            Step("Read the mail that this sent:", link=Link("/_local/mails", "mails")),
            Step("Let two hours pass:", link=Link("/_local/", "clock")),
            Step("See how the booking stands now:", _LIST),
        ),
    )
