"""What a node may do with its own credential: run its pods, and read what they need.

Reads are limited to what leads to the node (`references.py`); writes of pods, nodes and their kin pass here by kind
alone, and `admission/node_restriction.py` limits them to the node's own. Everything else goes by the role of nodes,
which no binding gives. It must never let a node see another node's pods or their secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from podwright.apiserver.authorization.authorizer import ALLOWED, Decision
from podwright.apiserver.authorization.references import References
from podwright.apiserver.authorization.rules import Role, role_of
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target

LEASE_NAMESPACE: Final = "kube-node-lease"
_ROLE: Final = "system:node"
_READS: Final = frozenset(("get", "list", "watch"))
_OWN: Final = frozenset(("get", "create", "update", "patch", "delete"))
_CHANGES: Final = frozenset(("update", "patch"))
_NO: Final = Decision(allowed=False)


class Nodes:
    """See the module."""

    def __init__(self, endpoints: Mapping[tuple[str, str, str], Endpoint]) -> None:
        self._endpoints = endpoints
        self._rules: Mapping[tuple[str, str], Callable[[str, Target], Decision]] = {
            ("", "secrets"): self._read,
            ("", "configmaps"): self._read,
            ("", "persistentvolumeclaims"): self._claim,
            ("", "persistentvolumes"): self._get,
            ("", "serviceaccounts"): self._token,
            ("", "nodes"): self._node,
            ("", "pods"): self._pod,
            ("resource.k8s.io", "resourceclaims"): self._get,
            ("resource.k8s.io", "resourceslices"): self._slice,
            ("storage.k8s.io", "volumeattachments"): self._get,
            ("storage.k8s.io", "csinodes"): self._csi_node,
            ("coordination.k8s.io", "leases"): self._lease,
        }

    def decide(self, node: str, target: Target) -> Decision:
        """Tell whether a node may do this."""
        if not node:
            return _no("unknown node for user")
        rule = self._rules.get((target.group, target.plural)) if target.resource else None
        if rule is not None:
            return rule(node, target)
        return ALLOWED if self._role.allows(target) else _NO

    @cached_property
    def _references(self) -> References:
        return References(self._endpoints)

    @cached_property
    def _role(self) -> Role:
        from podwright.apiserver.authorization.policy import default_objects

        found = next(obj for plural, _, obj in default_objects() if (plural, obj["metadata"]["name"]) == _PLACE)
        return role_of(found["rules"])

    def _leads(self, node: str, target: Target) -> Decision:
        if not target.name:
            return _no("No Object name found")
        if self._references.lead(node, target.plural, target.namespace, target.name):
            return ALLOWED
        return _no(f"no relationship found between node '{node}' and this object")

    def _read(self, node: str, target: Target) -> Decision:
        if target.verb not in _READS:
            return _no("can only read resources of this type")
        if target.subresource:
            return _no("cannot read subresource")
        if not target.namespace:
            return _no("can only read namespaced object of this type")
        return self._leads(node, target)

    def _get(self, node: str, target: Target) -> Decision:
        if target.verb != "get":
            return _no("can only get individual resources of this type")
        if target.subresource:
            return _no("cannot get subresource")
        return self._leads(node, target)

    def _claim(self, node: str, target: Target) -> Decision:
        if target.subresource != "status":
            return self._get(node, target)
        if target.verb not in _CHANGES:
            return _no("can only get/update/patch this type")
        return self._leads(node, target)

    def _token(self, node: str, target: Target) -> Decision:
        if target.verb != "create" or not target.name:
            return _no("can only create tokens for individual service accounts")
        if target.subresource != "token":
            return _no("can only create token subresource of serviceaccount")
        return self._leads(node, target)

    def _node(self, node: str, target: Target) -> Decision:
        if target.subresource:
            return ALLOWED if target.subresource == "status" and target.verb in _CHANGES else _NO
        if target.verb == "create" or target.verb in _CHANGES:
            return ALLOWED
        if target.verb not in _READS:
            return _NO
        if target.name == node:
            return ALLOWED
        what = f"'{target.name}'" if target.name else "all nodes"
        return _no(f"node '{node}' cannot read {what}, only its own Node object")

    def _pod(self, node: str, target: Target) -> Decision:
        if target.subresource:
            allowed = {"status": _CHANGES, "eviction": ("create",)}.get(target.subresource, ())
            return ALLOWED if target.verb in allowed else _NO
        if target.verb in {"create", "delete"}:
            return ALLOWED
        if target.verb == "get":
            return self._leads(node, target)
        if target.verb not in _READS:
            return _NO
        if ("spec.nodeName", node) in target.fields:
            return ALLOWED
        if target.name:
            return self._leads(node, target)
        return _no("can only list/watch pods with spec.nodeName field selector")

    def _slice(self, node: str, target: Target) -> Decision:
        if target.subresource:
            return _no("cannot authorize ResourceSlice subresources")
        if target.verb == "create":
            return ALLOWED
        if target.verb in _OWN:
            return self._leads(node, target)
        if target.verb not in {"watch", "list", "deletecollection"}:
            return _no("this verb is not for a ResourceSlice")
        if ("spec.nodeName", node) in target.fields:
            return ALLOWED
        return _no("can only list/watch/deletecollection resourceslices with nodeName field selector")

    def _lease(self, node: str, target: Target) -> Decision:
        if target.verb not in _OWN:
            return _no("can only get, create, update, patch, or delete a node lease")
        if target.namespace != LEASE_NAMESPACE:
            return _no(f'can only access leases in the "{LEASE_NAMESPACE}" system namespace')
        if target.verb != "create" and target.name != node:
            return _no("can only access node lease with the same name as the requesting node")
        return ALLOWED

    def _csi_node(self, node: str, target: Target) -> Decision:
        if target.verb not in _OWN:
            return _no("can only get, create, update, patch, or delete a CSINode")
        if target.subresource:
            return _no("cannot authorize CSINode subresources")
        if target.verb != "create" and target.name != node:
            return _no("can only access CSINode with the same name as the requesting node")
        return ALLOWED


_PLACE: Final = ("clusterroles", _ROLE)


def _no(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason)
