"""Mail through Amazon SES, as raw MIME."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import SES, address
from chalicelib.domain.core import errors
from chalicelib.gateways.ses_events import EFFECT_TAG
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.domain.mail.message import Message

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
        from chalicelib.gateways.mail import mime

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
        return SesClient(self._settings.region)


class SesClient(Client):
    """SES of a region."""

    def __init__(self, region: str) -> None:
        endpoint = Endpoint(
            address(SES, region), connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS
        )
        super().__init__(SES, endpoint, region=region, attempts=ATTEMPTS)

    def send_raw_email(self, **params: Any) -> dict[str, Any]:
        """As in botocore."""
        return self.call("SendRawEmail", params)


def _translated(code: str) -> Exception:
    """The error without SES's own words, for they quote the address."""
    from chalicelib.domain.mail.message import Undeliverable

    if code in _NEVER:
        return Undeliverable(code)
    return errors.Unavailable(code, retry_after=RETRY_AFTER)
