"""The tables of a stage, for commands that write to them directly: those of a deployed stack with
the operator's credentials, or those of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from chalicelib import settings, wiring
from chalicelib.services.core.deps import Deps
from chalicelib.settings import SettingsError
from local import credentials, data_file, data_folder, demo, environment
from local.clock import MovableClock
from local.credentials import AwsError
from local.data_file import DataFile
from local.engine import Embedded
from local.lambdas import physical_id

API: Final = "APIHandler"
LOCAL: Final = "local"


@contextmanager
def opened(stage: str) -> Iterator[Deps]:
    """The tables and settings of a stage. Raises AwsError, and for this machine DataError where
    Berth runs on its data."""
    if stage == LOCAL:
        with _local(environment.data_folder()) as deps:
            yield deps
    else:
        session = credentials.session()
        credentials.export(session)
        deps = deployed(stage, session)
        with explained(stage):
            yield deps


def deployed(stage: str, session: Any) -> Deps:
    """The tables and settings of the stack `berth-<stage>`: those of its API function. Raises
    AwsError where they cannot be reached."""
    try:
        return wiring.build(settings.read(_variables(session, stage)))
    except SettingsError as problem:
        raise AwsError(f"{API} of berth-{stage} has wrong settings: {problem}.") from None


@contextmanager
def explained(stage: str) -> Iterator[None]:
    """Raises AwsError for what the tables refuse."""
    from pynamodb.exceptions import PynamoDBException

    try:
        yield
    except PynamoDBException as problem:
        text = f"The tables of berth-{stage} cannot be used with these credentials"
        raise AwsError(f"{text}: {problem.cause or problem}") from None


def _variables(session: Any, stage: str) -> dict[str, str]:
    function = physical_id(session, API, stage)
    with credentials.explained():
        client = session.create_client("lambda")
        configuration = client.get_function_configuration(FunctionName=function)
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return {**variables, "AWS_REGION": client.meta.region_name}


@contextmanager
def _local(folder: Path) -> Iterator[Deps]:
    """The data of this machine, with the demo data as at every start. One process at a time has
    it."""
    with (
        data_folder.locked(folder),
        closing(DataFile.open(folder / data_file.NAME)) as data,
    ):
        environment.prepare(environment.port(), data.signing_keys)
        chosen = settings.read(os.environ)
        clock = MovableClock(offset=data.clock_offset(), keep=data.keep_clock_offset)
        with Embedded(chosen, now=clock.now, data=data):
            deps = wiring.build(chosen, clock.now)
            demo.load(deps)
            yield deps
