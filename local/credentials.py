"""The operator's credentials of AWS, put where our own clients look for them."""

from __future__ import annotations

import os
from typing import Any


def export(session: Any) -> None:
    """Find credentials as the AWS CLI does, in a profile or a sign-in, and leave them in the
    environment. They are not renewed there."""
    found = session.get_credentials()
    if found is None:
        return
    frozen = found.get_frozen_credentials()
    os.environ["AWS_ACCESS_KEY_ID"] = frozen.access_key
    os.environ["AWS_SECRET_ACCESS_KEY"] = frozen.secret_key
    if frozen.token:
        os.environ["AWS_SESSION_TOKEN"] = frozen.token
