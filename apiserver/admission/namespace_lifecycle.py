"""Nothing is created in a namespace that does not exist or is going away, and the system's namespaces stay."""

from __future__ import annotations

from podwright.api.errors import forbidden, not_found
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

IMMORTAL = frozenset(("default", "kube-system", "kube-public", "kube-node-lease"))
_NAMESPACE = find("namespaces")


class NamespaceLifecycle(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates in namespaces, deletes of namespaces."""
        return (verb == "create" and resource.namespaced) or (verb == "delete" and resource is _NAMESPACE)

    def admit(self, attributes: Attributes) -> None:
        """Refuse with 404 or 403."""
        ctx = attributes.ctx
        if attributes.verb == "delete":
            if attributes.name in IMMORTAL:
                raise forbidden("namespaces", attributes.name, "this namespace may not be deleted")
            return
        namespace = ctx.lookup.get(_NAMESPACE, ctx.namespace)
        if namespace is None:
            raise not_found("namespaces", ctx.namespace)
        if "deletionTimestamp" in namespace["metadata"]:
            why = f"unable to create new content in namespace {ctx.namespace} because it is being terminated"
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {ctx.namespace} is being terminated",
                "field": "metadata.namespace",
            }
            raise forbidden(ctx.resource.qualified, attributes.name, why, causes=[cause])
