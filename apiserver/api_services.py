"""The APIServices of what this server serves itself: one for each version of each group, with its place among others.

Pure functions of the resource table. Clients read them to see what is served and in which order of preference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from podwright.api.resources import Resource

JSON = dict[str, Any]

MANAGED: Final = "kube-aggregator.kubernetes.io/automanaged"
_OWN = "apiregistration.k8s.io"  # it lists the others and is always first
_OTHERS = (1000, 100)
# (group, version) -> priorities of the group and of the version; what is not here comes last
_PRIORITIES: Final = {
    ("", "v1"): (18000, 1),
    ("apps", "v1"): (17800, 15),
    ("events.k8s.io", "v1"): (17750, 15),
    ("authentication.k8s.io", "v1"): (17700, 15),
    ("authorization.k8s.io", "v1"): (17600, 15),
    ("autoscaling", "v1"): (17500, 15),
    ("autoscaling", "v2"): (17500, 30),
    ("batch", "v1"): (17400, 15),
    ("certificates.k8s.io", "v1"): (17300, 15),
    ("networking.k8s.io", "v1"): (17200, 15),
    ("policy", "v1"): (17100, 15),
    ("rbac.authorization.k8s.io", "v1"): (17000, 15),
    ("storage.k8s.io", "v1"): (16800, 15),
    ("admissionregistration.k8s.io", "v1"): (16700, 15),
    ("apiextensions.k8s.io", "v1"): (16700, 15),
    ("scheduling.k8s.io", "v1"): (16600, 15),
    ("coordination.k8s.io", "v1"): (16500, 15),
    ("node.k8s.io", "v1"): (16300, 15),
    ("discovery.k8s.io", "v1"): (16200, 15),
    ("flowcontrol.apiserver.k8s.io", "v1"): (16100, 21),
    ("resource.k8s.io", "v1"): (15900, 20),
}


def local_services(rows: Iterable[Resource]) -> list[JSON]:
    """The APIServices of the resources of a table, without kind and status."""
    served = sorted({(row.group, row.version) for row in rows if row.group != _OWN})
    return [service_of(group, version, managed="onstart") for group, version in served]


def service_of(group: str, version: str, *, managed: str) -> JSON:
    """One of them; `managed` is the label that says when the server looks after it."""
    of_group, of_version = _PRIORITIES.get((group, version), _OTHERS)
    spec: JSON = {"version": version, "groupPriorityMinimum": of_group, "versionPriority": of_version}
    if group:
        spec["group"] = group
    return {"metadata": {"name": f"{version}.{group}", "labels": {MANAGED: managed}}, "spec": spec}
