"""The keys of PhonePe in a secret, and which API they are for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import settings
from chalicelib.domain.core import errors
from chalicelib.gateways.payments.phonepe import PhonePe
from chalicelib.gateways.payments.phonepe_connect import addresses, connect
from chalicelib.gateways.payments.phonepe_keys import read, read_v1
from chalicelib.gateways.payments.phonepe_v1 import PhonePeV1
from chalicelib.gateways.payments.protocol import PaymentGateway
from tests.backend import ENVIRONMENT
from tests.clock import Clock
from tests.phonepe import at_phonepe, new_order

V2 = {
    "client_id": "BERTH_2611",
    "client_version": "1",
    "client_secret": "client-secret",
    "webhook_username": "berth_hook",
    "webhook_password": "Passw0rd1",
}
V1 = {"merchant_id": "BERTHUAT", "salt_key": "6b451f58-d565", "salt_index": "1"}


def connected(secret: dict[str, str] | None, clock: Clock, **more: str) -> PaymentGateway | None:
    named = {} if secret is None else {"PHONEPE_SECRET": json.dumps(secret)}
    environment = {**ENVIRONMENT, "STAGE": "local", **named, **more}
    return connect(settings.read(environment), clock.now)


def test_the_keys_of_v2_are_read() -> None:
    keys = read(V2)
    assert (keys.client_id, keys.client_version, keys.client_secret) == (
        "BERTH_2611", "1", "client-secret",
    )  # fmt: skip
    assert keys.webhook_logins == ("berth_hook:Passw0rd1",)


def test_while_a_login_is_replaced_there_are_two() -> None:
    keys = read(
        {**V2, "previous_webhook_username": "old", "previous_webhook_password": "Passw0rd0"}
    )
    assert keys.webhook_logins == ("berth_hook:Passw0rd1", "old:Passw0rd0")


def test_the_salts_of_v1_are_read_by_index() -> None:
    keys = read_v1({**V1, "previous_salt_key": "old", "previous_salt_index": "2"})
    assert (keys.merchant_id, keys.salt_index) == ("BERTHUAT", "1")
    assert keys.salts == {"1": "6b451f58-d565", "2": "old"}


@pytest.mark.parametrize("name", [*V2, "previous_webhook_password"])
def test_keys_without_a_part_are_none(name: str) -> None:
    secret = {**V2, "previous_webhook_username": "old", "previous_webhook_password": "Passw0rd0"}
    with pytest.raises(errors.Unavailable):
        read({key: value for key, value in secret.items() if key != name})


@pytest.mark.parametrize("name", V1)
def test_salts_without_a_part_are_none(name: str) -> None:
    with pytest.raises(errors.Unavailable):
        read_v1({key: value for key, value in V1.items() if key != name})


def test_a_username_with_a_colon_is_none() -> None:
    with pytest.raises(errors.Unavailable):
        read({**V2, "webhook_username": "a:b"})


def test_without_keys_there_is_no_phonepe() -> None:
    assert connected(None, Clock()) is None


@pytest.mark.parametrize(("secret", "kind"), [(V2, PhonePe), (V1, PhonePeV1)], ids=["v2", "v1"])
def test_the_keys_say_which_api_is_used(secret: dict[str, str], kind: Any) -> None:
    clock = Clock()
    with at_phonepe(clock) as at:
        gateway = connected(secret, clock, PHONEPE_URL=at.emulator.url)
        assert isinstance(gateway, kind)
        page = gateway.create_order(new_order(clock)).pay_url
        assert page is not None
        assert page.startswith(at.emulator.url)


@pytest.mark.parametrize("secret", [{}, {"client_id": "x"}, {"salt_key": "x"}])
def test_keys_that_are_incomplete_fail_when_they_are_needed(secret: dict[str, str]) -> None:
    clock = Clock()
    gateway = connected({"note": "x", **secret}, clock)
    assert gateway is not None
    with pytest.raises(errors.Unavailable):
        gateway.create_order(new_order(clock))


def test_only_live_keys_are_for_the_phonepe_of_real_money() -> None:
    live, test = addresses(None, live=True), addresses(None, live=False)
    assert live.api == "https://api.phonepe.com/apis/pg"
    assert live.sign_in == "https://api.phonepe.com/apis/identity-manager"
    assert live.api_v1 == "https://api.phonepe.com/apis/hermes"
    assert set(test) == {"https://api-preprod.phonepe.com/apis/pg-sandbox"}
