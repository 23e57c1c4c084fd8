"""Routes of registration, sign-in and sign-out, and of links from a mailbox."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Self

from chalicelib.api.web.http import PUBLIC, USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import Instant, MailAddress
from chalicelib.domain.accounts.account import LONGEST_PASSWORD, SHORTEST_PASSWORD, Account
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.constraints import Doc, Email, LanguageTag, Name, Phone, Text
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.accounts import profile, sign_in
from chalicelib.services.accounts.sign_in import SignIn
from chalicelib.services.core import rate_limits
from chalicelib.texts import sentences

routes = Routes(__name__)

Password = Annotated[
    str, Text(max=LONGEST_PASSWORD, secret=True), Doc("The password.", "correct horse 7")
]
NewPassword = Annotated[
    str,
    Text(min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD, secret=True),
    Doc("A password that is not easy to guess.", "correct horse 7"),
]
LoginName = Annotated[str, Text(max=254), Doc("A user name or an e-mail address.", "user1")]
Token = Annotated[str, Text(max=4096, code=True), Doc("A refresh token.")]
LinkToken = Annotated[str, Text(max=500, code=True), Doc("The part of the link after /l/.")]


@dataclass(frozen=True)
class AccountView:
    """An account, for itself and for its administrators."""

    user_id: Annotated[str, Doc("The id of the account.", "US7Q2M9X4T")]
    email: Annotated[MailAddress, Doc("In lower case.", "user1@example.com")]
    pending_email: Annotated[
        MailAddress | None, Doc("The address asked for, until its mailed link was followed.")
    ]
    username: str | None
    name: Annotated[str, Doc("The name of the person.", "Asha Rao")]
    phone: Annotated[str | None, Doc("A telephone number.", "+91 98450 12345")]
    language: Annotated[
        str | None, Doc("The language (BCP 47) of its mails; null: that of the site.", "hi")
    ]
    payment_method: Annotated[
        PaymentMethod | None, Doc("How bookings are paid that name no method; null: in cash.")
    ]
    role: Role
    sites: Annotated[tuple[str, ...], Doc("The sites that staff and owners belong to.")]
    verified: Annotated[bool, Doc("Whether the address is verified; the role counts from then on.")]
    active: Annotated[bool, Doc("Whether it may sign in.")]
    unpaid_stays: Annotated[
        int, Doc("Unpaid stays and no-shows; with any, sites of the same owners refuse bookings.")
    ]
    created_at: Instant
    version: Annotated[int, Doc("Rises with each change.", 1)]

    @classmethod
    def of(cls, account: Account) -> Self:
        """`account` without its secrets."""
        return cls(
            user_id=account.account_id,
            email=account.email,
            pending_email=account.pending_email,
            username=account.username,
            name=account.name,
            phone=account.phone,
            language=account.language,
            payment_method=account.payment_method,
            role=account.role,
            sites=tuple(sorted(account.sites)),
            verified=account.verified,
            active=account.active,
            unpaid_stays=account.owing,
            created_at=localtime.iso(account.created_at),
            version=account.version,
        )


@dataclass(frozen=True)
class SignInView:
    """Tokens: `access` goes into the header `Authorization: Bearer` and is good for 24 hours,
    `refresh` is good once and for 7 days."""

    access: str
    refresh: str
    user: AccountView

    @classmethod
    def of(cls, made: SignIn) -> Self:
        """`made` as clients see it."""
        return cls(made.access, made.refresh, AccountView.of(made.account))


@dataclass(frozen=True)
class MessageView(Spoken):
    """A message for the person."""

    message: Translated


@dataclass(frozen=True)
class Register:
    """A new customer."""

    email: Email
    password: NewPassword
    name: Name
    phone: Phone | None = None
    language: (
        Annotated[
            LanguageTag, Doc("The language of its mails; otherwise `Accept-Language` counts.", "hi")
        ]
        | None
    ) = None


@dataclass(frozen=True)
class Login:
    """Credentials: `username` or `email`, and the password."""

    password: Password
    username: LoginName | None = None
    email: LoginName | None = None

    def login_name(self) -> str:
        """The one name given. Raises Invalid unless there is exactly one."""
        if (self.username is None) == (self.email is None):
            raise errors.Invalid({"username": say("give_username_or_email")})
        return self.username or self.email or ""


@dataclass(frozen=True)
class Refresh:
    """The refresh token of the last answer."""

    refresh: Token


@dataclass(frozen=True)
class Logout:
    """A refresh token whose session ends as well; that of the request always does."""

    refresh: Token | None = None


@dataclass(frozen=True)
class ForgotPassword:
    """The address of the account."""

    email: Email


@dataclass(frozen=True)
class ResetPassword:
    """The link's token, and the new password."""

    token: LinkToken
    password: NewPassword


@dataclass(frozen=True)
class VerifyEmail:
    """The link's token."""

    token: LinkToken


@routes.post(
    "/api/auth/register",
    who=PUBLIC, takes=Register, gives=AccountView, status=201, once=True, sensitive=True,
    limit=rate_limits.REGISTER,
    located=("/api/me",),
)  # fmt: skip
def register(call: Call) -> Answer:
    """Register a customer. A mail asks to verify the address. An address that has an account gets
    the same answer, and a mail that says so."""
    named = vars(call.body) | {"language": call.body.language or call.accepted}
    account = sign_in.register(call.deps, **named, source_ip=call.source_ip)
    return created(asdict(AccountView.of(account)))


@routes.post("/api/auth/login", who=PUBLIC, takes=Login, gives=SignInView, limit=rate_limits.LOGIN)
def login(call: Call) -> Answer:
    """Sign in. Five wrong passwords lock the name for 15 minutes, more of them for an hour at most;
    places that have signed in before are counted apart."""
    name, password = call.body.login_name(), call.body.password
    made = sign_in.login(call.deps, name, password, source_ip=call.source_ip)
    return ok(asdict(SignInView.of(made)))


@routes.post("/api/auth/refresh", who=PUBLIC, takes=Refresh, gives=SignInView)
def refresh(call: Call) -> Answer:
    """Exchange a refresh token for new tokens. Sent again within 20 seconds it gets the same new
    tokens; reused later it ends its session."""
    made = sign_in.refresh(call.deps, call.body.refresh, source_ip=call.source_ip)
    return ok(asdict(SignInView.of(made)))


@routes.post("/api/auth/logout", who=USER, takes=Logout, gives=MessageView, sensitive=True)
def logout(call: Call) -> Answer:
    """End this session: its access and refresh tokens are void."""
    sign_in.logout(call.deps, call.actor, refresh_token=call.body.refresh, source_ip=call.source_ip)
    return _message(call, say("signed_out"))


@routes.post(
    "/api/auth/password/forgot",
    who=PUBLIC, takes=ForgotPassword, gives=MessageView, limit=rate_limits.PASSWORD,
)  # fmt: skip
def forgot_password(call: Call) -> Answer:
    """Request a link to set a new password. The answer does not reveal whether the account
    exists."""
    profile.forgot_password(call.deps, call.body.email, source_ip=call.source_ip)
    return _message(call, say("reset_on_its_way"))


@routes.post(
    "/api/auth/password/reset",
    who=PUBLIC, takes=ResetPassword, gives=MessageView, sensitive=True, limit=rate_limits.PASSWORD,
)  # fmt: skip
def reset_password(call: Call) -> Answer:
    """Set a new password by the link from the mailbox. Every sign-in so far ends."""
    body = call.body
    profile.reset_password(call.deps, body.token, body.password, source_ip=call.source_ip)
    return _message(call, say("password_set"))


@routes.post(
    "/api/auth/verify-email",
    who=PUBLIC, takes=VerifyEmail, gives=AccountView, sensitive=True, limit=rate_limits.PASSWORD,
)  # fmt: skip
def verify_email(call: Call) -> Answer:
    """Verify an e-mail address by the link from the mailbox; a new address takes the place of the
    former one then."""
    account = profile.verify_email(call.deps, call.body.token, source_ip=call.source_ip)
    return ok(asdict(AccountView.of(account)))


def _message(call: Call, done: Sentence) -> Answer:
    return ok(asdict(MessageView(sentences.in_words(done, call.deps.language))))
