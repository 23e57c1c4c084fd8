"""`make deploy` against CloudFormation as it is documented, and moto's S3 and Secrets Manager."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra import deploy, package
from infra.account import Account
from infra.stacks import DeployError
from local.credentials import AwsError
from tests.infra.cloudformation import CloudFormation
from tests.infra.deployment import (
    ALL,
    FIRST,
    REGION,
    STACK,
    Deploy,
    add_bucket,
    change,
    deployed,
    given,
    never,
    objects,
)
from tests.infra.templates import ACCOUNT

# -- the first deployment


def test_every_function_of_the_first_deployment_can_read_its_settings(
    run: Deploy, cloud: CloudFormation
) -> None:
    run(**FIRST)
    for function in package.functions().values():
        found = deployed(cloud, function)
        assert found.stage == "dev"
        assert found.mail_from == "Berth <no-reply@example.org>"
        assert found.base_url == f"https://RestAPI.execute-api.{REGION}.amazonaws.com/dev"
        assert list(found.signing_keys) == ["k1"]
        assert found.cors_origins == ()
        assert found.payment_gateways == {}


def test_the_first_deployment_shows_what_is_made_and_what_to_do_next(
    run: Deploy, cloud: CloudFormation
) -> None:
    first, *_, address, links, key, alarms, admin = run(**FIRST)
    assert first == f"berth-dev in account {ACCOUNT}, region {REGION}"
    own = f"https://RestAPI.execute-api.{REGION}.amazonaws.com/dev"
    assert address == f"berth-dev is at {own}."
    assert links == f"Links in mails lead to {own}."
    assert key == "The key k1 signs."
    assert alarms.startswith("Alarms reach nobody.")
    assert admin.endswith("make admin STAGE=dev EMAIL=you@example.org")


def test_a_line_for_each_resource_shows_how_far_it_is(run: Deploy, cloud: CloudFormation) -> None:
    lines = [line for line in run(**FIRST) if " of " in line]
    count = len(cloud.stacks[STACK].resources)
    assert lines[0] == f"   1 of {count}  APIHandler created"
    assert len(lines) == count > 80
    assert lines[-1].startswith(f"{count:4} of {count}  ")


def test_what_is_uploaded_is_named_by_its_content(run: Deploy, session: Any) -> None:
    run(**FIRST)
    suffixes = sorted(Path(key).suffix for key in objects(session))
    assert suffixes == [".json", ".zip"]
    assert {key.rpartition("/")[0] for key in objects(session)} == {"berth/dev"}


# -- further deployments


def test_what_is_not_given_is_kept(run: Deploy, cloud: CloudFormation, out: Path) -> None:
    run(**ALL)
    change(out)
    lines = run()
    assert given(cloud) == ALL
    assert lines[1] == "Given: nothing. Kept: " + ", ".join(ALL) + "."
    assert "  15 of 15  WebsocketMessage updated" in lines
    assert deployed(cloud).base_url == "https://berth.example.org"
    assert {name: each.secret for name, each in deployed(cloud).payment_gateways.items()} == {
        "razorpay": ALL["RAZORPAY_SECRET_ARN"],
        "phonepe": ALL["PHONEPE_SECRET_ARN"],
    }


@pytest.mark.parametrize(
    "key", ["OPERATOR_CONTACT", "APP_URL", "BASE_URL", "CORS_ORIGINS", "ALARM_EMAIL"]
)
def test_what_is_given_changes_alone_and_empty_empties_it(
    run: Deploy, cloud: CloudFormation, key: str
) -> None:
    run(**FIRST)
    run(**{key: ALL[key]})
    assert given(cloud) == {**dict.fromkeys(ALL, ""), **FIRST, key: ALL[key]}
    run(**{key: ""})
    assert given(cloud)[key] == ""


def test_without_a_change_nothing_is_executed_or_sent_again(
    run: Deploy, cloud: CloudFormation, session: Any
) -> None:
    run(**FIRST)
    before = objects(session)
    cloud.asked.clear()
    lines = run()
    assert "Nothing has changed." in lines
    assert not [line for line in lines if "make admin" in line]
    assert objects(session) == before
    assert "ExecuteChangeSet" not in cloud.asked
    assert "DeleteChangeSet" in cloud.asked


# -- alarms


def test_alarms_reach_an_address_once_it_is_confirmed(run: Deploy, cloud: CloudFormation) -> None:
    assert "Alarms reach nobody yet: confirm me@example.org" in run(**ALL)[-2]
    cloud.confirmed.add("me@example.org")
    assert run()[-1] == "Alarms go to me@example.org."


# -- what fails


def test_a_first_deployment_that_fails_says_why_and_how_to_begin_again(
    run: Deploy, cloud: CloudFormation
) -> None:
    cloud.broken["LedgerTable"] = "Subscriber limit exceeded: too many tables."
    with pytest.raises(DeployError) as failed:
        run(**FIRST)
    assert str(failed.value) == (
        "berth-dev could not be created. LedgerTable (AWS::DynamoDB::Table) failed: Subscriber limit "
        "exceeded: too many tables. Mend the cause, delete the stack "
        "(aws cloudformation delete-stack --stack-name berth-dev), and deploy again."
    )
    with pytest.raises(DeployError, match=r"ROLLBACK_COMPLETE.*delete-stack"):
        run(**FIRST)


def test_a_deployment_that_fails_later_leaves_the_stack_as_it_was(
    run: Deploy, cloud: CloudFormation, out: Path
) -> None:
    run(**ALL)
    before = cloud.stacks[STACK].resources
    change(out)
    cloud.broken["Outbox"] = "Rate exceeded"
    with pytest.raises(DeployError, match=r"is as it was before. Outbox .* failed: Rate exceeded"):
        run(BASE_URL="https://new.example.org")
    assert cloud.stacks[STACK].resources == before
    cloud.broken.clear()
    run()
    assert given(cloud) == ALL


def test_what_failed_is_shown_while_the_changes_are_taken_back(
    session: Any, run: Deploy, cloud: CloudFormation, out: Path
) -> None:
    cloud.broken["LedgerTable"] = "Too many tables"
    lines: list[str] = []
    order = deploy.read({"STAGE": "dev", **FIRST})
    with pytest.raises(DeployError):
        deploy.deploy(order, Account.of(session, lines.append, cloud.tick), lambda: out)
    failures = [line for line in lines if "failed" in line]
    assert failures == [
        "LedgerTable (AWS::DynamoDB::Table) failed: Too many tables. "
        "CloudFormation takes the changes back."
    ]


def test_a_change_that_cloudformation_refuses_is_not_begun(
    run: Deploy, cloud: CloudFormation, out: Path
) -> None:
    template = json.loads((out / package.TEMPLATE).read_text())
    template["Parameters"]["New"] = {"Type": "String"}
    (out / package.TEMPLATE).write_text(json.dumps(template))
    with pytest.raises(
        AwsError, match=r"AWS refuses CreateChangeSet: .*'New'.* must have values\."
    ):
        run(**FIRST)


def test_a_deployment_that_would_empty_a_table_is_refused(
    run: Deploy, cloud: CloudFormation, out: Path
) -> None:
    run(**FIRST)
    template = json.loads((out / package.TEMPLATE).read_text())
    template["Resources"]["LedgerTable"]["Properties"]["KeySchema"].reverse()
    (out / package.TEMPLATE).write_text(json.dumps(template))
    cloud.asked.clear()
    with pytest.raises(DeployError, match="replace or remove LedgerTable"):
        run()
    assert "ExecuteChangeSet" not in cloud.asked


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_takes_no_deployment_says_so(
    run: Deploy, cloud: CloudFormation, status: str
) -> None:
    run(**FIRST)
    cloud.stacks[STACK].status = status
    with pytest.raises(DeployError, match=status):
        run()


def test_a_change_set_that_was_never_executed_is_no_deployment(
    run: Deploy, cloud: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as interrupted:
        interrupted.setattr(cloud, "ExecuteChangeSet", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(**FIRST)
    assert cloud.stacks[STACK].status == "REVIEW_IN_PROGRESS"
    with pytest.raises(DeployError, match="MAIL_FROM"):
        run(BUCKET="bundles")
    run(**FIRST)
    assert cloud.stacks[STACK].status == "CREATE_COMPLETE"


# -- what is missing, before anything is sent


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "Say BUCKET=…: The S3 bucket"),
        ({"BUCKET": "bundles"}, "Say MAIL_FROM=…: The address mails come from"),
        (FIRST | {"BUCKET": "nowhere"}, "no bucket nowhere. Make it: aws s3 mb s3://nowhere"),
        (FIRST | {"BUCKET": "elsewhere"}, "elsewhere is in eu-west-1, the stack in eu-north-1"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_made(
    session: Any, cloud: CloudFormation, environment: dict[str, str], why: str
) -> None:
    add_bucket(session, "elsewhere", "eu-west-1")
    order = deploy.read({"STAGE": "dev", **environment})
    with pytest.raises(DeployError, match=why):
        deploy.deploy(order, Account.of(session, lambda line: None, cloud.tick), never)
    assert cloud.asked == ["DescribeStacks"]
    assert objects(session) == set()
    assert session.create_client("secretsmanager").list_secrets()["SecretList"] == []


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "Say which stage to deploy: STAGE=dev or STAGE=prod."),
        ({"STAGE": "local"}, "Say which stage to deploy"),
        ({"STAGE": "dev", "MAIL_FROM": "me"}, "MAIL_FROM must be a mail address, not 'me'."),
        ({"STAGE": "dev", "MAIL_FROM": ""}, "MAIL_FROM must be a mail address"),
        ({"STAGE": "dev", "BASE_URL": "http://x"}, "BASE_URL must begin with https://"),
        ({"STAGE": "dev", "BUCKET": "My Bucket"}, "BUCKET must be the name of a bucket"),
        (
            {"STAGE": "dev", "CORS_ORIGINS": "app.example.org"},
            "CORS_ORIGINS must be origins such as",
        ),
        ({"STAGE": "dev", "ROTATE_KEY": "yes"}, "ROTATE_KEY must be 0 or 1, not 'yes'."),
    ],
)
def test_a_wrong_value_is_named(environment: dict[str, str], why: str) -> None:
    with pytest.raises(DeployError, match=why):
        deploy.read(environment)


@pytest.mark.parametrize(
    "origins", ["", "*", "http://localhost:3000", "https://a.example, https://b.example"]
)
def test_origins_may_be_several_or_all(origins: str) -> None:
    assert deploy.read({"STAGE": "dev", "CORS_ORIGINS": origins}).given == {"CorsOrigins": origins}


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_ACCESS_KEY_ID"])
def test_the_command_ends_in_a_sentence_without_region_or_credentials(
    variable: str, nobody: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "dev")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv(variable)
    with pytest.raises(SystemExit, match=r"^No AWS (region is set|credentials were found)\."):
        deploy.main()
