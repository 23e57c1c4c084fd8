"""Mails about season passes, composed from what is stored when they leave."""

from __future__ import annotations

from chalicelib.domain.mail.message import Message
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.rendering.mail import season_passes
from chalicelib.rendering.mail.reader import Reader
from chalicelib.services.core import recipients
from chalicelib.services.core.deps import Deps


def sold(deps: Deps, pass_id: str) -> Message | None:
    """The confirmation. None for a pass that is not valid any more."""
    held = deps.season_passes.get(pass_id)
    reader = _reader(deps, held)
    if reader is None or not held.is_live(deps.now()):
        return None
    return season_passes.sold(reader, held, deps.catalogue.site(held.site))


def ends(deps: Deps, pass_id: str) -> Message | None:
    """The notice that a pass ends soon. None where it was renewed, or is over."""
    held = deps.season_passes.get(pass_id)
    reader = _reader(deps, held)
    is_renewed = held.due_at is not None and held.renewing is None
    if reader is None or is_renewed or not held.is_live(deps.now()):
        return None
    link = held.awaited and held.awaited.pay_url
    site = deps.catalogue.site(held.site)
    return season_passes.ends(reader, held, site, link=link or deps.settings.app_url)


def returned(deps: Deps, subject_id: str) -> Message | None:
    """The notice that a payment goes back by itself. None where it has not gone back after all."""
    held = deps.season_passes.get(subject_id.partition("/")[0])
    payment = held.find(subject_id.replace("/", "_"))
    reader = _reader(deps, held)
    if reader is None or payment is None or not payment.returned:
        return None
    return season_passes.returned(reader, held, payment, deps.catalogue.site(held.site))


def _reader(deps: Deps, held: SeasonPass) -> Reader | None:
    """The holder of a pass, with an address. None without one."""
    language = deps.catalogue.site(held.site).language
    if held.user_id is None:
        return recipients.of_address(deps, held.email, held.name or "", language=language)
    account = deps.accounts.get(held.user_id)
    to = recipients.address_of(account)
    return None if to is None else recipients.of_account(deps, account, to=to, language=language)
