"""Require valid values of sites and zones: timezone, currency, a policy without contradictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.core import errors, localtime, money
from chalicelib.domain.core.sentence import Wording, say
from chalicelib.domain.sites.policy import Policy


def timezone(name: str) -> str:
    """The key of an IANA timezone. Raises Invalid."""
    try:
        return localtime.zone(name).key
    except (TypeError, ValueError):
        raise errors.Invalid({"timezone": say("must_be_timezone")}) from None


def currency(code: str) -> str:
    """The code of a supported currency (ISO 4217). Raises Invalid."""
    try:
        money.exponent(code)
    except ValueError:
        raise errors.Invalid({"currency": say("must_be_currency")}) from None
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


def policy(base: Policy, changes: Mapping[str, Any]) -> Policy:
    """The policy `base` with `changes`. Raises Invalid for durations that contradict each other."""
    new = replace(base, **changes)
    faults: dict[str, Wording] = {}
    longest = new.max_duration or new.default_duration
    if new.max_duration is not None and new.max_duration < new.min_duration:
        faults["policy.max_duration"] = say("must_not_be_less_than_least")
    elif not new.min_duration <= new.default_duration <= longest:
        faults["policy.default_duration"] = say("must_lie_between_durations")
    elif new.default_duration % new.granularity:
        faults["policy.default_duration"] = say("must_be_multiple_of_granularity")
    if new.auto_cancel_lead >= new.reminder_lead:
        faults["policy.auto_cancel_lead"] = say("must_be_less_than_reminder_lead")
    if new.check_out_hour > new.check_in_hour:
        faults["policy.check_out_hour"] = say("must_not_be_later_than_check_in")
    if len({each.key for each in new.blackouts}) < len(new.blackouts):
        faults["policy.blackouts"] = say("must_not_name_time_twice")
    if faults:
        raise errors.Invalid(faults)
    return new
