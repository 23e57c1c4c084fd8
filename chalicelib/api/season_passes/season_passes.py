"""Routes of season passes: of their holders, and at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.season_passes.views import (
    PassOrderView,
    SeasonPassView,
    SoldPassView,
    VehiclePassView,
)
from chalicelib.api.web import lists
from chalicelib.api.web.http import STAFF, USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.core import serialize
from chalicelib.domain.core.constraints import (
    Amount,
    Doc,
    Email,
    Integer,
    Name,
    Plate,
    Slug,
    Text,
)
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import verifying
from chalicelib.services.season_passes import lists as passes
from chalicelib.services.season_passes import orders, selling, steps
from chalicelib.services.season_passes.selling import PassRequest

routes = Routes(__name__)

_Site = Annotated[Slug, Doc("The site.", "central")]
_Plan = Annotated[Slug, Doc("A plan that the site sells.", "monthly")]
_Vehicle = Annotated[Plate, Doc("The vehicle.", "KA02ZZ0001")]
_Start = Annotated[date, Doc("The first day; by default today.", "2026-11-25")]
_Named = Annotated[str, Text(max=100)]


@dataclass(frozen=True)
class BuyPass:
    """The season pass to buy online."""

    site: _Site
    plan_id: _Plan
    vehicle_number: _Vehicle
    start: _Start | None = None
    auto_renew: Annotated[bool, Doc("Prepare a payment before its end.")] = False


@dataclass(frozen=True)
class PayPass:
    """The season pass to pay, or to renew. The amount is that of its plan."""

    pass_id: Annotated[str, Text(max=40), Doc("The season pass.", "SP7Q2M9X4T1NG1QR00005")]


@dataclass(frozen=True)
class SellPass:
    """The season pass to sell at the desk, and the cash for it."""

    site: _Site
    plan_id: _Plan
    vehicle_number: _Vehicle
    start: _Start | None = None
    name: Annotated[Name, Doc("The holder.", "Asha Rao")] | None = None
    email: Annotated[Email, Doc("Where the holder is reminded of the end.")] | None = None
    payment_method: PaymentMethod = PaymentMethod.CASH
    amount_received: (
        Annotated[str, Amount(), Doc("Cash handed over; by default the price.")] | None
    ) = None


@dataclass(frozen=True)
class RenewPass:
    """The cash for the renewal."""

    payment_method: PaymentMethod = PaymentMethod.CASH
    amount_received: (
        Annotated[str, Amount(), Doc("Cash handed over; by default the price.")] | None
    ) = None


@dataclass(frozen=True)
class PausePass:
    """The days to pause."""

    first: Annotated[date, Doc("The first of them: tomorrow or later.", "2026-11-25")]
    days: Annotated[int, Integer(1, 90), Doc("How many days.", 3)]


@dataclass(frozen=True)
class TransferPass:
    """The other vehicle."""

    vehicle_number: _Vehicle


@dataclass(frozen=True)
class HandOverPass:
    """The other person."""

    user_id: Annotated[str, Text(max=40), Doc("The account of the new holder.", "US7Q2M9X4T")]


@dataclass(frozen=True)
class CancelPass:
    """Why."""

    reason: Reason | None = None


@dataclass(frozen=True)
class PassEdit:
    """What to change about a season pass."""

    auto_renew: Annotated[bool, Doc("Prepare a payment before its end.")]


@dataclass(frozen=True)
class VerifyPass:
    """What the checkout of Razorpay has answered."""

    razorpay_order_id: Annotated[_Named, Doc("The order.", "order_Nx2")]
    razorpay_payment_id: Annotated[_Named, Doc("The payment.", "pay_Nx3")]
    razorpay_signature: Annotated[
        str, Text(max=200), Doc("The signature over both.", "9f86d081884c7d65")
    ]


@dataclass(frozen=True)
class PassesQuery:
    """Which page."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class VehicleQuery:
    """Which vehicle, at which site."""

    site: _Site
    vehicle_number: _Vehicle


def _shown(call: Call, held: SeasonPass) -> Answer:
    return ok(serialize.fields(SeasonPassView.of(call.deps, held)))


@routes.get("/api/me/passes", who=USER, query=PassesQuery, gives=[SeasonPassView])
def list_my_passes(call: Call) -> Answer:
    """Your season passes, newest first."""
    found = passes.of_holder(
        call.deps, call.actor, limit=call.query.limit, after=lists.after(call, "me/passes")
    )
    return lists.page(call, "me/passes", found, lambda held: SeasonPassView.of(call.deps, held))


@routes.post(
    "/api/me/passes",
    who=USER, takes=BuyPass, gives=SeasonPassView, status=201, once=True, limit=rate_limits.BOOK,
    located=("/api/passes/{pass_id}",),
)  # fmt: skip
def buy_pass(call: Call) -> Answer:
    """Order a season pass for a vehicle. It is valid once it is paid, by its order
    (/api/me/passes/orders)."""
    body = call.body
    request = PassRequest(
        site=body.site, plan_id=body.plan_id, plate=body.vehicle_number, start=body.start,
        auto_renew=body.auto_renew,
    )  # fmt: skip
    bought = selling.buy(call.deps, call.actor, request)
    return created(serialize.fields(SeasonPassView.of(call.deps, bought)))


@routes.post(
    "/api/me/passes/verify",
    who=USER, takes=VerifyPass, gives=SeasonPassView, limit=rate_limits.ASK_GATEWAY,
)  # fmt: skip
def verify_pass(call: Call) -> Answer:
    """A season pass after its gateway was asked for the payment. The answer of a checkout must be
    signed; money counts only where the gateway shows it."""
    verified = verifying.verify_pass(
        call.deps,
        call.actor,
        order_id=call.body.razorpay_order_id,
        payment_id=call.body.razorpay_payment_id,
        signature=call.body.razorpay_signature,
    )
    return _shown(call, verified)


@routes.get("/api/passes/{pass_id}", who=USER, gives=SeasonPassView)
def get_pass(call: Call, pass_id: str) -> Answer:
    """A season pass, for its holder and the staff of its site."""
    return _shown(call, passes.get(call.deps, call.actor, pass_id))


@routes.patch(
    "/api/passes/{pass_id}", who=USER, takes=PassEdit, gives=SeasonPassView, versioned=True
)
def edit_pass(call: Call, pass_id: str) -> Answer:
    """Choose whether a payment is prepared before the pass ends."""
    edited = steps.choose_renewal(call.deps, call.actor, pass_id, auto_renew=call.body.auto_renew)
    return _shown(call, edited)


@routes.post(
    "/api/me/passes/orders",
    who=USER, takes=PayPass, gives=PassOrderView, status=201, once=True, limit=rate_limits.BOOK,
    located=("/api/passes/{pass_id}",),
)  # fmt: skip
def order_pass(call: Call) -> Answer:
    """The order by which a season pass is paid, or an active one is renewed. Repeated, it answers
    with the order that is open."""
    opened = orders.open_order(call.deps, call.actor, call.body.pass_id)
    return created(serialize.fields(PassOrderView.of(opened)))


@routes.post(
    "/api/passes/{pass_id}/pause",
    who=USER, takes=PausePass, gives=SeasonPassView, versioned=True,
)  # fmt: skip
def pause_pass(call: Call, pass_id: str) -> Answer:
    """Pause a season pass for some days; its end moves by as many."""
    paused = steps.pause(call.deps, call.actor, pass_id, first=call.body.first, days=call.body.days)
    return _shown(call, paused)


@routes.post("/api/passes/{pass_id}/resume", who=USER, gives=SeasonPassView, versioned=True)
def resume_pass(call: Call, pass_id: str) -> Answer:
    """End a pause today; the end of the pass moves back by the days that are left of it."""
    return _shown(call, steps.resume(call.deps, call.actor, pass_id))


@routes.post(
    "/api/passes/{pass_id}/transfer",
    who=USER, takes=TransferPass, gives=SeasonPassView, versioned=True,
)  # fmt: skip
def transfer_pass(call: Call, pass_id: str) -> Answer:
    """Give a season pass to another vehicle."""
    moved = steps.transfer(call.deps, call.actor, pass_id, call.body.vehicle_number)
    return _shown(call, moved)


@routes.post(
    "/api/passes/{pass_id}/hand-over",
    who=USER, takes=HandOverPass, gives=SeasonPassView, versioned=True,
)  # fmt: skip
def hand_over_pass(call: Call, pass_id: str) -> Answer:
    """Give a season pass to another person, who has an account."""
    return _shown(call, steps.hand_over(call.deps, call.actor, pass_id, call.body.user_id))


@routes.post(
    "/api/passes/{pass_id}/cancel",
    who=USER, takes=CancelPass, gives=SeasonPassView, versioned=True,
)  # fmt: skip
def cancel_pass(call: Call, pass_id: str) -> Answer:
    """Cancel a season pass. Its unused days are paid back, the way they were paid."""
    over = steps.cancel(call.deps, call.actor, pass_id, reason=call.body.reason or "")
    return _shown(call, over)


@routes.get("/api/staff/passes", who=STAFF, query=VehicleQuery, gives=VehiclePassView)
def find_pass(call: Call) -> Answer:
    """The season pass of a vehicle at a site, while it is valid or will be."""
    query = call.query
    found = passes.of_plate(call.deps, call.actor, query.site, query.vehicle_number)
    return ok(serialize.fields(VehiclePassView.of(call.deps, found)))


@routes.post(
    "/api/staff/passes",
    who=STAFF, takes=SellPass, gives=SoldPassView, status=201, once=True, sensitive=True,
    located=("/api/passes/{pass_id}",),
)  # fmt: skip
def sell_pass(call: Call) -> Answer:
    """Sell a season pass for cash, which the drawer of the caller takes."""
    body = call.body
    request = PassRequest(
        site=body.site, plan_id=body.plan_id, plate=body.vehicle_number, start=body.start,
        name=body.name, email=body.email,
    )  # fmt: skip
    sold = selling.sell(call.deps, call.actor, request, _tender(body))
    return created(serialize.fields(SoldPassView.of_sold(call.deps, sold)))


@routes.post(
    "/api/staff/passes/{pass_id}/renew",
    who=STAFF, takes=RenewPass, gives=SoldPassView, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def renew_pass(call: Call, pass_id: str) -> Answer:
    """Renew a season pass for cash, by its plan as it is sold now."""
    sold = steps.renew(call.deps, call.actor, pass_id, _tender(call.body))
    return ok(serialize.fields(SoldPassView.of_sold(call.deps, sold)))


def _tender(body: SellPass | RenewPass) -> TenderRequest:
    return TenderRequest(body.payment_method, body.amount_received)
