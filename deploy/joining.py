"""What lets nodes ask for certificates: who may ask for a node's first one, and that a node may renew its own.

Written when a cluster starts and missing; what an administrator changed or emptied stays as it is.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.client.client import Client

JSON = dict[str, Any]
BOOTSTRAPPERS: Final = "system:bootstrappers:podwright:default-node-token"
"""The group of bootstrap tokens that nodes may join with."""

_BINDINGS: Final = find("clusterrolebindings", "rbac.authorization.k8s.io")
_REQUESTS: Final = "system:certificates.k8s.io:certificatesigningrequests"
_WANTED: Final = (
    ("podwright:node-bootstrapper", "system:node-bootstrapper", BOOTSTRAPPERS),
    ("podwright:node-autoapprove-bootstrap", f"{_REQUESTS}:nodeclient", BOOTSTRAPPERS),
    ("podwright:node-autoapprove-certificate-rotation", f"{_REQUESTS}:selfnodeclient", "system:nodes"),
)


async def allow_joining(client: Client) -> None:
    """Write the bindings that are missing. Raises ApiError, TransportError."""
    for name, role, group in _WANTED:
        body: JSON = {
            "apiVersion": _BINDINGS.api_version,
            "kind": _BINDINGS.kind,
            "metadata": {"name": name},
            "roleRef": {"apiGroup": _BINDINGS.group, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": _BINDINGS.group, "kind": "Group", "name": group}],
        }
        try:
            await client.create(_BINDINGS, body)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
