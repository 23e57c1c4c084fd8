"""Accounts: passwords, and the sites of a role."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from chalicelib.domain.accounts.wrong_passwords import NO_WRONG_PASSWORDS, WrongPasswords
from chalicelib.domain.core import errors, mail_addresses
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments.tender import PaymentMethod

WARNED_EVERY: Final = timedelta(hours=24)
"""The least time between two mails about locks."""

SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 128
DEMO_PASSWORD: Final = "password123"  # noqa: S105 - the demo accounts' (docs/local.md, Demo data)
COMMON_PASSWORDS: Final = frozenset(
    {
        "00000000", "11111111", "12341234", "12345678", "123123123", "123456789", "1234567890",
        "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "87654321", "99999999", "987654321", "abc12345",
        "abcd1234", "admin123", "administrator", "asdfghjk", "asdfghjkl", "baseball", "changeme",
        "computer", "football", "iloveyou", "india123", "internet", "letmein1", "michelle",
        "p@ssw0rd", "passw0rd", "password", "password1", "password12", "princess", "qwerty12",
        "qwerty123", "qwertyui", "qwertyuiop", "starwars", "sunshine", "superman", "trustno1",
        "welcome1", "welcome123", "whatever", "zaq12wsx",
    }
)  # fmt: skip
"""Passwords that are long enough but easy to guess."""


@dataclass(frozen=True)
class Account:
    """A person who signs in: customer, staff, owner or admin (docs/concepts.md).

    `password` is a hash. A new `epoch` voids every earlier sign-in. `owing` counts unpaid stays and
    no-shows, `debts` names them. `sites` are those that staff and owners belong to. `warned_at` is
    the time of the last mail about a lock. `pending_email` is asked for and not proved yet,
    `former_email` is the address before the last change, for the notice of it. `password_proved`
    means that a reader of the mailbox chose the password, by a mailed link. `made_under` names the
    claim of the Idempotency-Key under which it was made. `language` is a tag (BCP 47),
    `payment_method` the one that bookings have which name none.
    """

    account_id: str
    email: str
    name: str
    password: str = field(repr=False)
    created_at: datetime
    phone: str | None = None
    username: str | None = None
    role: Role = Role.USER
    sites: frozenset[str] = frozenset()
    active: bool = True
    verified: bool = False
    password_proved: bool = False
    erased: bool = False
    epoch: int = 0
    owing: int = 0
    debts: frozenset[str] = frozenset()
    wrong_passwords: WrongPasswords = NO_WRONG_PASSWORDS
    warned_at: datetime | None = None
    pending_email: str | None = None
    former_email: str | None = None
    made_under: str = ""
    language: str | None = None
    payment_method: PaymentMethod | None = None
    version: int = 1

    @property
    def locator(self) -> str:
        """The partition of the account and of its bookings."""
        return self.account_id.removeprefix("US")

    @property
    def login_names(self) -> tuple[str, ...]:
        """The names to sign in with, normalised by `login_name`."""
        names = (self.email, self.username or self.email)
        return tuple(dict.fromkeys(login_name(name) for name in names))

    @property
    def owes(self) -> bool:
        """Whether a stay is unpaid (docs/rules/billing.md, Payment status)."""
        return self.owing > 0

    def actor(self) -> Actor:
        """The account as an actor. A role counts once its address is verified: until then it acts
        as a customer."""
        if not self.verified:
            return Actor(
                self.account_id,
                Role.USER,
                name=self.name,
                language=self.language,
                without_role=self.role is not Role.USER,
            )
        return Actor(self.account_id, self.role, self.sites, self.name, language=self.language)

    def gains_rights(self, edited: Account) -> bool:
        """Whether `edited` has a role or a site that this version has not."""
        if edited.role is Role.USER:
            return False
        return edited.role is not self.role or bool(edited.sites - self.sites)

    def evolve(self, **changes: object) -> Self:
        """The next version with `changes`."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]

    def require_unlocked(self, place: str, now: datetime) -> None:
        """Require that it is not locked for `place`. Raises LockedOut with the seconds to wait."""
        self.wrong_passwords.of(place).require_unlocked(now)

    def failed(self, place: str, now: datetime) -> Self:
        """The next version after a wrong password from `place`. With a lock it is due to be warned,
        once a day and at a verified address only."""
        wrong_passwords = self.wrong_passwords.failed(place, now)
        is_rested = self.warned_at is None or now >= self.warned_at + WARNED_EVERY
        warns = (
            wrong_passwords.of(place).is_locked(now) and is_rested and self.verified and self.active
        )
        return self.evolve(
            wrong_passwords=wrong_passwords, warned_at=now if warns else self.warned_at
        )

    def signed_in(self, place: str, *, password: str | None = None) -> Self:
        """The next version after the right password from `place`. `password` is a new hash where
        the cost of hashing has changed."""
        return self.evolve(
            wrong_passwords=self.wrong_passwords.proved(place),
            password=self.password if password is None else password,
        )

    def with_password(self, hashed: str, place: str, *, by_link: bool = False) -> Self:
        """The next version with a new password, chosen at `place`, the only one known from then on:
        earlier sign-ins are void, and a request for another address is withdrawn. A mailed link,
        `by_link`, proves the address and that its reader knows the password."""
        return self.evolve(
            password=hashed,
            epoch=self.epoch + 1,
            pending_email=None,
            wrong_passwords=self.wrong_passwords.known_only(place),
            verified=self.verified or by_link,
            password_proved=self.password_proved or by_link,
        )

    def moved(self) -> Self:
        """The next version with the pending address, which is proved: earlier sign-ins and links
        are void. Raises ValueError without one."""
        if self.pending_email is None:
            raise ValueError(f"{self.account_id} has no pending address")
        return self.evolve(
            email=self.pending_email,
            pending_email=None,
            former_email=self.email,
            verified=True,
            epoch=self.epoch + 1,
        )

    def forgotten(self, no_password: str) -> Self:
        """The next version without personal data. The id stays, because the ledger names it."""
        return self.evolve(
            email=f"{self.locator.lower()}@erased.invalid",
            name="Erased",
            password=no_password,
            phone=None,
            username=None,
            role=Role.USER,
            sites=frozenset(),
            active=False,
            verified=False,
            password_proved=False,
            erased=True,
            made_under="",
            language=None,
            payment_method=None,
            epoch=self.epoch + 1,
            wrong_passwords=NO_WRONG_PASSWORDS,
            pending_email=None,
            former_email=None,
        )


@dataclass(frozen=True)
class NameMove:
    """The sign-in name that an account leaves, and the one that it takes. Both are new records."""

    account_id: str
    leaves: str
    takes: str
    version: int = 1


def login_name(text: str) -> str:
    """The normal form of a sign-in name: lower case, without surrounding blanks, the domain of a
    mail address by its `xn--` form.

    >>> login_name(" User1@Example.com ")
    'user1@example.com'
    """
    return mail_addresses.found_by(text)


def require_good_password(text: str, *, names: tuple[str, ...], is_local: bool) -> None:
    """Require a password of allowed length that is not easy to guess. The demo password is allowed
    on the local runtime only. Raises Invalid (field `password`)."""
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        length = say("must_have_characters", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
        raise errors.Invalid({"password": length})
    plain = text.casefold()
    if plain == DEMO_PASSWORD and is_local:
        return
    if plain == DEMO_PASSWORD or plain in COMMON_PASSWORDS or len(set(plain)) < 3:
        raise errors.Invalid({"password": say("is_too_easy")})
    if plain in {part for name in names for part in (name.lower(), name.lower().split("@")[0])}:
        raise errors.Invalid({"password": say("must_not_be_your_name")})


def require_sites_of_role(role: Role, sites: frozenset[str]) -> None:
    """Require sites for staff and owners, and none for other roles. Raises Invalid (field
    `sites`)."""
    if role in (Role.STAFF, Role.OWNER) and not sites:
        raise errors.Invalid({"sites": say("name_a_site_for")})
    if role in (Role.USER, Role.ADMIN) and sites:
        raise errors.Invalid({"sites": say("must_be_empty_for")})
