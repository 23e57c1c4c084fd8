"""Refusals of what staff and programs run: shifts, sweeps, webhooks and live updates."""

from __future__ import annotations

from chalicelib.domain.core.errors.families import Conflict, NotFound


class ShiftNotFound(NotFound):
    code = "SHIFT_NOT_FOUND"


class ShiftOpen(Conflict):
    code = "SHIFT_OPEN"


class ShiftClosed(Conflict):
    code = "SHIFT_CLOSED"


class SweepNotFound(NotFound):
    code = "SWEEP_NOT_FOUND"


class WebhookNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"


class TooManyWebhooks(Conflict):
    code = "TOO_MANY_WEBHOOKS"


class RealtimeOff(Conflict):
    code = "REALTIME_OFF"
