"""The operator's AWS session, and AWS's errors as one sentence that says what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from botocore.session import Session

SIGN_IN: Final = (
    "Sign in with `aws login` or `aws sso login`, choose a profile with AWS_PROFILE, "
    "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
)
_NOT_ACCEPTED: Final = frozenset(
    {
        "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)  # fmt: skip
_NOT_ALLOWED: Final = frozenset({"403", "AccessDenied", "AccessDeniedException", "Forbidden"})


class AwsError(Exception):
    """AWS cannot be asked, or refuses; the text is for the operator."""


def session() -> Session:
    """The session of the environment: region, and credentials as the AWS CLI finds them. Nothing
    is sent to AWS. Raises AwsError where one of them is missing."""
    from botocore.session import Session

    with explained():
        found = Session()
        region = os.environ.get("AWS_REGION") or found.get_config_variable("region")
        if not region:
            raise AwsError(
                "No AWS region is set. Set AWS_REGION, for example AWS_REGION=eu-west-1."
            )
        if found.get_credentials() is None:
            raise AwsError(f"No AWS credentials were found. {SIGN_IN}")
    found.set_config_variable("region", region)
    return found


def export(session: Any) -> None:
    """Put the session's credentials into the environment, where our own clients look for them.
    They are not renewed there."""
    found = session.get_credentials()
    if found is None:
        return
    frozen = found.get_frozen_credentials()
    os.environ["AWS_ACCESS_KEY_ID"] = frozen.access_key
    os.environ["AWS_SECRET_ACCESS_KEY"] = frozen.secret_key
    if frozen.token:
        os.environ["AWS_SESSION_TOKEN"] = frozen.token


@contextmanager
def explained() -> Iterator[None]:
    """Raises AwsError for each error of botocore."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as problem:
        raise AwsError(_refusal(problem)) from None
    except BotoCoreError as problem:
        raise AwsError(f"AWS cannot be asked: {_one_line(problem)}.") from None


def code_of(problem: ClientError) -> str:
    """AWS's name of an error."""
    return str(problem.response.get("Error", {}).get("Code", ""))


def message_of(problem: ClientError) -> str:
    """AWS's own words for an error."""
    return str(problem.response.get("Error", {}).get("Message", ""))


def _refusal(problem: ClientError) -> str:
    code, message = code_of(problem), _one_line(message_of(problem))
    if code in _NOT_ACCEPTED:
        return f"AWS does not accept these credentials ({message}). {SIGN_IN}"
    if code in _NOT_ALLOWED:
        return f"These credentials may not call {problem.operation_name}: {message}."
    return f"AWS refuses {problem.operation_name}: {message}."


def _one_line(text: object) -> str:
    return " ".join(str(text).split()).rstrip(".")
