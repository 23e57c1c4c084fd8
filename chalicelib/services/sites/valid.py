"""Require valid values of sites and zones: timezone, currency, a policy without contradictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from chalicelib.domain.core import errors, localtime, money
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.pricing.tariff import Tariff, TariffKind
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import ZoneKind


def timezone(name: str) -> str:
    """The key of an IANA timezone. Raises Invalid."""
    try:
        return localtime.zone(name).key
    except (TypeError, ValueError):
        raise errors.Invalid(
            {"timezone": "must be an IANA timezone such as Asia/Kolkata"}
        ) from None


def currency(code: str) -> str:
    """The code of a supported currency (ISO 4217). Raises Invalid."""
    try:
        money.exponent(code)
    except ValueError:
        raise errors.Invalid({"currency": "must be a currency such as INR"}) from None
    return code


def every(*parsers: Callable[[], Any]) -> list[Any]:
    """The results of the parsers. Raises one Invalid with the faulty fields of all of them."""
    results: list[Any] = []
    faults: dict[str, Any] = {}
    for parse in parsers:
        try:
            results.append(parse())
        except errors.Invalid as invalid:
            faults.update(invalid.fields)
    if faults:
        raise errors.Invalid(dict(sorted(faults.items())))
    return results


_ONLY_IN: Final[Mapping[str, tuple[frozenset[ZoneKind], Sentence]]] = {
    "check_in_hour": (frozenset({"room"}), say("is_for_rooms_only")),
    "check_out_hour": (frozenset({"room"}), say("is_for_rooms_only")),
    "overstay_grace": (frozenset({"room", "venue"}), say("is_not_for_parking")),
}
"""The fields of a policy that have an effect in zones of some kinds only."""

_ONLY_UNDER: Final[Mapping[str, tuple[TariffKind, int, Sentence]]] = {
    "late_fee": ("nightly", 0, say("is_for_nightly_tariffs_only")),
    "unit_minutes": ("hourly", 60, say("is_for_hourly_tariffs_only")),
}
"""The fields of a tariff that have an effect under one kind of it; under others they stay at this
value."""


def tariff(new: Tariff, kind: ZoneKind, *, before: Tariff | None = None) -> Tariff:
    """The tariff of a zone of a kind. Raises Invalid for nights where there are none, and for a
    field without effect; what was so `before` stays."""
    faults: dict[str, Any] = {}
    changed = before is None or new.kind != before.kind
    if changed and new.kind == "nightly" and kind != "room":
        faults["tariff.kind"] = say("nightly_is_for_rooms_only")
    for name, (under, usual, fault) in _ONLY_UNDER.items():
        value = getattr(new, name)
        is_misfit = new.kind != under and value != usual
        if is_misfit and (changed or value != getattr(before, name)):
            faults[f"tariff.{name}"] = fault
    if faults:
        raise errors.Invalid(faults)
    return new


def policy(base: Policy, changes: Mapping[str, Any], kind: ZoneKind) -> Policy:
    """The policy `base` of a zone of a kind with `changes`. Raises Invalid for durations that
    contradict each other, and for a change without effect."""
    new = replace(base, **changes)
    faults: dict[str, Any] = {
        f"policy.{name}": fault
        for name, (kinds, fault) in _ONLY_IN.items()
        if kind not in kinds and getattr(new, name) != getattr(base, name)
    }
    longest = new.max_duration or new.default_duration
    if new.max_duration is not None and new.max_duration < new.min_duration:
        faults["policy.max_duration"] = "must not be less than min_duration"
    elif not new.min_duration <= new.default_duration <= longest:
        faults["policy.default_duration"] = "must lie between min_duration and max_duration"
    elif new.default_duration % new.granularity:
        faults["policy.default_duration"] = "must be a multiple of granularity"
    if new.auto_cancel_lead >= new.reminder_lead:
        faults["policy.auto_cancel_lead"] = "must be less than reminder_lead"
    if new.check_out_hour > new.check_in_hour:
        faults["policy.check_out_hour"] = "must not be later than check_in_hour"
    if len({each.key for each in new.blackouts}) < len(new.blackouts):
        faults["policy.blackouts"] = "must not name a time twice"
    if faults:
        raise errors.Invalid(faults)
    return new
