from __future__ import annotations

import pytest

from chalicelib import settings
from chalicelib.settings import SettingsError
from tests.backend import ENVIRONMENT


@pytest.mark.parametrize("stage", ["dev", "prod", "test"])
def test_webhooks_lead_to_this_machine_in_the_local_runtime_only(stage: str) -> None:
    wanted = {**ENVIRONMENT, "STAGE": stage, "WEBHOOKS_TO_LOOPBACK": "1"}
    with pytest.raises(SettingsError, match="WEBHOOKS_TO_LOOPBACK"):
        settings.read(wanted)
    assert settings.read({**wanted, "STAGE": "local"}).webhooks_to_loopback
    assert not settings.read({**ENVIRONMENT, "STAGE": stage}).webhooks_to_loopback


@pytest.mark.parametrize("stage", [{}, {"STAGE": ""}])
def test_a_deployment_without_a_stage_is_refused(stage: dict[str, str]) -> None:
    nameless = {name: value for name, value in ENVIRONMENT.items() if name != "STAGE"} | stage
    with pytest.raises(SettingsError, match="STAGE is not set"):
        settings.read(nameless)


def test_a_upi_address_is_one_or_absent() -> None:
    assert settings.read(ENVIRONMENT).upi_address is None
    assert settings.read({**ENVIRONMENT, "UPI_ADDRESS": ""}).upi_address is None
    assert settings.read({**ENVIRONMENT, "UPI_ADDRESS": "a.b-1@bank"}).upi_address == "a.b-1@bank"
    for wrong in ("parking", "parking@", "@bank", "par king@bank", "a@b&am=1", "parking@1bank"):
        with pytest.raises(SettingsError, match="UPI_ADDRESS"):
            settings.read({**ENVIRONMENT, "UPI_ADDRESS": wrong})
