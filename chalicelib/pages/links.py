"""The pages of links in mails. A GET changes nothing, because mail scanners follow links; the
button acts. Expired, forged and unknown links look the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes, status_of
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Text
from chalicelib.domain.mail.link import ABOUT_ACCOUNTS, LinkPurpose
from chalicelib.pages import bookings, brand, mailboxes, mailed, waitlist
from chalicelib.pages.page import Page, answer
from chalicelib.services.accounts import profile
from chalicelib.services.core import rate_limits, signed_links
from chalicelib.services.core.deps import Deps

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts

routes = Routes(__name__)


def _purpose(deps: Deps, token: str) -> LinkPurpose:
    """The purpose of a link with a page here, while it is valid. Raises LinkExpired."""
    purpose = signed_links.read(deps, token).purpose
    if purpose not in _ASKING:
        raise errors.LinkExpired()
    return profile.purpose_of(deps, token) if purpose in ABOUT_ACCOUNTS else purpose


@dataclass(frozen=True)
class LinkForm:
    """The form of the page; only a new password has a field."""

    password: Annotated[str, Text(min=0, max=128)] = ""


@routes.get(
    "/l/{token}", who=PUBLIC, gives="text/html", refusal=mailed.refused, limit=rate_limits.LINK
)
def link_page(call: Call, token: str) -> Answer:
    """The purpose of a link, with a button to carry it out. Changes nothing."""
    with mailed.in_its_language(call.deps, token):
        ask = _ASKING[_purpose(call.deps, token)]
        page = ask(call, token, mailed.texts_of(call.deps, token))
    return answer(page, brand=brand.of_link(call.deps, token))


@routes.post(
    "/l/{token}",
    who=PUBLIC, takes=LinkForm, gives="text/html", forms=True, multipart=True,
    refusal=mailed.refused, limit=rate_limits.LINK, sensitive=True, proof=mailed.proved,
)  # fmt: skip
def link_act(call: Call, token: str) -> Answer:
    """Carry out a link. Repeated, it shows what was done. Mail programs post here too, to
    unsubscribe (RFC 8058)."""
    with mailed.in_its_language(call.deps, token):
        place = brand.of_link(call.deps, token)
        act = _ACTING.get(signed_links.read(call.deps, token).purpose)
        if act is None:
            raise errors.LinkExpired()
        page = act(call, token, mailed.texts_of(call.deps, token))
    status = status_of(errors.Invalid({})) if page.fault else 200
    return answer(page, status, place)


def _ask_to_verify(call: Call, token: str, texts: PageTexts) -> Page:
    if profile.is_verified(call.deps, token):
        return _verified(texts)
    return Page(texts, texts.verify_title, texts.verify_text, texts.verify_button)


def _ask_for_a_password(call: Call, token: str, texts: PageTexts, fault: str = "") -> Page:
    return Page(
        texts,
        texts.password_title,
        texts.password_text,
        texts.password_button,
        asks_password=True,
        fault=fault,
    )


def _verify(call: Call, token: str, texts: PageTexts) -> Page:
    profile.verify_email(call.deps, token, source_ip=call.source_ip)
    return _verified(texts)


def _reset(call: Call, token: str, texts: PageTexts) -> Page:
    from chalicelib.texts import sentences

    try:
        profile.reset_password(call.deps, token, call.body.password, source_ip=call.source_ip)
    except errors.Invalid as refusal:
        what = sentences.in_words(refusal.fields["password"], texts.language)
        return _ask_for_a_password(call, token, texts, texts.password_fault.format(fault=what))
    return Page(texts, texts.password_changed_title, texts.password_changed_text)


def _verified(texts: PageTexts) -> Page:
    return Page(texts, texts.verified_title, texts.verified_text)


def _ask_to_change_address(call: Call, token: str, texts: PageTexts) -> Page:
    if profile.is_verified(call.deps, token):
        return _changed(texts)
    return Page(texts, texts.address_title, texts.address_text, texts.address_button)


def _change_address(call: Call, token: str, texts: PageTexts) -> Page:
    profile.verify_email(call.deps, token, source_ip=call.source_ip)
    return _changed(texts)


def _changed(texts: PageTexts) -> Page:
    return Page(texts, texts.address_changed_title, texts.address_changed_text)


_ASKING: dict[LinkPurpose, Callable[[Call, str, PageTexts], Page]] = {
    "verify_email": _ask_to_verify,
    "reset_password": _ask_for_a_password,
    "change_email": _ask_to_change_address,
    "confirm": bookings.ask_to_confirm,
    "cancel": bookings.ask_to_cancel,
    "claim": waitlist.ask_to_claim,
    "decline": waitlist.ask_to_decline,
    "unsubscribe": mailboxes.ask_to_unsubscribe,
}

_ACTING: dict[LinkPurpose, Callable[[Call, str, PageTexts], Page]] = {
    "verify_email": _verify,
    "reset_password": _reset,
    "change_email": _change_address,
    "confirm": bookings.confirm,
    "cancel": bookings.cancel,
    "claim": waitlist.claim,
    "decline": waitlist.decline,
    "unsubscribe": mailboxes.unsubscribe,
}
