from __future__ import annotations

from local import banner

URL = "http://127.0.0.1:8000"


def test_it_says_where_the_data_is_that_it_is_kept_and_how_to_begin_anew() -> None:
    text = banner.text(URL, endpoint=None, folder=".data")
    assert "kept in .data/ over restarts" in text
    assert "make run FRESH=1" in text
    assert "real time" not in text
    assert "kept mail" not in text


def test_it_says_that_another_engine_keeps_the_records() -> None:
    text = banner.text(URL, endpoint="http://127.0.0.1:8100", folder=".data")
    assert "kept in .data/ (records: at http://127.0.0.1:8100) over restarts" in text


def test_it_says_how_far_an_earlier_run_moved_the_clock() -> None:
    ahead = banner.text(URL, endpoint=None, folder=".data", clock_offset=7200)
    assert "The clock is 2:00:00 ahead of real time" in ahead
    behind = banner.text(URL, endpoint=None, folder=".data", clock_offset=-90_000)
    assert "The clock is 1 day, 1:00:00 behind real time" in behind


def test_it_names_the_ports_of_earlier_runs_that_kept_mails_lead_to() -> None:
    elsewhere = {"http://127.0.0.1:8002": 3, "http://127.0.0.1:8001": 1}
    text = banner.text(URL, endpoint=None, folder=".data", mails_elsewhere=elsewhere)
    assert "1 kept mail has links to http://127.0.0.1:8001:" in text
    assert "3 kept mails have links to http://127.0.0.1:8002:" in text
