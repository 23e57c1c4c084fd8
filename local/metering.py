"""Counts what is asked of DynamoDB: requests by operation, capacity units by table and index."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATA_OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)


@dataclass(frozen=True)
class Charge:
    """Units that one request costs in one table: reads, and writes by `table` and index name."""

    table: str
    reads: float = 0.0
    writes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TableReading:
    """Units used in one table; `writes` is by `table` and index name."""

    reads: float
    writes: Mapping[str, float]


@dataclass(frozen=True)
class Reading:
    """What a Meter has counted. `requests` is by operation, `tables` by table name."""

    requests: Mapping[str, int]
    tables: Mapping[str, TableReading]

    @property
    def calls(self) -> int:
        """All requests together."""
        return sum(self.requests.values())

    @property
    def read_units(self) -> float:
        return sum(table.reads for table in self.tables.values())

    @property
    def write_units(self) -> float:
        return sum(sum(table.writes.values()) for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """The answer of GET `/_local/stats`."""
        return {
            "total_requests": self.calls,
            "requests": dict(self.requests),
            "read_units": self.read_units,
            "write_units": self.write_units,
            "tables": {
                name: {
                    "read_units": table.reads,
                    "write_units": sum(table.writes.values()),
                    "writes": dict(table.writes),
                }
                for name, table in self.tables.items()
            },
        }


class Meter:
    """Adds requests up until it is reset. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Start from nothing."""
        with self._lock:
            self._requests: defaultdict[str, int] = defaultdict(int)
            self._reads: defaultdict[str, float] = defaultdict(float)
            self._writes: defaultdict[str, defaultdict[str, float]] = defaultdict(
                lambda: defaultdict(float)
            )

    def add(self, operation: str, charges: list[Charge]) -> None:
        """Count one request and what it cost."""
        with self._lock:
            self._requests[operation] += 1
            for charge in charges:
                self._reads[charge.table] += charge.reads
                for part, units in charge.writes.items():
                    self._writes[charge.table][part] += units

    def snapshot(self) -> Reading:
        """What was counted since the last reset."""
        with self._lock:
            names = sorted({*self._reads, *self._writes})
            tables = {
                name: TableReading(self._reads.get(name, 0.0), dict(self._writes.get(name, {})))
                for name in names
            }
            return Reading(dict(sorted(self._requests.items())), tables)
