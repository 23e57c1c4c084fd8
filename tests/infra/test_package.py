"""What `make package` hands to CloudFormation, without the libraries."""

from __future__ import annotations

import ast
import importlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration

from chalicelib import sweeps
from chalicelib.api.web.dispatch import EVERY_PATH
from chalicelib.domain.sites.policy import Policy
from chalicelib.store.outbox import STREAM_LEASE
from infra import docstrings, package, policies, tables
from local.gateway import SMALLEST_COMPRESSED
from tests.wording import fault_in

_WITHOUT_A_NETWORK = """
import socket
def refuse(*arguments): raise AssertionError("a connection while importing")
socket.socket.connect = refuse
import app
assert callable(app.app)
"""


@pytest.mark.parametrize("stage", package.STAGES)
def test_chalice_accepts_the_app_for_every_stage(stage: str) -> None:
    factory = CLIFactory(str(package.ROOT), environ=dict(os.environ))
    config = factory.create_config_obj(chalice_stage_name=stage)

    assert fault_in(lambda: validate_configuration(config)) is None


def test_the_app_is_imported_without_settings_credentials_or_a_network() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_A_NETWORK],
        cwd=package.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_cfn_lint_finds_nothing(packaged: Path) -> None:
    assert fault_in(lambda: package.lint(packaged)) is None


def test_cfn_lint_would_find_a_broken_template(tmp_path: Path) -> None:
    broken = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}}}
    (tmp_path / package.TEMPLATE).write_text(json.dumps(broken))

    with pytest.raises(package.PackagingError, match="KeySchema"):
        package.lint(tmp_path)


def test_the_bundle_holds_our_code_and_chalices_and_nothing_else(packaged: Path) -> None:
    with zipfile.ZipFile(packaged / package.BUNDLE) as bundle:
        top = {name.split("/")[0] for name in bundle.namelist()}

    assert top == {"app.pyc", "chalice", "chalicelib", "early.bin", "early.pyc", "later.pyc"}


def test_a_bundle_that_has_grown_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / package.BUNDLE).write_bytes(bytes(package.LARGEST_BUNDLE))
    package.require_small(tmp_path)
    (tmp_path / package.BUNDLE).write_bytes(bytes(package.LARGEST_BUNDLE + 10_000))

    with pytest.raises(package.PackagingError, match=r"3\.01 MB"):
        package.require_small(tmp_path)


def test_the_bundle_has_the_docstrings_that_openapi_reads_and_no_others(packaged: Path) -> None:
    with zipfile.ZipFile(packaged / package.BUNDLE) as bundle:
        views = bundle.read("chalicelib/api/bookings/quotes.pyc")
        rules = bundle.read("chalicelib/domain/sites/policy.pyc")
        store = bundle.read("chalicelib/store/papers.pyc")

    assert b"What a booking would cost" in views
    assert (Policy.__doc__ or "").encode() in rules
    assert b"The papers of a booking as they are now" not in store


def test_a_source_without_docstrings_does_the_same_on_the_same_lines() -> None:
    for path in (package.ROOT / "chalicelib").rglob("*.py"):
        source = path.read_text()
        assert _undocumented(docstrings.without(source)) == _undocumented(source), path


def _undocumented(source: str) -> tuple[str, list[int | None]]:
    """What a source does, and on which lines."""
    tree = ast.parse(source)
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree), [getattr(node, "lineno", None) for node in ast.walk(tree)]


def test_the_bundle_holds_modules_in_one_form_only(packaged: Path) -> None:
    with zipfile.ZipFile(packaged / package.BUNDLE) as bundle:
        kinds = Counter(Path(name).suffix for name in bundle.namelist())

    assert kinds.keys() == {".bin", ".css", ".html", ".js", ".json", ".pyc"}
    assert kinds[".pyc"] > 100


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the sources do."""
    steps = tmp_path_factory.mktemp("rehearsed") / package.STEPS
    package.rehearse(steps)
    return steps


def test_the_rehearsal_asks_what_is_declared_and_what_is_not(rehearsed: Path) -> None:
    steps = json.loads(rehearsed.read_text())
    asked = [step for step in steps if step["function"] == "app"]

    assert {step["function"] for step in steps} >= {"app", "outbox_stream", "outbox", "reminders"}
    assert max(len(step["replies"]) for step in steps) > 3
    outcomes = {(step["event"]["httpMethod"], step["status"]) for step in asked}
    assert outcomes >= {("HEAD", 200), ("PUT", 405), ("OPTIONS", 204), ("GET", 404)}
    assert {step["event"]["resource"] for step in asked} == {EVERY_PATH}


def test_what_was_rehearsed_works_with_the_bundle(
    packaged: Path, rehearsed: Path, tmp_path: Path
) -> None:
    shutil.copy(packaged / package.BUNDLE, tmp_path)

    assert fault_in(lambda: package.repeat(tmp_path, rehearsed, flags=())) is None


def test_a_bundle_that_lacks_something_is_found_out(
    packaged: Path, rehearsed: Path, tmp_path: Path
) -> None:
    lost = "chalicelib/rendering/mail/qr.pyc"
    _without(lost, packaged / package.BUNDLE, tmp_path / package.BUNDLE)

    with pytest.raises(package.PackagingError, match="qr"):
        package.repeat(tmp_path, rehearsed, flags=())


def _without(lost: str, whole: Path, out: Path) -> None:
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            if entry.filename != lost:
                target.writestr(entry, source.read(entry))


def test_every_function_that_is_deployed_has_a_policy_of_its_own(template: dict[str, Any]) -> None:
    functions = {name: function["Role"] for name, function in _functions(template)}

    assert functions.keys() == set(package.functions().values())
    assert len({json.dumps(role) for role in functions.values()}) == len(functions)
    assert policies.GRANTS.keys() == package.functions().keys()


def test_every_handler_is_found_in_the_root_so_that_all_of_the_app_is_loaded(
    template: dict[str, Any],
) -> None:
    root = importlib.import_module("app")

    for _, function in _functions(template):
        module, _, name = function["Handler"].partition(".")
        assert module == "app"
        assert callable(getattr(root, name))


def test_no_policy_names_all_tables_or_all_of_anything_in_dynamodb(
    template: dict[str, Any],
) -> None:
    named = [
        (resource, action)
        for statement in _statements(template)
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
        if action.startswith("dynamodb:")
    ]

    assert named
    assert not [pair for pair in named if pair[0] == "*" or "*" in pair[1]]


def test_every_function_writes_its_log_and_nobody_elses(template: dict[str, Any]) -> None:
    logs = [s for s in _statements(template) if "logs:PutLogEvents" in _listed(s["Action"])]

    assert len(logs) == len(package.functions())
    assert all("${AWS::StackName}-" in statement["Resource"]["Fn::Sub"] for statement in logs)


def test_only_what_asks_a_payment_gateway_reads_keys_and_only_where_the_stack_has_some(
    template: dict[str, Any],
) -> None:
    wanted = {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
    found: dict[str, dict[str, Any]] = {}
    for name, function in _functions(template):
        role = template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
        for statement in (
            s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]
        ):
            plain = policies.plain(statement)
            if wanted & {*_listed(plain["Action"])}:
                assert {*_listed(plain["Action"])} == wanted
                found.setdefault(name, {})[statement["Fn::If"][0]] = plain["Resource"]

    secrets = {
        "HasRazorpaySecret": {"Ref": "RazorpaySecretArn"},
        "HasPhonepeSecret": {"Ref": "PhonepeSecretArn"},
    }
    names = package.functions()
    assert found == {names[name]: secrets for name in policies.ASKS_GATEWAYS}


def test_every_table_reaches_the_functions_by_its_variable(template: dict[str, Any]) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    for table, _ in tables.models():
        assert variables[f"TABLE_{table.upper()}"] == {"Ref": tables.logical_id(table)}


def test_the_outbox_is_delivered_from_the_stream_of_its_own_table(template: dict[str, Any]) -> None:
    source = template["Resources"]["OutboxStream"]["Properties"]["Events"]

    streams = [event["Properties"]["Stream"] for event in source.values()]
    assert streams == [{"Fn::GetAtt": ["OutboxTable", "StreamArn"]}]


def test_what_becomes_of_a_mail_reaches_its_function_and_only_the_mail_service_may_tell(
    template: dict[str, Any],
) -> None:
    resources, topic = template["Resources"], {"Ref": "MailEventsTopic"}
    destination = resources["MailEventsDestination"]["Properties"]
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["MAIL_EVENTS"] == destination["ConfigurationSetName"]
    assert destination["EventDestination"]["SnsDestination"]["TopicARN"] == topic
    [source] = resources["MailEvents"]["Properties"]["Events"].values()
    assert (source["Type"], source["Properties"]) == ("SNS", {"Topic": topic})
    policy = resources["MailEventsTopicPolicy"]["Properties"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [topic]
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}


def test_word_of_a_mail_that_cannot_be_carried_out_is_kept(template: dict[str, Any]) -> None:
    function = template["Resources"]["MailEvents"]["Properties"]
    queue = {"Fn::GetAtt": ["MailEventsFailed", "Arn"]}

    assert function["DeadLetterQueue"]["TargetArn"] == queue
    assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 2
    sends = [s for s in _statements(template) if "sqs:SendMessage" in _listed(s["Action"])]
    assert [statement["Resource"] for statement in sends] == [queue]


@pytest.mark.parametrize(
    ("function", "lane"), [("OutboxStream", "waiting."), ("WebhookCalls", "calls.")]
)
def test_only_a_new_effect_of_its_lane_wakes_a_function_that_delivers(
    template: dict[str, Any], function: str, lane: str
) -> None:
    [source] = template["Resources"][function]["Properties"]["Events"].values()
    assert source["Properties"]["Stream"] == {"Fn::GetAtt": ["OutboxTable", "StreamArn"]}

    [wakes] = source["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(wakes["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"pk": {"S": [{"prefix": lane}]}}},
    }


def test_every_function_tells_an_alarm_when_it_parks_something(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    groups = {
        resource["Properties"]["LogGroupName"]["Ref"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Logs::MetricFilter"
    }

    assert groups == {n for n, r in resources.items() if r["Type"] == "AWS::Logs::LogGroup"}
    assert resources["ParkedAlarm"]["Properties"]["MetricName"] == "Parked"


def test_a_sweep_stops_by_itself_before_its_function_is_stopped(template: dict[str, Any]) -> None:
    timeouts = {name: function["Timeout"] for name, function in _functions(template)}

    assert timeouts.pop("APIHandler") < 29  # API Gateway's own limit
    assert min(timeouts.values()) > sweeps.BUDGET
    assert max(timeouts.values()) < STREAM_LEASE.total_seconds()


def test_the_functions_get_the_version_of_the_secret_that_the_deployment_names(
    template: dict[str, Any],
) -> None:
    keys = template["Globals"]["Function"]["Environment"]["Variables"]["SIGNING_KEYS"]
    secret = "${SigningKeysArn}:SecretString:::${SigningKeysVersion}"

    assert keys == {"Fn::Sub": f"{{{{resolve:secretsmanager:{secret}}}}}"}
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert "AWS::SecretsManager::Secret" not in kinds  # or it would go with its stack


def test_every_method_of_every_path_reaches_the_app(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    name = resources["APIHandler"]["Properties"]["FunctionName"]["Fn::Sub"]

    assert paths.keys() == {"/", EVERY_PATH}
    for path in paths.values():
        [(method, declared)] = path.items()
        assert method == "x-amazon-apigateway-any-method"
        integration = declared["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert integration["uri"]["Fn::Sub"].endswith(f":function:{name}/invocations")


def test_the_deployed_api_compresses_as_the_local_one_does(template: dict[str, Any]) -> None:
    api = template["Resources"]["RestAPI"]["Properties"]
    assert api["MinimumCompressionSize"] == SMALLEST_COMPRESSED


def test_the_api_names_its_function_and_the_function_knows_the_api(
    template: dict[str, Any],
) -> None:
    """A reference each way would be a circle, which cfn-lint does not see."""
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    assert "APIHandler" not in json.dumps(template["Resources"]["RestAPI"])
    condition, given, own = variables["BASE_URL"]["Fn::If"]
    assert (condition, given) == ("HasBaseUrl", {"Ref": "BaseUrl"})
    assert own["Fn::Sub"].startswith("https://${RestAPI}.")


def test_what_the_api_answers_by_itself_has_our_shape(template: dict[str, Any]) -> None:
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]

    for answer in answers.values():
        text = answer["ResponseTemplates"]["application/json"]
        shown = json.loads(text.replace("$context.error.messageString", '"why"'))
        assert shown.keys() == {"error", "request_id"}
        assert shown["error"].keys() == {"code", "message"}


def test_the_template_is_compact(packaged: Path) -> None:
    text = (packaged / package.TEMPLATE).read_text()

    assert text == json.dumps(json.loads(text), separators=(",", ":"))


def _functions(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            yield name, resource["Properties"]


def _statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        for policy in resource.get("Properties", {}).get("Policies", []):
            yield from map(policies.plain, policy["PolicyDocument"]["Statement"])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
