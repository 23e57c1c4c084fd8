"""What each function may do, and nothing more: one IAM policy each, written by `make package`.

A transaction needs the permissions of its parts, so TransactWriteItems is not named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infra import tables

READ: Final = ("GetItem", "Query")
READ_MANY: Final = ("BatchGetItem", *READ)
ADD: Final = ("PutItem",)
CHANGE: Final = ("PutItem", "UpdateItem")
CHANGE_AND_DELETE: Final = ("DeleteItem", *CHANGE)
CHECK: Final = ("ConditionCheckItem",)
STREAM: Final = ("DescribeStream", "GetRecords", "GetShardIterator")

Grants = dict[str, tuple[str, ...]]

_SETTLES: Final[Grants] = {
    "bookings": READ_MANY + CHANGE,
    "inventory": READ + CHANGE_AND_DELETE,
    "accounts": ("GetItem", *CHANGE),
    "ledger": ADD,
    "outbox": ADD,
    "audit": ADD,
}
_ENDS_STAYS: Final[Grants] = _SETTLES | {"bookings": READ_MANY + CHANGE_AND_DELETE}
"""The end of a stay that a season pass covers deletes the note that its vehicle is inside."""

_ASKS: Final[Grants] = _ENDS_STAYS | {
    "inventory": READ_MANY + CHANGE_AND_DELETE + CHECK,
    "ledger": READ_MANY + ADD,
    "audit": ADD + CHECK,
}
_EXPIRES: Final[Grants] = {
    "bookings": READ_MANY + CHANGE,
    "inventory": READ + CHANGE_AND_DELETE,
    "outbox": ADD,
}
_PROVES: Final[Grants] = {
    "bookings": READ_MANY,
    "inventory": READ,
    "ledger": READ_MANY + ADD,
    "audit": READ + ADD + CHECK,
}
_HEARS_OF_MAIL: Final[Grants] = {
    "bookings": READ_MANY + CHANGE,
    "inventory": READ + CHANGE_AND_DELETE,
    "accounts": ("GetItem", "PutItem"),
    "outbox": ADD,
}
_DELIVERS: Final[Grants] = {
    "bookings": READ_MANY + CHANGE_AND_DELETE,
    "inventory": READ_MANY + CHANGE_AND_DELETE + CHECK,
    "accounts": READ_MANY + CHANGE,
    "ledger": ("Query", *ADD),
    "outbox": ("BatchWriteItem", *READ, *CHANGE_AND_DELETE),
    "audit": ADD + CHECK,
}
_CALLS: Final[Grants] = {
    "inventory": ("GetItem", "PutItem"),
    "accounts": ("BatchGetItem", "Query"),
    "outbox": ("GetItem", *CHANGE_AND_DELETE),
}
_RENEWS: Final[Grants] = {"accounts": READ_MANY + CHANGE}
"""A stay of a debtor renews by itself where the debt is to another owner: these are read."""

_LISTENS: Final[Grants] = {
    "inventory": ("GetItem",),
    "accounts": ("GetItem",),
    "outbox": ("BatchWriteItem", *READ, *CHANGE_AND_DELETE),
}

GRANTS: Final[dict[str, Grants]] = {
    "api_handler": {
        "bookings": READ_MANY + CHANGE_AND_DELETE + CHECK,
        "inventory": READ_MANY + CHANGE_AND_DELETE + CHECK,
        "accounts": READ_MANY + CHANGE_AND_DELETE,
        "ledger": READ_MANY + ADD,
        "outbox": ("BatchWriteItem", *READ, *CHANGE_AND_DELETE),
        "audit": ("DeleteItem", *READ, *ADD, *CHECK),
    },
    "auto_checkout": _ENDS_STAYS | _RENEWS,
    "expire_bookings": _SETTLES,
    "reminders": _SETTLES,
    "auto_cancel": _SETTLES,
    "waitlist_expiry": _EXPIRES,
    "outbox": _DELIVERS,
    "outbox_stream": _DELIVERS,
    "reconcile": _ASKS | _RENEWS,
    "books": _PROVES,
    "webhook_calls": _CALLS,
    "mail_events": _HEARS_OF_MAIL,
    "websocket_connect": {},
    "websocket_message": _LISTENS,
    "websocket_disconnect": {"outbox": ("BatchWriteItem", "DeleteItem", "Query")},
}
"""Function -> table -> what it may do there, the table's indexes included in its queries."""

SENDS_MAIL: Final = frozenset({"api_handler", "outbox", "outbox_stream"})
"""The API among them, because an admin may run a sweep by hand."""

ASKS_GATEWAYS: Final = frozenset({"api_handler", "outbox", "outbox_stream", "reconcile"})
"""They ask payment gateways, and so read their keys."""

WRITES_TO_SOCKETS: Final = SENDS_MAIL | {"websocket_message"}

READS_STREAM: Final = frozenset({"outbox_stream", "webhook_calls"})

HEARS_OF_MAIL: Final = frozenset({"mail_events"})


def document(function: str) -> dict[str, Any]:
    """The IAM policy of a function. Raises KeyError for a function without a row in GRANTS."""
    return {"Version": "2012-10-17", "Statement": list(_statements(function))}


def plain(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement as it is where its condition holds."""
    return statement["Fn::If"][1] if "Fn::If" in statement else statement


def _statements(function: str) -> Iterator[dict[str, Any]]:
    yield _logs()
    for table, actions in GRANTS[function].items():
        yield from _table(table, actions)
    if function in SENDS_MAIL:
        yield _mail()
    if function in WRITES_TO_SOCKETS:
        yield _sockets()
    if function in ASKS_GATEWAYS:
        yield from (_reads_keys(name) for name in ("Razorpay", "Phonepe"))
    if function in READS_STREAM:
        yield _allow(STREAM, [{"Fn::GetAtt": [tables.logical_id("outbox"), "StreamArn"]}])
        yield _allow(("ListStreams",), [{"Fn::Sub": "${OutboxTable.Arn}/stream/*"}])
    if function in HEARS_OF_MAIL:
        yield _keeps_what_fails()


def _table(table: str, actions: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    table_id = tables.logical_id(table)
    yield _allow(actions, [{"Fn::GetAtt": [table_id, "Arn"]}])
    indexes = tables.indexes(dict(tables.models())[table])
    if "Query" in actions and indexes:
        arns = [{"Fn::Sub": f"${{{table_id}.Arn}}/index/{index}"} for index in indexes]
        yield _allow(("Query",), arns)


def _allow(actions: tuple[str, ...], resources: list[dict[str, Any]]) -> dict[str, Any]:
    named = sorted(f"dynamodb:{action}" for action in actions)
    return {"Effect": "Allow", "Action": named, "Resource": resources}


def _logs() -> dict[str, Any]:
    groups = (
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
        ":log-group:/aws/lambda/${AWS::StackName}-*"
    )
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {"Fn::Sub": groups},
    }


def _keeps_what_fails() -> dict[str, Any]:
    queue = {"Fn::GetAtt": ["MailEventsFailed", "Arn"]}
    return {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}


def _reads_keys(gateway: str) -> dict[str, Any]:
    """The statement for the one secret with a gateway's keys, where the stack has one."""
    statement = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "ssm:GetParameter"],
        "Resource": {"Ref": f"{gateway}SecretArn"},
    }
    return {"Fn::If": [f"Has{gateway}Secret", statement, {"Ref": "AWS::NoValue"}]}


def _mail() -> dict[str, Any]:
    ours = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
    kinds = ("identity/*", "configuration-set/${MailEventsSet}")
    return {
        "Effect": "Allow",
        "Action": "ses:SendRawEmail",
        "Resource": [{"Fn::Sub": ours + kind} for kind in kinds],
        "Condition": {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}},
    }


def _sockets() -> dict[str, Any]:
    connections = (
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
        ":${WebsocketAPI}/*/*/@connections/*"
    )
    return {
        "Effect": "Allow",
        "Action": ["execute-api:ManageConnections"],
        "Resource": [{"Fn::Sub": connections}],
    }
