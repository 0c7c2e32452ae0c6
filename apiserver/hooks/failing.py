"""What goes wrong between us and a program that clients configured, in the words that their users know."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any, Final

import orjson

JSON = dict[str, Any]
_LONGEST: Final = 2048
_MEANINGS: Final = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    403: "unknown",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
}


class HookError(Exception):
    """A program did not answer, or not in a way that can be used. `code` is the one that it answered with."""

    def __init__(self, message: str, code: int = 503) -> None:
        super().__init__(message)
        self.code = code


def unreachable(error: BaseException, where: str) -> str:
    """Why there is no connection; `where` is the address that was dialled."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"remote error: tls: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {where.rpartition(':')[0]}: no such host"
    if isinstance(error, ConnectionRefusedError):
        return f"dial tcp {where}: connect: connection refused"
    if isinstance(error, ConnectionResetError):
        return f"read tcp {where}: connection reset by peer"
    if isinstance(error, EOFError):
        return "EOF"
    if isinstance(error, OSError) and error.errno is not None:
        return f"dial tcp {where}: {errno.errorcode.get(error.errno, str(error.errno))}: {error.strerror}"
    return f"dial tcp {where}: {error}"


def refused(code: int, body: bytes) -> HookError:
    """What an answer means that is no success."""
    text = bytes(body[:_LONGEST]).decode(errors="replace").strip()
    try:
        status: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status" and isinstance(status.get("message"), str):
        return HookError(status["message"] or f"the server answered {code}", code)
    if code in _MEANINGS:
        return HookError(_MEANINGS[code], code)
    if code >= 500:
        said = orjson.dumps(text or "unknown").decode()
        return HookError(f"an error on the server ({said}) has prevented the request from succeeding", code)
    return HookError(f"the server responded with the status code {code} but did not return more information", code)
