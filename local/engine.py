"""The AWS that Berth runs on locally: moto in this process. DynamoDB is moto's too, unless
`DYNAMODB_ENDPOINT` names another engine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from botocore.config import Config
from botocore.session import Session
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.ses.models import ses_backends

from chalicelib.settings import Settings
from local import client_meter, credentials, moto_fixes, moto_wire, restore
from local.data_file import DataFile
from local.mailbox import Postbag, SentMail
from local.metering import Meter
from local.moto_meter import MotoMeter
from local.tables import specifications
from local.write_through import WriteThrough, keep_mail

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local-only"}


class Embedded:
    """Every AWS service Berth uses, with the tables made and the sender verified.

    DynamoDB is moto's, unless the settings name an endpoint; mail never leaves this process. A
    `meter` counts every request to these tables. Items and mails are kept in `data`; without it
    they start empty and end with the process. Start it before any AWS client is made. Two may run
    in one process when their tables have different names; they share their mails.
    """

    def __init__(
        self,
        settings: Settings,
        meter: Meter | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        data: DataFile | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter
        self.data = data
        self.tables: Mapping[str, str] = settings.tables
        self._now = now
        self._observers: list[moto_fixes.Observer] = []
        self._mock = mock_aws(config=_moto_config(settings.dynamodb_endpoint))

    @property
    def in_process(self) -> bool:
        """Whether DynamoDB is moto's."""
        return self.settings.dynamodb_endpoint is None

    @property
    def moto_tables(self) -> dict[str, Table]:
        """moto's tables by their names in `settings.TABLES`. Hold `moto_fixes.LOCK` to use them."""
        known = self._all_moto_tables
        return {table: known[name] for table, name in self.tables.items()}

    @property
    def _all_moto_tables(self) -> dict[str, Table]:
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][self.settings.region]
        tables: dict[str, Table] = backend.tables
        return tables

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Set dummy credentials where there are none, start AWS, make the tables that are missing,
        load what is kept. Raises DataError where that cannot be read."""
        _provide_credentials()
        self._session = Session()
        moto_fixes.install()
        moto_wire.install()
        self._mock.start()
        self._client = self._new_client("dynamodb")
        self._create_tables()
        self._verify_sender()
        self._restore()
        self._attach_observers()
        return self

    def stop(self) -> None:
        """End the emulation. moto's tables go with it: a request that comes later is refused, for
        nothing would keep what it writes. Items in an engine outside stay there."""
        with moto_fixes.LOCK:
            self._detach_observers()
            if self.in_process:
                self._drop_moto_tables()
        self._postbag.clocks.remove(self._now)
        if self.data is not None:
            self._postbag.keep = None
        self._mock.stop()

    def clear(self) -> None:
        """Delete every item, stream record and mail, in memory and in the data file; the tables
        stay. Raises DataError where the file cannot be written: then nothing is deleted."""
        with moto_fixes.LOCK, self._postbag.lock:
            if self.data is not None:
                self.data.begin_anew()
            self._postbag.clear()
            if self.in_process:
                self._clear_moto()
            else:
                self._clear_outside()

    def sent_mails(self) -> list[SentMail]:
        """The mails sent since the last `clear`, in order."""
        return self._postbag.mails()

    def replay_outbox(self) -> None:
        """Add what waits in the outbox to moto's stream once more: stream records do not survive a
        restart. With an engine outside the outbox sweep delivers it."""
        if self.in_process:
            with moto_fixes.LOCK:
                restore.replay_outbox(self.moto_tables["outbox"])

    def client(self, service: str) -> Any:
        """A new botocore client for `service`, not metered where the engine is outside."""
        return self._new_client(service)

    def take_stream_records(self, table: str) -> list[dict[str, Any]]:
        """The records moto added to the stream of `table` (as `settings.tables` names it) since
        the last call, as Lambda hands them over."""
        moto_table = self.moto_tables[table]
        shard = moto_table.stream_shard
        with moto_fixes.LOCK:
            if shard is None or not shard.items:
                return []
            records = [record.to_json() for record in shard.items]
            shard.items.clear()
        return [_as_lambda_sees(record, moto_table, self.settings.region) for record in records]

    def _new_client(self, service: str) -> Any:
        endpoint = self.settings.dynamodb_endpoint if service.startswith("dynamodb") else None
        if service == "dynamodbstreams" and _is_aws(endpoint):
            endpoint = None  # AWS has its streams at another address
        config = Config(account_id_endpoint_mode="disabled", retries={"mode": "standard"})
        return self._session.create_client(
            service, region_name=self.settings.region, endpoint_url=endpoint, config=config
        )

    def _create_tables(self) -> None:
        known = set(self._client.list_tables()["TableNames"])
        for specification in specifications(self.tables):
            if specification["TableName"] not in known:
                self._client.create_table(**specification)
                self._client.get_waiter("table_exists").wait(
                    TableName=specification["TableName"], WaiterConfig={"Delay": 1}
                )

    def _verify_sender(self) -> None:
        self._postbag = self._shared_postbag()
        self._postbag.clocks.append(self._now)
        self._new_client("ses").verify_email_identity(EmailAddress=self.settings.mail_from)

    def _shared_postbag(self) -> Postbag:
        backend = ses_backends[DEFAULT_ACCOUNT_ID][self.settings.region]
        if not isinstance(backend.sent_messages, Postbag):
            backend.sent_messages = Postbag()
        return backend.sent_messages

    def _restore(self) -> None:
        if self.data is None:
            return
        if self.in_process:
            restore.load_items(self.data, self.moto_tables)
            self._observers.append(WriteThrough(self.data, self.tables))
        restore.load_mails(self.data, self._postbag)
        self._postbag.keep = partial(keep_mail, self.data, self.settings.base_url)

    def _attach_observers(self) -> None:
        if self.meter and self.settings.dynamodb_endpoint:
            client_meter.attach(self.meter, self.settings.dynamodb_endpoint)
        elif self.meter:
            self._observers.append(MotoMeter(self.meter, self.tables.values()))
        for observer in self._observers:
            moto_fixes.observe(observer)

    def _detach_observers(self) -> None:
        for observer in self._observers:
            moto_fixes.ignore(observer)
        self._observers.clear()
        if self.meter and not self.in_process:
            client_meter.detach()

    def _drop_moto_tables(self) -> None:
        for name in self.tables.values():
            self._all_moto_tables.pop(name, None)

    def _clear_moto(self) -> None:
        for table in self.moto_tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()
        moto_fixes.forget_tokens()

    def _clear_outside(self) -> None:
        for name in self.tables.values():
            for page in self._key_pages(name):
                requests = [{"DeleteRequest": {"Key": key}} for key in page]
                for start in range(0, len(requests), 25):
                    batch = requests[start : start + 25]
                    self._client.batch_write_item(RequestItems={name: batch})

    def _key_pages(self, name: str) -> Iterator[list[dict[str, Any]]]:
        scan = self._client.get_paginator("scan")
        for page in scan.paginate(TableName=name, ProjectionExpression="pk, sk"):
            yield page["Items"]


def _moto_config(endpoint: str | None) -> Any:
    passed = ["dynamodb", "dynamodbstreams"] if _is_aws(endpoint) else []
    return {"core": {"mock_credentials": False, "passthrough": {"services": passed, "urls": []}}}


def _is_aws(endpoint: str | None) -> bool:
    return endpoint is not None and "amazonaws.com" in endpoint


def _provide_credentials() -> None:
    os.environ.setdefault("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    if "AWS_PROFILE" in os.environ:
        credentials.export(Session())
    elif "AWS_ACCESS_KEY_ID" not in os.environ:
        os.environ.update(_CREDENTIALS)


def _as_lambda_sees(record: dict[str, Any], table: Table, region: str) -> dict[str, Any]:
    image = record["dynamodb"]
    created = image["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()
    arn = f"{table.table_arn}/stream/{table.latest_stream_label}"
    plain: dict[str, Any] = json.loads(
        dynamo_json_dump({**image, "ApproximateCreationDateTime": created})
    )
    return {**record, "awsRegion": region, "dynamodb": plain, "eventSourceARN": arn}
