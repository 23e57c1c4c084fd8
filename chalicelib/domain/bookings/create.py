"""Create a booking: values in, a Change out (docs/rules/lifecycle.md, Steps)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import allowance, confirmation, online
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import SheetEdit, Sheets
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.promos import redemption
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Zone


def book(
    *,
    booking_id: str,
    user_id: str | None,
    zone: Zone,
    number: str,
    interval: Interval,
    sheets: Sheets,
    by: Actor,
    source: Source,
    tz: ZoneInfo,
    now: datetime,
    details: BookingDetails,
    hold: str | None = None,
    note: str = "",
    group_id: str | None = None,
    provisional: bool = False,
    walk_in: bool = False,
    gateway: GatewayName | None = None,
    uses: tuple[Tally, ...] = (),
) -> BookingChange:
    """Book one space for `interval` at a site in `tz`, with the sheets, the deadline, the mail, the
    count of a quota and the allowances. A space that the customer has not named is `provisional`.
    In a zone without check-in a start that has come begins the stay. A `hold` (an entry of the
    waitlist that is claimed) hands its interval over, and the booking counts as confirmed. `note`
    stands on its timeline. A `walk_in` pays no booking fee. With a `gateway` the fee is paid online
    first: until then the booking is a hold, without a mail. `uses` count its promo code."""
    policy, steps = zone.policy, _allowances(user_id, zone, interval, tz)
    asked = _confirmation(interval, policy, now=now, claimed=hold is not None)
    tariff = replace(zone.tariff, booking_fee=0) if walk_in else zone.tariff
    booked = Booking(
        booking_id=booking_id,
        user_id=user_id,
        site=zone.site,
        zone_id=zone.zone_id,
        number=number,
        kind=zone.kind,
        status=Status.BOOKED,
        booked=interval,
        tariff=tariff,
        created_at=now,
        updated_at=now,
        details=details,
        payment_status="paid" if tariff.is_free else "pending",
        counted=policy.quota_per_user is not None and user_id is not None,
        counts=allowance.counts(steps),
        redeemed=redemption.kept(uses),
        confirmation=asked,
        deadline=confirmation.next_deadline(asked, interval, policy),
        group_id=group_id,
        provisional=provisional,
        free_cancel_window=policy.free_cancel_window,
        timeline=(TimelineEntry(now, "created", by.account_id, source, note),),
    )
    if gateway is not None:
        booked = online.hold(booked, gateway, policy, now)
    record = booked.started_if_due(by=by, source=source, policy=policy, now=now)
    return BookingChange(
        saves=(record,),
        sheets=_taken(record, sheets, hold),
        tallies=(*_quota(booked, policy), *steps, *uses),
        effects=tuple(_effects(booked)),
    )


def _allowances(
    user_id: str | None, zone: Zone, interval: Interval, tz: ZoneInfo
) -> tuple[Tally, ...]:
    if user_id is None:
        return ()
    return allowance.tallies(user_id[2:], zone.zone_id, zone.policy, interval, tz)


def _quota(booked: Booking, policy: Policy) -> tuple[Tally, ...]:
    if not booked.counted:
        return ()
    return (Tally(booked.locator, f"quota.{booked.zone_id}", 1, policy.quota_per_user),)


def _effects(booked: Booking) -> Iterator[Effect]:
    if booked.status is Status.PENDING:
        yield effect.await_payment(booked.payments[0].reference)
        if booked.has_mailbox:
            yield effect.mail("payment_awaited", booked.booking_id)
    elif booked.has_mailbox:
        yield effect.mail("booking_confirmed", booked.booking_id)


def _confirmation(
    interval: Interval, policy: Policy, *, now: datetime, claimed: bool
) -> Confirmation | None:
    if claimed and policy.confirmation:
        return Confirmation(confirmed_at=now)
    return confirmation.of_new(interval.start, policy, now=now)


def _taken(booking: Booking, sheets: Sheets, hold: str | None) -> tuple[SheetEdit, ...]:
    if hold is not None:
        return occupancy.hand_over(booking.holding, hold=hold)
    return occupancy.take(booking.holding, sheets=sheets)
