"""The fields of a booking in every answer that shows one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.api.bookings import cancellation
from chalicelib.api.bookings.views import BuyerView, DepositView, GuestView, PaymentView, RefundView
from chalicelib.api.web.values import MoneyView, instant, maybe
from chalicelib.domain.bookings import online, timer
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import serialize
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.stays import check_out
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def of(deps: Deps, record: Booking) -> dict[str, Any]:
    """The fields of each view of a booking."""
    now = deps.now()
    return {
        "booking_id": record.booking_id,
        "code": record.code,
        "status": record.status,
        "kind": record.kind,
        "user_id": record.user_id,
        "group_id": record.group_id,
        **_space(deps, record),
        **_times(deps, record, now),
        **_confirmation(record),
        **_details(record),
        **_payments(deps, record, now),
        "qr_code": deps.tokens.qr(record),
        "cancellation": cancellation.view(deps, record, now),
        "checked_out_by": record.checked_out_by,
        "auto_checkout": record.auto_checkout,
        "version": record.version,
    }


def _space(deps: Deps, record: Booking) -> dict[str, Any]:
    return {
        "site": record.site,
        "zone_id": record.zone_id,
        "zone_name": places.zone_of(deps, record).name,
        "space_id": record.space_id,
        "slot_number": record.number,
        "space_provisional": record.is_space_provisional,
    }


def _times(deps: Deps, record: Booking, now: datetime) -> dict[str, Any]:
    clock = timer.of(record, places.zone_of(deps, record).policy, now)
    end, overstays = instant(record.booked.end), record.overstays(now)
    return {
        "start_time": instant(record.booked.start),
        "end_time": end,
        "actual_start_time": maybe(record.actual_start),
        "actual_end_time": maybe(record.actual_end),
        "duration_minutes": _duration(record, now),
        "remaining_time": clock.remaining,
        "is_expired": clock.expired,
        "expiring_soon": clock.soon,
        "overstay": overstays,
        "overstay_since": end if overstays else None,
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
        "server_time": instant(now),
    }


def _details(record: Booking) -> dict[str, Any]:
    details, inside = record.details, record.guests_in
    return {
        "auto_renew": details.auto_renew,
        "language": details.language,
        "buyer": None if details.buyer is None else BuyerView(**serialize.fields(details.buyer)),
        "vehicle_number": details.vehicle_number,
        "owner_name": details.owner_name,
        "purpose": details.purpose,
        "season_pass_id": None if record.cover is None else record.cover.pass_id,
        "guests": tuple(GuestView(g.name, g.email, g.phone, inside) for g in details.guests),
    }


def _payments(deps: Deps, record: Booking, now: datetime) -> dict[str, Any]:
    bill = bill_of(deps, record, now)
    return {
        "payment_status": record.payment_status,
        "booking_fee": MoneyView.of(Money(record.tariff.booking_fee, record.currency)),
        "demand_percent": record.tariff.agreed.demand_percent,
        "promo_code": promo.code if (promo := record.tariff.agreed.promo) else None,
        "amount_paid": MoneyView.of(record.amount_paid),
        "amount_due": MoneyView.of(left_to_pay(record, bill)),
        "deposit": _deposit(record),
        "payment": _payment(record),
        "quote_until": _quote_until(record, now),
        "cost": None if bill is None else MoneyView.of(bill.charged),
    }


def _confirmation(record: Booking) -> dict[str, Any]:
    reminded_at = record.confirmation.reminded_at if record.confirmation else None
    cancelled = record.auto_cancel
    return {
        "confirmed": record.confirmed_at is not None,
        "confirmed_at": maybe(record.confirmed_at),
        "reminder_sent": reminded_at is not None,
        "reminder_sent_at": maybe(reminded_at),
        "auto_cancelled": cancelled is not None,
        "auto_cancelled_at": maybe(cancelled.at if cancelled else None),
        "auto_cancel_reason": cancelled.note if cancelled else "",
    }


def bill_of(deps: Deps, record: Booking, now: datetime) -> Bill | None:
    """The bill of a stay, or the one so far."""
    if record.status is Status.ACTIVE:
        return check_out.bill_at(record, now, places.site_of(deps, record).tz)
    return record.bill


def left_to_pay(record: Booking, bill: Bill | None) -> Money:
    """The amount due under a bill, final or so far."""
    if record.status is Status.ACTIVE and bill is not None:
        return bill.amount_due
    return online.amount_due(record)


def _duration(record: Booking, now: datetime) -> int | None:
    if record.actual_start is None:
        return None
    return Interval.of_stay(record.actual_start, record.actual_end or now).minutes


def _payment(record: Booking) -> PaymentView | None:
    if record.is_free and not record.payments:
        return None
    last = record.payments[-1] if record.payments else None
    awaited = last if last is not None and last.is_awaited else None
    return PaymentView(
        method=record.payment_method,
        order_id=last.order_id if last else None,
        status=record.payment_status,
        gateway=last.gateway if last else None,
        pay_url=awaited.pay_url if awaited else None,
        amount=MoneyView.of(awaited.amount) if awaited else None,
        pay_until=maybe(awaited.expires_at if awaited else None),
        amount_refunded=MoneyView.of(Money(record.returned, record.currency)),
        refunds=tuple(_refunds(record)),
    )


def _deposit(record: Booking) -> DepositView | None:
    if not (record.tariff.deposit or record.deposit.taken):
        return None

    def money(minor: int) -> MoneyView:
        return MoneyView.of(Money(minor, record.currency))

    return DepositView(
        amount=money(record.tariff.deposit),
        held=money(record.deposit_held),
        returned=money(record.deposit_back),
        kept=money(record.deposit.kept),
        reason=record.deposit.reason,
    )


def _quote_until(record: Booking, now: datetime) -> str | None:
    is_stay = record.status is Status.ACTIVE
    return maybe(check_out.quote_until(record, now)) if is_stay else None


def _refunds(record: Booking) -> Iterator[RefundView]:
    for payment in record.payments:
        for refund in payment.refunds:
            amount = MoneyView.of(Money(refund.minor, record.currency))
            yield RefundView(amount, refund.state, instant(refund.at), refund.trace)
