"""The page at `/_local/` and its forms: clock, sweeps, counts, newest mails, reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from chalicelib.sweeps.schedules import SCHEDULES
from local import demo
from local.clock import ClockRangeError, MovableClock
from local.control import answers, bodies, mail_views
from local.control.bodies import BadBody
from local.control.controlled import Call, View
from local.gateway import HttpResponse

_NEWEST_MAILS: Final = 5
_NEWEST_ORDERS: Final = 5
"""Of each payment gateway."""

_SPANS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def overview(call: Call) -> HttpResponse:
    """Clock, sweeps, newest mails and counts."""
    return _overview(call)


def move_clock(call: Call) -> HttpResponse:
    """Move the clock by `advance_seconds`, to `now` (UTC), or back to real time."""
    try:
        _move(call.product.clock, bodies.form(call.request))
    except BadBody as bad:
        return _overview(call, f"The time {bad.fields['now']}.")
    except ClockRangeError:
        return _overview(call, f"The time {bodies.OUT_OF_RANGE}.")
    return _done(call, f"The clock shows {_spoken(call.product.clock.now())} UTC.")


def run_sweep(call: Call, name: str) -> HttpResponse:
    """Run a sweep, or only count what is due with `dry_run`."""
    dry_run = bodies.form(call.request).get("dry_run") == "1"
    summary = call.product.sweep(name, dry_run=dry_run)
    if summary is None:
        return _overview(call, f"There is no sweep called {name}.")
    return _done(call, _result(name, summary))


def count_anew(call: Call) -> HttpResponse:
    """Set the counts of DynamoDB to zero."""
    call.product.meter.reset()
    return _done(call, "The counts start at zero.")


def ask_to_reset(_: Call) -> HttpResponse:
    """The question before a reset."""
    return answers.page("reset.html")


def reset(call: Call) -> HttpResponse:
    """Load the demo data again and return to real time."""
    call.product.reset()
    call.done.clear()
    return _done(call, "The demo data is loaded again, and the clock shows real time.")


def _overview(call: Call, fault: str = "") -> HttpResponse:
    mails = call.product.sent_mails()
    now = call.product.clock.now()
    zones = dict.fromkeys(site.timezone for site in demo.SITES)
    return answers.page(
        "overview.html",
        status=400 if fault else 200,
        fault=fault,
        done=tuple(reversed(call.done)),
        now=_spoken(now),
        field=f"{now:%Y-%m-%dT%H:%M}",
        moved=call.product.clock.offset_seconds != 0,
        offset=_offset(call.product.clock.offset_seconds),
        local_times=[(zone, _spoken(now.astimezone(ZoneInfo(zone)))) for zone in zones],
        sweeps=SCHEDULES,
        mails=mail_views.newest_first(mails)[:_NEWEST_MAILS],
        mail_count=len(mails),
        orders=call.product.gateways.newest(_NEWEST_ORDERS),
        reading=call.product.meter.snapshot(),
    )


def _done(call: Call, sentence: str) -> HttpResponse:
    call.done.append(sentence)
    return answers.see_other("/_local/")


def _move(clock: MovableClock, fields: dict[str, str]) -> None:
    if "now" in fields:
        clock.set(bodies.utc_time(fields["now"]))
    elif "real_time" in fields:
        clock.advance(-clock.offset_seconds)
    else:
        clock.advance(_advance(fields.get("advance_seconds", "")))


def _advance(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadBody(now="must be moved by a whole number of seconds") from None


def _result(name: str, summary: dict[str, Any]) -> str:
    """A sentence on the run of a sweep.

    >>> _result("outbox", {"due": 2, "done": 1, "failed": 1, "more": False, "dry_run": False})
    'outbox: 2 due, 1 done, 1 failed.'
    """
    if summary["dry_run"]:
        return f"{name}, dry run: {summary['due']} due, nothing changed."
    counts = [f"{summary[key]} {key}" for key in ("due", "done")]
    counts += [f"{n} {key}" for key in ("skipped", "failed", "parked") if (n := summary.get(key))]
    rest = ["more left for the next run"] if summary.get("more") else []
    return f"{name}: {', '.join([*counts, *rest])}."


def _spoken(moment: datetime) -> str:
    return f"{moment:%a %-d %b %Y, %H:%M:%S}"


def _offset(seconds: int) -> str:
    """How far the clock stands from real time, in words.

    >>> _offset(93660)
    '1 day 2 hours 1 minute ahead of real time'
    >>> _offset(-30)
    '30 seconds behind real time'
    """
    if not seconds:
        return "Real time"
    left, parts = abs(seconds), []
    for length, unit in _SPANS:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return f"{' '.join(parts)} {'ahead of' if seconds > 0 else 'behind'} real time"


ROUTES: Final[dict[str, dict[str, View]]] = {
    "/_local": {"GET": overview},
    "/_local/forms/clock": {"POST": move_clock},
    "/_local/forms/sweeps/([^/]+)": {"POST": run_sweep},
    "/_local/forms/stats": {"POST": count_anew},
    "/_local/forms/reset": {"GET": ask_to_reset, "POST": reset},
}
