"""The steps of a season pass that is paid: pause, resume, transfer, cancel; and what time does to
it (docs/rules/passes.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.season_passes import money
from chalicelib.domain.season_passes.periods import DAY, Days
from chalicelib.domain.season_passes.season_pass import SeasonPass


def paused(
    season_pass: SeasonPass, days: Days, *, by: Actor, source: Source, now: datetime
) -> SeasonPass:
    """The next version, in which `days` are paused: from tomorrow at the earliest, after the pauses
    before, within the days that are left. Its end moves by as many days. Raises
    SeasonPassNotActive, Invalid, SeasonPassLimit."""
    season_pass.require_live(now)
    _require_pausable(season_pass, days, now)
    assert season_pass.last is not None
    used = sum(pause.count for pause in season_pass.pauses) - season_pass.gap_days
    if used + days.count > season_pass.plan.pause_days * len(season_pass.terms):
        raise errors.SeasonPassLimit()
    return moved(
        season_pass.with_step(
            "paused", at=now, by=by, source=source, note=f"{days.first} to {days.last}",
            pauses=(*season_pass.pauses, days),
        ),
        days.count,
    )  # fmt: skip


def _require_pausable(season_pass: SeasonPass, days: Days, now: datetime) -> None:
    earliest = max(season_pass.today(now), season_pass.first) + DAY
    if season_pass.pauses:
        earliest = max(earliest, season_pass.pauses[-1].last + DAY)
    latest = season_pass.last
    assert latest is not None
    if not earliest <= days.first <= latest:
        between = say("must_be_day_between", first=str(earliest), last=str(latest))
        raise errors.Invalid({"first": between})


def resumed(season_pass: SeasonPass, *, by: Actor, source: Source, now: datetime) -> SeasonPass:
    """The next version without what is left of its last pause, today included: its end moves back
    by as many days. Raises SeasonPassNotActive where nothing is paused."""
    season_pass.require_live(now)
    today = season_pass.today(now)
    if not season_pass.pauses or season_pass.pauses[-1].last < today:
        raise errors.SeasonPassNotActive(say("season_pass_not_paused"))
    *others, last = season_pass.pauses
    kept = Days(last.first, today - DAY) if last.first < today else None
    back = last.count - (kept.count if kept else 0)
    resumed = season_pass.with_step(
        "resumed", at=now, by=by, source=source, pauses=(*others, *([kept] if kept else ()))
    )
    return moved(resumed, -back)


def moved(season_pass: SeasonPass, days: int) -> SeasonPass:
    """The pass with its end, and all that is due by it, later by so many days."""
    assert season_pass.last is not None
    due = season_pass.due_at
    return replace(
        season_pass,
        last=season_pass.last + days * DAY,
        due_at=None if due is None else due + days * DAY,
    )


def transferred(
    season_pass: SeasonPass, plate: str, *, by: Actor, source: Source, now: datetime
) -> SeasonPass:
    """The next version, for another vehicle. Raises SeasonPassNotActive, SeasonPassLimit, Invalid
    for the vehicle that it has."""
    season_pass.require_live(now)
    if season_pass.transfers >= season_pass.plan.transfers:
        raise errors.SeasonPassLimit()
    after = season_pass.with_step(
        "transferred", at=now, by=by, source=source, note=f"{season_pass.plate} to {plate}",
        plate=plate, transfers=season_pass.transfers + 1,
    )  # fmt: skip
    if after.compared_plate == season_pass.compared_plate:
        raise errors.Invalid({"vehicle_number": say("must_be_another_vehicle")})
    return after


def handed_over(
    season_pass: SeasonPass, user_id: str, *, by: Actor, source: Source, now: datetime
) -> Change:
    """The change that puts a pass into the hands of another person. A renewal that is not paid
    ends, and it renews no more by itself. Raises SeasonPassNotActive, SeasonPassLimit."""
    season_pass.require_live(now)
    if season_pass.transfers >= season_pass.plan.transfers:
        raise errors.SeasonPassLimit()
    after = season_pass.with_step(
        "handed_over", at=now, by=by, source=source,
        user_id=user_id, name=None, email=None, transfers=season_pass.transfers + 1,
        auto_renew=False, renewing=None, payments=payments.closed(season_pass.payments),
    )  # fmt: skip
    return money.saved(season_pass, after)


def cancelled(
    season_pass: SeasonPass, *, by: Actor, source: Source, reason: str, now: datetime, entry_id: str
) -> Change:
    """The change that cancels a pass and pays back its unused days: what came through a gateway
    through it, the rest from the drawer of `by`, who works at the site. One that is not paid only
    ends. Raises SeasonPassNotActive, Forbidden."""
    if season_pass.status == "active":
        season_pass.require_live(now)
    elif season_pass.status != "pending":
        raise errors.SeasonPassNotActive()
    over = season_pass.with_step(
        "cancelled", at=now, by=by, source=source, note=reason,
        status="cancelled", renewing=None, due_at=None, auto_renew=False,
        payments=payments.closed(season_pass.payments),
    )  # fmt: skip
    back = money.paid_back(over, money.unused_share(season_pass, now).minor, now)
    if back.by_hand > over.by_hand and not by.works_at(season_pass.site):
        raise errors.Forbidden(say("cancel_pass_at_desk"), site=season_pass.site)
    return money.posted(season_pass, back, entry_id=entry_id, now=now, by=by)


def due(season_pass: SeasonPass, now: datetime) -> Change | None:
    """The change of what is due to a pass; None where nothing is. An order that nobody paid lapses;
    that of a renewal is closed as the pass ends. Money that comes all the same still buys."""
    if season_pass.due_at is None or season_pass.due_at > now:
        return None
    if season_pass.status == "pending":
        over = season_pass.with_step("lapsed", at=now, by=SYSTEM, source="sweep", status="lapsed")
    else:
        over = season_pass.noted(now)
    over = replace(over, due_at=None, payments=payments.closed(over.payments))
    return money.saved(season_pass, over)


def reminded(season_pass: SeasonPass, now: datetime) -> Change:
    """The change that reminds the holder of the end."""
    after = season_pass.with_step("reminded", at=now, by=SYSTEM, source="sweep")
    after = replace(after, due_at=after.ends_at if after.renewing else None)
    change = saving(after)
    if after.has_mailbox:
        change = change.sending(effect.mail("season_pass_ends", after.pass_id))
    return change


def with_last(first: date, days: int) -> Days:
    """So many days from `first` on."""
    return Days(first, first + (days - 1) * DAY)
