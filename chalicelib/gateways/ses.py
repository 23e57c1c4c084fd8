"""The mailer over Amazon SES, with raw MIME."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import SES, endpoint_url
from chalicelib.domain.core import errors
from chalicelib.gateways.ses_events import EFFECT_TAG
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.domain.mail.message import Message

CONNECT_SECONDS: Final = 2
READ_SECONDS: Final = 8
"""SES usually accepts a mail in a tenth of a second."""

ATTEMPTS: Final = 2
"""Few, because the outbox retries later, and a retry after a lost answer sends the mail twice."""

RETRY_AFTER: Final = 60
"""Seconds before the next attempt after SES was unavailable."""

_PERMANENT: Final = frozenset({"InvalidParameterValue", "MessageRejected"})
"""Error codes of SES for a mail that it will never accept."""


class SesMailer:
    """A Mailer over SES. The client is created with the first mail."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, message: Message) -> None:
        """Send `message`: one request. Raises Undeliverable, errors.Unavailable."""
        from chalicelib.gateways.mail import mime

        raw = mime(message, self._settings.mail_from, message.effect_id or "mail")
        try:
            self._client.send_raw_email(
                Destinations=[message.to], RawMessage={"Data": raw}, **self._tracking(message)
            )
        except ClientError as error:
            raise _error(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise errors.Unavailable(type(error).__name__, retry_after=RETRY_AFTER) from None

    def _tracking(self, message: Message) -> dict[str, Any]:
        """The parameters that make SES report bounces, with the effect id of the mail."""
        if self._settings.mail_events is None or message.effect_id is None:
            return {}
        tag = {"Name": EFFECT_TAG, "Value": message.effect_id}
        return {"ConfigurationSetName": self._settings.mail_events, "Tags": [tag]}

    @cached_property
    def _client(self) -> Any:
        return SesClient(self._settings.region)


class SesClient(Client):
    """A client of SES in a region."""

    def __init__(self, region: str) -> None:
        endpoint = Endpoint(
            endpoint_url(SES, region), connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS
        )
        super().__init__(SES, endpoint, region=region, attempts=ATTEMPTS)

    def send_raw_email(self, **params: Any) -> dict[str, Any]:
        """The operation SendRawEmail, with the parameters of botocore."""
        return self.call("SendRawEmail", params)


def _error(code: str) -> Exception:
    """The error for a code, without the message of SES, which quotes the address."""
    from chalicelib.domain.mail.message import Undeliverable

    if code in _PERMANENT:
        return Undeliverable(code)
    return errors.Unavailable(code, retry_after=RETRY_AFTER)
