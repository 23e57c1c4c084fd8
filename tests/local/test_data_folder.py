from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.data_folder import DataError, locked, shown

HOLDER = """
import sys
from pathlib import Path
from local.data_folder import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with locked(folder):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_second_process_is_refused_with_the_pid_of_the_first(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    expected = rf"already runs on .*/ \(pid {holder.pid}\): .* BERTH_DATA"
    with pytest.raises(DataError, match=expected), locked(tmp_path):
        pass


def test_a_killed_process_holds_it_no_longer(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    expected = r"cannot be written \(.*\): make it writable, or name another folder in BERTH_DATA\."
    with pytest.raises(DataError, match=expected), locked(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    expected = r"cannot be written \(Permission denied\)"
    with pytest.raises(DataError, match=expected), locked(tmp_path / "data"):
        pass


def test_a_disk_without_space_for_a_start_is_refused(tmp_path: Path) -> None:
    expected = "is full: free some space, then try again"
    with pytest.raises(DataError, match=expected), locked(tmp_path, least_free=1 << 62):
        pass


def test_a_path_below_the_current_directory_is_shown_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / ".data" / "file") == ".data/file"
    assert shown(Path("/elsewhere/file")) == "/elsewhere/file"
