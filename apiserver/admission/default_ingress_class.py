"""An Ingress that names no class gets the cluster's default one, if there is one.

Among several default classes the newest counts, so that a default can be replaced by adding another.
"""

from __future__ import annotations

from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.strategies.ingress import CLASS_ANNOTATION
from podwright.apiserver.strategies.ingressclass import DEFAULT_ANNOTATION

_INGRESSES = find("ingresses", "networking.k8s.io")
_CLASSES = find("ingressclasses", "networking.k8s.io")


class DefaultIngressClass(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of ingresses."""
        return resource is _INGRESSES and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Fill in the class."""
        obj = attributes.obj
        if obj is None:
            return
        spec = obj.setdefault("spec", {})
        notes = obj["metadata"].get("annotations") or {}
        if spec.get("ingressClassName") is not None or CLASS_ANNOTATION in notes:
            return
        classes = [c["metadata"] for c in attributes.ctx.lookup.list(_CLASSES)]
        defaults = [m for m in classes if (m.get("annotations") or {}).get(DEFAULT_ANNOTATION) == "true"]
        if defaults:
            defaults.sort(key=lambda m: m["name"])
            newest = max(m.get("creationTimestamp") or "" for m in defaults)
            spec["ingressClassName"] = next(m["name"] for m in defaults if m.get("creationTimestamp") == newest)
