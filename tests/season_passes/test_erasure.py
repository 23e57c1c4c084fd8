"""What season passes keep of a person, and what they keep open (docs/rules/closing.md)."""

from __future__ import annotations

import pytest

from chalicelib.domain.core import errors
from chalicelib.services.accounts import erasure
from chalicelib.services.season_passes import lists, steps
from chalicelib.services.sites import closing
from tests.clock import NOON, Clock
from tests.season_passes.car_park import SeasonCarPark

pytestmark = pytest.mark.engine2

HERE = "192.0.2.7"


def erase(park: SeasonCarPark) -> None:
    erasure.erase(
        park.deps, park.user.account_id, by=park.admin, action="erase_user", source_ip=HERE
    )


def test_an_account_with_a_valid_pass_is_not_erased(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    with pytest.raises(errors.InUse) as refused:
        erase(park)
    assert refused.value.facts["open"]["season_passes"]["ids"] == [held.pass_id]


def test_an_erased_person_is_in_no_pass_any_more(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass("weekly")
    clock.set(held.ends_at)
    erase(park)
    erased = park.read_pass(held)
    assert (erased.user_id, erased.name, erased.compared_plate) == (None, None, "")
    assert {entry.note for entry in erased.timeline} == {""}
    assert lists.of_plate(park.deps, park.staff, "central", held.plate) is None
    assert park.faults(erased) == ()


def test_the_pass_that_a_vehicle_has_now_outlives_the_former_holder(
    park: SeasonCarPark, clock: Clock
) -> None:
    first = park.buy_pass("weekly")
    clock.set(first.ends_at)
    second = park.buy_pass("weekly", actor=park.other)
    erase(park)
    assert lists.of_plate(park.deps, park.staff, "central", first.plate) == second
    assert park.park(actor=park.other).cover is not None


def test_a_site_with_valid_passes_is_not_closed(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    assert closing.open_at_site(park.deps, park.owner, "central").season_passes == (held.pass_id,)
    steps.cancel(park.deps, park.staff, held.pass_id, reason="closing")
    assert closing.open_at_site(park.deps, park.owner, "central").season_passes == ()


def test_money_that_comes_after_the_erasure_of_its_payer_goes_back(park: SeasonCarPark) -> None:
    ordered = park.order_pass()
    erase(park)
    heard = park.pay_pass(ordered)
    assert (heard.terms, heard.kept) == ((), 0)
    assert park.faults(heard) == ()


@pytest.mark.parametrize("meanwhile", [{"closed_at": NOON, "active": False}, {"currency": "EUR"}])
def test_money_for_a_pass_of_a_site_that_has_closed_or_changed_its_currency_goes_back(
    park: SeasonCarPark, meanwhile: dict[str, object]
) -> None:
    ordered = park.order_pass()
    park.deps.catalogue.site("central")  # known to this instance as it was
    park.change_site(**meanwhile)
    heard = park.pay_pass(ordered)
    assert (heard.terms, heard.kept) == ((), 0)
    assert ("season_pass_returned", f"{heard.pass_id}/1") in park.mails()
    assert park.faults(heard) == ()
