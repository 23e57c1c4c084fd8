"""Rows as the records that are brought over: with their zone, their account, their instants and
their money. What a row gets wrong is raised as Invalid, by its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from chalicelib.api.web import parse
from chalicelib.domain.bookings.admission import LONGEST
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import amounts, errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly, NoSuchTime
from chalicelib.domain.core.sentence import Fault, Verbatim, Wording, say
from chalicelib.domain.imports.bookings import OldBooking
from chalicelib.domain.imports.imported import OldId
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.services.core.deps import Deps
from chalicelib.services.imports.entries import OldEntry
from local.importing.people import PENDING
from local.importing.places import Places
from local.importing.rows import BookingRow, EntryRow, PaymentRow, VehicleRow
from local.importing.staging import StagedRow, Staging

UNNUMBERED: Final = ""
"""The number of a booking that names no space and has not been given one yet."""


class _Instants:
    """Moments of a row as instants, by the clock of its site; faults by column."""

    def __init__(self, deps: Deps, zone: Zone) -> None:
        self._zone = zone
        self._tz = deps.catalogue.site(zone.site).tz
        self.faults: dict[str, Wording] = {}

    def of(self, column: str, moment: datetime | None) -> datetime | None:
        """The instant; a date alone is the check-in hour of a room, or the check-out hour of an
        end."""
        if moment is None or moment.tzinfo is not None:
            return moment
        if isinstance(moment, DateOnly):
            moment = self._with_hour(column, moment)
        try:
            return localtime.resolve(moment, self._tz)
        except NoSuchTime as fault:
            self.faults[column] = fault.wording
        return None

    def _with_hour(self, column: str, day: datetime) -> datetime:
        if self._zone.kind != "room" and column in ("start", "end"):
            self.faults[column] = say("must_have_time_of_day")
        policy = self._zone.policy
        hour = policy.check_out_hour if column in ("end", "left_at") else policy.check_in_hour
        return datetime.combine(day.date(), time.fromisoformat(hour))


@dataclass(frozen=True)
class Resolver:
    """Resolves rows against the places and the staged rows. `source` names the old system."""

    deps: Deps
    staging: Staging
    places: Places
    source: str

    def old_id(self, row: StagedRow) -> OldId:
        """The old id of a row."""
        return OldId(self.source, row.kind, row.old_id)

    def booking(self, staged: StagedRow, accounts: Mapping[str, str]) -> OldBooking:
        """The booking of a row. Raises Invalid."""
        row = parse.read(BookingRow, staged.values, texts=True)
        zone, number = self.places.space(row)
        instants = _Instants(self.deps, zone)
        start, end = instants.of("start", row.start), instants.of("end", row.end)
        times = {
            column: instants.of(column, getattr(row, column))
            for column in ("created_at", "entered_at", "left_at", "ended_at", "confirmed_at")
        }
        if instants.faults or start is None:
            raise errors.Invalid(instants.faults)
        booked = _interval(start, end or start + timedelta(minutes=zone.policy.default_duration))
        vehicle = self._vehicle(row)
        paid, charged = self._money(row, zone, staged.old_id)
        old = OldBooking(
            old=self.old_id(staged),
            zone=zone,
            number=number or staged.number or UNNUMBERED,
            booked=booked,
            status=Status(row.status),
            created_at=times["created_at"] or min(start, self.deps.now()),
            user_id=_account(row.customer, accounts),
            details=_details(row, vehicle),
            entered_at=times["entered_at"],
            left_at=times["left_at"],
            ended_at=times["ended_at"],
            confirmed_at=times["confirmed_at"],
            paid=paid,
            charged=charged,
            method=row.method,
            auto_checkout=row.auto_checkout,
            provisional=number is None,
            reason=row.reason or "",
        )
        self._check(old, _place(row))
        return old

    def entry(self, staged: StagedRow, accounts: Mapping[str, str]) -> OldEntry | None:
        """The waitlist entry of a row; None for one that no longer waits. Raises Invalid."""
        row = parse.read(EntryRow, staged.values, texts=True)
        zone, number = self.places.space(row)
        instants = _Instants(self.deps, zone)
        start, end = instants.of("start", row.start), instants.of("end", row.end)
        created = instants.of("created_at", row.created_at)
        if instants.faults or start is None or end is None:
            raise errors.Invalid(instants.faults)
        interval, now = _interval(start, end), self.deps.now()
        if number is not None and not self.places.is_in_use(zone, number):
            unknown = Verbatim(f"there is no space {number} in {zone.zone_id}")
            raise errors.Invalid({_place(row): unknown})
        if not zone.policy.waitlist:
            raise errors.Invalid({"zone": Verbatim(f"{zone.zone_id} has no waitlist")})
        if interval.duration > LONGEST[zone.paging]:
            most = LONGEST[zone.paging].days
            raise errors.Invalid({"end": Verbatim(f"must be at most {most} days later")})
        user_id = _account(row.customer, accounts)
        assert user_id is not None
        if not row.waiting or interval.start <= now:
            return None
        wish = Wish(interval, number)
        return OldEntry(
            self.old_id(staged), zone, wish, user_id, min(created or now, now), row.priority
        )

    def _vehicle(self, row: BookingRow) -> VehicleRow | None:
        if row.vehicle is None:
            return None
        staged = self.staging.find("vehicles", row.vehicle)
        if staged is None:
            raise errors.Invalid({"vehicle": Verbatim(f"there is no vehicle {row.vehicle}")})
        return parse.read(VehicleRow, staged.values, texts=True)

    def _money(self, row: BookingRow, zone: Zone, old_id: str) -> tuple[int, int | None]:
        """What was paid, with the payments of other rows, and what was charged."""
        currency = zone.tariff.currency
        paid = _minor("paid", row.paid, currency)
        for payment in self.staging.of_ref("payments", old_id):
            each = parse.read(PaymentRow, payment.values, texts=True)
            paid += _minor("paid", each.amount, currency) if each.received else 0
        charged = None if row.charged is None else _minor("charged", row.charged, currency)
        return paid, charged

    def _check(self, old: OldBooking, place: str) -> None:
        """Require a booking that could be; `place` is the column of its space. Raises Invalid."""
        faults: dict[str, Wording] = {}
        now, zone = self.deps.now(), old.zone
        for column in ("created_at", "entered_at", "left_at", "ended_at", "confirmed_at"):
            at = getattr(old, column)
            if at is not None and at > now:
                faults[column] = say("must_not_be_future")
        entered = old.entered_at or old.booked.start
        if old.status is Status.COMPLETED and old.left_at and old.left_at < entered:
            faults["left_at"] = Verbatim("must not be before the stay began")
        if old.status in (Status.ACTIVE, Status.COMPLETED) and entered > now:
            faults["start"] = Verbatim(
                f"must not be in the future where the booking is {old.status}"
            )
        if old.as_of(now).is_live:
            longest = LONGEST[zone.paging]
            if old.occupied.duration > longest:
                faults["end"] = Verbatim(f"must be at most {longest.days} days after the start")
            is_known = not old.number or self.places.is_in_use(zone, old.number)
        else:
            is_known = not old.number or self.places.was_there(zone, old.number)
        if not is_known:
            faults[place] = Verbatim(f"there is no space {old.number} in {zone.zone_id}")
        if faults:
            raise errors.Invalid(faults)


def _interval(start: datetime, end: datetime) -> Interval:
    if end <= start:
        raise errors.Invalid({"end": say("must_be_after_start")})
    return Interval(start, end)


def _account(name: str | None, accounts: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    if name not in accounts:
        raise errors.Invalid({"customer": Verbatim(f"there is no account of {name}")})
    return accounts[name]


def _minor(column: str, text: str, currency: str) -> int:
    try:
        return amounts.read(text, currency).minor
    except Fault as fault:
        raise errors.Invalid({column: fault.wording}) from None


def _details(row: BookingRow, vehicle: VehicleRow | None) -> BookingDetails:
    guests: tuple[Guest, ...] = ()
    if row.customer is None and row.name and (row.guest_email or row.guest_phone):
        guests = (Guest(row.name, row.guest_email, row.guest_phone),)
    return BookingDetails(
        vehicle_number=row.vehicle_number or (vehicle.number if vehicle else None),
        owner_name=row.name or (vehicle.owner_name if vehicle else None),
        purpose=row.purpose,
        guests=guests,
    )


def _place(row: BookingRow | EntryRow) -> str:
    """The column that names the space."""
    return "space" if row.space is not None else "number"


def require_written(accounts: Mapping[str, str]) -> Mapping[str, str]:
    """The accounts, none of which waits to be written."""
    assert PENDING not in accounts.values()
    return accounts
