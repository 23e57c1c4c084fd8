"""Pages of sheets: one for each UTC day, or one for each month in zones of rooms, so that a stay of
a month is one small transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.core.interval import Interval, utc_days


class Paging(StrEnum):
    """The length of a page. Names of pages sort by time."""

    DAY = "day"
    MONTH = "month"

    def page_of(self, instant: datetime) -> str:
        """The page of a UTC instant.

        >>> from datetime import UTC
        >>> Paging.MONTH.page_of(datetime(2026, 11, 21, tzinfo=UTC))
        '2026-11'
        """
        return instant.date().isoformat()[: _LENGTH[self]]

    def after(self, instant: datetime) -> datetime:
        """The first instant of the page after that of `instant`.

        >>> from datetime import UTC
        >>> str(Paging.MONTH.after(datetime(2026, 12, 31, 11, tzinfo=UTC)))
        '2027-01-01 00:00:00+00:00'
        """
        midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Paging.DAY:
            return midnight + timedelta(days=1)
        return (midnight.replace(day=1) + timedelta(days=31)).replace(day=1)

    def pages(self, interval: Interval) -> tuple[str, ...]:
        """The pages that an interval touches, in order.

        >>> from datetime import UTC
        >>> night = [datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 12, 1, 11, tzinfo=UTC)]
        >>> Paging.DAY.pages(Interval(*night)), Paging.MONTH.pages(Interval(*night))
        (('2026-11-30', '2026-12-01'), ('2026-11', '2026-12'))
        """
        cut = _LENGTH[self]
        return tuple(dict.fromkeys(day.isoformat()[:cut] for day in utc_days(interval)))


_LENGTH = {Paging.DAY: len("2026-11-21"), Paging.MONTH: len("2026-11")}


def of_kind(kind: str) -> Paging:
    """The paging of zones of a kind."""
    return Paging.MONTH if kind == "room" else Paging.DAY
