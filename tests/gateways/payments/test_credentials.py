"""The keys of a payment gateway: where they come from, how long they are trusted, and what happens
when they change (docs/operate/payments.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib import settings
from chalicelib.domain.core import errors
from chalicelib.gateways.payments import credentials
from chalicelib.gateways.payments.credentials import LEAST_SECONDS, TRUSTED_SECONDS, Credentials
from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys, reader
from chalicelib.services.core.deps import Deps
from chalicelib.settings import SettingsError
from local.engine import Embedded
from tests.backend import ENVIRONMENT

KEYS = {"key_id": "rzp_test_1", "key_secret": "secret", "webhook_secret": "hook"}
ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:berth/dev/razorpay-Ab12Cd"


class Vault:
    """A secret that can change or fail, and the time. `reads` counts."""

    def __init__(self) -> None:
        self.content: Any = KEYS
        self.broken = False
        self.reads = 0
        self.seconds = 1000.0

    def fetch(self) -> str:
        self.reads += 1
        if self.broken:
            raise errors.Unavailable("away")
        return json.dumps(self.content)

    def credentials(self) -> Credentials[RazorpayKeys]:
        return Credentials(self.fetch, reader(live=False), steady=lambda: self.seconds)


@pytest.fixture
def vault() -> Vault:
    return Vault()


def test_keys_are_read_when_first_needed_and_then_trusted_for_a_while(vault: Vault) -> None:
    found = vault.credentials()
    assert vault.reads == 0
    assert found.get() == found.get() == RazorpayKeys("rzp_test_1", "secret", ("hook",))
    vault.seconds += TRUSTED_SECONDS - 1
    found.get()
    assert vault.reads == 1


def test_changed_keys_are_seen_when_the_time_is_up(vault: Vault) -> None:
    found = vault.credentials()
    found.get()
    vault.content = KEYS | {"webhook_secret": "new", "previous_webhook_secret": "hook"}
    vault.seconds += TRUSTED_SECONDS
    assert found.get().webhook_secrets == ("new", "hook")


def test_keys_that_a_gateway_refuses_are_read_again_at_once(vault: Vault) -> None:
    found = vault.credentials()
    old = found.get()
    vault.content = KEYS | {"key_secret": "new"}
    vault.seconds += LEAST_SECONDS
    newer = found.newer_than(old)
    assert newer is not None
    assert newer.key_secret == found.get().key_secret == "new"


def test_keys_that_stay_wrong_are_not_read_for_each_call(vault: Vault) -> None:
    found = vault.credentials()
    old = found.get()
    assert [found.newer_than(old) for _ in range(5)] == [None] * 5
    assert vault.reads == 1
    vault.seconds += LEAST_SECONDS
    assert [found.newer_than(old) for _ in range(5)] == [None] * 5
    assert vault.reads == 2


def test_another_caller_has_read_the_newer_keys_already(vault: Vault) -> None:
    found = vault.credentials()
    old = found.get()
    vault.content = KEYS | {"key_secret": "new"}
    vault.seconds += TRUSTED_SECONDS
    newer = found.get()
    assert found.newer_than(old) == newer
    assert vault.reads == 2


@pytest.mark.parametrize(
    "content", ["gone", [], {"key_id": "rzp_test_1"}, KEYS | {"key_id": "rzp_live_1"}]
)
def test_known_keys_go_on_where_the_secret_cannot_be_used(
    vault: Vault, content: Any, caplog: pytest.LogCaptureFixture
) -> None:
    found = vault.credentials()
    old = found.get()
    vault.content, vault.broken = content, content == "gone"
    vault.seconds += TRUSTED_SECONDS
    assert found.get() == old
    [line] = caplog.records
    assert line.message == "payment keys"
    assert line.__dict__["reason"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "not a JSON object"),
        ({}, "no key_id"),
        (KEYS | {"key_secret": ""}, "no key_secret"),
        (KEYS | {"webhook_secret": 7}, "no webhook_secret"),
        (KEYS | {"previous_webhook_secret": 7}, "no previous_webhook_secret"),
        (KEYS | {"key_id": "rzp_live_1"}, "rzp_test_"),
    ],
)
def test_keys_that_cannot_be_used_are_named_and_not_quoted(
    vault: Vault, content: Any, reason: str
) -> None:
    vault.content = content
    with pytest.raises(errors.Unavailable) as refused:
        vault.credentials().get()
    assert reason in refused.value.cause
    assert "hook" not in refused.value.cause.replace("webhook", "")


def test_live_keys_are_for_the_stage_with_real_money_and_test_keys_for_the_others() -> None:
    live, test = KEYS | {"key_id": "rzp_live_1"}, KEYS
    assert reader(live=True)(live).key_id == "rzp_live_1"
    assert reader(live=False)(test).key_id == "rzp_test_1"
    for is_live, wrong in ((True, test), (False, live)):
        with pytest.raises(errors.Unavailable, match="unavailable"):
            reader(live=is_live)(wrong)


def test_keys_do_not_show_themselves() -> None:
    shown = repr(RazorpayKeys("rzp_test_1", "secret", ("hook",)))
    assert "secret'" not in shown
    assert "hook" not in shown.replace("webhook", "")


# -- where they lie


def test_a_secret_of_secrets_manager_is_read_by_its_arn(deps: Deps, aws: Embedded) -> None:
    manager = aws.client("secretsmanager")
    arn = manager.create_secret(Name="berth/test/razorpay", SecretString=json.dumps(KEYS))["ARN"]
    fetch = credentials.fetcher(arn, deps.settings.region)
    assert json.loads(fetch()) == KEYS
    manager.put_secret_value(SecretId=arn, SecretString="{}")
    assert fetch() == "{}"
    manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    with pytest.raises(errors.Unavailable) as refused:
        fetch()
    assert "ResourceNotFoundException" in refused.value.cause


def test_a_parameter_of_systems_manager_is_read_by_its_arn(deps: Deps, aws: Embedded) -> None:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/berth/test/razorpay", Value=json.dumps(KEYS), Type="SecureString")
    arn = ssm.get_parameter(Name="/berth/test/razorpay")["Parameter"]["ARN"]
    assert json.loads(credentials.fetcher(arn, deps.settings.region)()) == KEYS
    with pytest.raises(errors.Unavailable) as refused:
        credentials.fetcher(f"{arn}-other", deps.settings.region)()
    assert "ParameterNotFound" in refused.value.cause


def read(stage: str, **env: str) -> Mapping[str, settings.GatewaySettings]:
    return settings.read({**ENVIRONMENT, "STAGE": stage, **env}).payment_gateways


@pytest.mark.parametrize("stage", ["dev", "prod", "test"])
@pytest.mark.parametrize(
    "name", ["RAZORPAY_SECRET", "RAZORPAY_URL", "PHONEPE_SECRET", "PHONEPE_URL"]
)
def test_plain_keys_and_other_addresses_are_for_the_local_runtime(stage: str, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(stage, **{name: "http://127.0.0.1"})


def test_the_local_runtime_takes_the_text_of_a_secret_and_an_address() -> None:
    text = json.dumps(KEYS)
    found = read("local", RAZORPAY_SECRET=text, RAZORPAY_URL="http://127.0.0.1:1")
    assert found == {"razorpay": settings.GatewaySettings(text, "http://127.0.0.1:1")}


def test_a_deployment_names_its_secrets_and_has_no_gateway_without_one() -> None:
    assert read("prod", RAZORPAY_SECRET_ARN="", PHONEPE_SECRET_ARN="") == {}
    assert read("prod", RAZORPAY_SECRET_ARN=ARN) == {"razorpay": settings.GatewaySettings(ARN)}
    with pytest.raises(SettingsError, match="RAZORPAY_SECRET_ARN must be the ARN"):
        read("prod", RAZORPAY_SECRET_ARN="berth/prod/razorpay")
