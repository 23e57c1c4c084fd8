"""Routes of accounts, for admins, and for owners the staff of their sites."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from chalicelib.api.accounts.login import AccountView, NewPassword
from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.constraints import (
    UNSET,
    Doc,
    Email,
    Items,
    LanguageTag,
    Name,
    Phone,
    Slug,
    Text,
    given,
)
from chalicelib.domain.core.sentence import say
from chalicelib.services.accounts import users
from chalicelib.services.accounts.users import NewUser, UserFilter

routes = Routes(__name__)

Sites = Annotated[
    tuple[Slug, ...],
    Items(50),
    Doc("The sites of staff and owners; empty for other roles.", ["central"]),
]
Username = Annotated[
    str,
    Text(
        min=2,
        max=32,
        pattern=r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?",
        form=say("must_be_sign_in_name"),
    ),
    Doc("A short name to sign in with, beside the address.", "staff1"),
]


@dataclass(frozen=True)
class UsersQuery:
    """Which accounts."""

    role: Role | None = None
    site: Annotated[Slug, Doc("Only those who belong to this site.", "central")] | None = None
    email: Annotated[Email, Doc("Only the account with this address.")] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class CreateUser:
    """A new account. Without a password it gets a mail with a link to set one, with a password one
    with a link to verify the address. The role counts once a link was followed."""

    email: Email
    name: Name
    role: Role
    sites: Sites = ()
    phone: Phone | None = None
    language: LanguageTag | None = None
    username: Username | None = None
    password: NewPassword | None = None

    def user(self) -> NewUser:
        """The new account for the service."""
        return NewUser(**{**vars(self), "sites": frozenset(self.sites)})


@dataclass(frozen=True)
class EditUser:
    """What to change; what is left out stays. A new `email` counts once its mailed link was
    followed. `active` false ends every sign-in. A role or a site for an address that is not
    verified voids the password, and a mail asks to set one."""

    name: Name = UNSET
    email: Email = UNSET
    phone: Phone | None = UNSET
    language: LanguageTag | None = UNSET
    role: Role = UNSET
    sites: Sites = UNSET
    active: bool = UNSET

    def changes(self) -> dict[str, object]:
        """The fields that are set, as an account holds them."""
        changes = given(self)
        return {**changes, "sites": frozenset(self.sites)} if "sites" in changes else changes


@routes.get("/api/admin/users", who=OWNER, query=UsersQuery, gives=[AccountView])
def list_users(call: Call) -> Answer:
    """Accounts by role and address; for an owner those who work at their sites."""
    query = call.query
    wanted = UserFilter(query.role, query.site, query.email)
    what = f"users/{call.actor.account_id}/{query.role or ''}/{query.site or ''}"
    after = lists.after(call, what)
    found = users.list_users(call.deps, call.actor, wanted, limit=query.limit, after=after)
    return lists.page(call, what, found, AccountView.of)


@routes.post(
    "/api/admin/users",
    who=OWNER, takes=CreateUser, gives=AccountView, status=201, once=True, sensitive=True,
    located=("/api/admin/users/{user_id}",),
)  # fmt: skip
def create_user(call: Call) -> Answer:
    """Open an account with a role. Owners take on staff for their own sites."""
    account = users.create_user(call.deps, call.actor, call.body.user(), source_ip=call.source_ip)
    return created(asdict(AccountView.of(account)))


@routes.get("/api/admin/users/{user_id}", who=OWNER, gives=AccountView)
def get_user(call: Call, user_id: str) -> Answer:
    """One account."""
    return ok(asdict(AccountView.of(users.get_user(call.deps, call.actor, user_id))))


@routes.patch(
    "/api/admin/users/{user_id}",
    who=OWNER, takes=EditUser, gives=AccountView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_user(call: Call, user_id: str) -> Answer:
    """Change name, address, phone number, role, sites or status of an account; not your own
    role."""
    changes = call.body.changes()
    account = users.edit_user(call.deps, call.actor, user_id, changes, source_ip=call.source_ip)
    return ok(asdict(AccountView.of(account)))


@routes.delete("/api/admin/users/{user_id}", who=OWNER, status=204, sensitive=True, versioned=True)
def delete_user(call: Call, user_id: str) -> Answer:
    """Erase an account."""
    users.delete_user(call.deps, call.actor, user_id, source_ip=call.source_ip)
    return no_content()
