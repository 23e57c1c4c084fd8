"""Random lives of requests under Idempotency-Keys that are repeated, shared and used again: one
request makes one record, and nobody is shown the record of another.

People register, an admin adds staff, the desk books for guests, customers book groups. A run may
die, before its write or after it, and seeds may be drawn twice, as if ids met by chance.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chalicelib import wiring
from chalicelib.domain.core.access import Actor
from chalicelib.services.core.idempotency import SEED_BITS
from chalicelib.store.accounts import AccountItem
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.idempotency import KEPT
from tests import builders
from tests.client import Client, Reply
from tests.faults.harness import Harness
from tests.faults.wire import Died
from tests.world import World

KEYS: Final = ("signup-1", "k", "again")
NAMES: Final = ("asha", "ravi", "meera", "lena")
SPACES: Final = 60
BOOKINGS: Final = "/api/bookings"
REGISTER: Final = "/api/auth/register"
FIRST_SEED: Final = 1
LIVES: Final = {"moto": 20, "dynoxide": 5}
LONGEST: Final = 40
"""Steps of one life."""

Body = dict[str, Any]


@dataclass
class Sent:
    """A request under a key as its caller sees it: who sent what, when, and what it made. `ids` is
    None while no answer has come."""

    caller: str
    key: str
    path: str
    body: Body
    at: datetime
    ids: frozenset[str] | None = None

    def is_the_same(self, path: str, body: Body) -> bool:
        """Whether a request of its caller under its key is this one."""
        return (self.path, self.body) == (path, body)

    def is_kept(self, now: datetime) -> bool:
        """Whether its key is not new yet."""
        return now < self.at + KEPT


class Keys(RuleBasedStateMachine):
    """A car park whose clients all think of the same few keys."""

    harness: ClassVar[Harness]
    happened: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open(self) -> None:
        self.harness.backend.reset()
        self.chance = random.Random(7)
        self.seed: int | None = None
        self.dies_after: int | None = None
        deps = dataclasses.replace(self.harness.deps, random_bits=self._drawn)
        wiring.use(deps)
        self.world = World(deps)
        self.world.add_zone("lot", builders.METERED, spaces=SPACES)
        self.before = {item.pk for item in AccountItem.scan(AccountItem.sk == "account")}
        self.sent: list[Sent] = []

    def _drawn(self, bits: int) -> int:
        if bits == SEED_BITS and self.seed is not None:
            return self.seed
        return self.chance.getrandbits(bits)

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from(NAMES), seed=st.integers(0, 1))
    def register(self, key: str, name: str, seed: int) -> None:
        """Two seeds a key for all people: their ids meet."""
        body = {"email": f"{name}@example.com", "password": f"a quiet harbour {name}", "name": name}
        self._send(None, key, REGISTER, body, seed=seed)

    @rule(key=st.sampled_from(KEYS), name=st.sampled_from(NAMES), seed=st.integers(0, 1))
    def add_staff(self, key: str, name: str, seed: int) -> None:
        body = {
            "email": f"{name}@example.com", "name": name, "role": "staff", "sites": ["central"],
        }  # fmt: skip
        self._send(self.world.admin, key, "/api/admin/users", body, seed=seed)

    @rule(
        key=st.sampled_from(KEYS),
        name=st.sampled_from(NAMES),
        by_owner=st.booleans(),
    )
    def book_for_a_guest(self, key: str, name: str, by_owner: bool) -> None:
        body = {"zone_id": "lot", "minutes": 60, "guests": [{"name": name}]}
        actor = self.world.owner if by_owner else self.world.staff
        self._send(actor, key, BOOKINGS, body, seed=None)

    @rule(key=st.sampled_from(KEYS), by_other=st.booleans(), quantity=st.integers(2, 3))
    def book_a_group(self, key: str, by_other: bool, quantity: int) -> None:
        actor = self.world.other if by_other else self.world.user
        body = {"zone_id": "lot", "minutes": 60, "quantity": quantity}
        self._send(actor, key, BOOKINGS, body, seed=None)

    @rule(hours=st.sampled_from([0, 0, 1, 23, 24, 25]))
    def time_passes(self, hours: int) -> None:
        self.harness.clock.move(hours=hours, minutes=1)

    @rule(call=st.integers(0, 4))
    def the_next_run_dies(self, call: int) -> None:
        """After that call; some requests make fewer."""
        self.dies_after = call

    def _send(
        self, actor: Actor | None, key: str, path: str, body: Body, *, seed: int | None
    ) -> None:
        client = Client(self.world) if actor is None else Client(self.world).by(actor)
        caller = f"{body}" if actor is None else actor.account_id
        now = self.harness.clock.now()
        earlier = [each for each in self.sent if each.caller == caller and each.key == key]
        known = next((s for s in earlier if s.is_the_same(path, body) and s.is_kept(now)), None)
        self.seed = None if earlier or seed is None else 2 * KEYS.index(key) + seed
        call, self.dies_after = self.dies_after, None
        sent = known or Sent(caller, key, path, body, now)
        try:
            with self.harness.wire.breaking(-1 if call is None else call, "dies after"):
                answer = client.sending(Idempotency_Key=key).post(path, body)
        except Died:
            self._remember(sent)
            self.happened["died"] += 1
            return
        finally:
            self.seed = None
        if answer.status < 300:
            self._answered(sent, answer)
            self._remember(sent)
        else:
            self._refused(sent, earlier, answer.code, now)
        self.happened[
            f"{path.split('/')[-1]}: {'done' if answer.status < 300 else answer.code}"
        ] += 1

    def _remember(self, sent: Sent) -> None:
        if sent not in self.sent:
            self.sent.append(sent)

    def _answered(self, sent: Sent, answer: Reply) -> None:
        """The answer is about its own request: a repeat has the ids of the first, another request
        has ids that none has had."""
        ids = _ids_in(answer.body)
        if sent.ids is not None:
            assert ids == sent.ids, (sent, answer)
            self.happened["repeated"] += 1
            return
        made = [each for each in self.sent if each is not sent and each.path == sent.path]
        if sent.path != REGISTER:  # it answers alike where nothing was made
            assert not ids & frozenset().union(*(each.ids or () for each in made)), (sent, answer)
        sent.ids = ids
        _require_own(sent.body, answer.body)

    def _refused(self, sent: Sent, earlier: list[Sent], code: str, now: datetime) -> None:
        kept = [each for each in earlier if each.is_kept(now)]
        if code == "IDEMPOTENCY_MISMATCH":
            assert any(not each.is_the_same(sent.path, sent.body) for each in kept)
        elif code == "REQUEST_IN_PROGRESS":
            assert any(each.ids is None for each in kept)
        elif code == "EMAIL_TAKEN":
            assert self.world.deps.accounts.find_by_login(sent.body["email"]) is not None
        else:
            assert code == "ALREADY_EXISTS", code
            assert sent.path != BOOKINGS

    @invariant()
    def each_request_has_made_its_own(self) -> None:
        if not hasattr(self, "sent"):
            return
        accounts = AccountItem.scan(AccountItem.sk == "account")
        made = [item for item in accounts if item.pk not in self.before]
        assert len({item.email for item in made}) == len(made)
        wanted = {
            each.body["email"]: each.body["name"] for each in self.sent if "email" in each.body
        }
        assert {item.email: item.name for item in made}.items() <= wanted.items()
        bookings = list(BookingItem.scan(BookingItem.zone == "lot"))
        asked = [each for each in self.sent if each.path == BOOKINGS]
        assert len(bookings) <= sum(each.body.get("quantity", 1) for each in asked)
        answered = frozenset().union(*(each.ids or () for each in asked))
        assert answered <= {f"BK{item.pk}{item.sk}" for item in bookings}


def _ids_in(body: Body) -> frozenset[str]:
    made = body.get("bookings") or [body]
    ids = (each.get("booking_id") or each.get("user_id") for each in made)
    return frozenset(each for each in ids if each)


def _require_own(asked: Body, answer: Body) -> None:
    """What is answered is what was asked for."""
    if "email" in asked and "email" in answer:
        assert (answer["email"], answer["name"]) == (asked["email"], asked["name"])
    if "guests" in asked:
        assert [guest["name"] for guest in answer["guests"]] == [asked["guests"][0]["name"]]
    if "quantity" in asked:
        assert len(answer["bookings"]) == asked["quantity"]


HAPPENED: Final = {
    "register: done", "users: done", "bookings: done", "repeated", "died",
    "users: EMAIL_TAKEN", "bookings: IDEMPOTENCY_MISMATCH", "bookings: REQUEST_IN_PROGRESS",
}  # fmt: skip
"""What must have happened for the test to mean something."""


@pytest.mark.engine2
def test_whatever_keys_people_think_of_each_request_has_its_own(harness: Harness) -> None:
    engine = "moto" if harness.backend.aws.in_process else "dynoxide"
    Keys.harness = harness
    Keys.happened.clear()
    run_state_machine_as_test(
        seed(FIRST_SEED)(Keys),
        settings=settings(
            max_examples=LIVES[engine],
            stateful_step_count=LONGEST,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
    print(dict(sorted(Keys.happened.items())))  # noqa: T201
    if engine == "moto":
        assert Keys.happened.keys() >= HAPPENED
