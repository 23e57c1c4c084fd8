"""The payment URLs of the parking system, made of the samples of its own document: Razorpay by its
checkout, PhonePe by its page, both from the old apps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.delivery import outbox
from local.payments.faults import Fault
from local.payments.phonepe_book import Act
from tests.backend import Backend
from tests.client import Client, Reply
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.phonepe import AtPhonePe, at_phonepe

CREATE = "/api/payment/phonepe/create/"
VERIFY = "/api/payment/phonepe/verify/"
REFUND = "/api/payment/phonepe/refund/"
CALLBACK = "/api/payment/callback/phonepe/"
ORDER = "/api/payment/create-order/"
CHECK = "/api/payment/verify/"
WEBHOOK = "/api/payment/webhook/"


class OldApps(PayingCarPark):
    """The small world with both gateways: Razorpay in memory, PhonePe emulated over HTTP."""

    at: AtPhonePe

    def deliver(self) -> None:
        """Deliver what waits in the outbox, as its stream does."""
        later = replace(self.deps, now=lambda: self.deps.now() + outbox.STREAM_LEASE)
        outbox.sweep_due(later, dry_run=False, out_of_time=lambda: False, workers=1)

    def phonepe_pays(self, created: Reply, act: Act = "pay") -> None:
        """The payer acts on the page of PhonePe, and its messages arrive."""
        self.at.emulator.act(created.body["transaction_id"], act)

    def callbacks(self) -> list[Reply]:
        """Send on what PhonePe has sent, as it came, and do what follows."""
        self.at.emulator.tick()
        messages, self.at.inbox.messages = self.at.inbox.messages, []
        replies = [
            Client(self).sending(**dict(headers)).call("POST", CALLBACK, body)
            for _, headers, body in messages
        ]
        self.deliver()
        return replies


@pytest.fixture
def clock(backend: Backend) -> Clock:
    return backend.clock


@pytest.fixture
def apps(backend: Backend, clock: Clock) -> Iterator[OldApps]:
    gateway = MemoryGateway(clock.now)
    with at_phonepe(clock) as at:
        gateways = Gateways(razorpay=lambda: gateway, phonepe=lambda: at.gateway)
        deps = replace(backend.deps, gateways=gateways)
        wiring.use(deps)
        world = OldApps(deps, gateway)
        world.at = at
        yield world
        wiring.use(backend.deps)


@pytest.fixture
def user(apps: OldApps) -> Client:
    return Client(apps).by(apps.user)


@pytest.fixture
def held(apps: OldApps) -> Booking:
    """A booking whose fee of 50.00 is awaited."""
    return apps.book_online()


def created(user: Client, held: Booking, **more: Any) -> Reply:
    sample = {"session_id": held.booking_id, "amount": 100.50, "user_id": 1, **more}
    reply = user.post(CREATE, sample)
    assert reply.status == 200, reply.body
    return reply


def verified(user: Client, create: Reply) -> dict[str, Any]:
    asked = {key: create.body[key] for key in ("merchant_txn_id", "session_id")}
    reply = user.post(VERIFY, asked)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


def assert_refused(reply: Reply, status: int, message: str) -> None:
    assert (reply.status, reply.body) == (status, {"success": False, "message": message})


# -- PhonePe ---------------------------------------------------------------------------------------


def test_create_answers_as_the_sample_with_the_amount_of_the_bill(
    apps: OldApps, user: Client, held: Booking
) -> None:
    body = created(user, held).body
    assert body["success"] is True
    assert body["amount"] == 50.0, "not the 100.50 that the app has sent"
    assert (body["status"], body["payment_method"]) == ("INITIATED", "PHONEPE_UPI")
    assert body["message"] == "Payment link generated. Please complete payment via PhonePe."
    assert body["merchant_txn_id"] == apps.payment(held).reference
    assert body["transaction_id"] == apps.payment(held).order_id
    assert body["upi_link"] == body["pay_url"], "the page, on which PhonePe sees the payment"
    assert body["upi_link"].startswith(apps.at.emulator.url)


def test_with_a_upi_address_the_link_opens_a_payment_app(
    apps: OldApps, user: Client, held: Booking
) -> None:
    settings = replace(apps.deps.settings, upi_address="parking@phonepe")
    wiring.use(replace(apps.deps, settings=settings))
    body = created(user, held).body
    link = body["upi_link"]
    assert link.startswith("upi://pay?pa=parking@phonepe&pn=")
    assert f"&tr={body['merchant_txn_id']}&" in link
    assert link.endswith("&am=50.00&cu=INR")
    assert not re.search(r"[+ ]", link)


def test_a_second_create_answers_with_the_same_order(user: Client, held: Booking) -> None:
    assert created(user, held).body == created(user, held).body


def test_fields_of_a_form_are_text(user: Client, held: Booking) -> None:
    form = user.sending(Content_Type="application/x-www-form-urlencoded")
    sent = f"session_id={held.booking_id}&amount=100.50&user_id=1".encode()
    assert form.call("POST", CREATE, sent).status == 200


def test_verify_says_how_far_the_payment_is(apps: OldApps, user: Client, held: Booking) -> None:
    create = created(user, held)
    pending = {"verified": False, "status": "PENDING", "amount": 50.0}
    assert verified(user, create) == {"success": True, **pending, "payment_method": "PHONEPE_UPI"}
    apps.phonepe_pays(create)
    done = {"verified": True, "status": "COMPLETED", "amount": 50.0}
    assert verified(user, create) == {"success": True, **done, "payment_method": "PHONEPE_UPI"}
    assert apps.read(held).status is Status.BOOKED


def test_a_payment_that_nobody_made_has_failed_in_the_end(
    user: Client, held: Booking, clock: Clock
) -> None:
    create = created(user, held)
    clock.move(hours=2)
    answer = verified(user, create)
    assert (answer["verified"], answer["status"]) == (False, "FAILED")


def test_the_callback_books_once_however_often_it_comes(
    apps: OldApps, user: Client, held: Booking
) -> None:
    create = created(user, held)
    apps.phonepe_pays(create)
    [first] = apps.callbacks()
    assert first.status == 200
    booked = apps.read(held)
    assert booked.status is Status.BOOKED
    assert booked.paid == 5_000


def test_a_forged_callback_changes_nothing(apps: OldApps, user: Client, held: Booking) -> None:
    create = created(user, held)
    content = {"merchantOrderId": create.body["merchant_txn_id"], "state": "COMPLETED"}
    forged = json.dumps({"event": "checkout.order.completed", "payload": content}).encode()
    assert Client(apps).call("POST", CALLBACK, forged).status == 400
    assert Client(apps).sending(Authorization="0" * 64).call("POST", CALLBACK, forged).status == 400
    assert apps.read(held).status is Status.PENDING


def test_a_callback_that_lies_changes_nothing(apps: OldApps, user: Client, held: Booking) -> None:
    """Its header does not cover the body: what it says is asked about."""
    create = created(user, held)
    apps.phonepe_pays(create, "fail")
    apps.at.emulator.tick()
    [(_, headers, body)] = apps.at.inbox.messages
    lie = body.replace(b'"PENDING"', b'"COMPLETED"').replace(b"attempt.failed", b"completed")
    reply = Client(apps).sending(**dict(headers)).call("POST", CALLBACK, lie)
    apps.deliver()
    assert reply.status == 200
    assert apps.read(held).status is Status.PENDING


def test_a_refund_answers_as_the_sample_and_ends_when_phonepe_has_paid_it(
    apps: OldApps, user: Client, held: Booking, clock: Clock
) -> None:
    create = created(user, held)
    apps.phonepe_pays(create)
    apps.callbacks()
    asked = {"merchant_txn_id": create.body["merchant_txn_id"], "amount": 20.5, "reason": "Rain"}
    reply = Client(apps).by(apps.owner).post(REFUND, asked)
    assert reply.body == {
        "success": True,
        "refund_id": f"{create.body['merchant_txn_id']}_r1",
        "status": "INITIATED",
        "amount": 20.5,
    }
    apps.deliver()
    [refund] = apps.payment(held).refunds
    assert (refund.state, refund.minor) == ("pending", 2_050)
    clock.move(hours=3)
    apps.hear(held)
    [refund] = apps.payment(held).refunds
    assert refund.state == "processed"
    assert [r.amount for r in apps.at.emulator.book.refunds.values()] == [2_050]


def test_a_refund_that_fails_at_the_bank_is_heard_of(
    apps: OldApps, user: Client, held: Booking, clock: Clock
) -> None:
    create = created(user, held)
    apps.phonepe_pays(create)
    apps.callbacks()
    apps.at.emulator.book.failing_refunds = 1
    asked = {"merchant_txn_id": create.body["merchant_txn_id"], "reason": "Rain"}
    assert Client(apps).by(apps.owner).post(REFUND, asked).body["amount"] == 50.0
    apps.deliver()
    clock.move(hours=3)
    apps.callbacks()
    [refund] = apps.payment(held).refunds
    assert refund.state == "failed"


def test_only_owners_pay_back(apps: OldApps, user: Client, held: Booking) -> None:
    create = created(user, held)
    asked = {"merchant_txn_id": create.body["merchant_txn_id"], "amount": 1, "reason": "Rain"}
    for actor in (apps.user, apps.staff):
        assert Client(apps).by(actor).post(REFUND, asked).status == 403


def test_bookings_and_payments_of_others_are_not_found(
    apps: OldApps, user: Client, held: Booking
) -> None:
    create = created(user, held)
    stranger = Client(apps).by(apps.other)
    assert_refused(stranger.post(CREATE, {"session_id": held.booking_id}), 404, "Session not found")
    asked = {"merchant_txn_id": create.body["merchant_txn_id"]}
    assert_refused(stranger.post(VERIFY, asked), 404, "Session not found")
    unknown = {"merchant_txn_id": f"{held.booking_id}_9"}
    assert_refused(user.post(VERIFY, unknown), 404, "Payment not found")
    elsewhere = asked | {"session_id": "BK7Q2M9X4T1NG1QR00009"}
    assert_refused(user.post(VERIFY, elsewhere), 404, "Payment not found")


def test_a_phonepe_that_does_not_answer_is_a_payment_issue(
    apps: OldApps, user: Client, held: Booking
) -> None:
    apps.at.emulator.faults.ask(Fault("html", "pay"))
    asked = {"session_id": held.booking_id}
    assert_refused(user.post(CREATE, asked), 503, "Payment issue, retry")
    assert created(user, held).body["amount"] == 50.0


def test_an_order_whose_page_was_lost_is_replaced(
    apps: OldApps, user: Client, held: Booking
) -> None:
    """PhonePe names the page of an order once, in the answer that got lost."""
    apps.at.emulator.faults.ask(Fault("hang_up", "pay", after=True))
    assert user.post(CREATE, {"session_id": held.booking_id}).status == 503
    lost = apps.payment(held).reference
    create = created(user, held)
    assert create.body["merchant_txn_id"] != lost
    apps.phonepe_pays(create)
    assert verified(user, create)["verified"] is True
    assert apps.read(held).paid == 5_000


def test_a_cash_booking_owes_nothing_yet(apps: OldApps, user: Client) -> None:
    booking = apps.book(apps.user)
    assert user.post(CREATE, {"session_id": booking.booking_id}).status == 400


# -- Razorpay --------------------------------------------------------------------------------------


def order(user: Client, **fields: Any) -> Reply:
    reply = user.post(ORDER, {"amount": 100.50, "currency": "INR", **fields})
    assert reply.status == 200, reply.body
    return reply


def checkout(apps: OldApps, order_id: str, payment_id: str) -> dict[str, str]:
    return {
        "razorpay_order_id": order_id,
        "razorpay_payment_id": payment_id,
        "razorpay_signature": apps.gateway.checkout(order_id, payment_id),
    }


def test_create_order_answers_in_paise_for_what_the_caller_owes(
    apps: OldApps, user: Client, held: Booking
) -> None:
    body = order(user).body
    assert body == {
        "success": True,
        "order_id": apps.payment(held).order_id,
        "amount": 5_000,
        "currency": "INR",
        "key_id": "rzp_test_1",
        "session_id": held.booking_id,
    }


def test_of_several_debts_the_one_of_this_amount_is_meant(apps: OldApps, user: Client) -> None:
    first = apps.book_online(zone="zone-a")
    apps.add_zone(
        "zone-b", apps.zone_a.policy, tariff=replace(apps.zone_a.tariff, booking_fee=7_500)
    )
    second = apps.book_online(zone="zone-b", vehicle_number="KA01AB9999")
    assert order(user, amount=75).body["session_id"] == second.booking_id
    assert order(user, amount="50.00").body["session_id"] == first.booking_id
    assert order(user, amount=1).body["session_id"] in (first.booking_id, second.booking_id)


def test_who_owes_nothing_gets_no_order(user: Client) -> None:
    assert user.post(ORDER, {"amount": 100.50, "currency": "INR"}).status == 400


def test_another_currency_is_refused(user: Client, held: Booking) -> None:
    reply = user.post(ORDER, {"amount": 100.50, "currency": "USD"})
    assert reply.status == 400
    assert "currency" in reply.body["message"]


def test_verify_is_paid_once_the_money_has_come(apps: OldApps, user: Client, held: Booking) -> None:
    order_id = order(user).body["order_id"]
    payment_id = apps.gateway.attempt(order_id, "authorized")
    early = user.post(CHECK, checkout(apps, order_id, payment_id)).body
    assert (early["success"], early["status"], early["is_paid"]) == (True, "PENDING", False)
    apps.gateway.become(order_id, payment_id, "captured")
    done = user.post(CHECK, checkout(apps, order_id, payment_id)).body
    assert (done["success"], done["status"], done["is_paid"]) == (True, "PAID", True)
    assert apps.read(held).status is Status.BOOKED


def test_an_answer_that_razorpay_has_not_signed_changes_nothing(
    apps: OldApps, user: Client, held: Booking
) -> None:
    order_id = order(user).body["order_id"]
    payment_id = apps.gateway.attempt(order_id)
    asked = checkout(apps, order_id, payment_id)
    for wrong in ("", "0" * 64, asked["razorpay_signature"].upper()):
        reply = user.post(CHECK, asked | {"razorpay_signature": wrong})
        assert (reply.status, reply.body["success"]) == (400, False)
    assert apps.read(held).status is Status.PENDING


def test_the_webhook_of_razorpay_books(apps: OldApps, user: Client, held: Booking) -> None:
    order_id = order(user).body["order_id"]
    apps.gateway.attempt(order_id)
    message = apps.gateway.message("payment.captured", order_id)
    client = Client(apps).sending(**dict(message.headers))
    assert client.call("POST", WEBHOOK, message.body).status == 200
    assert client.call("POST", WEBHOOK, message.body + b" ").status == 400
    apps.deliver()
    assert apps.read(held).status is Status.BOOKED


def test_an_order_goes_over_to_the_other_gateway(
    apps: OldApps, user: Client, held: Booking
) -> None:
    """The payer chooses anew: the first order is awaited no more."""
    order(user)
    create = created(user, held)
    apps.phonepe_pays(create)
    apps.callbacks()
    states = [(each.gateway, each.state) for each in apps.read(held).payments]
    assert states == [("razorpay", "closed"), ("phonepe", "captured")]
    assert apps.read(held).paid == 5_000


# -- the shape of refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CREATE, VERIFY, REFUND, ORDER, CHECK])
def test_refusals_have_the_old_shape(apps: OldApps, user: Client, path: str) -> None:
    for reply in (Client(apps).post(path, {}), user.post(path, {"nothing": 1})):
        assert reply.status in (400, 401, 403)
        assert reply.body.keys() == {"success", "message"}
    assert user.get(path).status == 405
    assert user.get(path).body.keys() == {"success", "message"}


def test_a_payment_after_the_hold_has_lapsed_goes_back_or_books_again(
    apps: OldApps, user: Client, held: Booking, clock: Clock
) -> None:
    create = created(user, held)
    apps.phonepe_pays(create, "wait")
    clock.move(hours=1)
    apps.phonepe_pays(create, "bank_pays")
    apps.callbacks()
    after = apps.read(held)
    paid_back = sum(refund.minor for refund in apps.payment(held).refunds)
    assert after.status is Status.BOOKED or paid_back == 5_000
    assert clock.now() - held.created_at == timedelta(hours=1)
