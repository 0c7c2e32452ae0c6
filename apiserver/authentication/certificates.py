"""Users from TLS client certificates: the common name is the user, each organization a group.

The TLS layer has verified the chain already; this module only reads names.
"""

from __future__ import annotations

import math
import ssl
from typing import Any

from podwright.apiserver.user import AUTHENTICATED, User, outer


def ends_at(peer: dict[str, Any]) -> float:
    """When the certificate ends, in Unix seconds: a connection may last longer, and is then nobody's."""
    return float(ssl.cert_time_to_seconds(peer["notAfter"])) if "notAfter" in peer else math.inf


def user_of(peer: dict[str, Any] | None) -> User | None:
    """Return the user of what `ssl.SSLSocket.getpeercert()` gave; None without a certificate or common name."""
    if not peer:
        return None
    name, groups = "", list[str]()
    for part in peer.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                name = value
            elif key == "organizationName":
                groups.append(value)
    return User(name, "", (*outer(groups), AUTHENTICATED)) if name else None
