"""The keys that sign: rotated, dropped, and kept when their stack goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.core import errors
from chalicelib.gateways.tokens import Tokens
from infra import package
from infra.stacks import DeployError
from tests.clock import NOON
from tests.infra.cloudformation import CloudFormation
from tests.infra.deployment import FIRST, Deploy, change, deployed, keys_of


def test_a_rotated_key_signs_and_the_old_one_verifies_until_it_is_dropped(
    run: Deploy, cloud: CloudFormation, out: Path
) -> None:
    run(**FIRST)
    old = Tokens(deployed(cloud).signing_keys)
    link = old.link("cancel", "BK1", 0, NOON + timedelta(days=1))

    assert "The key k2 signs. k1 still verifies." in run(ROTATE_KEY="1")
    change(out)
    assert "The key k2 signs. k1 still verifies." in run()
    new = Tokens(deployed(cloud).signing_keys)
    assert new.read_link(link, NOON).subject_id == "BK1"
    with pytest.raises(errors.LinkExpired):
        old.read_link(new.link("cancel", "BK1", 0, NOON + timedelta(days=1)), NOON)

    assert "The key k2 signs." in run(DROP_KEY="k1")
    with pytest.raises(errors.LinkExpired):
        Tokens(deployed(cloud).signing_keys).read_link(link, NOON)


def test_a_key_that_has_leaked_is_replaced_at_once(run: Deploy, cloud: CloudFormation) -> None:
    run(**FIRST)
    run(ROTATE_KEY="1", DROP_KEY="k1")
    assert list(deployed(cloud).signing_keys) == ["k2"]


def test_every_function_gets_a_rotated_key(run: Deploy, cloud: CloudFormation) -> None:
    run(**FIRST)
    run(ROTATE_KEY="1")
    functions = package.functions().values()
    assert {tuple(deployed(cloud, name).signing_keys) for name in functions} == {("k2", "k1")}


def test_a_rotation_whose_deployment_failed_is_finished_by_the_next(
    run: Deploy, cloud: CloudFormation
) -> None:
    run(**FIRST)
    cloud.broken["Outbox"] = "Rate exceeded"
    with pytest.raises(DeployError, match="Rate exceeded"):
        run(ROTATE_KEY="1")
    assert list(deployed(cloud).signing_keys) == ["k1"]
    cloud.broken.clear()
    run()
    assert list(deployed(cloud).signing_keys) == ["k2", "k1"]


@pytest.mark.parametrize(
    ("key", "why"), [("k1", "k1 signs: give ROTATE_KEY=1 as well"), ("k7", "no key k7 .* are: k1")]
)
def test_a_key_that_cannot_be_dropped_is_named(
    run: Deploy, session: Any, cloud: CloudFormation, key: str, why: str
) -> None:
    run(**FIRST)
    before = keys_of(session)
    cloud.asked.clear()
    with pytest.raises(DeployError, match=why):
        run(DROP_KEY=key)
    assert keys_of(session) == before
    assert "CreateChangeSet" not in cloud.asked


def test_the_keys_outlive_their_stack_and_the_next_one_uses_them(
    run: Deploy, cloud: CloudFormation
) -> None:
    run(**FIRST)
    before = deployed(cloud).signing_keys
    cloud.stacks.clear()
    run(**FIRST)
    assert deployed(cloud).signing_keys == before


def test_no_key_is_shown_and_none_is_in_what_is_uploaded(
    run: Deploy, session: Any, out: Path
) -> None:
    lines = "\n".join([*run(**FIRST), *run(ROTATE_KEY="1")])
    template = (out / package.TEMPLATE).read_text()
    for key in keys_of(session).split(","):
        secret = key.partition(":")[2]
        assert len(secret) == 64
        assert secret not in lines + template
