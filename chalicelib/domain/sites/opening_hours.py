"""Opening hours of a site or zone by local weekday (docs/rules/opening.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.core.sentence import Fault, Sentence, Weekday, Wording, say

SPANS_A_DAY = 12

_DAY = timedelta(days=1)

Span = tuple[int, int]
"""Opening and closing minute of the local day. A closing minute that is not after the opening one
is on the next day."""


@dataclass(frozen=True)
class OpeningHours:
    """Spans by weekday, 0 for Monday.  A weekday without spans is closed; no spans at all: always
    open.  At a clock change a repeated time counts at its first occurrence, a skipped one at the
    moment of the change.

    >>> OpeningHours.from_json({"sat": ["18:00-02:00"]}).to_json()
    {'sat': ['18:00-02:00']}
    """

    days: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, raw: object, where: str = "opening_hours") -> Self:
        """Read `{"mon": ["06:00-22:00"], ...}`; Invalid naming all faulty parts under `where`."""
        if not isinstance(raw, Mapping):
            raise errors.Invalid({where: say("must_be_hours")})
        faults: dict[str, Wording] = {}
        days = {}
        for name, spans in raw.items():
            if name in WEEKDAYS:
                days[WEEKDAYS.index(name)] = _read_day(spans, f"{where}.{name}", faults)
            else:
                faults[f"{where}.{name}"] = say("is_no_weekday", weekdays=WEEKDAYS)
        if faults:
            raise errors.Invalid(faults)
        return cls(dict(sorted(days.items())))

    def to_json(self) -> dict[str, list[str]]:
        """Return what `from_json` reads."""
        return {
            WEEKDAYS[weekday]: [_span_text(span) for span in spans]
            for weekday, spans in self.days.items()
        }

    def covers(self, interval: Interval, tz: ZoneInfo) -> bool:
        """Whether it is open during the whole of `interval`, across midnight where need be."""
        if not self.days:
            return True
        open_until = interval.start
        for span in self._spans(interval, tz):
            if span.start > open_until:
                return False
            open_until = max(open_until, span.end)
            if open_until >= interval.end:
                return True
        return False

    def open_at(self, instant: datetime, tz: ZoneInfo) -> bool:
        """Whether it is open at `instant`; at the closing minute it is closed."""
        return self.covers(Interval.of_stay(instant, instant), tz)

    def open_within(self, interval: Interval, tz: ZoneInfo) -> tuple[Interval, ...]:
        """Return the open parts of `interval`, in order, adjacent ones joined."""
        if not self.days:
            return (interval,)
        return gaps(interval, gaps(interval, self._spans(interval, tz)))

    def describe(self, on: date) -> tuple[Sentence, ...]:
        """The hours of a local day in words, after those of the night before that reach into it."""
        eve = on - _DAY
        if not any(closes <= opens for opens, closes in self._of(eve)):
            return (self._words(on),)
        return self._words(eve), self._further_words(on)

    def _words(self, on: date) -> Sentence:
        if spans := self._spans_of(on):
            return say("hours_open", day=Weekday(on), spans=spans)
        return say("hours_closed", day=Weekday(on))

    def _further_words(self, on: date) -> Sentence:
        if spans := self._spans_of(on):
            return say("hours_also_open", day=Weekday(on), spans=spans)
        return say("hours_also_closed", day=Weekday(on))

    def _spans_of(self, on: date) -> tuple[str, ...]:
        return tuple(map(_span_text, self._of(on)))

    def _of(self, on: date) -> list[Span]:
        return sorted(self.days.get(on.weekday(), ()))

    def _spans(self, interval: Interval, tz: ZoneInfo) -> Iterator[Interval]:
        on = localtime.local_date(interval.start, tz) - _DAY  # last night's may still be open
        last = localtime.local_date(interval.end, tz)
        while on <= last:
            for opens, closes in self._of(on):
                start = localtime.from_minute(on, opens, tz)
                end = localtime.from_minute(on, _after(opens, closes), tz)
                if start < end:  # else the clocks leap over the whole span
                    yield Interval(start, end)
            on += _DAY


def _after(opens: int, closes: int) -> int:
    return closes if closes > opens else closes + localtime.MINUTES_A_DAY


def _read_day(raw: object, where: str, faults: dict[str, Wording]) -> tuple[Span, ...]:
    if not isinstance(raw, list | tuple) or len(raw) > SPANS_A_DAY:
        faults[where] = say("must_be_list_of_times", most=SPANS_A_DAY)
        return ()
    spans = []
    for number, text in enumerate(raw):
        try:
            spans.append(_read_span(text))
        except Fault as fault:
            faults[f"{where}[{number}]"] = fault.wording
    return tuple(spans)


def _read_span(raw: object) -> Span:
    opens, _, closes = raw.partition("-") if isinstance(raw, str) else ("", "", "")
    try:
        span = localtime.parse_minute(opens), localtime.parse_minute(closes)
    except ValueError:
        raise Fault(say("must_be_two_times")) from None
    if span[0] == localtime.MINUTES_A_DAY or span[0] == span[1]:
        raise Fault(say("must_end_at_another_time"))
    return span


def _span_text(span: Span) -> str:
    return f"{localtime.minute_text(span[0])}-{localtime.minute_text(span[1])}"
