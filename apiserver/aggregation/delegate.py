"""What an APIService says that names a service: which version of which group is served elsewhere, and by whom. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.apiserver.hooks.target import ServiceTarget

JSON = dict[str, Any]
AVAILABLE: Final = "Available"
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Delegate:
    """One version of a group, served by a service. `ca` is empty for the system's own CAs; `blind`: any certificate
    will do."""

    name: str
    group: str
    version: str
    service: ServiceTarget
    ca: bytes
    blind: bool
    group_priority: int
    version_priority: int

    @property
    def path(self) -> str:
        """Where it is served: what all its paths begin with."""
        return f"/apis/{self.group}/{self.version}"

    @property
    def authority(self) -> str:
        """Its host and port, as its service names them."""
        return f"{self.service.server_name}:{self.service.port}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A version of a group as discovery shows it. `resources` are those of an aggregated document; not `fresh`: they
    may be others by now."""

    delegate: Delegate
    resources: Sequence[JSON] = ()
    fresh: bool = False


def delegate_of(api_service: JSON) -> Delegate | None:
    """Read an APIService; None for one that is served here, or whose certificates cannot be read."""
    spec: JSON = api_service.get("spec") or {}
    service: Mapping[str, Any] | None = spec.get("service")
    group: str = spec.get("group") or ""
    if service is None or not group:
        return None
    try:
        ca = base64.b64decode(spec.get("caBundle") or "", validate=True)
    except binascii.Error:
        return None
    port: int = service.get("port") or _HTTPS
    return Delegate(
        name=api_service["metadata"]["name"],
        group=group,
        version=spec.get("version") or "",
        service=ServiceTarget(service.get("namespace") or "", service.get("name") or "", port),
        ca=ca,
        blind=bool(spec.get("insecureSkipTLSVerify")),
        group_priority=spec.get("groupPriorityMinimum") or 0,
        version_priority=spec.get("versionPriority") or 0,
    )


def condition_of(api_service: JSON) -> JSON | None:
    """The Available condition."""
    conditions: Sequence[JSON] = (api_service.get("status") or {}).get("conditions") or ()
    return next((each for each in conditions if each.get("type") == AVAILABLE), None)
