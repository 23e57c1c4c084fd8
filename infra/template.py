"""The template that `chalice package` merges over its own: infra/template.yaml, the tables, the
environment of the functions, and alarms: a failing function, a failing API, parked work."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from infra import tables

STATIC: Final = Path(__file__).with_name("template.yaml")
FIVE_MINUTES: Final = 300
METRICS: Final = {"Fn::Sub": "Berth/${AWS::StackName}"}
PARKED: Final = (
    '{ ($.event = "parked") || ($.event = "payment review") '
    '|| (($.event = "sweep") && ($.parked > 0)) }'
)
"""What the log says when something has failed five times, or does not fit what a payment gateway
shows, and now waits for a person."""


def build(stage: str, functions: Iterable[str], *, keep: bool) -> dict[str, Any]:
    """The template for a stage. `functions` are the CloudFormation names of its Lambda functions;
    `keep` lets the tables outlive the stack."""
    template: dict[str, Any] = yaml.safe_load(STATIC.read_text())
    template["Resources"] |= tables.resources(keep=keep)
    template["Resources"] |= {f"{name}ErrorsAlarm": _function_alarm(name) for name in functions}
    template["Resources"] |= {f"{name}ParkedMetric": _parked_metric(name) for name in functions}
    template["Resources"]["ServerErrorsAlarm"] = _api_alarm(stage)
    template["Resources"]["ParkedAlarm"] = _alarm("Work waits for a person", METRICS, "Parked", [])
    environment = template["Globals"]["Function"]["Environment"]["Variables"]
    environment |= tables.environment() | {
        "BASE_URL": {"Fn::If": ["HasBaseUrl", {"Ref": "BaseUrl"}, _address("RestAPI", stage)]},
        "WEBSOCKET_ENDPOINT": _address("WebsocketAPI", stage),
    }
    return template


def _address(api: str, stage: str) -> dict[str, Any]:
    """The address that AWS gives to an API of this stack."""
    return {
        "Fn::Sub": f"https://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}"
    }


def _function_alarm(name: str) -> dict[str, Any]:
    return _alarm(
        f"{name} failed", "AWS/Lambda", "Errors", [{"Name": "FunctionName", "Value": {"Ref": name}}]
    )


def _api_alarm(stage: str) -> dict[str, Any]:
    dimensions = [{"Name": "ApiName", "Value": "berth"}, {"Name": "Stage", "Value": stage}]
    return _alarm("The API answered with 5xx", "AWS/ApiGateway", "5XXError", dimensions)


def _parked_metric(name: str) -> dict[str, Any]:
    log_group = "ApiHandlerLogGroup" if name == "APIHandler" else f"{name}LogGroup"
    counted = {"MetricNamespace": METRICS, "MetricName": "Parked", "MetricValue": "1"}
    properties = {
        "LogGroupName": {"Ref": log_group},
        "FilterPattern": PARKED,
        "MetricTransformations": [counted],
    }
    return {"Type": "AWS::Logs::MetricFilter", "Properties": properties}


def _alarm(
    description: str, namespace: Any, metric: str, dimensions: list[dict[str, Any]]
) -> dict[str, Any]:
    tell = {"Fn::If": ["HasAlarmEmail", {"Ref": "AlarmTopic"}, {"Ref": "AWS::NoValue"}]}
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": dimensions,
            "Statistic": "Sum",
            "Period": FIVE_MINUTES,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [tell],
        },
    }
