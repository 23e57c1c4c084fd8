from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError

from chalicelib.domain.core import errors
from chalicelib.domain.mail.message import Message, Undeliverable
from chalicelib.gateways.ses import SesMailer
from chalicelib.services.core.deps import Deps
from local.engine import Embedded

MAIL = Message("user1@example.com", "Booked", "text", "<p>html</p>", effect_id="EF1.x")


class Body(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.getvalue()


@pytest.fixture
def ses(deps: Deps) -> SesMailer:
    return SesMailer(deps.settings)


def answering(ses: SesMailer, status: int, code: str) -> list[str]:
    """Answer each request of this client with an error, and keep what was asked."""
    asked: list[str] = []
    told = f"<ErrorResponse><Error><Code>{code}</Code><Message>user1@example.com</Message></Error></ErrorResponse>"

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(request.body.decode())
        return AWSResponse(request.url, status, {}, Body(told.encode()))

    ses._client.meta.events.register_first("before-send.ses.SendRawEmail", answer)
    return asked


def test_a_mail_goes_out_raw_to_its_one_recipient(ses: SesMailer, aws: Embedded) -> None:
    ses.send(MAIL)
    (sent,) = aws.sent_mails()
    assert sent.to == ("user1@example.com",)
    assert sent.sender == "Berth <no-reply@example.com>"
    assert sent.subject == "Booked"
    assert sent.html.strip() == "<p>html</p>"


@pytest.mark.parametrize("code", ["MessageRejected", "InvalidParameterValue"])
def test_what_ses_will_never_take_is_undeliverable(ses: SesMailer, code: str) -> None:
    answering(ses, 400, code)
    with pytest.raises(Undeliverable, match=f"^{code}$"):
        ses.send(MAIL)


def test_a_mail_is_sent_so_that_ses_tells_what_becomes_of_it(deps: Deps) -> None:
    ses = SesMailer(replace(deps.settings, mail_events="berth-mail"))
    asked = answering(ses, 400, "Throttling")
    with pytest.raises(errors.Unavailable):
        ses.send(replace(MAIL, effect_id="EF1-reminder-BK1"))
    told = parse_qs(asked[0])
    assert told["ConfigurationSetName"] == ["berth-mail"]
    assert told["Tags.member.1.Name"] == ["effect"]
    assert told["Tags.member.1.Value"] == ["EF1-reminder-BK1"]


def test_without_a_configuration_set_nothing_of_it_is_asked(ses: SesMailer) -> None:
    asked = answering(ses, 400, "Throttling")
    with pytest.raises(errors.Unavailable):
        ses.send(MAIL)
    assert "ConfigurationSetName" not in str(asked[0])
    assert "Tags" not in str(asked[0])


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "Throttling"), (503, "ServiceUnavailable"), (400, "AccountSendingPausedException")],
)
def test_whatever_else_ses_says_means_not_now_and_quotes_no_address(
    ses: SesMailer, status: int, code: str
) -> None:
    answering(ses, status, code)
    with pytest.raises(errors.Unavailable) as refused:
        ses.send(MAIL)
    assert refused.value.cause == code
    assert refused.value.retry_after == 60
    assert refused.value.__suppress_context__


def test_a_client_that_cannot_connect_is_unavailable(ses: SesMailer) -> None:
    def timeout(request: Any, **_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url=request.url)

    ses._client.meta.events.register_first("before-send.ses.SendRawEmail", timeout)
    with pytest.raises(errors.Unavailable) as failed:
        ses.send(MAIL)
    assert failed.value.cause == "ConnectTimeoutError"


def test_the_client_waits_seconds_not_minutes_and_is_made_once(ses: SesMailer) -> None:
    client = ses._client
    assert (client.endpoint.connect_seconds, client.endpoint.read_seconds) == (2, 8)
    assert client.attempts == 2
    assert ses._client is client
