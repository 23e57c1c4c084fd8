"""Each type that a Change carries has a writer and is read back as it was written: an example of
each, in which no field has its default."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest

from chalicelib import domain
from chalicelib.domain.accounts.account import Account, NameMove
from chalicelib.domain.accounts.api_key import ApiKey
from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.accounts.wrong_passwords import (
    Failures,
    KnownPlace,
    UnknownName,
    WrongPasswords,
)
from chalicelib.domain.bookings import short_code
from chalicelib.domain.bookings.attachment import Attachment
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.cover import AtPlate, Cover, Inside, Left, PlatePass
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import KeyScope, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import (
    Change,
    MadeZones,
    OpenPlace,
    Record,
    Tally,
    VehicleOut,
)
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.housekeeping.turnover import Condition, RoomEdit
from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.domain.occupancy.occupancy import Queue, Sheet, SheetEdit
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.operations.day_books import DayBooks
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.domain.operations.shift import Shift
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.deposit import Deposit
from chalicelib.domain.payments.ledger import LedgerEntry, LedgerLine
from chalicelib.domain.payments.messages import KnownOrder, Message
from chalicelib.domain.payments.payment import Capture, Payment, Refund
from chalicelib.domain.payments.review import ReviewCase
from chalicelib.domain.payments.settlement import ComparedDay, Settled
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing import bill
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.pricing.taxing import TaxLine
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.domain.realtime.event import Event
from chalicelib.domain.realtime.facts import BookingFacts
from chalicelib.domain.realtime.webhook import FormerSecret, Webhook
from chalicelib.domain.receipts.paper import Draft, Paper, PaperLine, Party
from chalicelib.domain.season_passes.periods import Days
from chalicelib.domain.season_passes.season_pass import SeasonPass, Term
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.season_plan import SeasonPlan
from chalicelib.domain.sites.seller import Seller
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneMade
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.domain.waitlist.queue import QueueEdit, Wish, WishEdit
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.store import auto_checkouts, imported, short_codes, writers
from chalicelib.store.accounts import AccountItem
from chalicelib.store.gateway_messages import MessageItem
from docs import source
from tests import builders
from tests.clock import NOON

pytestmark = pytest.mark.engine2

LATER, LATEST = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
HOUR, TODAY = Interval(NOON, LATER), NOON.date().isoformat()
HOURS = OpeningHours.from_json({"sat": ["18:00-02:00"]})
BLACKOUTS = (builders.a_blackout(reason="Repairs", key="closing"),)
PAYMENT = Payment(
    "BK7Q2M9X4T1NG1QR00005_1",
    "razorpay",
    Money(5000, "INR"),
    "fee",
    NOON,
    LATER,
    "captured",
    "order_1",
    "https://pay.example/1",
    2,
    (Capture("pay_1", 5000, 118, "upi"),),
    (Refund("BK7_1_r1", "pay_1", 2000, "processed", LATER, "rfnd_1", "RRN1"),),
)
PLAN = SeasonPlan("PL1", "Monthly", "monthly", 500000, ("zone-a",), 7, 2, sold=False, tax_bp=1800)
TARIFF = Tariff("hourly", "INR", 5000, booking_fee=2000)
WISH = Wish(HOUR, "aula")


@dataclass(frozen=True)
class Example:
    """A part of a Change, how to read what it has written, what that should be (None: the part
    itself), and what is written before."""

    part: Any
    read: Callable[[Deps], Any]
    expected: Any = None
    before: tuple[Any, ...] = ()


BOOKING = Booking(
    booking_id="BK7Q2M9X4T1NG1QR00005",
    user_id="US7Q2M9X4T",
    site="central",
    zone_id="rooms",
    number="101",
    kind="room",
    status=Status.ACTIVE,
    booked=HOUR,
    tariff=TARIFF,
    created_at=NOON,
    updated_at=LATER,
    actual_start=NOON,
    actual_end=LATEST,
    quoted_at=LATER,
    details=BookingDetails(
        vehicle_number="KA01AB1234",
        owner_name="Asha Rao",
        purpose="Wedding",
        guests=(Guest("Ravi Rao", "ravi@example.com", "+91 98450 12345"),),
        auto_renew=True,
        buyer=Buyer("business", "Rao & Sons", "27AAPFU0939F1ZV", "2 Hill Road, Mumbai"),
    ),
    auto_checkout=True,
    payment_method=PaymentMethod.ONLINE,
    payment_status="partial",
    paid=5000,
    by_hand=1000,
    payments=(PAYMENT,),
    bill=bill.make(TARIFF, HOUR, localtime.zone("Asia/Kolkata"), paid=Money(5000, "INR")),
    checked_out_by="USSTAFF001",
    counted=True,
    counts=(("day.rooms.2026-11-21", 1),),
    redeemed=(("promos#central", "promo.PR1.total"),),
    confirmation=Confirmation(NOON, LATER, LATEST, failed=True),
    deadline=Deadline(DeadlineKind.AUTO_CHECKOUT, LATEST),
    group_id="GR7Q2M9X4T1NG1QR00000",
    provisional=True,
    cancelled_by_site=True,
    free_cancel_window=10,
    attachments=(Attachment("order", "42", NOON, LATER),),
    timeline=(TimelineEntry(NOON, "created", "US7Q2M9X4T", "api", "late"),),
    listed_through=LATEST,
    news=News(3, LATER, Promise(HOUR, "102"), own=True),
    pass_issue=2,
    first_day=20770,
    cover=Cover("SP7Q2M9X4T1NG1QR00005", "KA01AB1234", LATEST),
    renewals=2,
    deposit=Deposit(10000, True, 1000, ("BK7_1_r2",), 2000, 305, "broken chair"),
)
SEASON_PASS = SeasonPass(
    pass_id="SP7Q2M9X4T1NG1QR00005",
    user_id="US7Q2M9X4T",
    site="central",
    plate="KA 01 AB 1234",
    plan=PLAN,
    currency="INR",
    tz=localtime.zone("Asia/Kolkata"),
    status="active",
    wanted=NOON.date(),
    created_at=NOON,
    updated_at=LATER,
    last=NOON.date() + timedelta(days=37),
    terms=(Term(Days(NOON.date(), NOON.date() + timedelta(days=29)), 500000, 76271, "SP1_1"),),
    pauses=(Days(NOON.date() + timedelta(days=3), NOON.date() + timedelta(days=9)),),
    gap_days=1,
    transfers=1,
    auto_renew=True,
    renewing=PLAN,
    due_at=LATEST,
    paid=500000,
    by_hand=1000,
    payments=(PAYMENT,),
    name="Asha Rao",
    email="asha@example.com",
    timeline=(TimelineEntry(NOON, "sold", "US7Q2M9X4T", "api", "desk"),),
)
INSIDE = Inside("central", "KA01AB1234", BOOKING.booking_id, SEASON_PASS.pass_id, seen=1)
MOVED_CODE = short_code.moved(BOOKING.booking_id, "central", 20770)
ENTRY = Entry(
    entry_id="WL7Q2M9X4T1NG1QR00005",
    user_id="US7Q2M9X4T",
    site="central",
    zone_id="hall",
    wish=WISH,
    day=TODAY,
    status=EntryStatus.EXPIRED,
    created_at=NOON,
    updated_at=LATER,
    priority=-1,
    ticket=3,
    offered_at=NOON,
    held="aula",
    ended_at=LATER,
    booking_id="BK7Q2M9X4T1NG1QR00005",
    reason="Its mail bounced.",
    favour="USSTAFF001: regular",
    deadline=Deadline(DeadlineKind.OFFER_LAPSE, LATEST),
    paging=Paging.MONTH,
)
ACCOUNT = Account(
    account_id="US7Q2M9X4T",
    email="asha@example.com",
    name="Asha Rao",
    password="hash",
    created_at=NOON,
    phone="+91 98450 12345",
    username="asha",
    role=Role.OWNER,
    sites=frozenset({"central", "hall"}),
    active=False,
    verified=True,
    password_proved=True,
    erased=True,
    epoch=3,
    owing=2,
    debts=frozenset({"central/BK7Q2M9X4T1NG1QR00005", "hall/BK7Q2M9X4T1NG1QR00006"}),
    wrong_passwords=WrongPasswords(
        strangers=Failures(5, NOON, LATER),
        signed_in=Failures(1, NOON),
        known=(KnownPlace("0123456789abcdef"), KnownPlace("f0", Failures(2, NOON, LATER))),
    ),
    warned_at=LATER,
    pending_email="asha@example.net",
    former_email="asha@example.org",
    made_under="US7Q2M9X4T first-try",
    language="hi",
    payment_method=PaymentMethod.ONLINE,
)
MOVE = NameMove("US7Q2M9X4T", leaves="asha@example.com", takes="asha@example.net")
UNKNOWN_NAME = UnknownName("0123456789abcdef", Failures(5, NOON, LATER), version=1)
API_KEY = ApiKey(
    key_id="central.AK1NG2EK8000000007",
    site="central",
    scope=KeyScope.SCANS,
    name="North gate",
    digest="0123456789abcdef",
    created_by="USOWNER001",
    created_at=NOON,
    revoked_at=LATER,
)
MAILBOX = Mailbox("0123456789abcdef", NOON, LATER, LATEST, version=1)
SITE = Site(
    slug="central",
    name="Central",
    timezone="Asia/Kolkata",
    currency="INR",
    opening_hours=HOURS,
    contact="+91 80 1234",
    address="1 MG Road",
    latitude="12.97",
    longitude="77.59",
    amenities=("Covered", "Security"),
    active=False,
    blackouts=BLACKOUTS,
    realtime=True,
    closed_at=LATEST,
    reopens_as=True,
    colour="#1f6f5c",
    seller=Seller(
        "Central Parking Pvt Ltd", "29AAGCB7383J1Z4", "1 Station Road\nBengaluru", "29", "AB"
    ),
    language="hi",
    inactive_since=LATER,
    season_plans=(PLAN,),
)
POLICY = Policy(check_in="staff", quota_per_user=3, opening_hours=HOURS, blackouts=BLACKOUTS)
ZONE = Zone(
    "rooms",
    "central",
    "Rooms",
    "room",
    POLICY,
    TARIFF,
    active=False,
    closed_at=LATEST,
    reopens_as=True,
)
SPACE = Space("rooms", "101", active=False, note="Sea view", closed_at=LATEST, reopens_as=True)
PROMO = Promo(
    "central", "SUMMER20", "PR1", NOON, percent=20, amount=1000, currency="INR", minimum=5000,
    description="Leaflet", active=False, first=NOON.date(), last=LATEST.date(), zones=("zone-a",),
    kinds=("parking",), limits=UseLimits(1, 2, 3, 4, 5, 6),
)  # fmt: skip
WEBHOOK = Webhook(
    webhook_id="central.WH1NG2EK8000000007",
    site="central",
    url="https://example.com/berth",
    events=("booking-updated", "room-status-changed"),
    secret="whsec_NEW",
    created_at=NOON,
    description="Door locks",
    active=False,
    failures=7,
    failing_since=NOON,
    failed_at=LATER,
    disabled_at=LATEST,
    former=(FormerSecret("whsec_OLD", LATER),),
)
SHIFT = Shift(
    shift_id="central.SH1NG2EK8000000007",
    site="central",
    account_id="USSTAFF001",
    opened_at=NOON,
    cash_float=Money(50000, "INR"),
    closed_at=LATER,
    closed_by="USOWNER001",
    cash_counted=Money(61000, "INR"),
    note="The lamp is broken.",
)
INCIDENT = Incident(
    incident_id="IN1NG2EK8000000007",
    site="central",
    kind=IncidentKind.DAMAGE,
    text="A scratch.",
    occurred_at=NOON - timedelta(hours=1),
    reported_at=NOON,
    reported_by="USSTAFF001",
    booking_id="BK7Q2M9X4T1NG1QR00005",
    space_id="rooms.101",
    vehicle_number="KA01AB1234",
)
EVENT = Event(
    "central", 1795219200042, "booking-updated", "BK1", "EF1-x-BK1", NOON, {"status": "booked"}
)
LINES = (LedgerLine("cash", 5000), LedgerLine("revenue", -5000))
SAVED = (
    Example(ACCOUNT, lambda deps: deps.accounts.get(ACCOUNT.account_id)),
    Example(API_KEY, lambda deps: deps.api_keys.get(API_KEY.key_id)),
    Example(BOOKING, lambda deps: deps.bookings.get(BOOKING.booking_id)),
    Example(ENTRY, lambda deps: deps.waitlist.get(ENTRY.entry_id)),
    Example(EVENT, lambda deps: deps.events.get("central", EVENT.event_id)),
    Example(INCIDENT, lambda deps: deps.incidents.of_site("central", limit=1).records[0]),
    Example(MAILBOX, lambda deps: deps.mailboxes.get(MAILBOX.mailbox_id)),
    Example(SEASON_PASS, lambda deps: deps.season_passes.get(SEASON_PASS.pass_id)),
    Example(SHIFT, lambda deps: deps.shifts.get(SHIFT.shift_id)),
    Example(SITE, lambda deps: deps.catalogue.fresh_site("central")),
    Example(SPACE, lambda deps: deps.catalogue.fresh_space("rooms", "101")),
    Example(UNKNOWN_NAME, lambda deps: deps.unknown_names.get(UNKNOWN_NAME.digest)),
    Example(WEBHOOK, lambda deps: deps.webhooks.get(WEBHOOK.webhook_id)),
    Example(ZONE, lambda deps: deps.catalogue.fresh_zone("rooms")),
)
PAPER = Paper(
    Draft(
        "credit_note",
        2,
        (PaperLine("Refund", 1, 5900, 5900),),
        Money(5900, "INR"),
        (
            TaxLine("CGST", 900, Money(450, "INR")),
            TaxLine("SGST", 900, Money(450, "INR")),
        ),
        "996743",
        Party("Rao & Sons", "27AAPFU0939F1ZV", "2 Hill Road, Mumbai", "27"),
        "AB-I2627/7",
    ),
    "central",
    "BK7Q2M9X4T1NG1QR00005",
    12,
    NOON,
    NOON.date(),
    Party("Central Parking Pvt Ltd", "29AAGCB7383J1Z4", "1 Station Road", "29"),
    "AB",
    "29",
)
OLD = OldId("parking", "bookings", "17")
AUTO = AutoCheckout("central", "BK7Q2M9X4T1NG1QR00005", NOON, LATER)
APPENDED = (
    Example(AUTO, lambda deps: auto_checkouts.latest("central", limit=10), (AUTO,)),
    Example(
        Imported(OLD, "BK7Q2M9X4T1NG1QR00005"),
        lambda deps: imported.find([OLD]),
        {OLD: "BK7Q2M9X4T1NG1QR00005"},
    ),
    Example(
        INSIDE,
        lambda deps: deps.season_passes.at_plate("central", "KA01AB1234"),
        AtPlate(SEASON_PASS.at_gate, replace(INSIDE, seen=0)),
        before=(SEASON_PASS,),
    ),
    Example(
        Left("central", "KA01AB1234"),
        lambda deps: deps.season_passes.at_plate("central", "KA01AB1234"),
        AtPlate(SEASON_PASS.at_gate),
        before=(SEASON_PASS, INSIDE),
    ),
    Example(PROMO, lambda deps: deps.promos.get("central.SUMMER20")),
    Example(
        KnownOrder("razorpay", "order_1", "BK1_1", NOON),
        lambda deps: list(deps.payment_orders.due(shard=0, now=NOON, limit=2)),
        [KnownOrder("razorpay", "order_1", "BK1_1", NOON)],
    ),
    Example(
        ComparedDay("razorpay", date(2026, 11, 20), 3),
        lambda deps: deps.settlements.last("razorpay"),
        date(2026, 11, 20),
    ),
    Example(
        Settled("razorpay", "pay_1", "BK1", 4882, NOON),
        lambda deps: deps.settlements.known([("razorpay", "pay_1"), ("razorpay", "pay_2")]),
        frozenset({"pay_1"}),
    ),
    Example(
        DayBooks("central", date(2026, 11, 20), NOON, {"INR": {"cash": 100, "tax": -100}}, 2, 1),
        lambda deps: deps.day_books.last("central"),
    ),
    Example(
        ReviewCase(
            "RV1",
            NOON,
            "central",
            "razorpay",
            "order_1",
            "BK1",
            "the amount is 1.00",
            NOON,
            "US1",
            "paid",
        ),
        lambda deps: deps.reviews.get("central", "RV1"),
    ),
    Example(
        Message("razorpay", "event_1", "order.paid", NOON),
        lambda deps: MessageItem.get("messages/razorpay/event_1", "message").name,
        "order.paid",
    ),
    Example(
        AuditEvent(
            "AE1", NOON, "US1", "login", "US1", "FORBIDDEN", "central", "203.0.113.9", "why"
        ),
        lambda deps: deps.audit.list_day("central", NOON.date(), 1).events[0],
    ),
    Example(PAPER, lambda deps: deps.papers.of_booking(PAPER.booking_id)[0]),
    Example(PAPER, lambda deps: deps.papers.last(PAPER.series)),
    Example(
        LedgerEntry("LE1", NOON, "central", "BK1", "US1", "cash", LINES, "INR"),
        lambda deps: deps.ledger.of_day("central", NOON.date())[0],
    ),
)
TURNED = RoomEdit(
    "rooms", "101", Condition.READY_FOR_GUEST, Condition.OCCUPIED, NOON, "USSTAFF001", "early",
    booking_id="BK1", until=LATEST,
)  # fmt: skip
EDITED = (
    Example(
        MOVED_CODE,
        lambda deps: short_codes.find("central", MOVED_CODE.code, ()),
        (BOOKING.booking_id,),
    ),
    Example(MOVE, lambda deps: deps.accounts.id_of_login(MOVE.takes), MOVE.account_id),
    Example(
        SheetEdit("hall", "aula", TODAY, {"BK1": HOUR}, {"BK1": LATEST}, expected=0),
        lambda deps: deps.sheets.of_space("hall", "aula", [TODAY])[0],
        Sheet("hall", "aula", TODAY, {"BK1": HOUR}, version=1, lapses={"BK1": LATEST}),
    ),
    Example(
        QueueEdit("hall", TODAY, Queue(), joins=WISH.name),
        lambda deps: deps.sheets.of_zone("hall", TODAY, TODAY)[0].queue,
        Queue(frozenset({WISH.name}), joined=1),
    ),
    Example(
        ZoneMade("central", "rooms"),
        lambda deps: deps.catalogue.made_zones("central"),
        frozenset({"rooms"}),
    ),
    Example(TURNED, lambda deps: deps.rooms.get("rooms", "101"), TURNED.room),
    Example(
        WishEdit("7Q2M9X4T", TODAY, "hall/x", most=1, entry_id="WL7Q2M9X4T1NG1QR00006"),
        lambda deps: deps.waitlist.wishes("7Q2M9X4T", TODAY),
        frozenset({"hall/x"}),
    ),
    Example(
        Tally("7Q2M9X4T", "quota.hall", 2, 3),
        lambda deps: deps.tallies.get("7Q2M9X4T", "quota.hall"),
        2,
    ),
)
EXAMPLES = (*SAVED, *APPENDED, *EDITED)
CHANGED = tuple(example for example in SAVED if not isinstance(example.part, Incident))
DELETED = tuple(example for example in SAVED if type(example.part).__name__ in writers.items(1))

PARTS: Mapping[type, str] = {
    kind: name
    for name, hint in source.hints(Change).items()
    for kind in get_args(get_args(hint)[0]) or (get_args(hint)[0],)
}
"""The field of a Change by the type of its parts."""

VERSIONED_BUT_NOT_SAVED: Mapping[type, str] = {
    Sheet: "a Change carries its SheetEdit",
    BookingFacts: "what an event shows of a booking",
    PlatePass: "its SeasonPass is saved with it",
}


CHECKS = (OpenPlace, MadeZones, VehicleOut)
"""What a Change relies on, and does not write."""


def change_of(part: object) -> Change:
    field: dict[str, Any] = {PARTS.get(type(part), "saves"): (part,)}
    return Change(**field)


def commit(deps: Deps, change: Change) -> None:
    """Write `change` alone, without the events that follow from it."""
    assert isinstance(deps.commit, UnitOfWork)
    deps.commit.deps.commit(change)


def versioned() -> Iterator[type]:
    """The dataclasses of the domain that have a version."""
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and kind.__module__ == module.name and _has_version(kind):
                yield kind


def _has_version(kind: Any) -> bool:
    if not is_dataclass(kind):
        return False
    return hasattr(kind, "version") or "version" in {field.name for field in fields(kind)}


def test_every_type_that_a_change_carries_has_a_writer() -> None:
    records = set(versioned()) - VERSIONED_BUT_NOT_SAVED.keys()
    edits = PARTS.keys() - {Record, Effect}
    assert writers.writers(shards=1).keys() == {kind.__name__ for kind in records | edits}


def test_every_writer_has_an_example() -> None:
    written = writers.writers(shards=1).keys() - {kind.__name__ for kind in CHECKS}
    assert {type(example.part).__name__ for example in EXAMPLES} == written


def test_no_two_types_that_are_written_share_a_name() -> None:
    every = {*versioned(), *PARTS}
    assert len({kind.__name__ for kind in every}) == len(every)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (SITE, OpenPlace("site", "central")),
        (ZONE, OpenPlace("zone", "rooms")),
    ],
    ids=["site", "zone"],
)
def test_a_change_is_refused_where_a_place_it_relies_on_is_closed_for_good(
    deps: Deps, record: Any, place: OpenPlace
) -> None:
    commit(deps, change_of(replace(record, closed_at=None)))
    commit(deps, change_of(ACCOUNT).relying_on(place))
    commit(deps, change_of(replace(record, version=2)))
    with pytest.raises(errors.ClosedMeanwhile):
        commit(deps, change_of(MAILBOX).relying_on(place))
    assert deps.mailboxes.get(MAILBOX.mailbox_id) != MAILBOX


@pytest.mark.parametrize("example", [*SAVED, *APPENDED], ids=lambda e: type(e.part).__name__)
def test_no_field_of_an_example_has_its_default(example: Example) -> None:
    part = example.part
    shown = [f for f in fields(part) if f.name not in ("version", "before")]
    assert [f.name for f in shown if _is_default(part, f)] == []


def _is_default(part: object, field: Field[Any]) -> bool:
    value = getattr(part, field.name)
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return value == field.default or value in (None, "", (), frozenset())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: type(e.part).__name__)
def test_it_is_read_back_as_it_was_written(deps: Deps, example: Example) -> None:
    for part in (*example.before, example.part):
        commit(deps, change_of(part))
    stored = example.read(deps)
    assert stored == (example.expected or example.part)
    assert getattr(stored, "news", None) == getattr(example.part, "news", None)


@pytest.mark.parametrize("example", SAVED, ids=lambda e: type(e.part).__name__)
def test_a_new_record_is_refused_where_there_is_one(deps: Deps, example: Example) -> None:
    commit(deps, change_of(example.part))
    with pytest.raises((errors.AlreadyExists, errors.StaleVersion)):
        commit(deps, change_of(example.part))
    assert example.read(deps) == example.part


@pytest.mark.parametrize("example", CHANGED, ids=lambda e: type(e.part).__name__)
def test_a_record_is_saved_over_the_version_before_and_no_other(
    deps: Deps, example: Example
) -> None:
    first, second, third = (replace(example.part, version=n) for n in (1, 2, 3))
    commit(deps, change_of(first))
    with pytest.raises(errors.StaleVersion):
        commit(deps, change_of(third))
    commit(deps, change_of(second))
    assert example.read(deps) == second


@pytest.mark.parametrize("example", DELETED, ids=lambda e: type(e.part).__name__)
def test_a_deleted_record_is_gone_and_only_at_its_version(deps: Deps, example: Example) -> None:
    commit(deps, change_of(example.part))
    with pytest.raises(errors.StaleVersion):
        commit(deps, Change(deletes=(replace(example.part, version=2),)))
    commit(deps, Change(deletes=(example.part,)))
    with pytest.raises(errors.NotFound):
        example.read(deps)


def test_what_an_account_owes_is_a_tally_in_its_own_record(deps: Deps) -> None:
    commit(deps, change_of(ACCOUNT))
    commit(deps, change_of(Tally(ACCOUNT.locator, "owing", 1)))
    assert deps.accounts.get(ACCOUNT.account_id) == replace(ACCOUNT, owing=3, version=2)


def test_an_account_names_what_it_owes_until_it_is_paid(deps: Deps) -> None:
    commit(deps, change_of(replace(ACCOUNT, owing=0, debts=frozenset())))
    first, second = Debt("BK7Q2M9X4T1NG1QR00005", "central"), Debt("BK7Q2M9X4T1NG1QR00006", "hall")
    for tally, left in (
        (first.arises(ACCOUNT.locator), {first}),
        (second.arises(ACCOUNT.locator), {first, second}),
        (first.ends(ACCOUNT.locator), {second}),
        (second.ends(ACCOUNT.locator), set[Debt]()),
    ):
        commit(deps, change_of(tally))
        account = deps.accounts.get(ACCOUNT.account_id)
        assert (account.owing, set(map(Debt.read, account.debts))) == (len(left), left)


def test_a_tally_of_an_unknown_account_is_refused(deps: Deps) -> None:
    with pytest.raises(errors.AccountNotFound):
        commit(deps, change_of(Tally(ACCOUNT.locator, "owing", 1)))
    assert AccountItem.count(ACCOUNT.locator) == 0


@pytest.mark.parametrize("steps", [(4,), (2, 2), (1, 1, 1, 1)], ids=str)
def test_a_tally_stops_at_its_limit(deps: Deps, steps: tuple[int, ...]) -> None:
    *before, last = (Tally("7Q2M9X4T", "quota.hall", by, 3) for by in steps)
    for step in before:
        commit(deps, change_of(step))
    with pytest.raises(errors.QuotaReached):
        commit(deps, change_of(last))
    assert deps.tallies.get("7Q2M9X4T", "quota.hall") == sum(steps[:-1])
