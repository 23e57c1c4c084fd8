"""Cases for a person over the API: listed, closed with a note, audited."""

from __future__ import annotations

import logging

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.services.payments import asking
from tests.client import Client
from tests.payments.car_park import PayingCarPark

PATH = "/api/admin/payment-reviews"
NOTE = {"site": "central", "note": "The payer was asked; the bank has sent the money back."}


@pytest.fixture
def misfit(paying: PayingCarPark) -> Booking:
    """A booking whose payer has paid another amount."""
    booking = paying.book_online()
    paying.gateway.attempt("order_1", amount=booking.tariff.money(1))
    return paying.hear(booking)


def listed(owner: Client, status: str) -> list[str]:
    found = owner.get(f"{PATH}?site=central&status={status}").body["items"]
    return [case["case_id"] for case in found]


@pytest.mark.usefixtures("misfit")
def test_a_case_is_closed_with_a_note_and_audited(client: Client, paying: PayingCarPark) -> None:
    owner = client.by(paying.owner)
    (case_id,) = listed(owner, "open")
    closed = owner.post(f"{PATH}/{case_id}/close", NOTE)

    assert (closed.status, closed.body["status"]) == (200, "closed")
    assert closed.body["closed_by"] == paying.owner.account_id
    assert closed.body["closed_at"] == "2026-11-21T06:30:00Z"
    assert closed.body["note"] == NOTE["note"]
    assert (listed(owner, "open"), listed(owner, "closed")) == ([], [case_id])
    events = client.by(paying.admin).get("/api/admin/audit?date=2026-11-21&site=central").body
    actions = [(each["action"], each["subject"], each["detail"]) for each in events["items"]]
    assert ("close_case", case_id, NOTE["note"]) in actions


@pytest.mark.usefixtures("misfit")
def test_a_case_is_closed_once(client: Client, paying: PayingCarPark) -> None:
    owner = client.by(paying.owner)
    (case_id,) = listed(owner, "open")
    first = owner.post(f"{PATH}/{case_id}/close", NOTE)
    again = owner.post(f"{PATH}/{case_id}/close", NOTE)
    other = owner.post(f"{PATH}/{case_id}/close", NOTE | {"note": "no"})

    assert again.body == first.body
    assert (other.status, other.code) == (409, "CASE_CLOSED")


def test_what_is_seen_again_neither_opens_a_closed_case_nor_raises_the_alarm(
    client: Client, paying: PayingCarPark, misfit: Booking, caplog: pytest.LogCaptureFixture
) -> None:
    owner = client.by(paying.owner)
    (case_id,) = listed(owner, "open")
    owner.post(f"{PATH}/{case_id}/close", NOTE)
    with caplog.at_level(logging.ERROR, "berth"):
        paying.hear(misfit)

    assert listed(owner, "open") == []
    assert "payment review" not in caplog.messages


def test_an_unknown_order_and_a_wrong_amount_raise_the_alarm(
    paying: PayingCarPark, caplog: pytest.LogCaptureFixture
) -> None:
    booking = paying.book_online()
    paying.gateway.attempt("order_1", amount=booking.tariff.money(1))
    with caplog.at_level(logging.ERROR, "berth"):
        paying.hear(booking)
        asking.ask(paying.deps, "razorpay/order_of_nobody")

    assert caplog.messages.count("payment review") == 2


@pytest.mark.usefixtures("misfit")
def test_a_case_belongs_to_its_site(client: Client, paying: PayingCarPark) -> None:
    (case_id,) = listed(client.by(paying.owner), "open")
    path, note = f"{PATH}/{case_id}/close", {"note": "closed"}

    assert client.by(paying.staff).post(path, NOTE).status == 403
    assert client.by(paying.owner).post(path, note).status == 403
    assert client.by(paying.admin).post(path, note).code == "CASE_NOT_FOUND"
    assert client.by(paying.admin).post(f"{PATH}/RV1/close", NOTE).code == "CASE_NOT_FOUND"
