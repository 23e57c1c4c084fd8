"""Run by `make package` in a bare interpreter with nothing but the unpacked bundle:

    python -I -S -B trial.py FOLDER

Imports the app and does with each library what the app does with it late, so that a cut that went
too far shows before it is deployed. Standard library only.
"""

from __future__ import annotations

import io
import sys


def main(folder: str) -> None:
    """Raises whatever does not work."""
    sys.path.insert(0, folder)
    _app()
    _passwords()
    _pictures()
    _templates()
    _zones()
    _clients()


def _app() -> None:
    import app

    assert app.app.routes


def _passwords() -> None:
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=64)
    assert hasher.verify(hasher.hash("a password"), "a password")


def _pictures() -> None:
    import png
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data("A PASS")
    rows = [[int(not module) for module in row] for row in code.get_matrix()]
    png.Writer(len(rows), len(rows), greyscale=True, bitdepth=1).write(io.BytesIO(), rows)


def _templates() -> None:
    from jinja2 import Environment

    page = Environment(autoescape=True).from_string(
        "{% for n in names %}{{ n | upper }}{% endfor %}"
    )
    assert page.render(names=["<a>"]) == "&lt;A&gt;"


def _zones() -> None:
    import importlib.resources

    assert (importlib.resources.files("tzdata") / "zoneinfo" / "Asia" / "Kolkata").is_file()


def _clients() -> None:
    from botocore.session import get_session

    session = get_session()
    session.set_credentials("none", "none")
    for service in ("dynamodb", "ses"):
        session.create_client(service, region_name="eu-west-1")


if __name__ == "__main__":
    main(sys.argv[1])
