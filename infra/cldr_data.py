"""Babel's data of CLDR, cut down to the locales and the sections that `chalicelib/texts` reads:
from 30 MB to some 90 kB."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Final

from chalicelib.texts.cldr import SHIPPED

_OF_A_LOCALE: Final = frozenset(
    {
        "currency_formats", "currency_symbols", "currency_unit_patterns", "date_formats",
        "datetime_formats", "datetime_skeletons", "days", "decimal_formats",
        "default_numbering_system", "list_patterns", "locale_id", "months", "number_symbols",
        "numbering_systems", "percent_formats", "plural_form", "time_formats", "unit_patterns",
    }
)  # fmt: skip
_OF_ALL: Final = frozenset({"cldr", "currency_fractions", "parent_exceptions"})
_EMPTIED: Final = frozenset({"currency_names", "currency_names_plural"})
"""Asked for with every amount, in vain: amounts have signs, no names."""

_UNITS: Final = ("duration-hour", "duration-minute")


def cut(babel: Path) -> None:
    """Leave what is used in a folder of Babel."""
    for path in (babel / "locale-data").glob("*.dat"):
        if path.stem in SHIPPED:
            _rewrite(path, _OF_A_LOCALE)
        else:
            path.unlink()
    _rewrite(babel / "global.dat", _OF_ALL)


def _rewrite(path: Path, kept: frozenset[str]) -> None:
    """Leave the sections `kept`, and of the units those of `_UNITS`."""
    whole: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301 - the library's own file
    data = {name: section for name, section in whole.items() if name in kept}
    data.update((name, {}) for name in _EMPTIED & whole.keys())
    if "unit_patterns" in data:
        units = data["unit_patterns"]
        data["unit_patterns"] = {unit: units[unit] for unit in _UNITS if unit in units}
    path.write_bytes(pickle.dumps(data))
