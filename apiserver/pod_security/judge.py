"""Judges writes of namespaces, pods and what makes pods by the labels of their namespace.

Loaded with the first such label or an administrator's configuration: most servers have neither. It must never look
further than the write, its namespace and, when that asks for more, the pods in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from podwright.api.errors import forbidden, invalid
from podwright.api.field_errors import join
from podwright.api.quoting import quote
from podwright.api.resources import find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.pod_security.configuration import Configuration
from podwright.apiserver.pod_security.controls import violations
from podwright.apiserver.pod_security.existing import warnings_about
from podwright.apiserver.pod_security.level import FREE, PRIVILEGED, Standard, strictness
from podwright.apiserver.pod_security.policy import PREFIX, Policy, policy_of

JSON = dict[str, Any]
_NAMESPACES: Final = find("namespaces")
_PODS: Final = find("pods")


class Judge:
    """See the module."""

    def __init__(self, configuration: Configuration) -> None:
        self._defaults = configuration.defaults
        self._exempt = configuration

    # -- namespaces

    def namespace(self, attributes: Attributes, obj: JSON) -> None:
        """Refuse labels that cannot be read, and tell what becomes of pods that are there. Raises ApiError 422."""
        labels = _labels(obj)
        policy, errors = policy_of(labels, self._defaults)
        before, old_errors = policy, errors
        if attributes.old is not None:
            before, old_errors = policy_of(_labels(attributes.old), self._defaults)
        if errors and (attributes.old is None or errors != old_errors):
            raise invalid("", "Namespace", attributes.name, errors)
        exempt = attributes.name in self._exempt.namespaces
        if attributes.old is None:
            if exempt:
                self._tell_exempt(attributes, policy, labels)
        elif _stricter(policy.enforce, before.enforce):
            if exempt:
                self._tell_exempt(attributes, policy, labels)
                return
            pods = attributes.ctx.lookup.list(_PODS, attributes.name)
            classes = self._exempt.runtime_classes
            attributes.warnings += warnings_about(attributes.name, pods, policy.enforce, classes)

    def _tell_exempt(self, attributes: Attributes, policy: Policy, labels: Mapping[str, str]) -> None:
        if policy.free or policy == self._defaults:
            return
        asked: dict[str, Standard] = {"enforce": policy.enforce, "audit": policy.audit, "warn": policy.warn}
        told = ", ".join(
            f"{mode}={standard}"
            for mode, standard in asked.items()
            if standard.level != PRIVILEGED and {f"{PREFIX}{mode}", f"{PREFIX}{mode}-version"} & labels.keys()
        )
        what = f"namespace {quote(attributes.name)} is exempt from Pod Security"
        attributes.warnings.append(f"{what}, and the policy ({told}) will be ignored")

    # -- pods and what makes them

    def pod(self, attributes: Attributes, pod: JSON) -> None:
        """Refuse, note and warn of a pod. Raises ApiError 403."""
        if self._is_exempt(attributes):
            return
        policy, problem = self._policy(attributes)
        if not problem and policy.free:
            attributes.annotations[f"{PREFIX}enforce-policy"] = str(FREE)
            return
        if attributes.old is None or _matters(pod, attributes.old):
            self._judge(attributes, policy, problem, pod["metadata"], pod["spec"], enforce=True)

    def template(self, attributes: Attributes, template: JSON) -> None:
        """Note and warn of a template of pods."""
        if self._is_exempt(attributes):
            return
        policy, problem = self._policy(attributes)
        if not problem and policy.warn.level == policy.audit.level == PRIVILEGED:
            return
        metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
        self._judge(attributes, policy, problem, metadata, spec, enforce=False)

    def _is_exempt(self, attributes: Attributes) -> bool:
        reason = ""
        if attributes.ctx.namespace in self._exempt.namespaces:
            reason = "namespace"
        elif attributes.ctx.user.name in self._exempt.usernames:
            reason = "user"
        if reason:
            attributes.annotations[f"{PREFIX}exempt"] = reason
        return bool(reason)

    def _policy(self, attributes: Attributes) -> tuple[Policy, str]:
        """The policy of the namespace, and why its labels cannot be read."""
        found = attributes.ctx.lookup.get(_NAMESPACES, attributes.ctx.namespace)
        policy, errors = policy_of({} if found is None else _labels(found), self._defaults)
        return policy, join(errors) if errors else ""

    def _judge(
        self, attributes: Attributes, policy: Policy, problem: str, metadata: JSON, spec: JSON, *, enforce: bool
    ) -> None:
        def verdict(standard: Standard) -> str:
            found = violations(standard, metadata, spec)
            return f'PodSecurity "{standard}": {", ".join(map(str, found))}' if found else ""

        annotations = attributes.annotations
        if (spec.get("runtimeClassName") or "") in self._exempt.runtime_classes:
            annotations[f"{PREFIX}exempt"] = "runtimeClass"
            return
        if problem:
            annotations[f"{PREFIX}error"] = f"Failed to parse policy: {problem}"
        noted = verdict(policy.audit)
        if noted:
            annotations[f"{PREFIX}audit-violations"] = f"would violate {noted}"
        if enforce:
            annotations[f"{PREFIX}enforce-policy"] = str(policy.enforce)
            refused = verdict(policy.enforce)
            if refused:
                raise forbidden("pods", attributes.name, f"violates {refused}")
        warned = verdict(policy.warn)
        if warned:
            attributes.warnings.append(f"would violate {warned}")


def _labels(obj: JSON) -> Mapping[str, str]:
    return obj["metadata"].get("labels") or {}


def _stricter(enforce: Standard, before: Standard) -> bool:
    """Whether pods that were let in may not be any more."""
    if enforce == before or enforce.level == PRIVILEGED:
        return False
    return enforce.minor != before.minor or strictness(enforce.level) > strictness(before.level)


def _matters(pod: JSON, old: JSON) -> bool:
    """Whether a change of a pod is one of its containers or images."""
    for field in ("containers", "initContainers"):
        now, before = (each["spec"].get(field) or () for each in (pod, old))
        if [c.get("image") for c in now] != [c.get("image") for c in before]:
            return True
    known = {c["name"]: c.get("image") for c in old["spec"].get("ephemeralContainers") or ()}
    return any(known.get(c["name"], ...) != c.get("image") for c in pod["spec"].get("ephemeralContainers") or ())
