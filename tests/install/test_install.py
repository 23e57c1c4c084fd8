"""The installer, with real environments, real pip and wheels of the test's own: what it installs,
when it does nothing, and that a failure costs nothing and is one sentence."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from requirements import environment
from tests.install.checkout import Checkout

NOWHERE = {
    "PIP_NO_INDEX": "",
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_RETRIES": "1",
}
"""An index that cannot be reached."""


def unharmed(checkout: Checkout) -> bool:
    """Whether the environment is the one of before, with nothing left beside it."""
    return checkout.answer("anchor") == "anchor answers" and checkout.leftovers() == []


def test_an_installed_command_runs_from_its_final_place(checkout: Checkout) -> None:
    script = (checkout.venv / "bin" / "anchor").read_text()
    assert checkout.answer("anchor") == "anchor answers"
    assert ".venv.new" not in script


def test_a_second_start_installs_nothing_and_needs_no_index(checkout: Checkout) -> None:
    done = checkout.install("run", **NOWHERE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_lock_with_another_date_changes_nothing(checkout: Checkout) -> None:
    (checkout.root / "requirements" / "run.txt").touch()
    done = checkout.install("run", **NOWHERE)
    assert (done.returncode, done.stdout) == (0, "")


def test_dev_is_added_to_run_and_run_then_changes_nothing(checkout: Checkout) -> None:
    done = checkout.install("dev")
    assert done.returncode == 0, done.stderr
    assert (checkout.answer("anchor"), checkout.answer("buoy")) == (
        "anchor answers",
        "buoy answers",
    )
    assert checkout.install("run", **NOWHERE).stdout == ""
    assert checkout.answer("buoy") == "buoy answers"


def test_a_changed_lock_makes_an_environment_without_what_was_dropped(checkout: Checkout) -> None:
    checkout.lock("run", "buoy")
    assert checkout.install("run").returncode == 0
    assert checkout.answer("buoy") == "buoy answers"
    assert not (checkout.venv / "bin" / "anchor").exists()
    assert checkout.leftovers() == []


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Checkout) -> None:
    interpreter = environment.python(checkout.venv)
    interpreter.unlink()
    interpreter.symlink_to("/nowhere/python3")
    assert checkout.install("run").returncode == 0
    assert checkout.answer("anchor") == "anchor answers"


def test_without_an_index_the_sentence_names_the_network(checkout: Checkout) -> None:
    done = checkout.install("dev", **NOWHERE)
    assert done.returncode == 1
    assert done.stderr.startswith("The package index does not answer.")
    assert done.stderr.count("\n") == 1
    assert unharmed(checkout)


def test_a_file_that_is_not_the_locked_one_is_refused_by_name(checkout: Checkout) -> None:
    with (checkout.wheels / "buoy-1.0-py3-none-any.whl").open("ab") as wheel:
        wheel.write(b"altered")
    done = checkout.install("dev")
    assert done.returncode == 1
    assert done.stderr.startswith("buoy==1.0 is not the file that was locked")
    assert done.stderr.count("\n") == 1
    assert unharmed(checkout)


def test_a_package_without_a_wheel_for_this_machine_is_named(checkout: Checkout) -> None:
    (checkout.wheels / "buoy-1.0-py3-none-any.whl").unlink()
    done = checkout.install("dev")
    assert done.stderr.startswith("There is no ready-made buoy==1.0 for this Python")
    assert unharmed(checkout)


def test_a_full_disk_is_a_sentence(checkout: Checkout) -> None:
    log = checkout.root / "build" / "install.log"
    log.unlink()
    log.symlink_to("/dev/full")
    done = checkout.install("dev")
    assert done.returncode == 1
    assert done.stderr.startswith("The disk is full,")
    assert unharmed(checkout)


def test_an_unknown_failure_shows_the_end_of_the_log(checkout: Checkout) -> None:
    (checkout.root / "requirements" / "dev.txt").write_text("buoy==1.0\n")
    done = checkout.install("dev")
    assert done.returncode == 1
    assert "Hashes are required in --require-hashes mode" in done.stderr
    assert "Hashes are required" in (checkout.root / "build" / "install.log").read_text()
    assert unharmed(checkout)


@contextmanager
def silent_index() -> Iterator[str]:
    """The address of an index that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_an_interruption_leaves_what_worked(checkout: Checkout) -> None:
    with silent_index() as index:
        settings = {**NOWHERE, "PIP_INDEX_URL": index}
        with checkout.start("dev", **settings) as running:
            assert running.stdout
            assert running.stdout.readline().startswith("Installing dev.txt into .venv")
            os.killpg(running.pid, signal.SIGINT)
            _, errors = running.communicate(timeout=120)
    assert running.returncode == 130
    assert errors.startswith("Interrupted. Nothing was changed")
    assert errors.count("\n") == 1
    assert unharmed(checkout)


def test_two_at_once_install_once(checkout: Checkout) -> None:
    with checkout.start("dev") as first, checkout.start("dev") as second:
        outputs = [running.communicate(timeout=300)[0] for running in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sum("Installing dev.txt" in output for output in outputs) == 1
    assert checkout.answer("buoy") == "buoy answers"


def test_a_replacement_that_was_killed_half_way_is_undone(checkout: Checkout) -> None:
    checkout.venv.rename(checkout.root / ".venv.old")
    (checkout.root / ".venv.new").mkdir()
    done = checkout.install("run", **NOWHERE)
    assert (done.returncode, done.stdout) == (0, "")
    assert unharmed(checkout)


def test_an_unknown_set_is_refused(checkout: Checkout) -> None:
    done = checkout.install("everything")
    assert (done.returncode, done.stderr) == (
        2,
        "usage: python -m requirements.install run|dev|tools|clients\n",
    )
