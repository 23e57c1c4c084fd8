"""Writes what a request changes in moto to the data file, before its answer leaves."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from email.parser import HeaderParser
from typing import Any
from xml.sax.saxutils import escape

from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler
from moto.ses.models import RawMessage
from werkzeug.exceptions import HTTPException

from chalicelib.gateways.ses_events import EFFECT_HEADER
from local import moto_requests
from local.data_file import DataFile, MailRow, Row
from local.data_folder import DataError
from local.moto_fixes import Call
from local.moto_requests import Write
from local.moto_undo import Undo

log = logging.getLogger("local.write_through")

Answer = tuple[int, dict[str, str], str]


class WriteThrough:
    """An observer of `moto_fixes` for the tables of `settings.tables`.

    A change that the file cannot take is undone in moto, and the caller gets InternalServerError:
    memory and file hold the same after every request.
    """

    def __init__(self, data: DataFile, tables: Mapping[str, str]) -> None:
        self._data = data
        self._names = {name: table for table, name in tables.items()}

    def __call__(self, handler: DynamoHandler, call: Call) -> Any:
        writes = self._writes(handler)
        if not writes:
            return call()
        undo = Undo(handler.dynamodb_backend, writes)
        try:
            answer = self._written(call(), writes)
        except BaseException:
            undo()
            raise
        if answer[0] != 200:
            undo()
        return answer

    def _writes(self, handler: DynamoHandler) -> list[Write]:
        tables = handler.dynamodb_backend.tables
        ours = {name: tables[name] for name in self._names if name in tables}
        params: dict[str, Any] = getattr(handler, "params", {})
        asked = moto_requests.writes(handler._get_action(), params, ours)
        return [write for write in asked if write.action != "ConditionCheck"]

    def _written(self, answer: Answer, writes: list[Write]) -> Answer:
        """`answer`, once the file has the writes."""
        if answer[0] != 200:
            return answer
        try:
            self._data.write([self._row(write) for write in writes])
        except DataError as problem:
            log.error("a write was refused: %s", problem)
            return _internal_server_error(str(problem))
        return answer

    def _row(self, write: Write) -> Row:
        item = write.item
        body = None if item is None else dynamo_json_dump(item.attrs)
        pk, sk = (write.key[name]["S"] for name in ("pk", "sk"))
        return Row(self._names[write.table.name], pk, sk, body)


def keep_mail(data: DataFile, base_url: str, message: RawMessage, sent_at: datetime) -> bool:
    """Write a mail to the file; False where the mail of its effect is there, sent just before the
    process was killed. Raises MailRefused where the file cannot take it."""
    row = MailRow(
        source=message.source,
        recipients=json.dumps(message.destinations),
        raw=message.raw_data,
        sent_at=sent_at.timestamp(),
        base_url=base_url,
        effect=HeaderParser().parsestr(message.raw_data, headersonly=True)[EFFECT_HEADER],
    )
    try:
        return data.add_mail(row)
    except DataError as problem:
        log.error("a mail was refused: %s", problem)
        raise MailRefused(str(problem)) from None


class MailRefused(HTTPException):
    """SES's answer when it cannot take a mail now."""

    code = 503

    def __init__(self, reason: str) -> None:
        error = f"<Code>ServiceUnavailable</Code><Message>{escape(reason)}</Message>"
        super().__init__(f"<ErrorResponse><Error>{error}</Error></ErrorResponse>")


def _internal_server_error(message: str) -> Answer:
    kind = "com.amazonaws.dynamodb.v20120810#InternalServerError"
    body = json.dumps({"__type": kind, "message": message})
    return 500, {"Content-Type": "application/x-amz-json-1.0"}, body
