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
