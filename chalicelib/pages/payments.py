"""The page of a pay link: what is due and until when, the way to the gateway, and what has come of
it (docs/decisions/pay-page.md). No money moves here, and no card or UPI PIN is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.pages import facts, html, mailed
from chalicelib.pages.brand import Brand
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments.payable import Payable
from chalicelib.services.payments.paying import Way
from chalicelib.services.season_passes import paying

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts

routes = Routes(__name__)

NAMES: Final[dict[GatewayName, str]] = {"razorpay": "Razorpay", "phonepe": "PhonePe"}

_STYLES: Final = ("page.css", "pay.css")


@dataclass(frozen=True)
class GatewayFields:
    """What a gateway posts here with its payer: none of it is read, since the gateway is asked."""


@dataclass(frozen=True)
class Show:
    """The content of the page: texts and facts, a button for what is due, one to ask again, and the
    way to the gateway, which its script goes at once."""

    title: str
    text: str
    facts: facts.Facts = ()
    button: str = ""
    action: str = ""
    note: str = ""
    again: str = ""
    again_action: str = ""
    way: Way | None = None


@routes.get(
    "/pay/{token}", who=PUBLIC, gives="text/html", refusal=mailed.refused, limit=rate_limits.LINK
)
def pay_page(call: Call, token: str) -> Answer:
    """What is due, with a button to pay it; or what has come of it. Changes nothing."""
    with mailed.in_its_language(call.deps, token):
        found = paying.look(call.deps, token)
        return _shown(call, token, found, pay="", ask=f"{token}/result")


@routes.post(
    "/pay/{token}",
    who=PUBLIC, takes=GatewayFields, gives="text/html", forms=True, multipart=True,
    refusal=mailed.refused, limit=rate_limits.LINK, sensitive=True, proof=mailed.proved,
)  # fmt: skip
def pay_act(call: Call, token: str) -> Answer:
    """Open the order, and lead to the page of the gateway. Where nothing is due, what has come of
    it."""
    with mailed.in_its_language(call.deps, token):
        found, way = paying.pay(call.deps, token)
        if way is None:
            return _shown(call, token, found, pay="", ask=f"{token}/result")
        return _leading(call, token, found, way)


@routes.get(
    "/pay/{token}/result",
    who=PUBLIC, gives="text/html", refusal=mailed.refused, limit=rate_limits.LINK,
)  # fmt: skip
def paid_page(call: Call, token: str) -> Answer:
    """The way back from the gateway: a button to see what has come of the payment, which the
    page's script presses. Changes nothing."""
    with mailed.in_its_language(call.deps, token):
        found = paying.look(call.deps, token)
        if not found.is_open:
            return _shown(call, token, found, pay=f"../{token}", ask="")
        texts = mailed.texts_of(call.deps, token)
        show = Show(texts.pay_back_title, texts.pay_back_text, again=texts.pay_again_button)
        return _answer(found, texts, show, _design(goes=True))


@routes.post(
    "/pay/{token}/result",
    who=PUBLIC, takes=GatewayFields, gives="text/html", forms=True, multipart=True,
    refusal=mailed.refused, limit=rate_limits.LINK, sensitive=True, proof=mailed.proved,
)  # fmt: skip
def paid_act(call: Call, token: str) -> Answer:
    """What has come of the payment: its gateway is asked. The gateway posts here with the payer,
    too."""
    with mailed.in_its_language(call.deps, token):
        found = paying.ask(call.deps, token)
        return _shown(call, token, found, pay=f"../{token}", ask="")


def _shown(call: Call, token: str, found: Payable, *, pay: str, ask: str) -> Answer:
    """What is due or has come of it; `pay` and `ask` are where the buttons lead, relative to the
    page."""
    texts = mailed.texts_of(call.deps, token)
    title, text = _words(call.deps, found, texts)
    show = Show(title, text, facts=_facts(call.deps, found, texts))
    if found.due and call.deps.gateways.default is not None:
        show = Show(
            title,
            text,
            facts=show.facts,
            button=texts.pay_button.format(due=_money(found.due, texts)),
            action=pay,
            note=texts.pay_note,
            again=texts.pay_again_button if found.is_open else "",
            again_action=ask,
        )
    return _answer(found, texts, show, _design())


def _leading(call: Call, token: str, found: Payable, way: Way) -> Answer:
    texts = mailed.texts_of(call.deps, token)
    name = NAMES[way.gateway]
    show = Show(
        texts.pay_go_title.format(gateway=name),
        texts.pay_go_text.format(gateway=name, due=_money(found.due, texts)),
        button=texts.pay_go_button.format(gateway=name),
        way=way,
    )
    return _answer(found, texts, show, _design(goes=True, forms_to=_hosts(way)))


def _words(deps: Deps, found: Payable, texts: PageTexts) -> tuple[str, str]:
    match found.outcome:
        case "due":
            title = texts.pay_title.format(due=_money(found.due, texts))
            return title, _why_due(deps, found, texts)
        case "paid":
            return texts.paid_title, _words_of(found, texts).paid
        case "returned":
            return texts.returned_title, texts.returned_text
        case "late":
            return texts.pay_late_title, _words_of(found, texts).late
    return texts.pay_nothing_title, _words_of(found, texts).nothing


def _why_due(deps: Deps, found: Payable, texts: PageTexts) -> str:
    subject = found.subject
    if isinstance(subject, SeasonPass):
        return _why_pass_is_due(found, subject, texts)
    if subject.status is Status.PENDING and found.until is not None:
        until = facts.moment(deps, found.until, texts, of=subject)
        return texts.pay_fee_text.format(until=until)
    return texts.pay_due_text


def _why_pass_is_due(found: Payable, held: SeasonPass, texts: PageTexts) -> str:
    from chalicelib.texts import clocks

    assert found.until is not None
    until = clocks.moment(found.until, held.tz, texts.language)
    if held.last is None:
        return texts.pay_pass_text.format(until=until)
    last = clocks.long_day(held.last, texts.language)
    return texts.pay_renewal_text.format(last=last, until=until)


@dataclass(frozen=True)
class Words:
    """What the page says where nothing is due."""

    paid: str
    late: str
    nothing: str


def _words_of(found: Payable, texts: PageTexts) -> Words:
    if isinstance(found.subject, SeasonPass):
        return Words(texts.paid_pass_text, texts.pay_pass_late_text, texts.pay_pass_nothing_text)
    is_booked = found.subject.status is Status.BOOKED
    paid = texts.paid_booked_text if is_booked else texts.paid_text
    return Words(paid, texts.pay_late_text, texts.pay_nothing_text)


def _facts(deps: Deps, found: Payable, texts: PageTexts) -> facts.Facts:
    if isinstance(found.subject, SeasonPass):
        return facts.of_season_pass(found.subject, found.site, texts)
    return facts.of_booking(deps, found.subject, texts)


def _money(amount: Money, texts: PageTexts) -> str:
    from chalicelib.texts import amounts

    return amounts.show(amount, texts.language)


def _design(*, goes: bool = False, forms_to: tuple[str, ...] = ()) -> html.Design:
    return html.Design(styles=_STYLES, scripts=("pay.js",) if goes else (), forms_to=forms_to)


def _hosts(way: Way) -> tuple[str, ...]:
    """The origins that the form of a way may reach: that of the gateway, and those it redirects
    to."""
    if not way.fields:
        return ()
    address = urlsplit(way.url)
    parent = ".".join((address.hostname or "").split(".")[-2:])
    others = (f"https://*.{parent}",) if parent == "razorpay.com" else ()
    return (f"{address.scheme}://{address.netloc}", *others)


def _answer(found: Payable, texts: PageTexts, show: Show, design: html.Design) -> Answer:
    place, language = Brand.of(found.site), texts.language
    rendered = html.render(
        design,
        "pay.html",
        own_style=place.style,
        page=show,
        brand=place,
        language=language,
    )
    return html.answer(rendered, Content_Language=language)
