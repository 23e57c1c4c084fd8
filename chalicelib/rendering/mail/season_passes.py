"""The mails about a season pass: it is paid, it ends soon, a payment goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.site import Site
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Button, Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def sold(reader: Reader, held: SeasonPass, site: Site) -> Message:
    """The confirmation that a pass is paid, or renewed."""
    texts = reader.texts
    return _letter(
        reader, held, site,
        subject=texts.pass_sold_subject,
        heading=texts.pass_sold_heading,
        lead=texts.pass_sold_lead,
        notes=(texts.pass_sold_hint,),
        priced=True,
    )  # fmt: skip


def ends(reader: Reader, held: SeasonPass, site: Site, *, price: Money, link: str) -> Message:
    """The notice that a pass ends soon: with a prepared renewal of that `price`, which is paid by
    the `link`; or with the choice to renew, where the price is zero."""
    texts = reader.texts
    button, note = None, texts.pass_ends_choice
    if price:
        button = Button(texts.pass_ends_button, link, texts.pass_ends_link)
        note = texts.pass_ends_awaited.format(price=amounts.show(price, texts.language))
    return _letter(
        reader, held, site,
        subject=texts.pass_ends_subject,
        heading=texts.pass_ends_heading,
        lead=texts.pass_ends_lead,
        notes=(note,),
        button=button,
    )  # fmt: skip


def returned(reader: Reader, held: SeasonPass, payment: Payment, site: Site) -> Message:
    """The notice that a payment goes back by itself."""
    texts = reader.texts
    paid = amounts.show(Money(payment.returned, held.currency), texts.language)
    return _letter(
        reader, held, site,
        subject=texts.pass_returned_subject,
        heading=texts.returned_heading,
        lead=texts.pass_returned_lead,
        notes=(texts.returned_hint,),
        facts=(Fact(texts.returned_amount, paid),),
        paid=paid,
    )  # fmt: skip


def _letter(
    reader: Reader,
    held: SeasonPass,
    site: Site,
    *,
    subject: str,
    lead: str,
    facts: tuple[Fact, ...] = (),
    paid: str = "",
    priced: bool = False,
    **content: Any,
) -> Message:
    texts = reader.texts
    words = _words(held, site, texts) | {"paid": paid}
    letter = parts.of_site(
        reader,
        site,
        texts.pass_footer_why.format(pass_id=held.pass_id),
        subject=subject.format(**words),
        greeting=reader.greeting,
        lead=lead.format(**words),
        facts=(*facts, *_facts(held, site, texts, priced=priced)),
        **content,
    )
    return parts.message(reader, letter)


def _words(held: SeasonPass, site: Site, texts: MailTexts) -> dict[str, str]:
    return {
        "plate": held.plate,
        "site": site.name,
        "first": _day(held.terms[-1].days.first if held.terms else held.first, texts),
        "last": _day(held.last or held.first, texts),
    }


def _facts(held: SeasonPass, site: Site, texts: MailTexts, *, priced: bool) -> Iterator[Fact]:
    yield Fact(texts.pass_plan, held.plan.name)
    yield Fact(texts.place, parts.place(site))
    yield Fact(texts.vehicle, held.plate)
    if held.last is not None:
        days = {"first": _day(held.first, texts), "last": _day(held.last, texts)}
        yield Fact(texts.pass_days, texts.pass_days_value.format(**days))
    if priced and held.terms:
        price = Money(held.terms[-1].minor, held.currency)
        yield Fact(texts.price, amounts.show(price, texts.language))
    yield Fact(texts.pass_number, held.pass_id)


def _day(day: date, texts: MailTexts) -> str:
    return clocks.long_day(day, texts.language)
