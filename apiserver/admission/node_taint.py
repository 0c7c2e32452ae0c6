"""A new node takes no pods until it has said that it is ready: it begins with the taint that says it is not.

Whoever keeps taints true to conditions takes it away. Without it, a pod could be placed between a node's first write
and the first look at its conditions.
"""

from __future__ import annotations

from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

_NODES = find("nodes")
_KEY = "node.kubernetes.io/not-ready"
_EFFECT = "NoSchedule"


class NodeTaint(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of nodes."""
        return resource is _NODES and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Add the taint where it is missing."""
        obj = attributes.obj
        if obj is None:
            return
        spec = obj.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any((taint.get("key"), taint.get("effect")) == (_KEY, _EFFECT) for taint in taints):
            spec["taints"] = [*taints, {"key": _KEY, "effect": _EFFECT}]
