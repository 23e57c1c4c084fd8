"""The page of a pay link, from the mail to the gateway and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.services.bookings import settle
from chalicelib.services.core import pay_links
from chalicelib.services.delivery import outbox as delivery
from chalicelib.services.payments import orders
from chalicelib.services.stays import online_exits
from local.engine import Embedded
from tests.builders import TIMED
from tests.clock import Clock
from tests.gateway import Browser, Page
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def paying(world: World, clock: Clock) -> Iterator[PayingCarPark]:
    car_park = PayingCarPark.of(world, MemoryGateway(clock.now))
    wiring.use(car_park.deps)
    yield car_park
    wiring.use(None)


@pytest.fixture
def browse(paying: PayingCarPark) -> Browser:
    return Browser()


def press(browse: Browser, path: str, body: bytes = b"") -> Page:
    return browse.post(path, headers=FORM, body=body)


def mails(paying: PayingCarPark, aws: Embedded) -> list[Any]:
    """The mails sent so far, after what waits in the outbox is delivered."""
    later = replace(paying.deps, now=lambda: paying.deps.now() + delivery.STREAM_LEASE)
    delivery.sweep_due(later, dry_run=False, out_of_time=lambda: False, workers=1)
    return list(aws.sent_mails())


def path_in(mail: Any) -> str:
    found = re.search(r"https://berth\.example\.com(/pay/\S+)", mail.text)
    assert found is not None, mail.text
    return found[1]


def a_debt(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 61 minutes that time has ended: 50.00 is due."""
    paying.change_zone(paying.zone_a, policy=TIMED)
    booking = paying.enter(paying.book())
    clock.move(minutes=61)
    return settle.read(paying.deps, booking.booking_id)


def path_of(paying: PayingCarPark, name: str) -> str:
    return pay_links.shown(paying.deps, name).removeprefix("https://berth.example.com")


def buttons(page: Page) -> list[str]:
    return re.findall(r"<button[^>]*>([^<]*)</button>", page.body.decode())


def title(page: Page) -> str:
    found = re.search(r"<title>([^<]*)</title>", page.body.decode())
    assert found is not None
    return found[1]


# -- the mails -------------------------------------------------------------------------------------


def test_who_has_not_paid_the_fee_after_three_minutes_gets_the_link(
    paying: PayingCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    booking = paying.book_online()
    clock.move(seconds=50)
    assert mails(paying, aws) == []
    clock.move(seconds=20)
    (mail,) = mails(paying, aws)
    assert "Please pay ₹50.00" in mail.subject
    page = browse.get(path_in(mail))
    assert (page.status_code, title(page)) == (200, "Pay ₹50.00")
    assert booking.booking_id in page.body.decode()


def test_who_pays_at_once_gets_no_such_mail(
    paying: PayingCarPark, aws: Embedded, clock: Clock
) -> None:
    paying.book_and_pay()
    clock.move(minutes=4)
    assert [mail.subject for mail in mails(paying, aws) if "Please pay" in mail.subject] == []


def test_the_bill_of_an_unpaid_stay_has_the_link_and_names_both_ways_to_pay(
    paying: PayingCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    a_debt(paying, clock)
    mail = next(mail for mail in mails(paying, aws) if "/pay/" in mail.text)
    assert "Please pay ₹50.00 online, or in cash" in mail.text
    assert title(browse.get(path_in(mail))) == "Pay ₹50.00"


def test_without_a_gateway_the_bill_asks_for_cash_only(
    world: World, clock: Clock, aws: Embedded
) -> None:
    car_park = PayingCarPark.of(world, MemoryGateway(clock.now))
    a_debt(car_park, clock)
    cash = PayingCarPark.of(world, car_park.gateway)
    cash.deps = world.deps
    texts = [mail.text for mail in mails(cash, aws)]
    assert [text for text in texts if "/pay/" in text] == []
    assert [text for text in texts if "Please pay ₹50.00 in cash" in text]


# -- the page --------------------------------------------------------------------------------------


def test_looking_changes_nothing(paying: PayingCarPark, browse: Browser, clock: Clock) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    for each in (path, f"{path}/result"):
        page = browse.get(each)
        assert (page.status_code, paying.read(debt)) == (200, debt)
    assert paying.gateway.calls == []


def test_the_page_is_kept_by_nobody_and_tells_nobody_its_address(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    path = path_of(paying, a_debt(paying, clock).booking_id)
    for page in (browse.get(path), press(browse, path), press(browse, f"{path}/result")):
        headers = {name.lower(): value for name, value in page.headers.items()}
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"


def test_only_the_way_to_razorpay_may_leave_for_its_page_and_no_script_of_it_runs_here(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    path = path_of(paying, a_debt(paying, clock).booking_id)
    shown, leading = browse.get(path), press(browse, path)
    assert "form-action 'self';" in shown.headers["Content-Security-Policy"]
    assert "script-src" not in shown.headers["Content-Security-Policy"]
    policy = leading.headers["Content-Security-Policy"]
    assert "form-action 'self' https://api.razorpay.com https://*.razorpay.com;" in policy
    assert re.findall(r"script-src ([^;]*)", policy)[0].startswith("'sha256-")
    assert b"<script src" not in leading.body


def test_the_button_opens_one_order_and_leads_to_razorpay(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    leading = press(browse, path).body.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', leading))
    assert 'action="https://api.razorpay.com/v1/checkout/embedded"' in leading
    assert {name: fields[name] for name in ("key_id", "order_id", "amount", "currency")} == {
        "key_id": "rzp_test_1",
        "order_id": "order_1",
        "amount": "5000",
        "currency": "INR",
    }
    assert fields["callback_url"] == f"https://berth.example.com{path}/result"
    assert paying.read(debt).payments[-1].purpose == "dues"
    assert press(browse, path).body.decode() == leading  # a second tab
    assert len(paying.gateway.orders) == 1


def test_the_page_of_phonepe_is_named_to_the_browser(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    paying.gateway.page = "https://mercury.phonepe.com/transact?token=a&b=1"
    path = path_of(paying, a_debt(paying, clock).booking_id)
    leading = press(browse, path)
    assert b'href="https://mercury.phonepe.com/transact?token=a&amp;b=1"' in leading.body
    assert "form-action 'self';" in leading.headers["Content-Security-Policy"]


def test_after_paying_the_page_asks_the_gateway_and_shows_the_result(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    press(browse, path)
    assert buttons(browse.get(f"{path}/result")) == ["I have paid: check again"]
    paying.gateway.attempt("order_1")
    back = press(browse, f"{path}/result", b"razorpay_payment_id=pay_1&error%5Bcode%5D=X")
    assert (title(back), buttons(back)) == ("Thank you, it is paid", [])
    assert paying.read(debt).payment_status == "paid"
    for again in (browse.get(path), press(browse, path), press(browse, f"{path}/result")):
        assert (again.status_code, title(again)) == (200, "Thank you, it is paid")
    assert len(paying.gateway.orders) == 1


def test_money_counts_only_where_the_gateway_shows_it(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    press(browse, path)
    signed = b"razorpay_order_id=order_1&razorpay_payment_id=pay_1&razorpay_signature=f00"
    back = press(browse, f"{path}/result", signed)
    assert (title(back), buttons(back)) == (
        "Pay ₹50.00",
        ["Pay ₹50.00", "I have paid: check again"],
    )
    assert paying.read(debt).paid == 0


def test_the_fee_of_a_hold_is_paid_by_the_link_and_confirms_the_booking(
    paying: PayingCarPark, browse: Browser
) -> None:
    booking = paying.book_online()
    path = path_of(paying, booking.payments[0].reference)
    assert "is held for you until" in browse.get(path).body.decode()
    assert 'name="order_id" value="order_1"' in press(browse, path).body.decode()
    paying.gateway.attempt("order_1")
    back = press(browse, f"{path}/result")
    assert "Your booking is confirmed" in back.body.decode()
    assert paying.read(booking).status is Status.BOOKED


def test_the_bill_of_a_car_at_the_exit_is_paid_by_its_link(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    stay = paying.enter(paying.book())
    path = path_of(paying, stay.booking_id)
    assert title(press(browse, path)) == "There is nothing to pay"  # not at the exit yet
    clock.move(minutes=30)
    tender = TenderRequest(PaymentMethod.ONLINE)
    code = paying.deps.tokens.qr(stay)
    online_exits.scan_exit(paying.deps, paying.staff, code, tender=tender)
    assert title(browse.get(path)) == "Pay ₹50.00"
    assert 'name="order_id" value="order_1"' in press(browse, path).body.decode()
    paying.gateway.attempt("order_1")
    assert title(press(browse, f"{path}/result")) == "Thank you, it is paid"
    assert paying.read(stay).status is Status.COMPLETED


def test_a_link_whose_hold_has_lapsed_says_so_and_a_late_payment_is_shown(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    booking = paying.book_online()
    path = path_of(paying, booking.booking_id)
    clock.move(minutes=16)
    assert title(press(browse, path)) == "The time to pay is over"
    for _ in range(3):  # all other spaces are taken meanwhile
        paying.book(paying.other, start=paying.deps.now())
    paying.gateway.attempt("order_1")
    back = press(browse, f"{path}/result")
    assert title(back) == "Your payment comes back"
    assert paying.read(booking).kept == 0


def test_a_gateway_that_does_not_answer_is_no_end(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    path = path_of(paying, a_debt(paying, clock).booking_id)
    paying.gateway.breaks.append(("create_order", "after"))
    assert press(browse, path).status_code == 503
    assert 'name="order_id" value="order_1"' in press(browse, path).body.decode()
    assert len(paying.gateway.orders) == 1


def test_what_is_paid_in_cash_meanwhile_is_not_asked_for_again(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    press(browse, path)
    paying.leave(debt, "50.00")
    assert title(press(browse, path)) == "Thank you, it is paid"


# -- the link --------------------------------------------------------------------------------------


def test_a_forged_foreign_and_expired_link_look_the_same(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    path = path_of(paying, debt.booking_id)
    cancel = paying.deps.tokens.link(
        "cancel", debt.booking_id, 0, paying.deps.now() + timedelta(days=9)
    )
    gone = paying.deps.tokens.link(
        "pay", "BK0000000000000000001", 0, paying.deps.now() + timedelta(days=9)
    )
    dead = [path[:-2] + "AA", "/pay/abc", f"/pay/{cancel}", f"/pay/{gone}"]
    pages = [browse.get(each) for each in dead] + [press(browse, each) for each in dead]
    clock.move(days=367)
    pages += [browse.get(path), press(browse, f"{path}/result")]
    assert {page.status_code for page in pages} == {410}
    assert len({page.body for page in pages}) == 1


def test_a_pay_link_has_no_other_page(paying: PayingCarPark, browse: Browser, clock: Clock) -> None:
    token = path_of(paying, a_debt(paying, clock).booking_id).removeprefix("/pay/")
    assert browse.get(f"/l/{token}").status_code == 410
    assert press(browse, f"/l/{token}").status_code == 410


def test_a_pay_link_signs_nobody_in(paying: PayingCarPark, browse: Browser, clock: Clock) -> None:
    token = path_of(paying, a_debt(paying, clock).booking_id).removeprefix("/pay/")
    asked = browse.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 401
    assert "set-cookie" not in {name.lower() for name in browse.get(f"/pay/{token}").headers}


def test_a_mailed_link_lapses_with_its_address(
    paying: PayingCarPark, aws: Embedded, clock: Clock, browse: Browser
) -> None:
    paying.book_online()
    clock.move(seconds=181)
    path = path_in(mails(paying, aws)[-1])
    account = paying.deps.accounts.get(paying.user.account_id)
    moved = replace(account, email="other@example.com", version=account.version + 1)
    paying.deps.commit(saving(moved))
    assert browse.get(path).status_code == 410


def test_the_page_speaks_the_language_of_its_mail(
    paying: PayingCarPark, browse: Browser, clock: Clock
) -> None:
    debt = a_debt(paying, clock)
    url = pay_links.shown(paying.deps, debt.booking_id, language="hi")
    page = browse.get(url.removeprefix("https://berth.example.com"))
    assert ('lang="hi"' in page.body.decode(), title(page)) == (True, "₹50.00 चुकाएँ")


def test_the_gateway_sends_every_payer_back_to_the_page(
    paying: PayingCarPark, clock: Clock, browse: Browser
) -> None:
    debt = a_debt(paying, clock)
    orders.open_order(paying.deps, paying.user, debt.booking_id)
    path = paying.gateway.returns["order_1"].removeprefix("https://berth.example.com")
    assert path.endswith("/result")
    assert browse.get(path).status_code == 200
