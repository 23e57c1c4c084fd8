"""Signature version 4 of a request without a query, which is all that Berth sends.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """Whose request it is. `token` comes with the passing credentials of a role."""

    key_id: str
    secret: str
    token: str | None = None


def signed(
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    *,
    scope: str,
    at: float,
    method: str = "POST",
    path: str = "/",
) -> dict[str, str]:
    """`headers`, whose names are lower case and among them `host`, with those added that prove who
    asks. `scope` is `<region>/<service>`, `at` in epoch seconds, `path` as it is sent."""
    instant = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    proved = {**headers, "x-amz-date": instant}
    if credentials.token:
        proved["x-amz-security-token"] = credentials.token
    names = sorted(proved)
    listed = ";".join(names)
    lines = "".join(f"{name}:{proved[name]}\n" for name in names)
    place = quote(path, safe="/~")
    canonical = f"{method}\n{place}\n\n{lines}\n{listed}\n{hashlib.sha256(body).hexdigest()}"
    day_scope = f"{instant[:8]}/{scope}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = _key(credentials.secret, day_scope)
    mac = hmac.digest(key, f"{ALGORITHM}\n{instant}\n{day_scope}\n{digest}".encode(), "sha256")
    proved["authorization"] = (
        f"{ALGORITHM} Credential={credentials.key_id}/{day_scope}, "
        f"SignedHeaders={listed}, Signature={mac.hex()}"
    )
    return proved


@lru_cache(maxsize=8)
def _key(secret: str, day_scope: str) -> bytes:
    """The key of a day, a region and a service: the same for all of a day's requests."""
    key = f"AWS4{secret}".encode()
    for part in day_scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
