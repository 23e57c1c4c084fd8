"""The models that the five replaced systems document come over as their own exports."""

from __future__ import annotations

import pytest

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.sites.site import default_policy
from chalicelib.services.core.deps import Deps
from local.importing import command, run
from local.importing.rows import KINDS
from local.importing.systems import SYSTEMS
from tests import builders
from tests.gateways.test_old_passwords import pbkdf2
from tests.hotel import NIGHTLY
from tests.local.importing.conftest import Bring, booking_of, new_id
from tests.world import World


def test_each_model_fills_every_column_that_its_kind_requires() -> None:
    for models in SYSTEMS.values():
        for name, model in models.items():
            given = set(model.columns) | set(model.computed)
            known = set(KINDS[model.kind].__dataclass_fields__)
            assert given <= known, name
            required = {
                column
                for column, field in KINDS[model.kind].__dataclass_fields__.items()
                if field.default.__class__.__name__ == "_MISSING_TYPE"
            }
            assert required - {"site", "zone"} <= given, name


def test_the_command_offers_every_system() -> None:
    assert (run.OURS, *SYSTEMS) == command.SYSTEMS


def test_smart_parking_comes_over_with_zones_slots_vehicles_sessions_users_and_payments(
    deps: Deps, bring: Bring
) -> None:
    found = bring(
        {
            "zones.csv": "id,name,hourly_rate,is_active,created_at\n1,Zone West,50.00,True,x\n",
            "slots.csv": "id,zone,slot_number,is_occupied,created_at\n12,1,W-001,True,x\n",
            "users.jsonl": '{"model": "accounts.user", "pk": 7, "fields": {"username": "asha", '
            '"email": "asha@example.org", "first_name": "Asha", "last_name": "Rao", '
            f'"role": "STAFF", "sites": "central", "password": "{pbkdf2("correct horse 7")}", '
            '"is_active": true, "date_joined": "2024-01-18T05:00:00.123Z"}}\n',
            "vehicles.csv": "id,vehicle_number,owner_name,created_at\n3,DL-01-AB-1234,John Doe,x\n",
            "sessions.csv": (
                "id,vehicle,slot,zone,entry_time,exit_time,qr_code,entry_qr_scanned,"
                "exit_qr_scanned,amount_paid,payment_method,is_paid,created_at,updated_at\n"
                "a1,3,12,1,2026-11-18 10:30:00+00,2026-11-18 12:30:00+00,q1,t,t,,CASH,True,"
                "2026-11-18 10:20:00+00,2026-11-18 12:30:00+00\n"
                "a2,3,12,1,2026-11-21 06:00:00+00,,q2,t,f,0,CASH,False,"
                "2026-11-21 05:55:00+00,2026-11-21 06:00:00+00\n"
            ),
            "payments.csv": (
                "id,session,amount,method,type,status,razorpay_payment_id\n"
                "p1,a1,60.00,CASH,FINAL,SUCCESS,\np2,a1,40.00,ONLINE,FINAL,captured,x\n"
                "p3,a1,99.00,ONLINE,FINAL,FAILED,y\n"
            ),
        },
        system="parking",
        site="central",
    )
    assert found.code == 0, found.text
    over, active = booking_of(deps, "a1", "parking"), booking_of(deps, "a2", "parking")
    assert (over.status, over.space_id) == (Status.COMPLETED, "zone-west.W-001")
    assert (over.details.vehicle_number, over.details.owner_name) == ("DL-01-AB-1234", "John Doe")
    assert over.bill is not None
    assert (over.bill.charged.text(), over.payment_status) == ("100.00", "paid")
    assert active.status is Status.ACTIVE
    account = deps.accounts.find_by_login("asha")
    assert account is not None
    assert (account.name, account.role.value) == ("Asha Rao", "staff")


@pytest.mark.parametrize(
    ("system", "row"),
    [
        ("timer", '{"id": 5, "user": 7, "slot": 12, "vehicle_number": "KA01AB1234", '
                  '"start_time": "2026-11-21T06:00:00Z", "end_time": "2026-11-21T07:00:00Z", '
                  '"status": "booked", "remaining_time": 1800}'),
        ("auto-checkout", '{"booking_id": "BK12345678", "user": 7, "slot": 12, '
                          '"start_time": "2026-11-20T06:00:00Z", "end_time": "2026-11-20T08:00:00Z", '
                          '"actual_start_time": "2026-11-20T06:05:00Z", "auto_checkout": true, '
                          '"actual_end_time": "2026-11-20T07:05:00Z", "status": "completed"}'),
    ],
)  # fmt: skip
def test_bookings_of_the_timer_and_of_auto_checkout_come_over(
    world: World, deps: Deps, bring: Bring, system: str, row: str
) -> None:
    files = {
        "users.csv": "id,username,email,password\n7,asha,asha@example.org,!\n",
        "bookings.jsonl": row.replace('"slot": 12', '"slot": "A-001"') + "\n",
    }
    found = bring(files, system=system, zone="zone-a")
    assert found.code == 0, found.text
    booking = booking_of(deps, "5" if system == "timer" else "BK12345678", system)
    assert booking.user_id == new_id("7", "customers", system)
    assert (booking.number, booking.auto_checkout) == ("A-001", system == "auto-checkout")


def test_bookings_and_the_waitlist_of_venues_come_over(
    world: World, deps: Deps, bring: Bring
) -> None:
    world.add_zone("halls", builders.VENUE, spaces=["aula"], kind="venue", tariff=builders.FREE)
    files = {
        "users.csv": "id,username,email,password\n7,asha,asha@example.org,!\n",
        "bookings.csv": (
            "id,user,venue,date,start_time,end_time,purpose,status,confirmed,confirmed_at,"
            "auto_cancelled,auto_cancelled_at,auto_cancel_reason\n"
            "1,7,aula,2026-11-28,10:00:00,12:00:00,Choir,CONFIRMED,t,2026-11-20T05:00Z,f,,\n"
            "2,7,aula,2026-11-20,10:00:00,12:00:00,Play,CONFIRMED,f,,t,2026-11-20T02:00Z,Late\n"
        ),
        "waitlist.csv": (
            "id,venue,user,date,start_time,end_time,created_at,notified,claimed,expired,"
            "priority\n4,aula,7,2026-11-28,10:00:00,11:00:00,2026-11-20T05:00Z,f,f,f,-1\n"
        ),
    }
    found = bring(files, system="venue", zone="halls")
    assert found.code == 0, found.text
    choir, play = (booking_of(deps, old, "venue") for old in "12")
    assert (choir.space_id, choir.details.purpose) == ("halls.aula", "Choir")
    assert choir.booked.start.isoformat() == "2026-11-28T04:30:00+00:00"
    assert choir.confirmed_at is not None
    assert (play.status, play.timeline[-1].note) == (Status.CANCELLED, "Late")
    entry = deps.waitlist.get(new_id("4", "waitlist", "venue") or "")
    assert (entry.priority, entry.wish.number, entry.user_id) == (-1, "aula", choir.user_id)


def test_a_word_that_is_no_status_is_named_by_the_field_of_the_old_system(
    world: World, bring: Bring
) -> None:
    text = "id,slot,start_time,status\n1,A-001,2026-11-28T10:00Z,APPROVED\n"
    found = bring({"bookings.csv": text}, system="timer", zone="zone-a")
    assert "line 2, status: must be one of booked" in found.text
    text = "id,slot,start_time,status\n1,A-009,2026-02-31,booked\n"
    found = bring({"bookings.csv": text}, system="timer", zone="zone-a")
    assert "line 2, start_time: must be a date of the calendar" in found.text


def test_stays_of_a_hotel_come_over(world: World, deps: Deps, bring: Bring) -> None:
    world.add_site("inn", timezone="Europe/Dublin", currency="EUR")
    world.add_zone(
        "rooms", default_policy("room"), spaces=[], site="inn", tariff=NIGHTLY, kind="room"
    )
    found = bring(
        {
            "rooms.csv": "id,room_number,room_status\n1,101,OCCUPIED\n2,102,READY_FOR_GUEST\n",
            "bookings.csv": (
                "booking_id,status,check_in,check_out,assigned_room,checked_in_at,checked_out_at,"
                "guest_name,guest_email,total_amount,amount_paid\n"
                "BK-2025-1234,CONFIRMED,2026-11-20,2026-11-23,1,2026-11-20T16:00:00Z,,Ravi,"
                "ravi@example.org,360.00,100.00\n"
                "BK-2025-5678,COMPLETED,2026-11-01,2026-11-03,2,2026-11-01T16:00:00Z,"
                "2026-11-03T10:00:00Z,Ann,,240.00,240.00\n"
                "BK-2026-0001,CONFIRMED,2026-12-01,2026-12-02,,,,Bo,,,\n"
            ),
        },
        system="hotel",
        zone="rooms",
    )
    assert found.code == 0, found.text
    ids = ("BK-2025-1234", "BK-2025-5678", "BK-2026-0001")
    stay, over, ahead = (booking_of(deps, old, "hotel") for old in ids)
    assert (stay.status, stay.number, stay.paid) == (Status.ACTIVE, "101", 10000)
    assert (over.status, over.number, over.payment_status) == (Status.COMPLETED, "102", "paid")
    assert (ahead.status, ahead.provisional) == (Status.BOOKED, True)
    assert stay.guest_mailbox == "ravi@example.org"
