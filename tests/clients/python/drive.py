"""Use Berth through the Python client that openapi-python-client generates: `drive.py ADDRESS`.

`berth_client` is generated from the document by tests/clients/test_python_client.py, which also
checks the types of this file against it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from berth_client import AuthenticatedClient, Client
from berth_client.api.accounts import login
from berth_client.api.bookings import book_slot, cancel_booking, create_booking, get_booking
from berth_client.api.stays import staff_entry, staff_exit
from berth_client.api.waitlist import claim_offer, get_entry, join_waitlist, leave_waitlist
from berth_client.models.book_slot import BookSlot
from berth_client.models.cancel_reason import CancelReason
from berth_client.models.claim_offer import ClaimOffer
from berth_client.models.create_booking import CreateBooking
from berth_client.models.entry_scan import EntryScan
from berth_client.models.error import Error
from berth_client.models.exit_scan import ExitScan
from berth_client.models.join_waitlist import JoinWaitlist
from berth_client.models.login import Login

PASSWORD = "password123"

Answer = TypeVar("Answer")


def done(answer: Answer | Error | None) -> Answer:
    """The answer to a request that must succeed."""
    assert answer is not None, "an answer that the document does not describe"
    assert not isinstance(answer, Error), answer
    return answer


def refused(answer: object, code: str) -> Error:
    """The refusal of a request that must be refused."""
    assert isinstance(answer, Error), answer
    assert answer.error.code == code, answer
    return answer


def signed_in(address: str, username: str) -> AuthenticatedClient:
    """A client that acts for somebody of the demo."""
    body = Login(username=username, password=PASSWORD)
    tokens = done(login.sync(client=Client(base_url=address), body=body))
    assert tokens.user.username == username
    return AuthenticatedClient(base_url=address, token=tokens.access)


def park(guest: AuthenticatedClient, staff: AuthenticatedClient) -> None:
    """Book a bay, drive in, drive out and pay."""
    wish = BookSlot(zone_id="zone-a", vehicle_number="KA01AB1234", owner_name="Asha Rao")
    booked = done(book_slot.sync(client=guest, body=wish, idempotency_key="drive-1"))
    assert booked.status == "booked"
    assert booked.booking_id.startswith("BK")
    again = done(book_slot.sync(client=guest, body=wish, idempotency_key="drive-1"))
    assert again.booking_id == booked.booking_id

    scan = EntryScan(qr_code=booked.qr_code, vehicle_number="KA01AB1234")
    entered = done(staff_entry.sync(client=staff, body=scan))
    assert entered.booking.status == "active"
    assert entered.entry_time == entered.booking.actual_start_time
    refused(staff_entry.sync(client=staff, body=scan), "ALREADY_CHECKED_IN")

    paid = {"qr_code": booked.qr_code, "payment_method": "CASH", "amount_received": "500.00"}
    leave = ExitScan.from_dict(paid)
    left = done(staff_exit.sync(client=staff, body=leave))
    assert left.booking.status == "completed"
    assert (left.total.currency, left.change.amount) == ("INR", "450.00")
    assert left.booking.actual_end_time == left.exit_time


def give_up_a_hall(first: AuthenticatedClient, second: AuthenticatedClient) -> None:
    """Book a hall that another waits for; cancel, and the other claims it; leave another line."""
    day = datetime.now(UTC).date() + timedelta(days=2)
    start = datetime.combine(day, time(5, tzinfo=UTC))
    hall = CreateBooking(space_id="halls.aula", start=start.isoformat(), minutes=60)
    booked = done(create_booking.sync(client=first, body=hall))
    assert booked.bookings == []
    taken = refused(create_booking.sync(client=second, body=hall), "SPACE_TAKEN")
    assert taken.error.waitlist is True

    wish = JoinWaitlist(space_id="halls.aula", start=start.isoformat(), minutes=60)
    entry = done(join_waitlist.sync(client=second, body=wish))
    assert (entry.status, entry.position, entry.booking_id) == ("waiting", 1, None)
    refused(claim_offer.sync(entry.id, client=second, body=ClaimOffer()), "NOT_OFFERED")

    reason = CancelReason(reason="The choir is ill")
    cancelled = done(cancel_booking.sync(booked.booking_id, client=first, body=reason))
    assert cancelled.status == "cancelled"

    offered = done(get_entry.sync(entry.id, client=second))
    assert offered.status == "offered"
    claimed = done(claim_offer.sync(entry.id, client=second, body=ClaimOffer()))
    assert (claimed.status, claimed.slot_number) == ("booked", booked.slot_number)
    seen = done(get_booking.sync(claimed.booking_id, client=second))
    assert (seen.status, bool(seen.timeline)) == ("booked", True)
    refused(get_booking.sync(claimed.booking_id, client=first), "BOOKING_NOT_FOUND")

    late = done(join_waitlist.sync(client=first, body=wish))
    left = done(leave_waitlist.sync(late.id, client=first))
    assert left.status == "left"


def main(address: str) -> None:
    """Drive all of it."""
    users = {name: signed_in(address, name) for name in ("user1", "user2", "staff1")}
    park(users["user1"], users["staff1"])
    give_up_a_hall(users["user1"], users["user2"])
    stranger = AuthenticatedClient(base_url=address, token="nonsense")
    refused(get_booking.sync("BK1", client=stranger), "NOT_AUTHENTICATED")
    sys.stdout.write("parked, gave up a hall, claimed it, left the line\n")


main(sys.argv[1])
