"""The steps of a season pass: pause, resume, transfer, cancel. Those that take days away are
refused while the vehicle is inside (docs/rules/passes.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, VehicleOut, saving
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.domain.season_passes import steps as rules
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.season_passes import lists, selling
from chalicelib.services.season_passes.selling import Sold

Decide = Callable[[SeasonPass], Change]


def pause(deps: Deps, actor: Actor, pass_id: str, *, first: date, days: int) -> SeasonPass:
    """Pause a pass for some days: one read and one transaction. Raises SeasonPassNotFound,
    SeasonPassNotActive, SeasonPassLimit, VehicleInside, Invalid."""
    pause = rules.with_last(first, days)
    return _step(
        deps, actor, pass_id, "pause_season_pass",
        lambda held: _out(held, saving(
            rules.paused(held, pause, by=actor, source=_source(actor, held), now=deps.now())
        )),
    )  # fmt: skip


def resume(deps: Deps, actor: Actor, pass_id: str) -> SeasonPass:
    """End a pause today: one read and one transaction. Raises SeasonPassNotFound,
    SeasonPassNotActive."""
    return _step(
        deps, actor, pass_id, "resume_season_pass",
        lambda held: _out(held, saving(
            rules.resumed(held, by=actor, source=_source(actor, held), now=deps.now())
        )),
    )  # fmt: skip


def transfer(deps: Deps, actor: Actor, pass_id: str, plate: str) -> SeasonPass:
    """Give a pass to another vehicle: one read and one transaction. Raises SeasonPassNotFound,
    SeasonPassNotActive, SeasonPassLimit, VehicleInside, PlateHasPass, Invalid."""

    def moved(held: SeasonPass) -> Change:
        source = _source(actor, held)
        after = rules.transferred(held, plate, by=actor, source=source, now=deps.now())
        return _out(held, saving(after).deleting(held.at_gate))

    return _step(deps, actor, pass_id, "transfer_season_pass", moved)


def hand_over(deps: Deps, actor: Actor, pass_id: str, user_id: str) -> SeasonPass:
    """Give a pass to another account: two reads and one transaction. Raises SeasonPassNotFound,
    SeasonPassNotActive, SeasonPassLimit, AccountNotFound."""
    person = _person(deps, user_id)
    return _step(
        deps, actor, pass_id, "hand_over_season_pass",
        lambda held: rules.handed_over(
            held, person.account_id, by=actor, source=_source(actor, held), now=deps.now()
        ),
    )  # fmt: skip


def _person(deps: Deps, user_id: str) -> Account:
    found = deps.accounts.get(user_id)
    if not found.active or found.erased:
        raise errors.AccountNotFound()
    return found


def cancel(deps: Deps, actor: Actor, pass_id: str, *, reason: str) -> SeasonPass:
    """Cancel a pass and pay back its unused days: one read and one transaction. Raises
    SeasonPassNotFound, SeasonPassNotActive, VehicleInside."""

    def over(held: SeasonPass) -> Change:
        change = rules.cancelled(
            held, by=actor, source=_source(actor, held), reason=reason, now=deps.now(),
            entry_id=deps.new_id("LE"),
        )  # fmt: skip
        return _out(held, change.deleting(held.at_gate)) if held.status == "active" else change

    return _step(deps, actor, pass_id, "cancel_season_pass", over)


def choose_renewal(deps: Deps, actor: Actor, pass_id: str, *, auto_renew: bool) -> SeasonPass:
    """Choose whether a pass is renewed by a payment that is prepared before its end: one read and
    one transaction. Raises SeasonPassNotFound, SeasonPassNotActive."""
    what = "auto_renew_on" if auto_renew else "auto_renew_off"

    def chosen(held: SeasonPass) -> Change:
        held.require_live(deps.now())
        source = _source(actor, held)
        return saving(
            held.with_step(what, at=deps.now(), by=actor, source=source, auto_renew=auto_renew)
        )

    return _step(deps, actor, pass_id, "edit_season_pass", chosen)


def renew(deps: Deps, actor: Actor, pass_id: str, tender: TenderRequest) -> Sold:
    """Renew a pass for cash at the desk: one read and one transaction. Raises SeasonPassNotFound,
    Forbidden, SeasonPassNotActive, NotEnoughCash."""

    def once() -> Sold:
        held = deps.as_expected(lists.get(deps, actor, pass_id))
        if not actor.works_at(held.site):
            raise errors.Forbidden(say("not_your_site"), site=held.site)
        return selling.renew(deps, actor, held, tender)

    return deps.retry_on_conflict(once)


def _step(deps: Deps, actor: Actor, pass_id: str, action: str, decide: Decide) -> SeasonPass:
    """Take a step on a pass: one read and one transaction, audited unless its holder takes it."""

    def once() -> SeasonPass:
        held = deps.as_expected(lists.get(deps, actor, pass_id))
        change = decide(held)
        after = next(each for each in change.saves if isinstance(each, SeasonPass))
        if not actor.owns(held.user_id):
            change = change.auditing(
                audit_events.event(
                    deps,
                    actor=actor,
                    action=action,
                    subject=pass_id,
                    site=held.site,
                    detail=after.timeline[-1].note,
                )
            )
        deps.commit(change)
        return after

    return deps.retry_on_conflict(once)


def _out(held: SeasonPass, change: Change) -> Change:
    return change.relying_on(VehicleOut(held.site, held.compared_plate))


def _source(actor: Actor, held: SeasonPass) -> Source:
    return "api" if actor.owns(held.user_id) else "staff_api"
