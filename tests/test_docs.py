"""The documentation explains every error code, setting, policy field, sweep, deadline, table, index
and event, and says it in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from chalicelib import settings
from chalicelib.api.web.answers import STATUS
from chalicelib.domain.bookings.booking import PaymentStatus
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.core import errors
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.realtime import webhook
from chalicelib.domain.realtime.facts import BookingFacts, ZoneFacts
from chalicelib.domain.sites.policy import Policy
from chalicelib.store.dynamodb.schema import MODELS
from chalicelib.sweeps.schedules import SCHEDULES

FACTS = (BookingFacts, ZoneFacts)
ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

VAGUE = re.compile(r"\b(whoever|whomever|whatever|somebody|anybody)\b", re.IGNORECASE)
"""Words that hide who or what is meant."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def _leaves(kind: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _leaves(below)


def test_every_error_code_is_explained_with_its_status() -> None:
    rows = set(re.findall(r"\| (\d{3}) \| `([A-Z_]+)` \|", page("errors.md")))
    expected = {
        (str(status), leaf.code) for family, status in STATUS.items() for leaf in _leaves(family)
    }
    assert rows == expected


def test_every_setting_is_explained() -> None:
    source = Path(settings.__file__).read_text()
    read = set(re.findall(r'env(?:\.get\(|, |\[)"([A-Z_]+)"', source))
    read |= {f"TABLE_{table.upper()}" for table in settings.TABLES}
    of_a_gateway = re.findall(r'f"{prefix}(_[A-Z_]+)"', source)
    read |= {f"{g.upper()}{end}" for g in settings.PAYMENT_GATEWAYS for end in of_a_gateway}
    assert len(read) > 10
    assert {name for name in read if f"| `{name}` |" not in page("operate/settings.md")} == set()


def test_every_policy_field_is_explained() -> None:
    names = {field.name for field in fields(Policy)}
    assert {name for name in names if f"| `{name}` |" not in page("rules/policy.md")} == set()


def test_every_sweep_is_explained_with_its_interval() -> None:
    text = page("operate/sweeps.md")
    assert [n for n, m in SCHEDULES.items() if f"| `{n}` | {m} min |" not in text] == []


def test_every_table_and_index_is_explained() -> None:
    text = page("data-model.md")
    indexes = [name for model in MODELS for name in model._indexes]
    assert [name for name in indexes if f"### {name}\n" not in text] == []
    assert [table for table in settings.TABLES if f"| {table} |" not in text] == []


def test_every_deadline_is_explained() -> None:
    text = page("rules/lifecycle.md")
    assert [kind for kind in DeadlineKind if f"`{kind}`" not in text] == []


def test_every_source_of_a_step_is_named() -> None:
    text = page("rules/lifecycle.md")
    assert [source for source in get_args(Source) if f"`{source}`" not in text] == []


def test_every_payment_status_is_explained() -> None:
    text = page("rules/billing.md")
    assert [status for status in get_args(PaymentStatus) if f"`{status}`" not in text] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_says_who_and_what_it_means(path: Path) -> None:
    assert VAGUE.findall(path.read_text()) == []


def test_every_decision_is_half_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert pages
    assert [p.name for p in pages if len(p.read_text().splitlines()) > 60] == []


def test_the_signature_in_the_docs_is_the_one_we_make() -> None:
    cells = re.findall(r"\| `(whsec_\w+)` \| `(\d+)` \| `(.+?)` \| `(.+?)` \|", page("webhooks.md"))
    [(secret, timestamp, body, signature)] = cells
    assert webhook.signature(secret, int(timestamp), body.encode()) == signature


def test_every_event_is_explained_with_its_fields() -> None:
    text = page("realtime.md")
    names = [*get_args(EventName), *(each.name for kind in FACTS for each in fields(kind))]
    assert [name for name in names if f"`{name}`" not in text] == []
