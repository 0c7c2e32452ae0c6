"""What a pod's runtime class adds to it: the overhead of running it, and the nodes that can.

The class must exist when the pod is created. Nobody else may say what running a pod costs.
"""

from __future__ import annotations

from typing import Any

from podwright.api.errors import ApiError, forbidden
from podwright.api.quantity import compare
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

JSON = dict[str, Any]
_PODS, _CLASSES = find("pods"), find("runtimeclasses", "node.k8s.io")
_DIFFERS = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
_UNFOUNDED = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


class RuntimeClassAdmission(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of pods."""
        return resource is _PODS and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Merge the class into the pod. Raises ApiError 403."""
        found, pod = _class(attributes), attributes.obj
        if found is None or pod is None:
            return
        spec: JSON = pod["spec"]
        overhead = _overhead(found)
        if overhead:
            if spec.get("overhead") and not _same(spec["overhead"], overhead):
                raise _refusal(attributes, _DIFFERS)
            spec["overhead"] = overhead
        _place(attributes, spec, found.get("scheduling") or {})

    def validate(self, attributes: Attributes) -> None:
        """Refuse an overhead that is not the class's. Raises ApiError 403."""
        if attributes.obj is None:
            return
        given: JSON = attributes.obj["spec"].get("overhead") or {}
        found = _class(attributes)
        overhead = _overhead(found) if found is not None else {}
        if overhead and not _same(given, overhead):
            raise _refusal(attributes, _DIFFERS)
        if given and not overhead:
            raise _refusal(attributes, _UNFOUNDED)


def _class(attributes: Attributes) -> JSON | None:
    name: str = (attributes.obj or {}).get("spec", {}).get("runtimeClassName") or ""
    if not name:
        return None
    found = attributes.ctx.lookup.get(_CLASSES, name)
    if found is None:
        raise _refusal(attributes, f'pod rejected: RuntimeClass "{name}" not found')
    return found


def _overhead(found: JSON) -> JSON:
    return (found.get("overhead") or {}).get("podFixed") or {}


def _same(one: JSON, other: JSON) -> bool:
    return one.keys() == other.keys() and not any(compare(one[name], other[name]) for name in one)


def _place(attributes: Attributes, spec: JSON, scheduling: JSON) -> None:
    wanted: JSON = scheduling.get("nodeSelector") or {}
    own: JSON = spec.get("nodeSelector") or {}
    for key, value in wanted.items():
        if key in own and own[key] != value:
            why = (
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {own[key]}"
            )
            raise _refusal(attributes, why)
    if wanted:
        spec["nodeSelector"] = {**wanted, **own}
    more = [t for t in scheduling.get("tolerations") or () if t not in (spec.get("tolerations") or ())]
    if more:
        spec["tolerations"] = [*(spec.get("tolerations") or ()), *more]


def _refusal(attributes: Attributes, why: str) -> ApiError:
    return forbidden("pods", attributes.name, why)
