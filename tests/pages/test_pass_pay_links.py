"""The page of the pay link of a season pass: its purchase, its renewal from the mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import sweeps, wiring
from chalicelib.domain.core.change import saving
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core import pay_links
from chalicelib.services.season_passes import orders, steps
from local.engine import Embedded
from tests.clock import Clock
from tests.gateway import Browser
from tests.pages.test_pay_links import buttons, mails, path_in, press, title
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import CASH, PLANS, SeasonCarPark
from tests.world import World

END = date(2026, 12, 20)
NEW_END = date(2027, 1, 20)


@pytest.fixture
def park(world: World, clock: Clock) -> Iterator[SeasonCarPark]:
    car_park = SeasonCarPark.of(world, MemoryGateway(clock.now))
    car_park.change_site(season_plans=PLANS)
    wiring.use(car_park.deps)
    yield car_park
    wiring.use(None)


@pytest.fixture
def browse(park: SeasonCarPark) -> Browser:
    return Browser()


def path_of(park: SeasonCarPark, name: str) -> str:
    return pay_links.shown(park.deps, name).removeprefix("https://berth.example.com")


def in_last_week(park: SeasonCarPark, clock: Clock) -> SeasonPass:
    """A pass that renews by itself, seven days before its end: the renewal is prepared."""
    held = park.buy_pass(auto_renew=True)
    clock.set(held.ends_at - timedelta(days=6, hours=12))
    sweeps.run(park.deps, "reconcile")
    return park.read_pass(held)


def renewal_mail(park: SeasonCarPark, aws: Embedded) -> Any:
    (mail,) = [mail for mail in mails(park, aws) if "ends on" in mail.subject]
    return mail


# -- the renewal -----------------------------------------------------------------------------------


def test_a_renewal_is_paid_from_its_mail(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    shown = browse.get(path)
    assert (shown.status_code, title(shown)) == (200, "Pay ₹5,000.00")
    text = shown.body.decode()
    assert "the season pass goes on after 20 December 2026" in text
    assert (held.pass_id in text, "KA01AB1234" in text) == (True, True)
    leading = press(browse, path).body.decode()
    assert 'name="order_id" value="order_2"' in leading
    assert 'name="amount" value="500000"' in leading
    assert buttons(browse.get(f"{path}/result")) == ["I have paid: check again"]
    park.gateway.attempt("order_2")
    back = press(browse, f"{path}/result")
    assert (title(back), buttons(back)) == ("Thank you, it is paid", [])
    renewed = park.read_pass(held)
    assert (renewed.last, renewed.kept) == (NEW_END, 1_000_000)
    assert park.faults(renewed) == ()


def test_a_renewal_that_is_paid_is_not_asked_for_again(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    park.renew_online(held)
    clock.move(days=20)
    for page in (browse.get(path), press(browse, path), press(browse, f"{path}/result")):
        assert (title(page), buttons(page)) == ("Thank you, it is paid", [])
    assert len(park.gateway.orders) == 2


def test_a_pass_that_was_renewed_at_the_desk_owes_nothing(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    steps.renew(park.deps, park.staff, held.pass_id, CASH)
    page = press(browse, path)
    assert title(page) == "There is nothing to pay"
    assert "No amount is due for this season pass." in page.body.decode()


def test_a_link_prepares_no_renewal_by_itself(
    park: SeasonCarPark, browse: Browser, clock: Clock
) -> None:
    held = park.buy_pass()
    page = press(browse, path_of(park, held.pass_id))
    assert title(page) == "Thank you, it is paid"
    assert len(park.read_pass(held).payments) == 1


def test_a_renewal_that_was_not_paid_is_over_with_its_pass(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    clock.set(held.ends_at)
    assert title(press(browse, path)) == "The time to pay is over"
    sweeps.run(park.deps, "reconcile")
    assert title(press(browse, path)) == "The time to pay is over"
    assert len(park.gateway.orders) == 1


def test_an_order_whose_page_is_over_is_followed_by_another_one(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    """PhonePe keeps an order for an hour at most; the mail is read days later."""
    park.gateway.page = "https://mercury.phonepe.com/transact?token=a"
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    press(browse, path)
    clock.move(days=3)
    assert title(browse.get(path)) == "Pay ₹5,000.00"
    assert b"mercury.phonepe.com" in press(browse, path).body
    assert list(park.gateway.orders) == ["order_1", "order_2", "order_3"]
    park.gateway.attempt("order_3")
    assert title(press(browse, f"{path}/result")) == "Thank you, it is paid"
    assert park.read_pass(held).last == NEW_END


def test_the_mailed_link_lapses_with_the_address_and_with_the_holder(
    park: SeasonCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    held = in_last_week(park, clock)
    path = path_in(renewal_mail(park, aws))
    account = park.deps.accounts.get(park.user.account_id)
    moved = replace(account, email="other@example.com", version=account.version + 1)
    park.deps.commit(saving(moved))
    assert browse.get(path).status_code == 410
    back = replace(moved, email=account.email, version=moved.version + 1)
    park.deps.commit(saving(back))
    assert browse.get(path).status_code == 200
    steps.hand_over(park.deps, park.user, held.pass_id, park.other.account_id)
    assert browse.get(path).status_code == 410
    assert press(browse, path).status_code == 410


# -- the purchase ----------------------------------------------------------------------------------


def test_a_purchase_is_paid_on_the_page_of_its_order(park: SeasonCarPark, browse: Browser) -> None:
    held = park.order_pass()
    opened = orders.open_order(park.deps, park.user, held.pass_id)
    path = opened.page.removeprefix("https://berth.example.com")
    assert "The season pass is valid as soon as it is paid." in browse.get(path).body.decode()
    first = press(browse, path).body.decode()
    assert press(browse, path).body.decode() == first  # a second tab
    park.gateway.attempt("order_1")
    back = press(browse, f"{path}/result")
    assert title(back) == "Thank you, it is paid"
    assert "21 November 2026 to 20 December 2026" in back.body.decode()
    assert park.read_pass(held).last == END


def test_an_order_that_lapsed_says_so_and_a_later_payment_still_buys(
    park: SeasonCarPark, browse: Browser, clock: Clock
) -> None:
    held = park.order_pass()
    path = path_of(park, held.payments[-1].reference)
    clock.move(minutes=31)
    assert title(press(browse, path)) == "The time to pay is over"
    sweeps.run(park.deps, "reconcile")
    assert title(press(browse, path)) == "The time to pay is over"
    park.gateway.attempt("order_1")
    assert title(press(browse, f"{path}/result")) == "Thank you, it is paid"


def test_the_payer_is_sent_back_to_the_page(park: SeasonCarPark, browse: Browser) -> None:
    park.order_pass()
    path = park.gateway.returns["order_1"].removeprefix("https://berth.example.com")
    assert path.endswith("/result")
    assert browse.get(path).status_code == 200


def test_looking_changes_nothing(park: SeasonCarPark, browse: Browser) -> None:
    held = park.read_pass(park.order_pass())
    calls = list(park.gateway.calls)
    path = path_of(park, held.pass_id)
    for each in (path, f"{path}/result"):
        assert browse.get(each).status_code == 200
    assert (park.read_pass(held), park.gateway.calls) == (held, calls)


def test_a_link_of_no_pass_is_as_dead_as_a_forged_one(park: SeasonCarPark, browse: Browser) -> None:
    path = path_of(park, "SP0000000000000000001_1")
    assert browse.get(path).body == browse.get("/pay/abc").body
    assert press(browse, path).status_code == 410


def test_the_page_speaks_hindi(park: SeasonCarPark, browse: Browser) -> None:
    held = park.order_pass()
    url = pay_links.shown(park.deps, held.pass_id, language="hi")
    page = browse.get(url.removeprefix("https://berth.example.com"))
    assert "भुगतान होते ही सीज़न पास मान्य हो जाएगा।" in page.body.decode()
