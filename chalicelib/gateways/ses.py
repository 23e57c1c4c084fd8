"""Mail through Amazon SES, as raw MIME."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from chalicelib.domain import errors
from chalicelib.gateways.mail import Message, Undeliverable, mime
from chalicelib.gateways.ses_events import EFFECT_TAG
from chalicelib.settings import Settings

CONNECT_SECONDS: Final = 2
READ_SECONDS: Final = 8
"""SES usually takes a mail in a tenth of a second."""

ATTEMPTS: Final = 2
"""The outbox tries again anyway, and a mail whose answer was lost would go out twice."""

RETRY_AFTER: Final = 60
"""Seconds to leave SES alone after it was too busy."""

_NEVER: Final = frozenset({"InvalidParameterValue", "MessageRejected"})
"""What SES says of a mail that it will not take tomorrow either."""


class Ses:
    """A Mailer over SES. The client is made with the first mail."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, message: Message) -> None:
        """Hand `message` to SES. Raises Undeliverable, errors.Unavailable."""
        from botocore.exceptions import BotoCoreError, ClientError

        raw = mime(message, self._settings.mail_from, message.effect_id or "mail")
        try:
            self._client.send_raw_email(
                Destinations=[message.to], RawMessage={"Data": raw}, **self._traced(message)
            )
        except ClientError as error:
            raise _translated(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise errors.Unavailable(type(error).__name__, retry_after=RETRY_AFTER) from None

    def _traced(self, message: Message) -> dict[str, Any]:
        """What makes SES tell of a bounce, and of which mail."""
        if self._settings.mail_events is None or message.effect_id is None:
            return {}
        tag = {"Name": EFFECT_TAG, "Value": message.effect_id}
        return {"ConfigurationSetName": self._settings.mail_events, "Tags": [tag]}

    @cached_property
    def _client(self) -> Any:
        from botocore.config import Config
        from botocore.session import Session

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        )
        return Session().create_client("ses", region_name=self._settings.region, config=config)


def _translated(code: str) -> Exception:
    """The error without SES's own words, for they quote the address."""
    if code in _NEVER:
        return Undeliverable(code)
    return errors.Unavailable(code, retry_after=RETRY_AFTER)
