"""Where a program is that clients configured: a URL or a service, and whose certificates it may have.

Pure. Two configurations that say the same are equal, so that they share connections.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

JSON = dict[str, Any]
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """A service of the cluster."""

    namespace: str
    name: str
    port: int

    @property
    def server_name(self) -> str:
        """The name that its certificate must have."""
        return f"{self.name}.{self.namespace}.svc"


@dataclass(frozen=True, slots=True)
class HookTarget:
    """A program behind TLS. `service` is None for one that has a URL; `ca` is empty for the system's own CAs."""

    host: str
    port: int
    path: str
    ca: bytes
    service: ServiceTarget | None = None
    shown_port: bool = True

    @property
    def authority(self) -> str:
        """Host and port, as its configuration has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.shown_port else host

    def url(self, seconds: float) -> str:
        """The address that is asked, with the time there is for the answer."""
        return f"https://{self.authority}{self.path}?timeout={_shown(seconds)}"


def _shown(seconds: float) -> str:
    return f"{int(seconds) + (seconds != int(seconds))}s"


def target_of(config: JSON) -> HookTarget:
    """Read the client configuration of a webhook. Raises ValueError saying what cannot be used."""
    ca = _decoded(config.get("caBundle") or "")
    service: JSON | None = config.get("service")
    if service is not None:
        port = service.get("port") or _HTTPS
        target = ServiceTarget(service.get("namespace") or "", service.get("name") or "", port)
        return HookTarget(target.server_name, port, _path(service.get("path") or ""), ca, target)
    url = config.get("url") or ""
    if not url:
        msg = "webhook configuration must have either service or URL"
        raise ValueError(msg)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    return HookTarget(host, port or _HTTPS, _path(parts.path), ca, shown_port=port is not None)


def _path(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        msg = f"unable to load root certificates: {error}"
        raise ValueError(msg) from error
