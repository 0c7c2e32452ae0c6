"""Continue tokens of chunked lists: opaque to clients, a revision and a start key to us. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from podwright.api.errors import ApiError, bad_request
from podwright.apiserver.registry.decoding import explain

_VERSION = "meta.k8s.io/v1"
INCONSISTENT = -1
"""The revision of a token that continues at whatever is newest."""


@dataclass(frozen=True, slots=True)
class Token:
    """Continue behind the key suffix `start` ("ns/name") at `revision`."""

    revision: int
    start: str

    def encode(self) -> str:
        """The text form."""
        text = json.dumps({"v": _VERSION, "rv": self.revision, "start": self.start + "\0"}, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_token(text: str) -> Token:
    """Read a token. Raises ApiError 400."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("it is not base64") from error
    try:
        raw = json.loads(decoded)
    except ValueError as error:
        raise _invalid(explain(decoded)) from error
    try:
        version, revision, start = raw["v"], int(raw["rv"]), str(raw["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise _invalid("it cannot be decoded") from error
    if version != _VERSION:
        raise _invalid(f"server does not recognize this encoded version {version}")
    if revision == 0 or revision < INCONSISTENT:
        raise _invalid(f"incorrect encoded start resourceVersion (version {version})")
    start = start.removeprefix("/")
    if not start or ".." in start.split("/"):
        raise _invalid(f"/{start}")
    return Token(revision, start.removesuffix("\0"))


def _invalid(why: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")
