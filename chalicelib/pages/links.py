"""The pages of links in mails. A GET changes nothing, because mail scanners follow links; the
button acts. Expired, forged and unknown links look the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes, status_of
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Text
from chalicelib.domain.mail.link import ABOUT_ACCOUNTS, LinkPurpose
from chalicelib.pages import bookings, brand, mailboxes, waitlist
from chalicelib.pages.page import Page, answer
from chalicelib.services.accounts import profile
from chalicelib.services.core import rate_limits, signed_links
from chalicelib.services.core.deps import Deps

routes = Routes(__name__)


def _purpose(deps: Deps, token: str) -> LinkPurpose:
    """The purpose of a link, while it is valid. Raises LinkExpired."""
    purpose = signed_links.read(deps, token).purpose
    return profile.purpose_of(deps, token) if purpose in ABOUT_ACCOUNTS else purpose


@dataclass(frozen=True)
class LinkForm:
    """The form of the page; only a new password has a field."""

    password: Annotated[str, Text(min=0, max=128)] = ""


def refused(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal as a page."""
    faults = "".join(f" The {name} {what}." for name, what in refusal.fields.items())
    title = "This link does not work" if isinstance(refusal, errors.Gone) else "That did not work"
    page = Page(title, refusal.message + faults, failed=True)
    return answer(page, status_of(refusal))


@routes.get("/l/{token}", who=PUBLIC, gives="text/html", refusal=refused, limit=rate_limits.LINK)
def link_page(call: Call, token: str) -> Answer:
    """The purpose of a link, with a button to carry it out. Changes nothing."""
    page = _ASKING[_purpose(call.deps, token)](call, token)
    return answer(page, brand=brand.of_link(call.deps, token))


@routes.post(
    "/l/{token}",
    who=PUBLIC, takes=LinkForm, gives="text/html", forms=True, multipart=True, refusal=refused,
    limit=rate_limits.LINK, sensitive=True, proof=signed_links.read,
)  # fmt: skip
def link_act(call: Call, token: str) -> Answer:
    """Carry out a link. Repeated, it shows what was done. Mail programs post here too, to
    unsubscribe (RFC 8058)."""
    page = _ACTING[signed_links.read(call.deps, token).purpose](call, token)
    status = status_of(errors.Invalid({})) if page.fault else 200
    return answer(page, status, brand.of_link(call.deps, token))


def _ask_to_verify(call: Call, token: str) -> Page:
    if profile.is_verified(call.deps, token):
        return _VERIFIED
    return Page("Verify your address", "Press the button and your address is verified.", "Verify")


def _ask_for_a_password(call: Call, token: str, fault: str = "") -> Page:
    return Page(
        "Choose a new password",
        "Everybody who is signed in with the old one is signed out.",
        "Save the password",
        asks_password=True,
        fault=fault,
    )


def _verify(call: Call, token: str) -> Page:
    profile.verify_email(call.deps, token, source_ip=call.source_ip)
    return _VERIFIED


def _reset(call: Call, token: str) -> Page:
    try:
        profile.reset_password(call.deps, token, call.body.password, source_ip=call.source_ip)
    except errors.Invalid as refusal:
        return _ask_for_a_password(call, token, f"It {refusal.fields['password']}.")
    return Page("Your password is changed", "Sign in with the new one.")


_VERIFIED = Page("Your address is verified", "Thank you. You can close this page.")


def _ask_to_change_address(call: Call, token: str) -> Page:
    if profile.is_verified(call.deps, token):
        return _CHANGED
    return Page(
        "Confirm your new address",
        "From then on you sign in with it. Every sign-in so far ends.",
        "Confirm",
    )


def _change_address(call: Call, token: str) -> Page:
    profile.verify_email(call.deps, token, source_ip=call.source_ip)
    return _CHANGED


_CHANGED = Page("Your address is changed", "Sign in with the new one.")


_ASKING: dict[LinkPurpose, Callable[[Call, str], Page]] = {
    "verify_email": _ask_to_verify,
    "reset_password": _ask_for_a_password,
    "change_email": _ask_to_change_address,
    "confirm": bookings.ask_to_confirm,
    "cancel": bookings.ask_to_cancel,
    "claim": waitlist.ask_to_claim,
    "decline": waitlist.ask_to_decline,
    "unsubscribe": mailboxes.ask_to_unsubscribe,
}

_ACTING: dict[LinkPurpose, Callable[[Call, str], Page]] = {
    "verify_email": _verify,
    "reset_password": _reset,
    "change_email": _change_address,
    "confirm": bookings.confirm,
    "cancel": bookings.cancel,
    "claim": waitlist.claim,
    "decline": waitlist.decline,
    "unsubscribe": mailboxes.unsubscribe,
}
