"""The mails about a season pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments.payment import Capture, Payment
from chalicelib.domain.season_passes import capture, sale
from chalicelib.domain.season_passes.sale import Wish
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.season_plan import SeasonPlan
from chalicelib.rendering.mail import season_passes
from chalicelib.rendering.mail.reader import Reader
from docs.example_mails.ingredients import link
from docs.example_places import ASHA, EVENING, GARAGE

NUMBER: Final = "SP7Q2M9X4T1NG1QR00005"
MONTHLY: Final = SeasonPlan("monthly", "Monthly", "monthly", 500_000)


def examples(asha: Reader) -> dict[str, Message]:
    held = valid()
    twice, second = paid_twice()
    return {
        "season-pass-sold": season_passes.sold(asha, held, GARAGE),
        "season-pass-ends": season_passes.ends(
            asha, held, GARAGE, price=Money.zero(held.currency), link=""
        ),
        "season-pass-renewal": season_passes.ends(
            asha, held, GARAGE, price=held.price, link=link("pay")
        ),
        "season-pass-returned": season_passes.returned(asha, twice, second, GARAGE),
    }


def ordered(now: datetime = EVENING) -> SeasonPass:
    wish = Wish(
        site=GARAGE.slug,
        currency=GARAGE.currency,
        tz=GARAGE.tz,
        plan=MONTHLY,
        plate="KA01AB1234",
        first=EVENING.astimezone(GARAGE.tz).date(),
    )
    new = sale.ordered(
        wish,
        pass_id=NUMBER,
        user_id=ASHA.account_id,
        by=ASHA,
        source="api",
        now=now,
    )
    return sale.intending(new, "razorpay", now)


def _paid(held: SeasonPass, now: datetime) -> SeasonPass:
    payment = held.payments[-1]
    price = payment.amount.minor
    seen = replace(payment, state="captured", captures=(Capture("pay_1", price),))
    change = capture.record(held, seen, source="outbox", now=now, entry_id="LE1")
    assert change is not None
    return next(each for each in change.saves if isinstance(each, SeasonPass))


def valid() -> SeasonPass:
    """It is paid, and begins at once."""
    return _paid(ordered(), EVENING + timedelta(minutes=3))


def paid_twice() -> tuple[SeasonPass, Payment]:
    """Its payment was made twice, and one of them goes back."""
    held = valid()
    second = Payment(
        f"{held.pass_id}_2",
        "razorpay",
        Money(MONTHLY.price, held.currency),
        "season_pass",
        EVENING,
        EVENING,
    )
    back = _paid(replace(held, payments=(*held.payments, second)), EVENING + timedelta(minutes=9))
    return back, back.payments[-1]
