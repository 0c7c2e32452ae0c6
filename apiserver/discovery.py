"""What is served, in the forms clients ask for it: legacy lists and the aggregated documents.

Pure functions of the resource table. Documents are made on first use and kept as bytes by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from podwright.api.resources import Resource
from podwright.api.versions import priority

if TYPE_CHECKING:
    from podwright.apiserver.aggregation.delegate import Offer

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

_DEFINED = 1000  # the priority of groups that clients defined
_DEFINED_VERSION = 100


def _of_subresource(row: Resource, name: str) -> tuple[str, str, str, tuple[str, ...]]:
    group, version, kind, verbs = _SUBRESOURCES.get(name, ("", "", "", ("get", "patch", "update")))
    return group, version, kind.format(row.kind) or row.kind, verbs


def _verbs(row: Resource) -> list[str]:
    """The verbs in the order that clients know: by name, but for kinds that they defined themselves."""
    return sorted(row.verbs) if row.model else list(row.told_verbs or row.verbs)


def _subresources(row: Resource) -> list[str]:
    return sorted(row.subresources) if row.model else list(row.subresources)


def groups_of(rows: Iterable[Resource], offers: Iterable[Offer] = ()) -> list[str]:
    """The named groups, in the order clients prefer them: `offers` are what other servers serve."""
    priorities = {row.group: _DEFINED for row in rows if row.group}
    for offer in offers:
        delegate = offer.delegate
        priorities[delegate.group] = max(priorities.get(delegate.group, 0), delegate.group_priority)
    known = [g for g in _ORDER if g in priorities]
    others = priorities.keys() - set(known)
    return known + sorted(others, key=lambda name: (-priorities[name], name))


def built_in(rows: Iterable[Resource], group: str) -> bool:
    """Whether a group has kinds that no client defined."""
    return any(row.model for row in rows if row.group == group)


def versions_of(rows: Iterable[Resource], group: str, offers: Iterable[Offer] = ()) -> list[str]:
    """The versions of a group, those that clients prefer first."""
    own = {row.version: _DEFINED_VERSION for row in rows if row.group == group}
    own |= {offer.delegate.version: offer.delegate.version_priority for offer in _of(offers, group)}
    return sorted(own, key=lambda version: (-own[version], priority(version)))


def _of(offers: Iterable[Offer], group: str) -> Iterable[Offer]:
    return (offer for offer in offers if offer.delegate.group == group)


def api_versions(address: str) -> JSON:
    """/api."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list(rows: Sequence[Resource], offers: Sequence[Offer] = ()) -> JSON:
    """/apis."""
    groups = [_group(rows, name, offers) for name in groups_of(rows, offers)]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(rows: Sequence[Resource], name: str, offers: Sequence[Offer] = ()) -> JSON:
    """/apis/<group>."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(rows, name, offers)}


def _group(rows: Sequence[Resource], name: str, offers: Sequence[Offer]) -> JSON:
    versions = [{"groupVersion": f"{name}/{v}", "version": v} for v in versions_of(rows, name, offers)]
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


def aggregated(rows: Sequence[Resource], offers: Sequence[Offer] = (), *, core: bool) -> JSON:
    """/api or /apis as one document of everything."""
    names = [""] if core else groups_of(rows, offers)
    items: list[JSON] = []
    for name in names:
        metadata: JSON = {"name": name} if name else {}
        offered = {offer.delegate.version: offer for offer in _of(offers, name)}
        versions: list[JSON] = []
        for version in versions_of(rows, name, offers):
            offer = offered.get(version)
            resources = _aggregated_rows(rows, name, version) if offer is None else list(offer.resources)
            stale = offer is not None and not offer.fresh
            shown = {"resources": resources} if resources or not stale else {}
            versions.append({"version": version, **shown, "freshness": "Stale" if stale else "Current"})
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
