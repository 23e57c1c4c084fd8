"""Every request to DynamoDB that a function makes is allowed by the policy it is deployed with."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.api.realtime import websocket
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.accounts import users
from chalicelib.services.bookings import bookings, confirmations, settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import outbox
from chalicelib.services.mail import bounces
from chalicelib.services.operations import shifts
from chalicelib.services.sites import spaces
from chalicelib.store.outbox import CALLS, WAITING
from chalicelib.sweeps.schedules import SCHEDULES
from infra import policies, tables
from tests import builders, ses
from tests.backend import dynamodb_clients
from tests.batches import sweep, waiting_in
from tests.client import Client
from tests.clock import Clock
from tests.fake_mailer import FakeMailer
from tests.fake_sockets import fake_sockets, listen, with_realtime
from tests.fake_webhook_client import add_webhook, fake_webhook_client
from tests.hall import HOUR, START, Hall
from tests.hotel import Hotel
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import PASSWORD, World

Asked = set[tuple[str, str]]
"""IAM actions with the ARN they were asked of, as the template writes it."""

PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


class Recorder:
    """Keeps what is asked of DynamoDB while it is watching."""

    def __init__(self, deps: Deps) -> None:
        self._tables = {name: table for table, name in deps.settings.tables.items()}
        self._events = [client.meta.events for client in dynamodb_clients(deps)]

    @contextlib.contextmanager
    def watching(self) -> Iterator[Asked]:
        asked: Asked = set()

        def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
            asked.update(self._needs(model.name, params))

        for events in self._events:
            events.register("provide-client-params.dynamodb", keep)
        yield asked
        for events in self._events:
            events.unregister("provide-client-params.dynamodb", keep)

    def _needs(self, operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if "TransactItems" in params:
            for part in params["TransactItems"]:
                [(kind, request)] = part.items()
                yield f"dynamodb:{PARTS[kind]}", self._arn(request["TableName"])
        elif "RequestItems" in params:
            for table in params["RequestItems"]:
                yield f"dynamodb:{operation}", self._arn(table)
        else:
            arn = self._arn(params["TableName"], params.get("IndexName"))
            yield f"dynamodb:{operation}", arn

    def _arn(self, name: str, index: str | None = None) -> str:
        table = f"{tables.logical_id(self._tables[name])}.Arn"
        return f"{table}/index/{index}" if index else table


def allowed(function: str) -> Asked:
    """What a function's policy lets it ask."""
    return {
        (action, _written(resource))
        for statement in map(policies.plain, policies.document(function)["Statement"])
        for action in statement["Action"]
        if action.startswith("dynamodb:")
        for resource in statement["Resource"]
    }


def _written(resource: dict[str, Any]) -> str:
    if "Fn::GetAtt" in resource:
        return ".".join(resource["Fn::GetAtt"])
    return str(resource["Fn::Sub"]).replace("${", "").replace("}", "")


@pytest.fixture
def recorder(deps: Deps) -> Recorder:
    return Recorder(deps)


def _calls(client: Client, world: World) -> Iterator[int]:
    """Every request over HTTP, roughly in the order of a day."""
    yield from _by_admin(client.by(world.admin))
    yield from _by_guest(client)
    user, staff = client.by(world.user), client.by(world.staff)
    yield from _by_customer(user, staff)
    yield from _in_line(client, world)
    yield from _by_staff(user, staff, client.by(world.owner))
    yield from _at_the_hotel(client, world)


def _at_the_hotel(client: Client, world: World) -> Iterator[int]:
    hotel = Hotel(world, Clock())
    desk, path = client.by(hotel.staff), "/api/staff/hotels/hotel"
    room, many = f"{path}/rooms/rooms.101/turnover", "/api/staff/hotel/hotel/rooms"
    stay = f"{path}/room-bookings/{hotel.book_room().booking_id}"
    yield desk.post(f"{stay}/check-in", {"override_reason": "just in case"}).status
    yield desk.post(f"{stay}/check-out").status
    yield desk.post(room, {"to": "CLEANING_IN_PROGRESS"}).status
    for read in (room, f"{path}/rooms", f"{path}/housekeeping"):
        yield desk.get(read).status
    guest = {"zone_id": "rooms", "guests": [{"name": "Ravi"}]}
    yield desk.post(f"{path}/walk-ins", guest).status
    for way in ("checkin", "checkout"):
        yield desk.post(f"{many}/{way}", {"room_ids": ["rooms.102", "rooms.103"]}).status
    hung = f"/api/bookings/{hotel.book_room('103').booking_id}/attachments"
    yield desk.post(hung, {"kind": "order", "ref": "tea"}).status
    yield desk.delete(f"{hung}?kind=order&ref=tea").status


def _by_admin(admin: Client) -> Iterator[int]:
    site = {"slug": "north", "name": "North", "timezone": "Asia/Kolkata", "currency": "INR"}
    zone = {
        "zone_id": "zone-n", "site": "north", "name": "N", "kind": "parking",
        "tariff": {"rate": "60.00"},
    }  # fmt: skip
    for path, body in (("sites", site), ("zones", zone)):
        yield admin.post(f"/api/admin/{path}", body).status
    yield admin.post("/api/admin/spaces", {"zone_id": "zone-n", "number": "N-1"}).status
    for path in ("sites", "zones", "spaces?zone_id=zone-n", "users", "audit"):
        yield admin.get(f"/api/admin/{path}").status
    yield admin.patch("/api/admin/sites/north", {"contact": "+91 80 5550 0100"}).status
    yield admin.patch("/api/admin/zones/zone-n", {"name": "North"}).status
    for path in ("spaces/zone-n.N-1", "zones/zone-n", "sites/north"):
        yield admin.delete(f"/api/admin/{path}").status
    for name in SCHEDULES:
        yield admin.post(f"/api/admin/sweeps/{name}", {"dry_run": False}).status


def _by_guest(client: Client) -> Iterator[int]:
    person = {"email": "asha@example.com", "password": "correct horse 7", "name": "Asha Rao"}
    yield client.sending(Idempotency_Key="once").post("/api/auth/register", person).status
    signed_in = client.post(
        "/api/auth/login", {"email": person["email"], "password": person["password"]}
    )
    yield signed_in.status
    access = client.sending(Authorization=f"Bearer {signed_in.body['access']}")
    yield client.post("/api/auth/refresh", {"refresh": signed_in.body["refresh"]}).status
    yield client.post("/api/auth/password/forgot", {"email": person["email"]}).status
    yield access.patch("/api/me", {"name": "Asha R."}).status
    yield access.get("/api/me").status
    yield access.post("/api/auth/logout").status
    for path in ("public/health", "public/sites", "public/zones", "zones/zone-a/availability"):
        yield client.get(f"/api/{path}").status


def _by_customer(user: Client, staff: Client) -> Iterator[int]:
    wish = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}
    booked = user.sending(Idempotency_Key="twice").post("/api/user/book-slot", wish)
    yield booked.status
    path = f"/api/bookings/{booked.body['booking_id']}"
    for suffix in ("", "/qr.svg", "/calendar.ics"):
        yield user.get(path + suffix).status
    for listing in ("/api/bookings", "/api/user/history", "/api/user/current-session"):
        yield user.get(listing).status
    yield user.get("/api/user/zones").status
    yield user.patch(path, {"vehicle_number": "KA01AB9999", "minutes": 120}).status
    yield user.post(f"{path}/cancel").status
    several = user.post("/api/bookings", {"zone_id": "zone-a", "quantity": 2})
    yield several.status
    yield user.get(f"/api/bookings?group_id={several.body['group_id']}").status
    path = f"/api/bookings/{several.body['bookings'][0]['booking_id']}"
    yield user.post(f"{path}/cancel", {"scope": "all"}).status
    yield staff.get("/api/bookings").status


def _in_line(client: Client, world: World) -> Iterator[int]:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.FREE, spaces=1)
    holder, first, second = (client.by(who) for who in (world.owner, world.other, world.user))
    wish = {"zone_id": "halls", "start": "2026-11-23T12:00:00Z", "minutes": 60}
    booked = holder.post("/api/bookings", wish).body["booking_id"]
    entries = []
    for who in (first, second):
        joined = who.sending(Idempotency_Key="in-line").post("/api/waitlist", wish)
        yield joined.status
        entries.append(f"/api/waitlist/{joined.body['id']}")
    yield holder.post(f"/api/bookings/{booked}/cancel").status
    for path in ("", "/my_waitlist", "?site=central"):
        yield client.by(world.staff).get(f"/api/waitlist{path}").status
    yield first.get(entries[0]).status
    yield first.delete(f"{entries[0]}/leave").status
    yield second.post(f"{entries[1]}/claim").status
    yield second.post(f"/api/bookings/{second.get(entries[1]).body['booking_id']}/cancel").status


def _by_staff(user: Client, staff: Client, owner: Client) -> Iterator[int]:
    wish = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}
    booked = user.post("/api/user/book-slot", wish)
    yield booked.status
    code = {"qr_code": booked.body["qr_code"]}
    yield staff.post("/api/staff/entry", code).status
    yield staff.get("/api/staff/active-sessions").status
    yield staff.get("/api/staff/slot-status").status
    cash = {"payment_method": "CASH", "amount_received": "500.00"}
    yield staff.post("/api/staff/exit", code | cash).status
    yield from _in_a_shift(staff, booked.body["booking_id"])
    yield owner.get("/api/admin/zones").status
    yield staff.get("/parking/zone/zone-a/status").status
    yield from _by_hand(user, staff)
    yield user.call("DELETE", "/api/me", {"current_password": PASSWORD}).status


def _in_a_shift(staff: Client, booking_id: str) -> Iterator[int]:
    path, keyed = "/api/staff/shifts", staff.sending(Idempotency_Key="shift")
    opened = keyed.post(path, {"cash_float": "500.00"})
    yield opened.status
    bent = {"kind": "damage", "text": "The barrier is bent.", "booking_id": booking_id}
    yield staff.post("/api/staff/incidents", bent | {"space_id": "zone-a.A-001"}).status
    path += f"/{opened.body['shift_id']}"
    yield staff.post(f"{path}/close", {"cash_counted": "500.00"}).status
    for read in (f"{path}/report", "/api/staff/shifts", "/api/staff/incidents"):
        yield staff.get(read).status


def _by_hand(user: Client, staff: Client) -> Iterator[int]:
    wish = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}
    path = f"/api/bookings/{user.post('/api/user/book-slot', wish).body['booking_id']}"
    yield staff.post(f"{path}/check-in").status
    yield staff.post(f"{path}/check-out", {"amount_received": "500.00"}).status


def test_whatever_the_api_asks_is_allowed(client: Client, world: World, recorder: Recorder) -> None:
    with recorder.watching() as asked:
        statuses = list(_calls(client, world))

    assert [status for status in statuses if status >= 300] == []
    assert asked - allowed("api_handler") == set()


@pytest.mark.parametrize("name", ["auto-checkout", "expire-bookings", "reminders", "auto-cancel"])
def test_whatever_a_sweep_of_deadlines_asks_is_allowed(
    name: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    world.add_zone("zone-b", builders.TIMED)
    world.book()
    stay = world.book(zone="zone-b", vehicle_number="KA02XX0002")
    world.enter(stay)
    hall = world.book_hall()
    clock.move(days=1)
    if name == "auto-cancel":
        settle.read(world.deps, hall.booking_id)
        confirmations.reminder_left(world.deps, hall.booking_id)
        clock.move(hours=22)

    with recorder.watching() as asked:
        summary = sweeps.run(world.deps, name)

    assert summary.done > 0
    assert asked - allowed(name.replace("-", "_")) == set()


def test_whatever_a_sweep_asks_that_frees_what_somebody_waits_for_is_allowed(
    world: World, recorder: Recorder, clock: Clock
) -> None:
    hall = Hall(world, clock, check_in="gate", no_show_after=10)
    hall.book()
    entry = hall.join(world.other, 0.5, 1)
    clock.set(START + HOUR / 4)

    with recorder.watching() as asked:
        sweeps.run(world.deps, "expire-bookings")

    assert hall.status(entry) == [EntryStatus.OFFERED]
    assert asked - allowed("expire_bookings") == set()


def test_whatever_the_sweep_over_offers_asks_is_allowed(
    world: World, recorder: Recorder, clock: Clock
) -> None:
    hall = Hall(world, clock)
    taken = hall.book()
    entries = [hall.join(world.other), hall.join(hall.third)]
    hall.cancel(taken)
    clock.move(minutes=15)

    with recorder.watching() as asked:
        sweeps.run(world.deps, "waitlist-expiry")

    assert hall.status(*entries) == [EntryStatus.EXPIRED, EntryStatus.OFFERED]
    assert asked - allowed("waitlist_expiry") == set()


def test_whatever_passing_an_offer_on_or_making_one_late_asks_is_allowed(
    world: World, recorder: Recorder, clock: Clock, deps: Deps
) -> None:
    hall = Hall(world, clock)
    taken = hall.book()
    entries = [hall.join(world.other), hall.join(hall.third)]
    mailer = FakeMailer()
    mailer.trouble["user2@example.com"] = Undeliverable("MessageRejected")
    hall.cancel(taken)
    spaces.create_spaces(
        deps, world.owner, "halls", ("A-002",), active=True, note=None, source_ip="-"
    )
    clock.move(minutes=2)

    with recorder.watching() as asked:
        sweep(replace(deps, mailer=mailer))

    assert hall.status(*entries) == [EntryStatus.EXPIRED, EntryStatus.OFFERED]
    assert asked - allowed("outbox") == set()


def test_whatever_ending_the_entries_of_an_account_that_is_off_asks_is_allowed(
    world: World, recorder: Recorder, clock: Clock, deps: Deps
) -> None:
    hall = Hall(world, clock)
    taken = hall.book()
    entries = [hall.join(world.other), hall.join(hall.third)]
    hall.cancel(taken)
    clock.move(minutes=2)
    sweep(deps)
    off = {"active": False}
    users.edit_user(deps, world.admin, world.other.account_id, off, source_ip="-")
    clock.move(minutes=3)

    with recorder.watching() as asked:
        sweep(deps)

    assert hall.status(*entries) == [EntryStatus.LEFT, EntryStatus.OFFERED]
    assert asked - allowed("outbox") == set()


@pytest.mark.parametrize("function", ["outbox", "outbox_stream"])
def test_whatever_a_delivery_asks_is_allowed(
    function: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    world.book_hall()
    clock.move(days=1)
    for waiting in world.deps.outbox.due(clock.now(), limit=5):
        world.deps.outbox.done(waiting)
    sweeps.run(world.deps, "reminders")
    [batch] = world.deps.outbox.due(clock.now() + outbox.STREAM_LEASE, limit=5)
    ways: dict[str, Callable[[], object]] = {
        "outbox": lambda: sweeps.run(world.deps, "outbox"),
        "outbox_stream": lambda: outbox.from_stream(world.deps, batch.batch_id),
    }
    clock.move(seconds=180 if function == "outbox" else 100)

    with recorder.watching() as asked:
        ways[function]()

    assert ("dynamodb:DeleteItem", "OutboxTable.Arn") in asked
    assert asked - allowed(function) == set()


@pytest.mark.parametrize("function", ["outbox", "outbox_stream"])
def test_whatever_the_issue_of_a_paper_asks_is_allowed(
    function: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    booking = world.book()
    world.enter(booking)
    world.leave(booking)
    waiting = world.deps.outbox.due(clock.now() + outbox.STREAM_LEASE, limit=5)
    clock.move(seconds=180 if function == "outbox" else 10)

    with recorder.watching() as asked:
        if function == "outbox":
            sweeps.run(world.deps, "outbox")
        else:
            for batch in waiting:
                outbox.from_stream(world.deps, batch.batch_id)

    assert world.deps.papers.of_booking(booking.booking_id)
    assert ("dynamodb:Query", "LedgerTable.Arn") in asked
    assert asked - allowed(function) == set()


@pytest.mark.parametrize("function", ["outbox", "reconcile"])
def test_whatever_a_question_to_a_gateway_asks_is_allowed(
    function: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    paying = PayingCarPark.of(world, MemoryGateway(clock.now))
    paid, lapsed, odd = (paying.book_online(start=START + n * HOUR) for n in range(3))
    paying.gateway.attempt("order_1")
    paying.gateway.attempt("order_3", amount=odd.tariff.money(1))
    clock.move(minutes=26)
    bookings.get(paying.deps, paying.user, lapsed.booking_id)
    paying.gateway.attempt("order_2")
    paying.gateway.settle(clock.now().date() - timedelta(days=1))

    with recorder.watching() as asked:
        sweeps.run(paying.deps, function)

    assert paying.read(paid).status == "booked"
    assert ("dynamodb:PutItem", "LedgerTable.Arn") in asked
    assert asked - allowed(function) == set()


def test_whatever_the_proof_of_the_books_asks_is_allowed(
    world: World, recorder: Recorder, clock: Clock
) -> None:
    paying = PayingCarPark.of(world, MemoryGateway(clock.now))
    shift = shifts.open_shift(paying.deps, paying.staff, "central", "5", source_ip="-")
    paid = paying.book_and_pay(start=START)
    shifts.close(paying.deps, paying.staff, shift.shift_id, "4", note="", source_ip="-")
    paying.deps.commit(saving(replace(paid, paid=700, version=paid.version + 1)))
    clock.move(days=1)

    with recorder.watching() as asked:
        for _ in range(2):
            sweeps.run(paying.deps, "books")

    assert paying.deps.reviews.of_site("central", limit=9, after=None).records
    assert ("dynamodb:ConditionCheckItem", "AuditTable.Arn") in asked
    assert asked - allowed("books") == set()


def test_whatever_word_of_a_bounce_asks_is_allowed(
    world: World, recorder: Recorder, clock: Clock
) -> None:
    hall = world.book_hall()
    clock.move(days=1)
    sweeps.run(world.deps, "reminders")
    world.deps.catalogue.forget()
    word = ses.bounce(id_in("EF1", mail("reminder", hall.booking_id)))

    with recorder.watching() as asked:
        bounces.receive(world.deps, word)

    assert ("dynamodb:PutItem", "BookingsTable.Arn") in asked
    assert asked - allowed("mail_events") == set()


@pytest.mark.parametrize("function", ["outbox", "outbox_stream", "api_handler"])
def test_whatever_an_event_asks_is_allowed(
    function: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    with_realtime(world)
    listen(world, world.staff, "there")
    listen(world, world.staff, "gone")
    fake_sockets(world.deps).gone.add("gone")
    world.book()
    clock.move(minutes=3)
    world.deps.accounts.forget_all()
    world.deps.catalogue.forget()

    with recorder.watching() as asked:
        sweeps.run(world.deps, "outbox")

    assert ("dynamodb:BatchWriteItem", "OutboxTable.Arn") in asked
    assert asked - allowed(function) == set()


def test_whatever_a_websocket_asks_is_allowed(world: World, recorder: Recorder) -> None:
    with_realtime(world)
    token = world.token(world.staff)
    here = websocket.Connection("c", "203.0.113.7", world.deps.now())
    said = [
        {"action": "subscribe", "site": "central", "token": token},
        {"action": "unsubscribe", "site": "central"},
        {"action": "subscribe", "site": "central", "token": token},
        {"action": "ping"},
    ]
    world.deps.accounts.forget_all()
    world.deps.catalogue.forget()

    with recorder.watching() as asked_by_message:
        for frame in said:
            websocket.received(world.deps, here, json.dumps(frame))
    with recorder.watching() as asked_at_the_end:
        websocket.closed(world.deps, here)

    types = [frame["type"] for frame in fake_sockets(world.deps).frames["c"]]
    assert types == ["subscribed", "unsubscribed", "subscribed", "pong"]
    assert asked_by_message - allowed("websocket_message") == set()
    assert asked_at_the_end - allowed("websocket_disconnect") == set()


def test_only_who_pushes_may_write_to_connections() -> None:
    may = {
        function
        for function in policies.GRANTS
        if "execute-api:ManageConnections" in str(policies.document(function))
    }
    assert may == {"api_handler", "outbox", "outbox_stream", "websocket_message"}


@pytest.mark.parametrize("function", ["outbox", "webhook_calls"])
def test_whatever_a_call_of_a_webhook_asks_is_allowed(
    function: str, world: World, recorder: Recorder, clock: Clock
) -> None:
    with_realtime(world)
    hook = add_webhook(world)
    world.book()
    fake_webhook_client(world.deps).status = 500
    failing = hook.evolve(failures=19, failing_since=clock.now() - timedelta(days=4))
    world.deps.commit(saving(failing))

    for batch_id in waiting_in(world.deps, WAITING):
        outbox.from_stream(world.deps, batch_id)
    batches = waiting_in(world.deps, CALLS)
    clock.move(minutes=3 if function == "outbox" else 1)

    with recorder.watching() as asked:
        if function == "outbox":
            sweeps.run(world.deps, "outbox")
        else:
            outbox.calls_from_stream(world.deps, batches)

    assert not world.deps.webhooks.get(hook.webhook_id).active
    assert ("dynamodb:Query", "AccountsTable.Arn/index/directory") in asked
    assert asked - allowed(function) == set()
