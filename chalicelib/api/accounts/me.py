"""Routes of the own account."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from chalicelib.api.accounts.login import AccountView, NewPassword, Password
from chalicelib.api.web.http import USER, Answer, Call, Routes, no_content, ok
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import UNSET, Email, LanguageTag, Name, Phone, given
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.accounts import erasure, profile

routes = Routes(__name__)

_PROVED = {"password", "email"}
"""The fields that need the current password."""


@dataclass(frozen=True)
class EditMe:
    """What to change; what is left out stays. Null clears the phone number, the language and the
    payment method, which is that of bookings that name none. A new password or address needs the
    current password. A new password ends every sign-in, this one too. A new address counts once
    its mailed link was followed, which ends every sign-in as well; the present address withdraws a
    request."""

    name: Name = UNSET
    phone: Phone | None = UNSET
    language: LanguageTag | None = UNSET
    payment_method: PaymentMethod | None = UNSET
    email: Email = UNSET
    password: NewPassword = UNSET
    current_password: Password = UNSET

    def details(self) -> dict[str, object]:
        """The fields that need no password."""
        fields = given(self)
        return {name: fields[name] for name in fields.keys() - _PROVED - {"current_password"}}

    def proved(self) -> dict[str, str]:
        """The fields with the current password, as the service takes them. Raises Invalid for the
        ones without the other."""
        fields = given(self)
        named = {name: fields[name] for name in _PROVED & fields.keys()}
        if "current_password" not in fields:
            if named:
                raise errors.Invalid({"current_password": say("must_be_given_to_change")})
            return {}
        if not named:
            raise errors.Invalid({"password": say("must_be_given_with", other="current_password")})
        return {**named, "current": self.current_password}


@dataclass(frozen=True)
class EraseMe:
    """The password, so that a stolen token cannot erase the account."""

    current_password: Password


@routes.get("/api/me", who=USER, gives=AccountView)
def get_me(call: Call) -> Answer:
    """Your account."""
    return ok(asdict(AccountView.of(profile.me(call.deps, call.actor))))


@routes.patch("/api/me", who=USER, takes=EditMe, gives=AccountView, sensitive=True, versioned=True)
def edit_me(call: Call) -> Answer:
    """Change your name, phone number, language, password or address."""
    account = profile.edit(
        call.deps,
        call.actor,
        call.body.details(),
        **call.body.proved(),
        source_ip=call.source_ip,
    )
    return ok(asdict(AccountView.of(account)))


@routes.delete("/api/me", who=USER, takes=EraseMe, status=204, sensitive=True, versioned=True)
def delete_me(call: Call) -> Answer:
    """Erase your account, given its password. Payments stay on record, personal data does not."""
    password = call.body.current_password
    erasure.erase_me(call.deps, call.actor, password=password, source_ip=call.source_ip)
    return no_content()
