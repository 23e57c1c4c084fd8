"""What pip printed when it failed, and the advice that is drawn from it."""

from __future__ import annotations

import pytest

from requirements.pip_command import diagnosis

BROKEN = "WARNING: Retrying (Retry(total=4)) after connection broken by"
NONE = "ERROR: No matching distribution found for moto==5.2.5\n"

OUTPUTS = [
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
        "The disk is full,",
    ),
    (f"{BROKEN} 'NewConnectionError(...)': /moto/\n{NONE}", "The package index does not answer."),
    (
        '  File "urllib3/response.py"\nReadTimeoutError: Read timed out.\n',
        "The package index does not answer.",
    ),
    (
        f"{BROKEN} 'SSLError([SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate)'\n{NONE}",
        "The certificate of the package index is not trusted.",
    ),
    (NONE, "There is no ready-made moto==5.2.5 for this Python"),
    (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have "
        "updated the package versions, please update the hashes.\n"
        "    moto==5.2.5 from file:///wheels/moto-5.2.5-py3-none-any.whl (from -r run.txt (line 1)):\n"
        "        Expected sha256 a\n             Got        b\n",
        "moto==5.2.5 is not the file that was locked",
    ),
]


@pytest.mark.parametrize(("output", "advice"), OUTPUTS)
def test_a_known_failure_is_one_sentence_of_advice(output: str, advice: str) -> None:
    text = diagnosis(output.splitlines(keepends=True))
    assert text.startswith(advice)
    assert "\n" not in text


def test_of_an_unknown_failure_the_last_lines_are_shown() -> None:
    lines = diagnosis([f"line {number}\n" for number in range(100)]).splitlines()
    assert lines[0] == "line 85"
    assert lines[-2:] == ["line 99", "Installing failed: the lines above say why."]
