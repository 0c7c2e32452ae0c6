"""What every namespace has: the ServiceAccount `default`, and the ConfigMap `kube-root-ca.crt` with the cluster's CA.

Both are put back when somebody deletes them, and the CA is put right when somebody changes it.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.controllers.actions import NOTHING, Create, Patch, Plan
from podwright.controllers.meta import Whole
from podwright.controllers.resources import CONFIG_MAPS, SERVICE_ACCOUNTS

JSON = dict[str, Any]

ACCOUNT: Final = "default"
ROOT_CA: Final = "kube-root-ca.crt"
_DESCRIPTION: Final = (
    "The CA that signed the API server's certificate, for use inside the cluster (kubernetes.default.svc)."
)


def alive(namespace: Whole | None) -> bool:
    """Tell whether a namespace takes new objects."""
    if namespace is None or namespace.meta.deleted is not None:
        return False
    return namespace.status.get("phase") != "Terminating"


def service_account(namespace: Whole | None, *, exists: bool) -> Plan:
    """Return the creation of the default ServiceAccount where it is missing."""
    if namespace is None or not alive(namespace) or exists:
        return NOTHING
    name = namespace.meta.name
    body: JSON = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": name}}
    return Plan((Create(SERVICE_ACCOUNTS, name, body, existing_is_fine=True),))


def root_ca(namespace: Whole | None, present: Whole | None, certificate: str) -> Plan:
    """Return what makes the CA's ConfigMap right."""
    if namespace is None or not alive(namespace) or not certificate:
        return NOTHING
    data = {"ca.crt": certificate}
    if present is None:
        body: JSON = {
            "apiVersion": "v1", "kind": "ConfigMap", "data": data,
            "metadata": {
                "name": ROOT_CA, "namespace": namespace.meta.name,
                "annotations": {"kubernetes.io/description": _DESCRIPTION},
            },
        }  # fmt: skip
        return Plan((Create(CONFIG_MAPS, namespace.meta.name, body, existing_is_fine=True),))
    have: JSON = present.body.get("data") or {}
    if have == data:
        return NOTHING
    difference = {**{key: None for key in have if key not in data}, **data}
    return Plan((Patch(CONFIG_MAPS, namespace.meta.name, ROOT_CA, {"data": difference}),))
