"""The whole product in one process: engine, app, stream, schedules and control surface."""

from __future__ import annotations

import logging
import socket
from dataclasses import asdict, replace
from typing import Any

from chalicelib import sweeps, wiring
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.settings import Settings
from chalicelib.sweeps.schedules import SCHEDULES
from local import demo, mail_events, start_sections
from local.clock import MovableClock
from local.control.surface import Control, covers
from local.data_file import DataFile
from local.data_folder import DataError
from local.engine import Embedded
from local.gateway import Gateway, HttpRequest, HttpResponse, refusal
from local.invocation import EVENT_SECONDS, Context
from local.mailbox import SentMail
from local.metering import Meter
from local.payments.faults import HungUp
from local.payments.gateways import LocalGateways
from local.schedules import Schedules
from local.sockets import LocalSockets
from local.stream import FAR, NEAR, Handler, StreamFeed, source_of

log = logging.getLogger("local.runtime")


class Runtime:
    """Berth running for `settings` on the data file `data`. The control surface acts on it."""

    def __init__(self, settings: Settings, data: DataFile) -> None:
        self.settings = settings
        self._data = data
        self.clock = MovableClock(offset=data.clock_offset(), keep=data.keep_clock_offset)
        self.meter = Meter()
        self.engine = Embedded(settings, self.meter, self.clock.now, data)
        self.gateways = LocalGateways(settings.base_url, self.clock.now, data, self._to_app)
        self._control = Control(self)

    def start(self, *, fresh: bool = False) -> None:
        """Start AWS with what is kept (with `fresh`, delete that first), load the demo data that
        is missing, start stream and schedules. Raises DataError where the file cannot be used."""
        self.engine.start()
        if fresh:
            self._begin_anew()
        handlers = _handlers()
        self._sockets = LocalSockets(handlers, self.clock.now)
        deps = wiring.build(self.settings, self.clock.now)
        added = start_sections.sections(self.settings.base_url)
        wiring.use(replace(deps, sockets=self._sockets, start_sections=added))
        self._gateway = Gateway(handlers["app"])
        self._mail_events = handlers["mail_events"]
        pause = NEAR if self.engine.in_process else FAR
        self._feed = StreamFeed(source_of(self.engine), _delivering(handlers), pause)
        self._schedules = Schedules(self.clock, SCHEDULES, handlers, self.settings.region)
        self._load_demo()
        self.engine.replay_outbox()
        self._feed.start()
        self.gateways.start()
        self._schedules.start(overdue=not (fresh or self._data.is_new))

    def stop(self) -> None:
        """End what runs, then AWS."""
        self._sockets.close_all()
        self.gateways.stop()
        self._schedules.stop()
        self._feed.stop()
        self.engine.stop()
        wiring.use(None)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The answer to any request: 503 where the data file cannot be written; a defect is logged
        and answered 500, never shown. Raises HungUp where an emulated gateway does so."""
        try:
            if covers(request.path):
                return self._control.handle(request)
            return self._gateway.handle(request)
        except HungUp:
            raise
        except DataError as problem:
            return refusal(503, "UNAVAILABLE", str(problem))
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return refusal(500, "INTERNAL_ERROR", "Something went wrong on our side.")

    def listen(self, connection: socket.socket, request: HttpRequest) -> None:
        """Serve a WebSocket on `connection` until it ends."""
        self._sockets.serve(connection, request)

    def sent_mails(self) -> list[SentMail]:
        """Every mail, oldest first, after delivery of what waits."""
        self.settle_stream()
        return self.engine.sent_mails()

    def settle_stream(self) -> None:
        """Deliver what waits in the stream, and the messages of payment gateways that are due."""
        self._feed.drain()
        while self.gateways.tick():
            self._feed.drain()

    def sweep(self, name: str, *, dry_run: bool) -> dict[str, Any] | None:
        """Run a sweep as its schedule does, or count what is due; None where there is no such
        sweep."""
        if name not in SCHEDULES:
            return None
        if dry_run:
            return asdict(sweeps.run(wiring.deps(), name, dry_run=True))
        summary: dict[str, Any] = self._schedules.fire(name)
        self.settle_stream()
        return summary

    def mail_event(self, kind: str, to: str) -> bool:
        """Report a delivery event (a key of `mail_events.EVENTS`) for the newest mail to `to`, as
        SES does through SNS; False where there is no such mail."""
        mail = next((mail for mail in reversed(self.sent_mails()) if to in mail.to), None)
        if mail is None:
            return False
        now = self.clock.now()
        event = mail_events.event(kind, mail, now)
        context = Context("berth-local-mail_events", EVENT_SECONDS)
        self._mail_events(mail_events.notification(event, now, self.settings.region), context)
        self.settle_stream()
        return True

    def reset(self) -> None:
        """Delete what is kept but the signing key, load the demo data, return to real time. Open
        WebSockets are closed. Raises DataError where the file cannot be written."""
        self._sockets.close_all()
        self._feed.drain()
        self._begin_anew()
        self._schedules.restart()
        _forget(wiring.deps())
        self._load_demo()

    def _begin_anew(self) -> None:
        self.engine.clear()
        self.gateways.begin_anew()
        self.clock.reset()

    def _to_app(self, request: HttpRequest) -> HttpResponse:
        return self._gateway.handle(request)

    def _load_demo(self) -> None:
        demo.load(wiring.deps())
        self._feed.drain()
        self.meter.reset()


def _delivering(handlers: dict[str, Any]) -> Handler:
    """Call both functions at the outbox table's stream, one after the other."""

    def deliver(event: dict[str, Any], context: Context) -> None:
        handlers["outbox_stream"](event, context)
        handlers["webhook_calls"](event, context)

    return deliver


def _forget(deps: Deps) -> None:
    """Drop the caches of the API."""
    deps.catalogue.forget()
    deps.accounts.forget_all()
    deps.sessions.forget_all()
    deps.api_keys.forget_all()
    rate_limits.forget()


def _handlers() -> dict[str, Any]:
    """The Lambda handlers of `app.py`: the app, and the others by their names."""
    import app as root

    named = {name: getattr(root, name.replace("-", "_")) for name in SCHEDULES}
    others = (
        "app", "outbox_stream", "webhook_calls", "mail_events",
        "socket_opened", "socket_message", "socket_closed",
    )  # fmt: skip
    return {**named, **{name: getattr(root, name) for name in others}}
