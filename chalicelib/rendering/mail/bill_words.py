"""The lines of a bill in the language of its reader. A bill keeps them in English, as its receipt
says them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.localtime import local_date
from chalicelib.domain.pricing.bill import KEPT
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.pricing.covered import COVERED
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.rendering.mail import price
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts

_FREE: Final = "First "
_DEMAND: Final = "Demand, "
_PROMO: Final = "Promo code "
_CAP: Final = "Daily maximum "
_LATE: Final = "Late check-out"
_NO_SHOW: Final = "No-show fee"


def of(line: BillLine, booking: Booking, tz: ZoneInfo, texts: MailTexts) -> str:
    """What a line is for."""
    tariff = booking.tariff
    if any(line.text == each.name for each in tariff.discounts):
        return line.text
    if line.text.startswith(_PROMO) and tariff.agreed.promo is not None:
        return texts.bill_promo.format(code=tariff.agreed.promo.code)
    if line.text.startswith(_FREE):
        length = clocks.minutes(tariff.free_minutes, texts.language)
        return texts.free_minutes.format(length=length)
    if line.text.startswith(_CAP):
        return _cap(line, booking, tz, texts)
    if line.text.startswith(_DEMAND):
        percent = amounts.percent(tariff.agreed.demand_percent * 100, texts.language)
        return texts.bill_demand.format(percent=percent)
    plain = {
        _LATE: texts.bill_late, _NO_SHOW: texts.bill_no_show, KEPT: texts.bill_kept,
        COVERED: texts.bill_covered,
    }  # fmt: skip
    if line.text in plain:
        return plain[line.text]
    times = next((b for b in tariff.bands if line.text.endswith((b.text(), b.days_text()))), None)
    units = _units(line, tariff, texts)
    return units if times is None else f"{units}, {price.times(times, tariff, texts)}"


def _units(line: BillLine, tariff: Tariff, texts: MailTexts) -> str:
    if tariff.kind == "flat":
        return texts.bill_flat
    if tariff.kind == "hourly" and tariff.unit_minutes != 60:
        unit = clocks.minutes(tariff.unit_minutes, texts.language)
        return texts.line_detail.format(quantity=line.quantity, rate=unit)
    counted = {
        "hourly": texts.bill_hours, "daily": texts.bill_days, "nightly": texts.bill_nights
    }  # fmt: skip
    return counted[tariff.kind].format(line.quantity)


def _cap(line: BillLine, booking: Booking, tz: ZoneInfo, texts: MailTexts) -> str:
    """The daily maximum, with its date: the one of the stay that the line names."""
    cap = amounts.show(booking.tariff.money(booking.tariff.day_cap or 0), texts.language)
    named = (
        day for day in _dates(booking, tz) if line.text.endswith(f"{day:%a} {day.day} {day:%b}")
    )
    day = next(named, local_date(booking.booked.start, tz))
    return texts.bill_cap.format(cap=cap, day=clocks.day(day, texts.language))


def _dates(booking: Booking, tz: ZoneInfo) -> Iterator[date]:
    """The dates of the stay."""
    day = local_date(booking.actual_start or booking.booked.start, tz)
    last = local_date(booking.actual_end or booking.booked.end, tz)
    while day <= last:
        yield day
        day += timedelta(days=1)
