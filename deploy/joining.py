"""What lets nodes ask for certificates, and tells them where the cluster is.

Written when a cluster starts: bindings where they are missing (what an administrator changed or emptied stays as it
is), the address and CA whenever they are not right. Nobody may read the latter without a credential until somebody asks
for that (`published`).
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
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


_INFO: Final = ("kube-public", "cluster-info")
_CONFIG_MAPS: Final = find("configmaps")
_READERS: Final = "podwright:cluster-info-readers"


async def allow_joining(client: Client, server: str, ca: bytes) -> None:
    """Write what is missing; `server` is the API's URL, `ca` its CA (PEM). Raises ApiError, TransportError."""
    await _write_info(client, server, ca)
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


def published() -> tuple[tuple[Resource, JSON], ...]:
    """What lets everybody read the cluster's address and CA."""
    namespace, name = _INFO
    group = _BINDINGS.group
    rule: JSON = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name], "verbs": ["get"]}
    metadata: JSON = {"name": _READERS, "namespace": namespace}
    binding: JSON = {
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": "Role", "name": _READERS},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "system:anonymous"}],
    }
    return (find("roles", group), {"metadata": metadata, "rules": [rule]}), (find("rolebindings", group), binding)


async def _write_info(client: Client, server: str, ca: bytes) -> None:
    import base64

    from podwright.client.kubeconfig import Kubeconfig, dump

    cluster: JSON = {"server": server, "certificate-authority-data": base64.b64encode(ca).decode()}
    data = {"kubeconfig": dump(Kubeconfig(clusters={"": cluster}))}
    namespace, name = _INFO
    try:
        await client.create(_CONFIG_MAPS, {"metadata": {"name": name, "namespace": namespace}, "data": data})
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise
        await client.patch(_CONFIG_MAPS, name, {"data": data}, namespace=namespace)
