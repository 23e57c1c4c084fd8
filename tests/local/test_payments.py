"""The emulated gateways in the running server: over its own port, kept over restarts."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from local.payments import keys
from tests.local_gateways import CONNECTS, gateway, ordered
from tests.local_server import LocalServer


@pytest.mark.parametrize("name", CONNECTS)
def test_an_order_is_paid_and_kept_over_a_restart_and_gone_after_a_reset(
    tmp_path: Path, name: str
) -> None:
    with LocalServer(tmp_path) as berth:
        order = ordered(berth, name)
        page = f"/_local/pay/{order.order_id}"
        assert berth.done("POST", f"/_local/payments/{order.order_id}/capture")["paid"] is True
        found = gateway(berth, name).find_order("PY_1", order.order_id)
        assert found is not None
        assert (found.state, len(found.captured)) == ("paid", 1)
        berth.kill()
    with LocalServer(tmp_path) as berth:
        assert gateway(berth, name).find_order("PY_1", order.order_id) == found
        status, answer = berth.ask("POST", f"/_local/payments/{order.order_id}/capture")
        assert (status, answer["error"]["code"]) == (409, "NOT_POSSIBLE")
        berth.reset()
        assert gateway(berth, name).find_order("PY_1", order.order_id) is None
        assert page.endswith(order.order_id)


def test_a_gateway_that_hangs_up_does_so_over_the_wire_and_says_nothing(tmp_path: Path) -> None:
    with LocalServer(tmp_path) as berth:
        fault = {"kind": "hang_up", "operation": "create_order", "after": True}
        berth.done("POST", "/_local/gateways/razorpay/faults", fault)
        with pytest.raises(errors.Unavailable) as away:
            ordered(berth, "razorpay")
        assert away.value.cause == "ConnectionError"
        lost = gateway(berth, "razorpay").find_order("PY_1", None)
        assert lost is not None
        assert lost.amount == Money(15000, "INR")
        code, written = berth.end(signal.SIGINT)
    assert (code, written) == (0, "")


def test_the_local_runtime_asks_its_emulators_and_a_developer_who_has_keys_the_gateway() -> None:
    own = json.dumps({"key_id": "rzp_test_mine", "key_secret": "s", "webhook_secret": "w"})
    found = keys.variables("http://127.0.0.1:8000", {"RAZORPAY_SECRET": own})
    assert found.keys() == {"PHONEPE_SECRET", "PHONEPE_URL"}
    assert found["PHONEPE_URL"] == "http://127.0.0.1:8000/_local/phonepe"
    both = keys.variables("http://127.0.0.1:8000", {})
    assert json.loads(both["RAZORPAY_SECRET"])["key_id"].startswith("rzp_test_")
