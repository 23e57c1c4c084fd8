"""Whether the alarms of a stack reach a person."""

from __future__ import annotations

from infra.account import Account
from infra.stacks import Stack


def reach(account: Account, stack: Stack) -> str:
    """A sentence for the operator. AWS mails nothing to an address before its owner has confirmed
    it."""
    email = stack.parameters.get("AlarmEmail")
    if not email:
        return "Alarms reach nobody. To get them, deploy again with ALARM_EMAIL=you@example.org."
    topic = account.cloudformation.describe_stack_resource(
        StackName=stack.name, LogicalResourceId="AlarmTopic"
    )["StackResourceDetail"]["PhysicalResourceId"]
    subscriptions = account.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if any(each["SubscriptionArn"].startswith("arn:") for each in subscriptions):
        return f"Alarms go to {email}."
    return f"Alarms reach nobody yet: confirm {email} with the link that AWS has mailed there."
