"""The lines of a bill in the language of its reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.languages import Language
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.band import DEFAULT_BANDS
from chalicelib.domain.pricing.discount import Discount
from chalicelib.domain.pricing.promo_terms import PromoTerms
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import bill_words
from chalicelib.texts import catalogue
from tests import builders
from tests.clock import NOON


def lines(tariff: Tariff, hours: int, language: Language, **fields: Any) -> list[str]:
    """The lines of a stay of some hours from Saturday noon."""
    zone = builders.a_zone(tariff=tariff)
    stay = replace(builders.an_active_booking(zone), **fields)
    left = check_out.check_out(
        stay,
        by=SYSTEM,
        source="auto_checkout",
        at=NOON + timedelta(hours=hours),
        tz=builders.IST,
        policy=Policy(),
        entry_id="LE1",
        tender=None,
    ).booking
    assert left.bill is not None
    texts = catalogue.mails(language)
    return [bill_words.of(line, left, builders.IST, texts) for line in left.bill.lines]


@pytest.mark.parametrize(
    ("tariff", "hours", "english", "hindi"),
    [
        (Tariff("hourly", "INR", 5000), 3, ["3 hours"], ["3 घंटे"]),
        (Tariff("hourly", "INR", 5000), 1, ["1 hour"], ["1 घंटा"]),
        (Tariff("hourly", "INR", 900, unit_minutes=30), 1, ["2 × 30 minutes"], ["2 × 30 मिनट"]),
        (Tariff("daily", "INR", 9000), 30, ["2 days"], ["2 दिन"]),
        (Tariff("nightly", "INR", 9000), 30, ["1 night"], ["1 रात"]),
        (Tariff("flat", "INR", 9000), 3, ["Flat rate"], ["एकमुश्त शुल्क"]),
        # bands
        (
            Tariff("hourly", "INR", 5000, bands=DEFAULT_BANDS),
            8,
            ["6 hours, 09:00–18:00", "2 hours, 18:00–21:00"],
            ["6 घंटे, 09:00–18:00", "2 घंटे, 18:00–21:00"],
        ),
        # free minutes
        (
            Tariff("hourly", "INR", 5000, free_minutes=15),
            1,
            ["Free for the first 15 minutes", "1 hour"],
            ["पहले 15 मिनट निःशुल्क", "1 घंटा"],
        ),
        # demand, a discount and a promo code
        (
            Tariff(
                "hourly",
                "INR",
                5000,
                discounts=(Discount("First day", 10),),
                agreed=Agreed(110, promo=PromoTerms("SUMMER20", percent=20)),
            ),
            2,
            ["2 hours", "Demand, 110% of the price", "First day", "Promo code SUMMER20"],
            ["2 घंटे", "माँग, कीमत का 110%", "First day", "प्रोमो कोड SUMMER20"],
        ),
        # a daily maximum
        (
            Tariff("hourly", "INR", 5000, day_cap=10000),
            3,
            ["3 hours", "Daily maximum ₹100.00, Sat, 21 Nov 2026"],
            ["3 घंटे", "दैनिक अधिकतम ₹100.00, शनि, 21 नव॰ 2026"],
        ),
    ],
)
def test_each_kind_of_line_is_said_in_each_language(
    tariff: Tariff, hours: int, english: list[str], hindi: list[str]
) -> None:
    assert lines(tariff, hours, "en") == english
    assert lines(tariff, hours, "hi") == hindi
