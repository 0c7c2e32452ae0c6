"""The fields by which pods are selected. Apart from the other rules of pods, which only a pod needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from podwright.apiserver.strategies.selectable import path_getters

JSON = dict[str, Any]


def _first_ip(pod: JSON) -> str:
    addresses = (pod.get("status") or {}).get("podIPs")
    return addresses[0].get("ip") or "" if addresses else (pod.get("status") or {}).get("podIP") or ""


FIELDS: Final[Mapping[str, Callable[[JSON], str]]] = {
    **path_getters(
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "spec.hostNetwork": lambda pod: "true" if (pod.get("spec") or {}).get("hostNetwork") else "false",
    "status.podIPs": _first_ip,
}
