"""Routes of the own account."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from chalicelib.api.accounts.login import AccountView, NewPassword, Password
from chalicelib.api.web.http import USER, Answer, Call, Routes, no_content, ok
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import UNSET, Name, Phone, given
from chalicelib.services.accounts import erasure, profile

routes = Routes(__name__)

_PASSWORDS = {"current_password", "password"}


@dataclass(frozen=True)
class EditMe:
    """What to change; what is left out stays, and null clears the phone number. A new password
    needs the current one and ends every sign-in, this one too."""

    name: Name = UNSET
    phone: Phone | None = UNSET
    password: NewPassword = UNSET
    current_password: Password = UNSET

    def details(self) -> dict[str, object]:
        """The fields that are set, without the passwords."""
        fields = given(self)
        return {name: fields[name] for name in fields.keys() - _PASSWORDS}

    def passwords(self) -> tuple[str, str] | None:
        """The current and the new password, if any. Raises Invalid where one is missing."""
        fields = given(self)
        missing = _PASSWORDS - fields.keys()
        if len(missing) == 1:
            raise errors.Invalid({missing.pop(): "is required to change the password"})
        return None if missing else (self.current_password, self.password)


@dataclass(frozen=True)
class EraseMe:
    """The password, so that a stolen token erases nobody."""

    current_password: Password


@routes.get("/api/me", who=USER, gives=AccountView)
def get_me(call: Call) -> Answer:
    """Your account."""
    return ok(asdict(AccountView.of(profile.me(call.deps, call.actor))))


@routes.patch("/api/me", who=USER, takes=EditMe, gives=AccountView, sensitive=True, versioned=True)
def edit_me(call: Call) -> Answer:
    """Change your name, phone number or password."""
    account = profile.edit(
        call.deps,
        call.actor,
        call.body.details(),
        passwords=call.body.passwords(),
        source_ip=call.source_ip,
    )
    return ok(asdict(AccountView.of(account)))


@routes.delete("/api/me", who=USER, takes=EraseMe, status=204, sensitive=True, versioned=True)
def delete_me(call: Call) -> Answer:
    """Erase your account, given its password. Payments stay on record, personal data does not."""
    password = call.body.current_password
    erasure.erase_me(call.deps, call.actor, password=password, source_ip=call.source_ip)
    return no_content()
