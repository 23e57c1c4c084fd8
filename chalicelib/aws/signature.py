"""AWS Signature Version 4, for requests without a query string.

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
    """AWS credentials. `token` is that of temporary credentials of a role."""

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
    """`headers` with those of the signature. Their names are in lower case and include `host`.
    `scope` is `<region>/<service>`, `at` in epoch seconds, `path` as sent."""
    instant = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    result = {**headers, "x-amz-date": instant}
    if credentials.token:
        result["x-amz-security-token"] = credentials.token
    names = sorted(result)
    signed_names = ";".join(names)
    lines = "".join(f"{name}:{result[name]}\n" for name in names)
    canonical_path = quote(path, safe="/~")
    canonical = (
        f"{method}\n{canonical_path}\n\n{lines}\n{signed_names}\n{hashlib.sha256(body).hexdigest()}"
    )
    day_scope = f"{instant[:8]}/{scope}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = _key(credentials.secret, day_scope)
    mac = hmac.digest(key, f"{ALGORITHM}\n{instant}\n{day_scope}\n{digest}".encode(), "sha256")
    result["authorization"] = (
        f"{ALGORITHM} Credential={credentials.key_id}/{day_scope}, "
        f"SignedHeaders={signed_names}, Signature={mac.hex()}"
    )
    return result


@lru_cache(maxsize=8)
def _key(secret: str, day_scope: str) -> bytes:
    """The signing key of a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in day_scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
