"""Why a server cannot be talked to, in words, and what to do about it."""

from __future__ import annotations

import os
import socket
import ssl
import time
from typing import Final

from podwright.client.kubeconfig import Connection
from podwright.client.transport import TransportError

_CHOOSE: Final = "--kubeconfig or $KUBECONFIG choose another one."
_START: Final = f"Is the control plane running? `podwright up` starts it; {_CHOOSE}"
_OTHER: Final = f"Is the kubeconfig of this cluster? {_CHOOSE}"


class Unreachable(TransportError):
    """No answer was to be had. `hint`: what the user may do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def explained(what: str, error: BaseException, connection: Connection) -> Unreachable:
    """The error that says why `what` ("GET https://...") failed."""
    why, hint = _why(error, connection)
    return Unreachable(f"cannot {what}: {why}", hint)


def _why(error: BaseException, connection: Connection) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        ended = "expired" in error.verify_message
        hint = "The control plane renews its certificate when it starts anew." if ended else _OTHER
        return f"the server's certificate cannot be trusted: {error.verify_message}", hint
    if isinstance(error, ssl.SSLError):
        return f"{error.reason or error}", "Does the server speak TLS on this port?"
    if isinstance(error, (EOFError, ConnectionResetError)):
        ended = _ended(connection.certificate)
        if ended:
            renew = "`podwright down` and `podwright up` make a new one."
            return f"the client certificate of context {connection.context} ended on {ended}", renew
        # what a server does with a certificate that its authority has not signed
        return "the server closed the connection", _OTHER if connection.certificate else _START
    if isinstance(error, TimeoutError) and not error.errno:
        return "no answer in time", _START
    if isinstance(error, OSError) and error.errno:
        name = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno)
        return str(name), _START
    return str(error) or type(error).__name__, _OTHER


def _ended(certificate: bytes) -> str:
    """When a certificate ended; "" for one that is still good, and for none."""
    if not certificate:
        return ""
    from cryptography import x509

    try:
        end = x509.load_pem_x509_certificate(certificate).not_valid_after_utc
    except ValueError:
        return ""
    return f"{end:%Y-%m-%d}" if end.timestamp() < time.time() else ""
