"""Pods are as their namespace's labels ask: refused, noted or warned of; and the labels themselves can be read.

What would make pods (a Deployment, a Job) is never refused here: its pods will be. Namespaces without such labels cost
one look-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

if TYPE_CHECKING:
    from podwright.apiserver.pod_security.configuration import Configuration
    from podwright.apiserver.pod_security.judge import Judge

JSON = dict[str, Any]
_PREFIX: Final = "pod-security.kubernetes.io/"
_NAMESPACES, _PODS = find("namespaces"), find("pods")
_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "podtemplates": ("template",),
    "replicationcontrollers": ("spec", "template"),
    "replicasets.apps": ("spec", "template"),
    "deployments.apps": ("spec", "template"),
    "statefulsets.apps": ("spec", "template"),
    "daemonsets.apps": ("spec", "template"),
    "jobs.batch": ("spec", "template"),
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"),
}
_SPECS: Final = frozenset(("", "ephemeralcontainers", "resize"))
"""Ways to a pod by which its spec may change."""


class PodSecurity(BasePlugin):
    """See the module. Without a `configuration` only labels of namespaces count."""

    def __init__(self, configuration: Configuration | None) -> None:
        self._configuration = configuration

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates and updates of namespaces, pods, and what makes pods."""
        known = resource is _NAMESPACES or resource is _PODS or resource.qualified in _TEMPLATES
        return known and verb in {"create", "update"}

    def validate(self, attributes: Attributes) -> None:
        """Judge the write. Raises ApiError 403, 422."""
        obj, resource, subresource = attributes.obj, attributes.ctx.resource, attributes.ctx.subresource
        if obj is None or subresource not in (_SPECS if resource is _PODS else {""}):
            return
        if resource is _NAMESPACES:
            if self._asked(obj) or (attributes.old is not None and self._asked(attributes.old)):
                self._judge.namespace(attributes, obj)
            return
        if not self._asked(attributes.ctx.lookup.get(_NAMESPACES, attributes.ctx.namespace)):
            if resource is _PODS:
                attributes.annotations[f"{_PREFIX}enforce-policy"] = "privileged:latest"
        elif resource is _PODS:
            self._judge.pod(attributes, obj)
        else:
            template: JSON | None = obj
            for name in _TEMPLATES[resource.qualified]:
                template = (template or {}).get(name)
            if template:
                self._judge.template(attributes, template)

    @cached_property
    def _judge(self) -> Judge:
        from podwright.apiserver.pod_security.configuration import UNCONFIGURED
        from podwright.apiserver.pod_security.judge import Judge

        return Judge(self._configuration or UNCONFIGURED)

    def _asked(self, namespace: JSON | None) -> bool:
        """Whether anything is asked of the pods of a namespace."""
        if self._configuration is not None:
            return True
        labels: Mapping[str, str] = {} if namespace is None else namespace["metadata"].get("labels") or {}
        return any(key.startswith(_PREFIX) for key in labels)
