from __future__ import annotations

import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from botocore.session import Session

from local import credentials
from local.credentials import AwsError

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_the_credentials_of_a_profile_reach_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "credentials"
    kept.write_text("[mine]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    credentials.export(credentials.session())
    assert [os.environ[name] for name in NAMES] == ["A", "S", "T"]


def test_where_there_are_none_the_environment_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    credentials.export(Session())
    assert not any(name in os.environ for name in NAMES)


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "ap-south-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "ap-south-1"}, "ap-south-1"),
    ],
)
def test_clients_ask_the_region_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str
) -> None:
    for name in NAMES[:2]:
        monkeypatch.setenv(name, "x")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = credentials.session().create_client("sts")
    assert client.meta.region_name == region


def test_a_missing_region_missing_credentials_and_an_unknown_profile_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(AwsError, match="No AWS region is set"):
        credentials.session()
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(AwsError, match="No AWS credentials were found"):
        credentials.session()
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AwsError, match=r"AWS cannot be asked: .*profile \(nobody\)"):
        credentials.session()


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": "No."}}, "Ask"),
            "AWS does not accept these credentials (No). Sign in ",
        ),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "Not you"}}, "CreateBucket"),
            "These credentials may not call CreateBucket: Not you.",
        ),
        (
            ClientError({"Error": {"Code": "Throttling", "Message": "Too\nfast."}}, "Ask"),
            "AWS refuses Ask: Too fast.",
        ),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS cannot be asked: Could not conn"),
        (ProfileNotFound(profile="p"), "AWS cannot be asked: The config profile (p) could not"),
    ],
)
def test_what_aws_refuses_is_one_sentence(problem: Exception, sentence: str) -> None:
    with pytest.raises(AwsError) as refused, credentials.explained():
        raise problem
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
