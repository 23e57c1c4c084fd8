"""What the fault tests run on: a backend whose wire can break, and a new world for every fault."""

from __future__ import annotations

import dataclasses

from chalicelib.services.core.deps import Deps
from tests.backend import Backend
from tests.clock import Clock
from tests.faults.use_case import Act, UseCase
from tests.faults.wire import Wire
from tests.world import World


@dataclasses.dataclass
class Harness:
    """One backend with its wire, and the dependencies whose calls pass over it."""

    backend: Backend
    deps: Deps
    wire: Wire

    @property
    def clock(self) -> Clock:
        return self.backend.clock

    def arranged(self, case: UseCase) -> Act:
        """A world in which `case` is about to happen."""
        self.backend.reset()
        act = case.arrange(World(self.deps), self.clock)
        if case.cold:
            self.backend.forget()
        return act
