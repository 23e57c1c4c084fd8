"""Mails about season passes, composed from what is stored when they leave."""

from __future__ import annotations

from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.rendering.mail import season_passes
from chalicelib.services.core import pay_links, recipients
from chalicelib.services.core.deps import Deps


def sold(deps: Deps, pass_id: str) -> Message | None:
    """The confirmation. None for a pass that is not valid any more."""
    held = deps.season_passes.get(pass_id)
    reader = recipients.of_season_pass(deps, held)
    if reader is None or not held.is_live(deps.now()):
        return None
    return season_passes.sold(reader, held, deps.catalogue.site(held.site))


def ends(deps: Deps, pass_id: str) -> Message | None:
    """The notice that a pass ends soon. None where it was renewed, or is over."""
    held = deps.season_passes.get(pass_id)
    reader = recipients.of_season_pass(deps, held)
    is_renewed = held.due_at is not None and held.renewing is None
    if reader is None or is_renewed or not held.is_live(deps.now()):
        return None
    link, price = "", held.due(deps.now())
    if price:
        link = pay_links.mailed(deps, _to_come(held), to=reader.address, language=reader.language)
    site = deps.catalogue.site(held.site)
    return season_passes.ends(reader, held, site, price=price, link=link)


def _to_come(held: SeasonPass) -> str:
    """The reference of the payment that is awaited, or that the link will begin."""
    if held.awaited is not None:
        return held.awaited.reference
    return payments.next_reference(held.pass_id, held.payments)


def returned(deps: Deps, subject_id: str) -> Message | None:
    """The notice that a payment goes back by itself. None where it has not gone back after all."""
    held = deps.season_passes.get(subject_id.partition("/")[0])
    payment = held.find(subject_id.replace("/", "_"))
    reader = recipients.of_season_pass(deps, held)
    if reader is None or payment is None or not payment.returned:
        return None
    return season_passes.returned(reader, held, payment, deps.catalogue.site(held.site))
