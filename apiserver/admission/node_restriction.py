"""A node writes only what is its own: its Node, Lease and CSINode, its pods' statuses and ends, its mirror pods.

Holds for nodes with a certificate and for the gateway that speaks for one. It must never let a node place itself in
the way of pods that should not come to it (labels, taints), nor make a pod that names other objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from podwright.api.errors import forbidden, not_found
from podwright.api.quoting import quote
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.admission.node_labels import forbidden_labels
from podwright.apiserver.admission.service_account import MIRROR
from podwright.apiserver.authorization.identities import node_of
from podwright.apiserver.authorization.nodes import LEASE_NAMESPACE
from podwright.apiserver.pod_references import ACCOUNTS, CLAIMS, CONFIG_MAPS, DEVICE_CLAIMS, SECRETS, references
from podwright.apiserver.user import User

JSON = dict[str, Any]
_PODS, _NODES = find("pods"), find("nodes")
_CLAIMS, _LEASES = find("persistentvolumeclaims"), find("leases", "coordination.k8s.io")
_CSI_NODES, _SLICES = find("csinodes", "storage.k8s.io"), find("resourceslices", "resource.k8s.io")
_NAMED: Final = {
    ACCOUNTS: "a service account",
    SECRETS: "secrets",
    CONFIG_MAPS: "configmaps",
    CLAIMS: "persistentvolumeclaims",
    DEVICE_CLAIMS: "resourceclaims",
}
_ONLY_OWN_STATUS: Final = "can only update pod status for pods with spec.nodeName set to itself"
_CLAIM_STATUS: Final = ("allocatedResourceStatuses", "allocatedResources", "capacity", "conditions")


class NodeRestriction(BasePlugin):
    """See the module."""

    def __init__(self) -> None:
        self._rules: Mapping[Resource, Callable[[str, Attributes], str]] = {
            _PODS: _pod,
            _NODES: _node,
            _CLAIMS: _claim,
            _LEASES: _lease,
            _CSI_NODES: _csi_node,
            _SLICES: _slice,
        }

    def concerns(self, resource: Resource, verb: str) -> bool:  # noqa: ARG002 - all of them
        """Writes of what nodes write."""
        return resource in self._rules

    def admit(self, attributes: Attributes) -> None:
        """Refuse what is not the node's own. Raises ApiError 403, 404."""
        ctx = attributes.ctx
        node = node_of(ctx.user)
        if node is None:
            return
        why = self._rules[ctx.resource](node, attributes) if node else _unknown(ctx.user)
        if why:
            raise forbidden(ctx.resource.qualified, attributes.name, why)


def check_eviction(user: User, pod: JSON) -> None:
    """Refuse the eviction of a pod that does not run on the node. Raises ApiError 403."""
    node = node_of(user)
    if node is not None and (not node or (pod.get("spec") or {}).get("nodeName") != node):
        why = f"node {node} can only evict pods with spec.nodeName set to itself" if node else _unknown(user)
        raise forbidden("pods", pod["metadata"]["name"], why)


def _unknown(user: User) -> str:
    return f"could not determine node from user {quote(user.name)}"


def _node_name(obj: JSON | None) -> str:
    return ((obj or {}).get("spec") or {}).get("nodeName") or ""


def _pod(node: str, attributes: Attributes) -> str:
    verb, subresource = attributes.verb, attributes.ctx.subresource
    if subresource in {"binding", "eviction"}:
        return "" if subresource == "eviction" else _subresource(subresource)  # evictions: `check_eviction`
    if subresource == "status":
        return _pod_status(node, attributes)
    if subresource:
        return _subresource(subresource)
    if verb == "create":
        return _mirror_pod(node, attributes)
    if verb == "delete":
        own = _node_name(attributes.old) == node
        return "" if own else f"node {quote(node)} can only delete pods with spec.nodeName set to itself"
    return f'unexpected operation "{verb.upper()}", node {quote(node)} can only create and delete mirror pods'


def _subresource(name: str) -> str:
    return f"unexpected pod subresource {quote(name)}, only 'status' and 'eviction' are allowed"


def _pod_status(node: str, attributes: Attributes) -> str:
    obj, old = attributes.obj or {}, attributes.old or {}
    if _node_name(old) != node:
        return f"node {quote(node)} {_ONLY_OWN_STATUS}"
    if (obj["metadata"].get("labels") or {}) != (old["metadata"].get("labels") or {}):
        return f"node {quote(node)} cannot update labels through pod status"
    for field in ("resourceClaimStatuses", "extendedResourceClaimStatus"):
        if ((obj.get("status") or {}).get(field) or None) != ((old.get("status") or {}).get(field) or None):
            return f"node {quote(node)} cannot update resource claim statues"
    return ""


def _mirror_pod(node: str, attributes: Attributes) -> str:
    pod, me = attributes.obj or {}, quote(node)
    metadata: JSON = pod["metadata"]
    if MIRROR not in (metadata.get("annotations") or {}):
        return f"pod does not have {quote(MIRROR)} annotation, node {me} can only create mirror pods"
    if _node_name(pod) != node:
        return f"node {me} can only create pods with spec.nodeName set to itself"
    owners: list[JSON] = metadata.get("ownerReferences") or []
    if len(owners) > 1:
        return f"node {me} can only create pods with a single owner reference set to itself"
    if not owners or tuple(owners[0].get(key) for key in ("apiVersion", "kind", "name")) != ("v1", "Node", node):
        return f"node {me} can only create pods with an owner reference set to itself"
    if not owners[0].get("controller"):
        return f"node {me} can only create pods with a controller owner reference set to itself"
    if owners[0].get("blockOwnerDeletion"):
        return f"node {me} must not set blockOwnerDeletion on an owner reference"
    known = attributes.ctx.lookup.get(_NODES, node)
    if known is None:
        raise not_found("nodes", node)
    given, uid = owners[0].get("uid"), known["metadata"]["uid"]
    if given != uid:
        return f"node {node} UID mismatch: expected {given} got {uid}"
    return _names_others(me, pod)


def _names_others(me: str, pod: JSON) -> str:
    """A pod that a node makes would else open to it whatever it names."""
    named = {plural for plural, _ in references(pod)}
    for plural, shown in _NAMED.items():
        if plural in named:
            return f"node {me} can not create pods that reference {shown}"
    spec: JSON = pod["spec"]
    if spec.get("resourceClaims"):
        return f"node {me} can not create pods that reference resourceclaims"
    for volume in spec.get("volumes") or ():
        sources = (volume.get("projected") or {}).get("sources") or ()
        if any(source.get("clusterTrustBundle") for source in sources):
            return f"node {me} can not create pods that reference clustertrustbundles"
    return ""


def _node(node: str, attributes: Attributes) -> str:
    obj, old, me = attributes.obj or {}, attributes.old, quote(node)
    if attributes.name != node:
        return f"node {me} is not allowed to modify node {quote(attributes.name)}"
    if attributes.verb == "delete":
        return ""
    spec: JSON = obj.get("spec") or {}
    labels: JSON = obj["metadata"].get("labels") or {}
    if old is None:
        if spec.get("configSource"):
            return f"node {me} is not allowed to create pods with a non-nil configSource"
        found = forbidden_labels(labels, {})
        return f"node {me} is not allowed to set the following labels: {', '.join(found)}" if found else ""
    before: JSON = old.get("spec") or {}
    if spec.get("configSource") and spec["configSource"] != before.get("configSource"):
        return f"node {me} is not allowed to update configSource to a new non-nil configSource"
    if (spec.get("taints") or []) != (before.get("taints") or []):
        return f"node {me} is not allowed to modify taints"
    if (obj["metadata"].get("ownerReferences") or []) != (old["metadata"].get("ownerReferences") or []):
        return f"node {me} is not allowed to modify ownerReferences"
    found = forbidden_labels(labels, old["metadata"].get("labels") or {})
    return f"is not allowed to modify labels: {', '.join(found)}" if found else ""


def _claim(node: str, attributes: Attributes) -> str:
    if attributes.ctx.subresource != "status":
        return "may only update PVC status"
    if _fixed(attributes.obj or {}) != _fixed(attributes.old or {}):
        fields = "status.capacity and status.conditions"
        return f"node {quote(node)} is not allowed to update fields other than {fields}"
    return ""


def _fixed(claim: JSON) -> JSON:
    """What a node may not change of a claim."""
    metadata = {k: v for k, v in claim["metadata"].items() if k not in {"resourceVersion", "managedFields"}}
    status = {k: v for k, v in (claim.get("status") or {}).items() if k not in _CLAIM_STATUS}
    return {**claim, "metadata": metadata, "status": status}


def _lease(node: str, attributes: Attributes) -> str:
    if attributes.ctx.namespace != LEASE_NAMESPACE:
        return f"can only access leases in the {quote(LEASE_NAMESPACE)} system namespace"
    same = attributes.name == node
    return "" if same else "can only access node lease with the same name as the requesting node"


def _csi_node(node: str, attributes: Attributes) -> str:
    same = attributes.name == node
    return "" if same else "can only access CSINode with the same name as the requesting node"


def _slice(node: str, attributes: Attributes) -> str:
    named = _node_name(attributes.obj if attributes.verb == "create" else attributes.old)
    if named == node:
        return ""
    verb = {"create": "create", "delete": "delete"}.get(attributes.verb, "update")
    return f"can only {verb} ResourceSlice with the same NodeName as the requesting node"
