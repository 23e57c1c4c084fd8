from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.sweeps.schedules import SCHEDULES
from local.metering import Charge
from tests.local.control.conftest import NOON, Product, header


@pytest.mark.parametrize("path", ["/_local", "/_local/"])
def test_the_overview_shows_clock_sweeps_mails_and_counts(product: Product, path: str) -> None:
    product.meter.add("PutItem", [Charge("t", writes={"table": 7})])
    page = product.get(path)
    assert "Sat 21 Nov 2026, 12:00:00 UTC" in page
    assert "Sat 21 Nov 2026, 17:30:00" in page  # Asia/Kolkata
    assert all(f'action="/_local/forms/sweeps/{name}"' in page for name in SCHEDULES)
    assert page.index(">second<") < page.index(">first<")
    assert "<dt>Write units</dt><dd>7</dd>" in page


@pytest.mark.parametrize(
    ("fields", "moved"),
    [
        ({"advance_seconds": "900"}, timedelta(minutes=15)),
        ({"advance_seconds": "-60"}, timedelta(minutes=-1)),
        ({"now": "2026-11-22T12:00"}, timedelta(days=1)),  # as `datetime-local` sends it
        ({"now": "2026-11-21T14:00+01:00"}, timedelta(hours=1)),
    ],
)
def test_a_form_moves_the_clock_and_leads_back(
    product: Product, fields: dict[str, str], moved: timedelta
) -> None:
    answer = product.submit("/_local/forms/clock", **fields)
    assert (answer.status, header(answer, "Location")) == (303, "/_local/")
    assert product.clock.now() == NOON + moved
    assert f"The clock shows {NOON + moved:%a %-d %b %Y, %H:%M:%S} UTC." in product.get("/_local/")


def test_the_clock_goes_back_to_real_time(product: Product) -> None:
    assert "Back to real time" not in product.get("/_local/")
    product.clock.advance(12345)
    assert "3 hours 25 minutes 45 seconds ahead of real time" in product.get("/_local/")
    assert product.submit("/_local/forms/clock", real_time="1").status == 303
    assert product.clock.offset_seconds == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"advance_seconds": "soon"},
        {"advance_seconds": "9" * 30},
        {"advance_seconds": "9" * 5000},
        {"now": ""},
        {"now": "tomorrow"},
        {"now": "1980-01-01T00:00"},
        {"now": "0001-01-01T00:00+14:00"},
    ],
)
def test_a_wrong_time_is_refused_on_the_page(product: Product, fields: dict[str, str]) -> None:
    answer = product.submit("/_local/forms/clock", **fields)
    assert answer.status == 400
    assert b'role="alert">The time must' in answer.body
    assert product.clock.now() == NOON


def test_a_sweep_runs_from_its_button_and_shows_its_result(product: Product) -> None:
    assert product.submit("/_local/forms/sweeps/reminders").status == 303
    assert "reminders: 2 due, 2 done." in product.get("/_local/")
    assert product.submit("/_local/forms/sweeps/outbox", dry_run="1").status == 303
    page = product.get("/_local/")
    assert page.index("outbox, dry run: 2 due, nothing changed.") < page.index("reminders: 2 due")
    assert product.calls == [("reminders", False), ("outbox", True)]


def test_an_unknown_sweep_is_refused_on_the_page(product: Product) -> None:
    answer = product.submit("/_local/forms/sweeps/unknown")
    assert (answer.status, b"There is no sweep called unknown." in answer.body) == (400, True)


def test_a_reset_asks_first(product: Product) -> None:
    assert 'href="/_local/forms/reset"' in product.get("/_local/")
    assert "is deleted" in product.get("/_local/forms/reset")
    assert product.calls == []
    assert header(product.submit("/_local/forms/reset"), "Location") == "/_local/"
    assert product.calls == ["reset"]


def test_the_counts_start_at_zero(product: Product) -> None:
    product.meter.add("PutItem", [Charge("t", writes={"table": 7})])
    assert product.submit("/_local/forms/stats").status == 303
    assert product.meter.snapshot().calls == 0


def test_a_page_loads_nothing_from_elsewhere_and_is_not_cached(product: Product) -> None:
    answer = product.ask("GET", "/_local/")
    assert header(answer, "Content-Security-Policy").startswith(
        "default-src 'none'; style-src 'sha"
    )
    assert "frame-ancestors 'none'" in header(answer, "Content-Security-Policy")
    assert "unsafe" not in header(answer, "Content-Security-Policy")
    assert header(answer, "Cache-Control") == "no-store"
    assert header(answer, "X-Content-Type-Options") == "nosniff"


def test_a_form_of_the_page_sends_its_origin(product: Product) -> None:
    """With `no-referrer` browsers send `Origin: null`, which is refused."""
    assert header(product.ask("GET", "/_local/"), "Referrer-Policy") == "same-origin"
