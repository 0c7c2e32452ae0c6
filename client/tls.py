"""The TLS side of a client: whom we trust and who we are, from PEM held in memory.

Python's ssl module reads key pairs from files only, so they pass through a private file that is gone at once.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from podwright.client.transport import TransportError


def client_context(ca: bytes, certificate: bytes, key: bytes, *, insecure: bool = False) -> ssl.SSLContext:
    """Return a context trusting `ca` (or the system's, when empty). Blocks; raises TransportError."""
    try:
        context = ssl.create_default_context(cadata=ca.decode() if ca else None)
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate:
            _load(context, certificate, key)
    except (ssl.SSLError, ValueError, OSError) as error:
        msg = f"cannot use the certificates of the configuration: {error}"
        raise TransportError(msg) from error
    return context


def _load(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix="podwright-")  # created with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificate.rstrip() + b"\n" + key)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
