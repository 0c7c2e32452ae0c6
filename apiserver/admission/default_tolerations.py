"""A pod stays for five minutes on a node that stops answering, unless it says otherwise itself."""

from __future__ import annotations

from typing import Any

from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin

JSON = dict[str, Any]
_PODS = find("pods")
_KEYS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SECONDS = 300


class DefaultTolerations(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of pods."""
        return resource is _PODS and verb == "create"

    def admit(self, attributes: Attributes) -> None:
        """Add the tolerations that are missing."""
        if attributes.obj is None:
            return
        tolerations: list[JSON] = attributes.obj["spec"].setdefault("tolerations", [])
        missing = [k for k in _KEYS if not any(_tolerates(t, k) for t in tolerations)]
        for key in missing:
            toleration = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _SECONDS}
            tolerations.append(toleration)


def _tolerates(toleration: JSON, key: str) -> bool:
    return toleration.get("key", "") in {"", key} and toleration.get("effect", "") in {"", "NoExecute"}
