"""What the fault tests stand on: a world that is made anew for every fault."""

from __future__ import annotations

import dataclasses

from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from tests.clock import Clock
from tests.conftest import Bench
from tests.faults.use_cases import Act, UseCase
from tests.faults.wire import Wire
from tests.world import World


@dataclasses.dataclass
class Ground:
    """One engine, its wire and its clock, to be made new for every fault."""

    bench: Bench
    deps: Deps
    wire: Wire
    clock: Clock

    def arranged(self, case: UseCase) -> Act:
        """A world in which `case` is about to happen."""
        self.afresh()
        act = case.arrange(World(self.deps), self.clock)
        if case.cold:
            self._forget()
        return act

    def afresh(self) -> None:
        """Nothing has happened yet."""
        self.bench.aws.clear()
        self._forget()
        self.clock.reset()
        rate_limits.forget()

    def _forget(self) -> None:
        self.deps.catalogue.forget()
        self.deps.accounts.forget_all()
