"""Routes of blackouts, and of the bookings that they hit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Self

from chalicelib.api.bookings import present, views
from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.moments import Moment
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import ErrorCode, Instant, MoneyView
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import UNSET, Doc, Slug, given
from chalicelib.domain.core.languages import Language
from chalicelib.domain.sites.blackout import Reason
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.sites import blackout_bookings, blackouts
from chalicelib.services.sites.blackout_bookings import (
    AffectedBookings,
    BulkCancellation,
    Existing,
    FailedCancellation,
)
from chalicelib.services.sites.blackouts import Closure, ClosureRequest
from chalicelib.texts import sentences

routes = Routes(__name__)

BlackoutId = Annotated[
    str, Doc("The id of the blackout, with its zone or site.", "zone.zone-a.7Q2M9X4T")
]


@dataclass(frozen=True, kw_only=True)
class NewBlackout:
    """A blackout of a zone, or with `site` of all zones of a site, future ones included."""

    zone_id: Annotated[Slug, Doc("One zone.", "zone-a")] | None = None
    site: Annotated[Slug, Doc("All zones of a site.")] | None = None
    start: Moment
    end: Moment
    reason: Reason = ""
    bookings: Annotated[
        Existing,
        Doc("Existing bookings: keep them, or cancel the first 50."),
    ] = "keep"


@dataclass(frozen=True)
class BlackoutEdit:
    """What to change about a blackout."""

    start: Moment = UNSET
    end: Moment = UNSET
    reason: Reason = UNSET


@dataclass(frozen=True)
class CancelBookings:
    """Which of the bookings to cancel."""

    cursor: Cursor | None = None


@dataclass(frozen=True)
class PageQuery:
    """Which page."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class BlackoutsQuery(PageQuery):
    """Which blackouts."""

    site: Annotated[Slug, Doc("Only those of this site and its zones.", "central")] | None = None
    zone_id: Annotated[Slug, Doc("Only those of this zone and its site.")] | None = None


@dataclass(frozen=True)
class BlackoutView:
    """A time without bookings."""

    blackout_id: BlackoutId
    site: str
    zone_id: Annotated[str | None, Doc("Null: all zones of the site.", "zone-a")]
    start: Instant
    end: Instant
    reason: str
    version: Annotated[int, Doc("Rises with each edit of its zone or site.", 1)]

    @classmethod
    def of(cls, closure: Closure) -> Self:
        blackout = closure.blackout
        return cls(
            closure.blackout_id,
            closure.site.slug,
            closure.zone.zone_id if closure.zone else None,
            localtime.iso(blackout.start),
            localtime.iso(blackout.end),
            blackout.reason,
            closure.version,
        )


@dataclass(frozen=True)
class HitView(Spoken):
    """The bookings that it hits: their number (up to 1000), and the first page."""

    count: int
    items: tuple[views.BookingView, ...]
    next_cursor: Annotated[str | None, Doc("For GET …/bookings.")]


@dataclass(frozen=True)
class CalledOffView(Spoken):
    """A cancelled booking, and its refund."""

    booking_id: str
    refund_eligible: bool
    refund_amount: MoneyView
    refund_reason: Translated

    @classmethod
    def of(cls, cancelled: Cancelled, language: Language) -> Self:
        decision = cancelled.refund
        return cls(
            cancelled.booking.booking_id,
            decision.eligible,
            MoneyView.of(decision.amount),
            sentences.in_words(decision.reason, language),
        )


@dataclass(frozen=True)
class FailedView(Spoken):
    """A booking that could not be cancelled, and why."""

    booking_id: str
    code: ErrorCode
    message: Translated

    @classmethod
    def of(cls, refused: FailedCancellation, language: Language) -> Self:
        return cls(
            refused.booking_id,
            refused.refusal.code,
            sentences.in_words(refused.refusal.wording, language),
        )


@dataclass(frozen=True)
class BulkCancellingView(Spoken):
    """The result for up to 50 bookings."""

    cancelled: tuple[CalledOffView, ...]
    failed: tuple[FailedView, ...]
    next_cursor: Annotated[str | None, Doc("Send it as `cursor` to continue; null at the end.")]


@dataclass(frozen=True)
class NewBlackoutView(BlackoutView, Spoken):
    """A new blackout, the bookings it hits, and the result of their cancellation."""

    bookings: HitView
    cancelling: BulkCancellingView | None


@routes.post(
    "/api/admin/blackouts",
    who=OWNER, takes=NewBlackout, gives=NewBlackoutView, status=201, once=True, sensitive=True,
    located=("/api/admin/blackouts/{blackout_id}",),
)  # fmt: skip
def create_blackout(call: Call) -> Answer:
    """Close a zone or a site for a time. The answer lists the bookings made before."""
    wish = {name: value for name, value in vars(call.body).items() if name != "bookings"}
    closure = blackouts.create(
        call.deps, call.actor, ClosureRequest(**wish), source_ip=call.source_ip
    )
    hit, cancelling = blackout_bookings.on_creation(
        call.deps, call.actor, closure, call.body.bookings
    )
    return created(asdict(_new(call, closure, hit, cancelling)))


@routes.get("/api/admin/blackouts", who=OWNER, query=BlackoutsQuery, gives=[BlackoutView])
def list_blackouts(call: Call) -> Answer:
    """The blackouts of the sites you run, of one of them or of one zone, by their start. Those
    over for thirty days are gone."""
    query = call.query
    what = f"blackouts/{query.site or ''}/{query.zone_id or ''}"
    found = blackouts.list_blackouts(
        call.deps,
        call.actor,
        query.site,
        query.zone_id,
        limit=query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, BlackoutView.of)


@routes.get("/api/admin/blackouts/{blackout_id}", who=OWNER, gives=BlackoutView)
def get_blackout(call: Call, blackout_id: str) -> Answer:
    """One blackout."""
    return ok(asdict(BlackoutView.of(blackouts.get(call.deps, call.actor, blackout_id))))


@routes.patch(
    "/api/admin/blackouts/{blackout_id}",
    who=OWNER, takes=BlackoutEdit, gives=BlackoutView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_blackout(call: Call, blackout_id: str) -> Answer:
    """Move a blackout, make it longer or shorter, or change its reason."""
    changes = given(call.body)
    edited = blackouts.edit(call.deps, call.actor, blackout_id, changes, source_ip=call.source_ip)
    return ok(asdict(BlackoutView.of(edited)))


@routes.delete(
    "/api/admin/blackouts/{blackout_id}", who=OWNER, status=204, sensitive=True, versioned=True
)
def lift_blackout(call: Call, blackout_id: str) -> Answer:
    """Lift a blackout: its time can be booked again."""
    blackouts.lift(call.deps, call.actor, blackout_id, source_ip=call.source_ip)
    return no_content()


@routes.get(
    "/api/admin/blackouts/{blackout_id}/bookings",
    who=OWNER, query=PageQuery, gives=[views.BookingView],
)  # fmt: skip
def list_blackout_bookings(call: Call, blackout_id: str) -> Answer:
    """The live bookings in the time of a blackout, by zone, day and space. A page may be short
    and go on all the same: follow `next_cursor` until it is null."""
    what = _hit(blackout_id)
    found = blackout_bookings.list_affected(
        call.deps,
        call.actor,
        blackout_id,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, partial(present.booking, call.deps))


@routes.post(
    "/api/admin/blackouts/{blackout_id}/cancel-bookings",
    who=OWNER, takes=CancelBookings, gives=BulkCancellingView, once=True, sensitive=True,
)  # fmt: skip
def cancel_blackout_bookings(call: Call, blackout_id: str) -> Answer:
    """Cancel up to 50 bookings in the time of a blackout, each with a mail that names the reason.
    Stays that have begun are listed as failed. Repeat it until `next_cursor` is null."""
    what = _hit(blackout_id)
    after = lists.opened(call, what, call.body.cursor)
    outcome = blackout_bookings.cancel(call.deps, call.actor, blackout_id, after=after)
    return ok(asdict(_cancelling(call, what, outcome)))


def _hit(blackout_id: str) -> str:
    """The name of the list of its bookings."""
    return f"blackouts/{blackout_id}/bookings"


def _new(
    call: Call, closure: Closure, hit: AffectedBookings, cancelling: BulkCancellation | None
) -> NewBlackoutView:
    what = _hit(closure.blackout_id)
    items = tuple(present.booking(call.deps, each) for each in hit.first.records)
    return NewBlackoutView(
        **vars(BlackoutView.of(closure)),
        bookings=HitView(hit.count, items, lists.sealed(call, what, hit.first.after)),
        cancelling=None if cancelling is None else _cancelling(call, what, cancelling),
    )


def _cancelling(call: Call, what: str, outcome: BulkCancellation) -> BulkCancellingView:
    return BulkCancellingView(
        tuple(CalledOffView.of(each, call.deps.language) for each in outcome.done),
        tuple(FailedView.of(each, call.deps.language) for each in outcome.refused),
        lists.sealed(call, what, outcome.after),
    )
