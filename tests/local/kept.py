"""Engines that keep their data: started one after the other on one file, as after restarts."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.session import Session
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.settings import read
from local.data_file import NAME, DataFile, connect
from local.engine import Embedded
from local.metering import Meter

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
REGION = "ap-south-1"
_stages = itertools.count()


class Kept:
    """An engine on the data file in `folder`. Each start has tables of other names: what is in
    them is read from the file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._start()

    def restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        self.engine.stop()
        self.data.close()
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages.clear()

    def fill_disk(self) -> None:
        """Let the file grow no more."""
        (pages,) = self._disk.execute("PRAGMA page_count").fetchone()
        self._disk.execute(f"PRAGMA max_page_count = {pages}")

    def free_disk(self) -> None:
        self._disk.execute("PRAGMA max_page_count = 100000")

    def table(self, name: str) -> str:
        return self.engine.tables[name]

    def scan(self, table: str) -> list[dict[str, Any]]:
        items = self.dynamodb.scan(TableName=self.table(table))["Items"]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def _start(self) -> None:
        settings = read(
            {
                "STAGE": f"kept{next(_stages)}",
                "MAIL_FROM": "Berth <kept@example.com>",
                "BASE_URL": "http://127.0.0.1:1",
                "SIGNING_KEYS": "k1:" + "0" * 32,
            }
        )
        self.data = DataFile.open(self._path, connect=self._connect)
        self.engine = Embedded(settings, Meter(), lambda: NOON, self.data).start()
        self.dynamodb, self.ses = _client("dynamodb"), _client("ses")

    def _connect(self, path: Path) -> sqlite3.Connection:
        self._disk = connect(path)
        return self._disk


@cache
def _client(service: str) -> Any:
    """A client that asks once."""
    config = Config(account_id_endpoint_mode="disabled", retries={"total_max_attempts": 1})
    return Session().create_client(service, region_name=REGION, config=config)
