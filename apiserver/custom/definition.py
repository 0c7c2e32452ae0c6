"""Reads CustomResourceDefinitions: the questions that are asked of their JSON, each answered in one place.

Pure look-ups. A definition is shared and never changed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

JSON = dict[str, Any]
FINALIZER: Final = "customresourcecleanup.apiextensions.k8s.io"


def condition(definition: JSON, kind: str) -> JSON | None:
    """A condition of the status."""
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return next((found for found in conditions if found.get("type") == kind), None)


def is_true(definition: JSON, kind: str) -> bool:
    """Whether a condition holds."""
    found = condition(definition, kind)
    return found is not None and found.get("status") == "True"


def versions(definition: JSON) -> list[JSON]:
    """The versions, as they are listed."""
    return definition["spec"].get("versions") or []


def storage_version(definition: JSON) -> JSON:
    """The version in whose form objects are stored."""
    found = versions(definition)
    return next((version for version in found if version.get("storage")), found[0])


def converts_by_webhook(definition: JSON) -> bool:
    """Whether a webhook turns objects of one version into those of another."""
    return (definition["spec"].get("conversion") or {}).get("strategy") == "Webhook"


def schema(version: JSON) -> JSON:
    """The schema of a version; one that says nothing where there is none."""
    return (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"}


def deprecation(definition: JSON, version: JSON) -> str:
    """What answers in this version warn of; "" for nothing."""
    if not version.get("deprecated"):
        return ""
    own = version.get("deprecationWarning")
    if own:
        return own
    spec: JSON = definition["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    text = f"{group}/{version['name']} {kind} is deprecated"
    better = _recommended(definition, version["name"])
    return f"{text}; use {group}/{better} {kind}" if better else text


def _recommended(definition: JSON, name: str) -> str:
    """The best served version that is better than `name` and not deprecated itself."""
    from podwright.api.versions import priority

    good = [v["name"] for v in versions(definition) if v.get("served") and not v.get("deprecated")]
    best = min(good, key=priority, default="")
    return best if best and priority(best) < priority(name) else ""


def scale(version: JSON) -> Mapping[str, str] | None:
    """The paths of the scale subresource."""
    return (version.get("subresources") or {}).get("scale")
