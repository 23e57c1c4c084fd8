"""Shifts: open and close the cash drawer, and report the cash taken (docs/rules/shifts.md)."""

from __future__ import annotations

from chalicelib.domain.core import access, amounts, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import OpenPlace, saving
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.operations import shift
from chalicelib.domain.operations.shift import Report, Shift, shift_key
from chalicelib.services.core import audit_events, current_site
from chalicelib.services.core.deps import Deps


def open_shift(
    deps: Deps, actor: Actor, site: str | None, cash_float: str, *, source_ip: str
) -> Shift:
    """Open a shift at a site with `cash_float` in the drawer: one read and one transaction. Raises
    Forbidden, SiteNotFound, ClosedForGood, Invalid, and ShiftOpen where the actor has an open shift
    there."""
    site_record = current_site.named(deps, actor, site)
    if site_record.closed_at is not None:
        raise errors.ClosedForGood()
    cash = _cash("cash_float", cash_float, site_record.currency)
    shift_id = f"{site_record.slug}.{deps.new_lasting_id('SH')}"

    def once() -> Shift:
        last = deps.shifts.drawer(site_record.slug, actor.account_id)
        if last is not None and last.shift_id == shift_id:  # a repeated request
            return deps.shifts.get(shift_id)
        opened_at = shift.opening(last, deps.now())
        opened = Shift(shift_id, site_record.slug, actor.account_id, opened_at, cash)
        at_open_site = OpenPlace("site", opened.site)
        _commit(deps, actor, "open_shift", opened, cash, source_ip, at_open_site)
        return opened

    return deps.retry_on_conflict(once)


def close(
    deps: Deps, actor: Actor, shift_id: str, cash_counted: str, *, note: str, source_ip: str
) -> Shift:
    """Close a shift with the cash counted and a note for the next shift: one read and one
    transaction. The same call again returns the closed shift. Raises ShiftNotFound, Forbidden,
    Invalid, ShiftClosed."""

    def once() -> Shift:
        before = deps.as_expected(_accessible(deps, actor, shift_id))
        counted = _cash("cash_counted", cash_counted, before.cash_float.currency)
        closed = before.closed(by=actor.account_id, at=deps.now(), cash_counted=counted, note=note)
        if closed is not before:
            _commit(deps, actor, "close_shift", closed, counted, source_ip)
        return closed

    return deps.retry_on_conflict(once)


def report(deps: Deps, actor: Actor, shift_id: str) -> Report:
    """The cash report of a shift; of an open one up to now. Cost: one read, one query per UTC day
    and one for the incidents. Raises ShiftNotFound, Forbidden."""
    return report_of(deps, _accessible(deps, actor, shift_id))


def report_of(deps: Deps, found: Shift) -> Report:
    """The cash report of a shift: one query per UTC day and one for the incidents."""
    last = found.closed_at or deps.now()
    during = Interval.of_stay(found.opened_at, last + shift.SECOND)
    return shift.report(
        found,
        deps.ledger.posted_by(found.site, found.account_id, during),
        incidents=deps.incidents.count(found.site, found.account_id, during),
    )


def list_of(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[Shift]:
    """The shifts of a site with their notes, newest first, for its staff: one query. Raises
    Forbidden, SiteNotFound, Invalid."""
    slug = current_site.named(deps, actor, site).slug
    return deps.shifts.of_site(slug, limit=limit, after=after)


def _accessible(deps: Deps, actor: Actor, shift_id: str) -> Shift:
    """A shift, for its own account and for owners of the site. Raises ShiftNotFound, Forbidden."""
    site, _ = shift_key(shift_id)
    access.require_works_at(actor, site)
    found = deps.shifts.get(shift_id)
    if not (actor.owns(found.account_id) or actor.runs(site)):
        raise errors.Forbidden(say("shift_of_colleague"), site=site)
    return found


def _commit(
    deps: Deps,
    actor: Actor,
    action: str,
    record: Shift,
    cash: Money,
    source_ip: str,
    *places: OpenPlace,
) -> None:
    done = audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=record.shift_id,
        site=record.site,
        source_ip=source_ip,
        detail=f"{cash.text()} {cash.currency}",
    )
    deps.commit(saving(record).auditing(done).relying_on(*places))


def _cash(field: str, text: str, currency: str) -> Money:
    try:
        return amounts.read(text, currency)
    except Fault as fault:
        raise errors.Invalid({field: fault.wording}) from None
