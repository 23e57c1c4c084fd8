"""Views of the refund of a booking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import Instant, MoneyView
from chalicelib.domain.core.constraints import Doc


@dataclass(frozen=True)
class RefundTermView:
    """What a cancellation up to an instant, that included, pays back."""

    until: Instant
    amount: MoneyView


@dataclass(frozen=True)
class CancellationView(Spoken):
    """The refund of a cancellation now; of a cancelled booking the refund it brought."""

    eligible: bool
    amount: MoneyView
    reason: Translated
    until: Annotated[
        Instant | None, Doc("The last instant of this refund.", "2026-11-20T12:30:00Z")
    ]
    later: Annotated[tuple[RefundTermView, ...], Doc("What comes back after that, in order.")]
