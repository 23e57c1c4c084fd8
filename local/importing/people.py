"""The customers that rows name: by their old id, their address or their user name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chalicelib.domain.accounts.account import login_name
from chalicelib.domain.imports.imported import OldId
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported
from local.importing.staging import Staging

PENDING: Final = "US00000000"
"""In place of the account of a customer among the staged rows that is not written yet."""


class People:
    """The accounts that are there or among the staged rows."""

    def __init__(self, deps: Deps, staging: Staging, source: str) -> None:
        self._deps = deps
        self._staging = staging
        self._source = source

    def accounts(self, names: Iterable[str | None]) -> dict[str, str]:
        """The account of each name that has one, or PENDING: a batch read for each hundred, and a
        second one for those that are no customer of the staged rows."""
        olds = {name: self._old(name) for name in names if name is not None}
        known = imported.find(olds.values())
        found = {name: known[old] for name, old in olds.items() if old in known}
        others = []
        for name in olds.keys() - found.keys():
            if self._staging.find("customers", olds[name].old_id):
                found[name] = PENDING
            else:
                others.append(name)
        return found | self._deps.accounts.ids_of_logins(others)

    def _old(self, name: str) -> OldId:
        staged = self._staging.find("customers", name) or self._staging.find_by(
            "customers", login_name(name)
        )
        return OldId(self._source, "customers", staged.old_id if staged else name)
