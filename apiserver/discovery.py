"""What is served, in the forms clients ask for it: legacy lists and the aggregated documents.

Pure functions of the resource table. Documents are made on first use and kept as bytes by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from podwright.api.resources import Resource
from podwright.api.versions import priority

JSON = dict[str, Any]
AGGREGATED = "apidiscovery.k8s.io"
AGGREGATED_VERSION = "v2"

# (group, version, kind) of what a subresource speaks, and its verbs; the object itself where absent.
_SUBRESOURCES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "scale": ("autoscaling", "v1", "Scale", ("get", "patch", "update")),
    "eviction": ("policy", "v1", "Eviction", ("create",)),
    "token": ("authentication.k8s.io", "v1", "TokenRequest", ("create",)),
    "binding": ("", "", "Binding", ("create",)),
    "exec": ("", "", "PodExecOptions", ("create", "get")),
    "attach": ("", "", "PodAttachOptions", ("create", "get")),
    "portforward": ("", "", "PodPortForwardOptions", ("create", "get")),
    "proxy": ("", "", "{}ProxyOptions", ("create", "delete", "get", "patch", "update")),
    "log": ("", "", "", ("get",)),
    "finalize": ("", "", "", ("update",)),
}
_ORDER = (
    "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling",
    "batch", "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io",
    "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io",
    "discovery.k8s.io", "resource.k8s.io", "flowcontrol.apiserver.k8s.io",
)  # fmt: skip


def _of_subresource(row: Resource, name: str) -> tuple[str, str, str, tuple[str, ...]]:
    group, version, kind, verbs = _SUBRESOURCES.get(name, ("", "", "", ("get", "patch", "update")))
    return group, version, kind.format(row.kind) or row.kind, verbs


def _verbs(row: Resource) -> list[str]:
    """The verbs in the order that clients know: by name, but for kinds that they defined themselves."""
    return sorted(row.verbs) if row.model else list(row.verbs)


def _subresources(row: Resource) -> list[str]:
    return sorted(row.subresources) if row.model else list(row.subresources)


def groups_of(rows: Iterable[Resource]) -> list[str]:
    """The named groups, in the order clients prefer them."""
    names = {r.group for r in rows if r.group}
    known = [g for g in _ORDER if g in names]
    return known + sorted(names - set(known))


def built_in(rows: Iterable[Resource], group: str) -> bool:
    """Whether a group has kinds that no client defined."""
    return any(row.model for row in rows if row.group == group)


def versions_of(rows: Iterable[Resource], group: str) -> list[str]:
    """The versions of a group, those that clients prefer first."""
    return sorted({r.version for r in rows if r.group == group}, key=priority)


def api_versions(address: str) -> JSON:
    """/api."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list(rows: Sequence[Resource]) -> JSON:
    """/apis."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(rows, g) for g in groups_of(rows)]}


def group(rows: Sequence[Resource], name: str) -> JSON:
    """/apis/<group>."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(rows, name)}


def _group(rows: Sequence[Resource], name: str) -> JSON:
    versions = [{"groupVersion": f"{name}/{v}", "version": v} for v in versions_of(rows, name)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def resource_list(rows: Sequence[Resource], name: str, version: str) -> JSON:
    """/api/v1 or /apis/<group>/<version>."""
    found: list[JSON] = []
    for row in sorted((r for r in rows if (r.group, r.version) == (name, version)), key=lambda r: r.plural):
        entry: JSON = {
            "name": row.plural,
            "singularName": row.singular,
            "namespaced": row.namespaced,
            "kind": row.kind,
            "verbs": _verbs(row),
        }
        if row.short_names:
            entry["shortNames"] = list(row.short_names)
        if row.categories:
            entry["categories"] = list(row.categories)
        found.append(entry)
        found += [_subresource(row, s) for s in _subresources(row)]
    whole: JSON = {"kind": "APIResourceList", "groupVersion": f"{name}/{version}" if name else version}
    if name:
        whole["apiVersion"] = "v1"
    return {**whole, "resources": found}


def _subresource(row: Resource, name: str) -> JSON:
    group_name, version, kind, verbs = _of_subresource(row, name)
    entry: JSON = {"name": f"{row.plural}/{name}", "singularName": "", "namespaced": row.namespaced}
    if group_name:
        entry |= {"group": group_name, "version": version}
    return {**entry, "kind": kind, "verbs": list(verbs)}


def aggregated(rows: Sequence[Resource], *, core: bool) -> JSON:
    """/api or /apis as one document of everything."""
    names = [""] if core else groups_of(rows)
    items: list[JSON] = []
    for name in names:
        metadata: JSON = {"name": name} if name else {}
        versions = [
            {"version": v, "resources": _aggregated_rows(rows, name, v), "freshness": "Current"}
            for v in versions_of(rows, name)
        ]
        items.append({"metadata": metadata, "versions": versions})
    api_version = f"{AGGREGATED}/{AGGREGATED_VERSION}"
    return {"kind": "APIGroupDiscoveryList", "apiVersion": api_version, "metadata": {}, "items": items}


def _aggregated_rows(rows: Sequence[Resource], name: str, version: str) -> list[JSON]:
    found: list[JSON] = []
    for row in sorted((r for r in rows if (r.group, r.version) == (name, version)), key=lambda r: r.plural):
        entry: JSON = {
            "resource": row.plural,
            "responseKind": {"group": "", "version": "", "kind": row.kind},  # those of the document
            "scope": "Namespaced" if row.namespaced else "Cluster",
            "singularResource": row.singular,
            "verbs": _verbs(row),
        }
        if row.short_names:
            entry["shortNames"] = list(row.short_names)
        if row.categories:
            entry["categories"] = list(row.categories)
        if row.subresources:
            entry["subresources"] = [_aggregated_sub(row, s) for s in _subresources(row)]
        found.append(entry)
    return found


def _aggregated_sub(row: Resource, name: str) -> JSON:
    group_name, version, kind, verbs = _of_subresource(row, name)
    response = {"group": group_name, "version": version, "kind": kind}
    return {"subresource": name, "responseKind": response, "verbs": list(verbs)}
