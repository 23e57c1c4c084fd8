"""The template that `chalice package` merges over its own: infra/template.yaml, the tables, the
environment of the functions, and an alarm for each function and for the API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from infra import tables

STATIC: Final = Path(__file__).with_name("template.yaml")
FIVE_MINUTES: Final = 300


def build(stage: str, functions: Iterable[str], *, keep: bool) -> dict[str, Any]:
    """The template for a stage. `functions` are the CloudFormation names of its Lambda functions;
    `keep` lets the tables outlive the stack."""
    template: dict[str, Any] = yaml.safe_load(STATIC.read_text())
    template["Resources"] |= tables.resources(keep=keep)
    template["Resources"] |= {f"{name}ErrorsAlarm": _function_alarm(name) for name in functions}
    template["Resources"]["ServerErrorsAlarm"] = _api_alarm(stage)
    template["Globals"]["Function"]["Environment"]["Variables"] |= tables.environment()
    return template


def _function_alarm(name: str) -> dict[str, Any]:
    return _alarm(
        f"{name} failed", "AWS/Lambda", "Errors", [{"Name": "FunctionName", "Value": {"Ref": name}}]
    )


def _api_alarm(stage: str) -> dict[str, Any]:
    dimensions = [{"Name": "ApiName", "Value": "berth"}, {"Name": "Stage", "Value": stage}]
    return _alarm("The API answered with 5xx", "AWS/ApiGateway", "5XXError", dimensions)


def _alarm(
    description: str, namespace: str, metric: str, dimensions: list[dict[str, Any]]
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
