"""Alarms reach the people they are for: the topic is there, and CloudWatch may publish to it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra import package

Template = dict[str, Any]


def topics_of_alarms(template: Template) -> set[str]:
    """The logical ids of the topics that alarms publish to."""
    actions = [
        action
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        for action in resource["Properties"]["AlarmActions"]
    ]
    return {name for name in _references(actions) if name in template["Resources"]}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in ("Ref", "Fn::GetAtt"):
                yield each if isinstance(each, str) else each[0]
            else:
                yield from _references(each)


def silent_topics(template: Template) -> set[str]:
    """Topics of alarms to which CloudWatch cannot publish: encrypted with a key that it may not
    use, such as each key that AWS manages, or without a policy that lets it."""
    return {
        topic
        for topic in topics_of_alarms(template)
        if not (_may_publish(template, topic) and _may_encrypt(template, topic))
    }


def _may_publish(template: Template, topic: str) -> bool:
    return any(
        {"Ref": topic} in policy["Topics"] and _allows(policy["PolicyDocument"], {"sns:Publish"})
        for policy in _of_kind(template, "AWS::SNS::TopicPolicy")
    )


def _may_encrypt(template: Template, topic: str) -> bool:
    key = template["Resources"][topic]["Properties"].get("KmsMasterKeyId")
    if key is None:
        return True
    needed = {"kms:Decrypt", "kms:GenerateDataKey*"}
    return any(
        _allows(template["Resources"][name]["Properties"]["KeyPolicy"], needed)
        for name in _references(key)
    )


def _of_kind(template: Template, kind: str) -> Iterator[Template]:
    for resource in template["Resources"].values():
        if resource["Type"] == kind:
            yield resource["Properties"]


def _allows(policy: Template, actions: set[str]) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        and actions <= {*([a] if isinstance(a := statement["Action"], str) else a)}
        for statement in policy["Statement"]
    )


def test_cloudwatch_may_publish_to_the_topic_of_the_alarms(template: Template) -> None:
    assert topics_of_alarms(template) == {"AlarmTopic"}
    assert silent_topics(template) == set()


def _with_the_key_of_aws(template: Template) -> None:
    template["Resources"]["AlarmTopic"]["Properties"]["KmsMasterKeyId"] = "alias/aws/sns"


def _with_a_key_that_shuts_cloudwatch_out(template: Template) -> None:
    template["Resources"]["Key"] = {
        "Type": "AWS::KMS::Key",
        "Properties": {"KeyPolicy": {"Statement": []}},
    }
    template["Resources"]["AlarmTopic"]["Properties"]["KmsMasterKeyId"] = {"Ref": "Key"}


def _without_a_policy(template: Template) -> None:
    del template["Resources"]["AlarmTopicPolicy"]


def _with_the_policy_of_another_service(template: Template) -> None:
    policy = template["Resources"]["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]
    policy["Statement"][0]["Principal"] = {"Service": "ses.amazonaws.com"}


@pytest.mark.parametrize(
    "fault",
    [
        _with_the_key_of_aws,
        _with_a_key_that_shuts_cloudwatch_out,
        _without_a_policy,
        _with_the_policy_of_another_service,
    ],
)
def test_a_topic_that_cloudwatch_cannot_publish_to_would_be_found(
    template: Template, fault: Callable[[Template], None]
) -> None:
    faulty = copy.deepcopy(template)
    fault(faulty)
    assert silent_topics(faulty) == {"AlarmTopic"}


def test_a_key_that_lets_cloudwatch_in_would_do(template: Template) -> None:
    keyed = copy.deepcopy(template)
    _with_a_key_that_shuts_cloudwatch_out(keyed)
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    keyed["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"].append(allowed)
    assert silent_topics(keyed) == set()


def test_every_function_has_an_alarm(template: Template) -> None:
    watched = {
        dimension["Value"]["Ref"]
        for alarm in _of_kind(template, "AWS::CloudWatch::Alarm")
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert watched == set(package.functions().values())


def test_topic_and_policy_are_there_whenever_an_address_is_given(template: Template) -> None:
    resources = template["Resources"]
    conditions = {resources[name]["Condition"] for name in ("AlarmTopic", "AlarmTopicPolicy")}
    assert conditions == {"HasAlarmEmail"}
    [subscription] = resources["AlarmTopic"]["Properties"]["Subscription"]
    assert subscription == {"Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}


@pytest.mark.parametrize("function", ["APIHandler", "Outbox", "OutboxStream", "Reconcile", "Books"])
def test_a_review_case_raises_the_alarm_wherever_it_is_kept(
    template: Template, function: str
) -> None:
    counted = template["Resources"][f"{function}ParkedMetric"]["Properties"]
    (metric,) = counted["MetricTransformations"]
    alarm = template["Resources"]["ParkedAlarm"]["Properties"]

    assert '($.event = "payment review")' in counted["FilterPattern"]
    assert (metric["MetricName"], metric["MetricNamespace"]) == (
        alarm["MetricName"],
        alarm["Namespace"],
    )
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
