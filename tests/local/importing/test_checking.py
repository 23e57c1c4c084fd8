"""Everything is checked before a row is written, and each fault is named by line and field."""

from __future__ import annotations

import pytest

from chalicelib.domain.core.access import Role
from chalicelib.services.core.deps import Deps
from local.importing.source_files import FileError
from tests import builders
from tests.local.importing.conftest import Bring, booking_of, new_id
from tests.world import World

BOOKINGS = "id,status,start,end,space,customer,created_at,paid\n"
LIVE = "1,booked,2026-11-25 10:00,2026-11-25 12:00,zone-a.A-001,,,\n"


def test_nothing_is_written_unless_it_is_asked_for(bring: Bring) -> None:
    found = bring({"bookings.csv": BOOKINGS + LIVE}, apply=False)
    assert found.code == 0
    assert "bookings: 1 rows" in found.text
    assert "Nothing was written: add --apply" in found.text
    assert new_id("1") is None


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("2,booked,2027-02-31 10:00,2027-03-01 10:00,zone-a.A-001,,,",
         "start: must be a date of the calendar"),
        ("2,booked,2026-11-25 12:00,2026-11-25 12:00,zone-a.A-001,,,", "end: must be after start"),
        ("2,booked,2026-11-25 12:00,2026-11-25 11:00,zone-a.A-001,,,", "end: must be after start"),
        ("2,booked,2026-11-25 12:00,2026-12-27 11:00,zone-a.A-001,,,",
         "end: must be at most 31 days after the start"),
        ("2,booked,soon,2026-11-25 11:00,zone-a.A-001,,,", "start: must be a time such as"),
        ("2,booked,2026-11-25,2026-11-26 10:00,zone-a.A-001,,,", "start: must have a time of day"),
        ("2,booked,1999-11-25 10:00,2026-11-26 10:00,zone-a.A-001,,,",
         "start: must lie in the years 2000 to 2100"),
        ("2,waiting,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,",
         "status: must be one of booked, active"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-009,,,",
         "space: there is no space A-009 in zone-a"),
        ("2,completed,2026-11-05 13:00,2026-11-05 14:00,zone-a.A-009,,,",
         "space: there is no space A-009 in zone-a"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-q.A-001,,,",
         "space: there is no space zone-q.A-001"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,,,,", "zone: is required"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,nobody,,",
         "customer: there is no account of nobody"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,\"150,00\"",
         "paid: must be an amount such as 150.00"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,1.005",
         "paid: must be a decimal with at most 2 places"),
        ("2,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,2026-11-22T00:00:00Z,",
         "created_at: must not be in the future"),
        ("2,active,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,",
         "start: must not be in the future where the booking is active"),
        ("1,booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,", "id: is also the id on "),
        (",booked,2026-11-25 13:00,2026-11-25 14:00,zone-a.A-001,,,", "id: is required"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named_and_nothing_is_written(bring: Bring, row: str, fault: str) -> None:
    found = bring({"bookings.csv": BOOKINGS + LIVE + row + "\n"})
    assert (found.code, len(found.faults)) == (1, 1)
    assert (
        found.faults[0].startswith("bookings.csv, line 3, ")
        or "bookings.csv, line 2" in (found.faults[0])
    )
    assert fault in found.text
    assert "1 fault. Nothing was written." in found.text
    assert new_id("1") is None


def test_every_fault_of_every_row_is_named(bring: Bring) -> None:
    rows = "2,waiting,soon,,,,,\n3,booked,2026-11-25 10:00,,zone-a.A-009,,,\n"
    found = bring({"bookings.csv": BOOKINGS + rows})
    assert [fault.partition(": ")[0] for fault in found.faults] == [
        "bookings.csv, line 2, start",
        "bookings.csv, line 2, status",
        "bookings.csv, line 3, space",
    ]


def test_an_unknown_column_is_named(bring: Bring) -> None:
    found = bring(
        {"bookings.csv": "id,status,start,space,colour\n1,booked,2026-11-25 10:00,x,red\n"}
    )
    assert "line 2, colour: is not a known field" in found.text


def test_many_faults_are_counted_and_the_first_ones_shown(bring: Bring) -> None:
    rows = "".join(f"{n},booked,soon,,zone-a.A-001,,,\n" for n in range(70))
    found = bring({"bookings.csv": BOOKINGS + rows})
    assert len(found.faults) == 50
    assert "and 20 more: --all-faults shows them\n70 faults." in found.text
    assert len(bring({"bookings.csv": BOOKINGS + rows}, all_faults=True).faults) == 70


def test_times_without_a_zone_are_those_of_the_site(deps: Deps, bring: Bring) -> None:
    assert bring({"bookings.csv": BOOKINGS + LIVE}).code == 0
    assert booking_of(deps, "1").booked.start.isoformat() == "2026-11-25T04:30:00+00:00"


@pytest.mark.parametrize(
    "text", ["2026-11-25T04:30:00Z", "2026-11-25 04:30:00+00", "2026-11-25 10:00:00.250+05:30"]
)
def test_times_are_read_as_databases_write_them(deps: Deps, bring: Bring, text: str) -> None:
    assert bring({"bookings.csv": BOOKINGS + LIVE.replace("2026-11-25 10:00", text)}).code == 0
    assert booking_of(deps, "1").booked.start.isoformat() == "2026-11-25T04:30:00+00:00"


def test_a_time_that_a_clock_change_skips_is_named(world: World, bring: Bring) -> None:
    world.add_site("harbour", timezone="Europe/Dublin")
    world.add_zone("quay", builders.METERED, site="harbour")
    row = "1,booked,2027-03-28 01:30,2027-03-28 04:00,quay.A-001,,,\n"
    found = bring({"bookings.csv": BOOKINGS + row})
    assert "line 2, start: 01:30 does not exist on 28 March 2027 in Europe/Dublin" in found.text


# -- overlaps --------------------------------------------------------------------------------------


def test_two_rows_that_take_the_same_time_are_both_named(bring: Bring) -> None:
    rows = (
        "2,booked,2026-11-25 11:59,2026-11-25 13:00,zone-a.A-001,,,\n"
        "3,booked,2026-11-25 12:00,2026-11-25 12:30,zone-a.A-002,,,\n"
        "4,cancelled,2026-11-25 10:00,2026-11-25 12:00,zone-a.A-001,,,\n"
    )
    found = bring({"bookings.csv": BOOKINGS + LIVE + rows})
    assert len(found.faults) == 1
    assert found.faults[0].endswith("in zone-a.A-001")
    assert "line 3, start: booking 2 overlaps booking 1 (" in found.text
    assert new_id("1") is None


def test_a_long_booking_overlaps_every_one_within_it(bring: Bring) -> None:
    rows = (
        "2,booked,2026-11-25 10:15,2026-11-25 10:30,zone-a.A-001,,,\n"
        "3,booked,2026-11-25 11:00,2026-11-25 11:30,zone-a.A-001,,,\n"
        "4,booked,2026-11-25 12:00,2026-11-25 12:30,zone-a.A-001,,,\n"
    )
    found = bring({"bookings.csv": BOOKINGS + LIVE + rows})
    assert "booking 2 overlaps booking 1" in found.text
    assert "booking 3 overlaps booking 1" in found.text
    assert len(found.faults) == 2


def test_a_row_whose_time_is_booked_here_is_named_with_that_booking(
    world: World, deps: Deps, bring: Bring
) -> None:
    start = deps.now().replace(day=25, hour=5)
    here = world.book(number="A-001", start=start, minutes=60)
    found = bring({"bookings.csv": BOOKINGS + LIVE})
    assert f"line 2, start: overlaps {here.booking_id} here, in zone-a.A-001" in found.text
    assert found.code == 1


# -- customers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1,asha@example.org,Asha,,,,md5$salt$abc", "password: is of a scheme"),
        ("1,asha@example.org,Asha,,,,pbkdf2_sha256$9000000$s$" + "A" * 43 + "=",
         "password: is of a scheme"),
        ("1,asha,Asha,,,,", "email: must be an email address"),
        ("1,asha@example.org,Asha,,boss,,", "role: must be one of user, staff, owner, admin"),
        ("1,asha@example.org,Asha,,staff,,", "sites: are required for staff and owners"),
        ("1,asha@example.org,Asha,,staff,moon,", "sites: there is no site moon"),
        ("1,asha@example.org,Asha,user1,,,", "username: opens another account"),
        ("1,asha@example.org,Asha,,,,\n2,Asha@Example.org,Asha,,,,",
         "email: is also that of the customer on "),
    ],
)  # fmt: skip
def test_a_faulty_customer_is_named(bring: Bring, rows: str, fault: str) -> None:
    header = "id,email,name,username,role,sites,password\n"
    found = bring({"customers.csv": header + rows + "\n"})
    assert found.code == 1
    assert fault in found.text
    assert new_id("1", "customers") is None


def test_staff_come_with_their_sites(deps: Deps, bring: Bring) -> None:
    text = "id,email,name,role,sites\n1,asha@example.org,Asha,staff,central\n"
    assert bring({"customers.csv": text}).code == 0
    account = deps.accounts.find_by_login("asha@example.org")
    assert account is not None
    assert (account.role, account.sites) == (Role.STAFF, frozenset({"central"}))


# -- files -----------------------------------------------------------------------------------------


def test_a_file_says_by_its_name_what_is_in_it(bring: Bring) -> None:
    with pytest.raises(FileError, match=r"data\.csv must begin with one of zones, spaces,"):
        bring({"data.csv": BOOKINGS})


def test_a_file_may_hold_a_part_and_come_in_any_order(deps: Deps, bring: Bring) -> None:
    found = bring(
        {
            "bookings-2.jsonl": '{"id": 2, "status": "booked", "start": "2026-11-26 10:00", '
            '"space": "zone-a.A-001", "customer": 7}\n',
            "bookings-1.csv": BOOKINGS + LIVE,
            "customers.csv": "id;email;name\n7;asha@example.org;Asha\n",
        }
    )
    assert found.code == 0, found.text
    assert booking_of(deps, "2").user_id == new_id("7", "customers")
    assert booking_of(deps, "2").booked.minutes == builders.METERED.default_duration
