"""The schemas of tariffs in the OpenAPI document: as answered, as set for a new zone, as changed.

Each part has a name of its own, because generated clients drop or duplicate parts without one."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Final

from chalicelib.api.web import enums
from chalicelib.api.web.schemas import AMOUNT, REF, Schema
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.pricing import tariff_json, tariff_schema
from chalicelib.domain.pricing.tariff import Tariff, TariffKind

SENT: Final = "New"
"""What the names of the parts of a request begin with."""

_EXAMPLE: Final = tariff_json.show(Tariff("hourly", "INR", 5000, booking_fee=5000))
_AMOUNTS: Final = ("rate", "booking_fee", "late_fee", "no_show_fee", "deposit", "day_cap", "kept")


def named() -> dict[str, Schema]:
    """The schemas of tariffs and of their parts, by name."""
    answered, sent = _parts(""), _parts(SENT)
    edit = {name: value for name, value in sent["NewTariff"].items() if name != "required"}
    answered["Tariff"]["examples"] = [_EXAMPLE]
    sent["NewTariff"] |= {"required": ["rate"], "examples": [{"rate": "50.00"}]}
    return {
        **answered,
        **sent,
        "TariffEdit": {**edit, "examples": [{"rate": "60.00", "grace_minutes": 10}]},
        "TariffKind": enums.schema(TariffKind),
        "Weekday": {"type": "string", "enum": list(WEEKDAYS)},
    }


def _parts(prefix: str) -> dict[str, Schema]:
    """A tariff and its parts under names with `prefix`; an answer has every field."""
    found: dict[str, Schema] = {}

    def lifted(name: str, part: Schema) -> Schema:
        named = found[f"{prefix}{name}"] = part
        _with_amounts(named["properties"])
        if not prefix:
            named["required"] = list(named["properties"])
            del named["additionalProperties"]
        return {"$ref": f"{REF}{prefix}{name}"}

    tariff = deepcopy(tariff_schema.SCHEMA)
    fields = tariff["properties"]
    fields["kind"] = {"$ref": f"{REF}TariffKind"}
    terms, bands, tax = fields["cancellation"], fields["bands"], fields["tax"]
    demand, steps = fields["demand"], fields["demand"]["properties"]["steps"]
    deadlines, shares = terms["properties"]["deadlines"], tax["properties"]["parts"]
    bands["items"]["properties"]["days"]["items"] = {"$ref": f"{REF}Weekday"}
    deadlines["items"] = lifted("CancellationDeadline", deadlines["items"])
    shares["items"] = lifted("TariffTaxPart", shares["items"])
    bands |= {"type": "array", "items": lifted("TariffBand", bands["items"])}
    fields["tax"] = lifted("TariffTax", tax)
    cheaper = fields["discounts"]
    cheaper["items"]["properties"]["days"]["items"] = {"$ref": f"{REF}Weekday"}
    cheaper["items"] = lifted("TariffDiscount", cheaper["items"])
    steps["items"] = lifted("TariffDemandStep", steps["items"])
    fields["cancellation"] = _or_null(terms, partial(lifted, "Cancellation"))
    fields["demand"] = _or_null(demand, partial(lifted, "TariffDemand"))
    lifted("Tariff", tariff)
    return found


def _or_null(part: Schema, lifted: Callable[[Schema], Schema]) -> Schema:
    """A part under its name, or null."""
    about, part["type"] = part.pop("description"), "object"
    return {"anyOf": [lifted(part), {"type": "null"}], "description": about}


def _with_amounts(properties: dict[str, Schema]) -> None:
    for name in properties.keys() & set(_AMOUNTS):
        about = properties[name].get("description", "")
        text = {**AMOUNT, "description": f"{about} {AMOUNT['description']}".strip()}
        properties[name] = {**properties[name], **text, "type": properties[name]["type"]}
