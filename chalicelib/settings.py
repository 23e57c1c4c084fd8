"""The environment, read once into one frozen value. Anything wrong fails at start and names the
variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TABLES = ("bookings", "inventory", "accounts", "ledger", "outbox", "audit")


PAYMENT_GATEWAYS = ("razorpay", "phonepe")

_ARN = re.compile(r"arn:[a-z-]+:(secretsmanager|ssm):[a-z0-9-]+:\d{12}:(secret:|parameter/).+")

_UPI_ADDRESS = re.compile(r"[A-Za-z0-9._-]{2,64}@[A-Za-z][A-Za-z0-9]{1,31}")


class SettingsError(Exception):
    """An environment variable is missing or wrong."""


@dataclass(frozen=True)
class GatewaySettings:
    """Where the keys of a payment gateway are: `secret` is the ARN of a secret of Secrets Manager
    or of a parameter of Systems Manager, or, in the local runtime, the text of one. `url` is where
    the gateway answers, None for its public address."""

    secret: str
    url: str | None = None


@dataclass(frozen=True)
class Settings:
    """How this deployment is set up. Every field is explained in docs/operate/settings.md."""

    stage: str
    region: str
    dynamodb_endpoint: str | None
    tables: Mapping[str, str]
    signing_keys: Mapping[str, bytes]
    mail_from: str
    operator_contact: str
    app_url: str
    mail_events: str | None
    base_url: str
    websocket_endpoint: str | None
    cors_origins: tuple[str, ...]
    deadline_shards: int
    catalogue_seconds: int
    limits_factor: int
    webhooks_to_loopback: bool
    payment_gateways: Mapping[str, GatewaySettings]
    upi_address: str | None
    log_level: str

    @property
    def mail_address(self) -> str:
        """The address in `mail_from`, without the name."""
        return self.mail_from.rpartition("<")[2].strip(" >")

    @property
    def mail_name(self) -> str:
        """The name in `mail_from`; Berth where it has none."""
        return self.mail_from.rpartition("<")[0].strip(' "') or "Berth"

    @property
    def is_local(self) -> bool:
        return self.stage == "local"

    @property
    def is_live(self) -> bool:
        """Whether guests pay with real money."""
        return self.stage == "prod"


def read(env: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises SettingsError naming what is wrong.

    STAGE has no default: a deployment that forgets it must not become the local runtime."""
    stage = _required(env, "STAGE")
    mail_from, base_url = _required(env, "MAIL_FROM"), _required(env, "BASE_URL").rstrip("/")
    return Settings(
        stage=stage,
        region=env.get("AWS_REGION", "ap-south-1"),
        dynamodb_endpoint=env.get("DYNAMODB_ENDPOINT") or None,
        tables={
            table: env.get(f"TABLE_{table.upper()}", f"berth-{stage}-{table}") for table in TABLES
        },
        signing_keys=_signing_keys(env.get("SIGNING_KEYS", "")),
        mail_from=mail_from,
        operator_contact=env.get("OPERATOR_CONTACT") or mail_from.rpartition("<")[2].strip(" >"),
        app_url=env.get("APP_URL") or base_url,
        mail_events=env.get("MAIL_EVENTS") or None,
        base_url=base_url,
        websocket_endpoint=env.get("WEBSOCKET_ENDPOINT") or None,
        cors_origins=tuple(o.strip() for o in env.get("CORS_ORIGINS", "").split(",") if o.strip()),
        deadline_shards=_whole(env, "DEADLINE_SHARDS", 1, low=1, high=64),
        catalogue_seconds=_whole(env, "CATALOGUE_SECONDS", 30, low=0, high=3600),
        limits_factor=_whole(env, "LIMITS_FACTOR", 1, low=1, high=10_000),
        webhooks_to_loopback=_only_local(env, "WEBHOOKS_TO_LOOPBACK", stage),
        payment_gateways={
            name: found for name in PAYMENT_GATEWAYS if (found := _gateway(env, name, stage))
        },
        upi_address=_upi_address(env),
        log_level=env.get("LOG_LEVEL", "INFO"),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise SettingsError(f"{name} is not set")
    return env[name]


def _whole(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    text = env.get(name, str(default))
    if not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _only_local(env: Mapping[str, str], name: str, stage: str) -> bool:
    """A switch that only the local runtime may turn on."""
    is_on = bool(_whole(env, name, 0, low=0, high=1))
    if is_on and stage != "local":
        raise SettingsError(f"{name} is for the stage local, not for {stage!r}")
    return is_on


def _upi_address(env: Mapping[str, str]) -> str | None:
    address = env.get("UPI_ADDRESS") or None
    if address is not None and not _UPI_ADDRESS.fullmatch(address):
        raise SettingsError(f"UPI_ADDRESS must be such as parking@bank, not {address!r}")
    return address


def _signing_keys(text: str) -> dict[str, bytes]:
    keys = dict(part.split(":", 1) for part in text.split(",") if ":" in part)
    if not keys:
        raise SettingsError("SIGNING_KEYS must be kid:secret[,kid:secret], the first one signs")
    short = [kid for kid, secret in keys.items() if len(secret) < 32]
    if short:
        raise SettingsError(f"SIGNING_KEYS: the secret of {short[0]!r} is under 32 characters")
    return {kid: secret.encode() for kid, secret in keys.items()}


def _gateway(env: Mapping[str, str], name: str, stage: str) -> GatewaySettings | None:
    """A payment gateway; None where no keys of it are named."""
    prefix = name.upper()
    plain, arn = env.get(f"{prefix}_SECRET"), env.get(f"{prefix}_SECRET_ARN")
    url = env.get(f"{prefix}_URL")
    for variable, value in ((f"{prefix}_SECRET", plain), (f"{prefix}_URL", url)):
        if value and stage != "local":
            raise SettingsError(f"{variable} is for the stage local, not for {stage!r}")
    if arn and not _ARN.fullmatch(arn):
        raise SettingsError(
            f"{prefix}_SECRET_ARN must be the ARN of a secret of Secrets Manager or of a parameter "
            f"of Systems Manager, not {arn!r}"
        )
    secret = plain or arn
    return GatewaySettings(secret, url or None) if secret else None
