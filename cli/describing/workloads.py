"""`pw describe` for Deployments and ReplicaSets. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from podwright.cli.describing.page import Page, annotation_rows, events, head, selector, stamp
from podwright.cli.describing.pod import template_lines

JSON = Mapping[str, Any]


def deployment(obj: JSON, found: Sequence[JSON], now: dt.datetime, replica_sets: Sequence[JSON]) -> str:
    """The page of a Deployment; `replica_sets` are its own."""
    page = Page()
    spec, status = obj["spec"], obj.get("status") or {}
    page.field("Name", obj["metadata"]["name"])
    page.field("Namespace", obj["metadata"]["namespace"])
    page.field("CreationTimestamp", stamp(obj["metadata"].get("creationTimestamp")))
    page.pairs("Labels", obj["metadata"].get("labels"))
    annotation_rows(page, obj)
    page.field("Selector", selector(spec.get("selector")))
    counts = (
        (spec.get("replicas", 1), "desired"),
        (status.get("updatedReplicas", 0), "updated"),
        (status.get("replicas", 0), "total"),
        (status.get("availableReplicas", 0), "available"),
        (status.get("unavailableReplicas", 0), "unavailable"),
    )
    page.field("Replicas", " | ".join(f"{n} {word}" for n, word in counts))
    strategy = spec.get("strategy") or {}
    page.field("StrategyType", strategy.get("type", "RollingUpdate"))
    page.field("MinReadySeconds", spec.get("minReadySeconds", 0))
    rolling = strategy.get("rollingUpdate")
    if rolling:
        page.field(
            "RollingUpdateStrategy",
            f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge",
        )
    page.line("Pod Template:")
    page.lines += template_lines(spec["template"], 1)
    if status.get("conditions"):
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "Reason"), [(c["type"], c["status"], c.get("reason", "")) for c in status["conditions"]]
        )
    revision = (obj["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision")
    new = [s for s in replica_sets if _revision(s) == revision]
    old = [
        s
        for s in replica_sets
        if _revision(s) != revision and (s["spec"].get("replicas") or s.get("status", {}).get("replicas"))
    ]
    page.field("OldReplicaSets", ", ".join(map(_created, old)) or "<none>")
    page.field("NewReplicaSet", ", ".join(map(_created, new)) or "<none>")
    events(page, found, now)
    return page.text()


def _revision(obj: JSON) -> str | None:
    return (obj["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision")


def _created(obj: JSON) -> str:
    have, want = (obj.get("status") or {}).get("replicas", 0), obj["spec"].get("replicas", 0)
    return f"{obj['metadata']['name']} ({have}/{want} replicas created)"


def replica_set(obj: JSON, found: Sequence[JSON], now: dt.datetime, pods: Sequence[JSON]) -> str:
    """The page of a ReplicaSet; `pods` are its own."""
    page = Page()
    spec, status = obj["spec"], obj.get("status") or {}
    page.field("Name", obj["metadata"]["name"])
    page.field("Namespace", obj["metadata"]["namespace"])
    page.field("Selector", selector(spec.get("selector")))
    page.pairs("Labels", obj["metadata"].get("labels"))
    annotation_rows(page, obj)
    owner = next((o for o in obj["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    if owner:
        page.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    page.field("Replicas", f"{status.get('replicas', 0)} current / {spec.get('replicas', 1)} desired")
    phases = Counter(str((p.get("status") or {}).get("phase")) for p in pods)
    words = (("Running", "Running"), ("Pending", "Waiting"), ("Succeeded", "Succeeded"), ("Failed", "Failed"))
    page.field("Pods Status", " / ".join(f"{phases[phase]} {word}" for phase, word in words))
    page.line("Pod Template:")
    page.lines += template_lines(spec["template"], 1)
    events(page, found, now)
    return page.text()


def service(obj: JSON, found: Sequence[JSON], now: dt.datetime, slices: Sequence[JSON]) -> str:
    """The page of a Service; `slices` are its EndpointSlices."""
    page = Page()
    spec = obj["spec"]
    head(page, obj)
    page.field("Selector", ",".join(f"{k}={v}" for k, v in sorted((spec.get("selector") or {}).items())) or "<none>")
    page.field("Type", spec.get("type", "ClusterIP"))
    if spec.get("ipFamilyPolicy"):
        page.field("IP Family Policy", spec["ipFamilyPolicy"])
    page.field("IP Families", ",".join(spec.get("ipFamilies") or ()) or "<none>")
    page.field("IP", spec.get("clusterIP", ""))
    page.field("IPs", ",".join(spec.get("clusterIPs") or ()) or "<none>")
    if spec.get("externalName"):
        page.field("External Name", spec["externalName"])
    for port in spec.get("ports") or ():
        protocol = port.get("protocol", "TCP")
        page.field("Port", f"{port.get('name') or '<unset>'}  {port['port']}/{protocol}")
        page.field("TargetPort", f"{port.get('targetPort', port['port'])}/{protocol}")
        if port.get("nodePort"):
            page.field("NodePort", f"{port.get('name') or '<unset>'}  {port['nodePort']}/{protocol}")
        page.field("Endpoints", _endpoints(slices, str(port.get("name") or "")))
    page.field("Session Affinity", spec.get("sessionAffinity", "None"))
    if spec.get("externalTrafficPolicy"):
        page.field("External Traffic Policy", spec["externalTrafficPolicy"])
    if spec.get("internalTrafficPolicy"):
        page.field("Internal Traffic Policy", spec["internalTrafficPolicy"])
    events(page, found, now)
    return page.text()


def _endpoints(slices: Sequence[JSON], port_name: str) -> str:
    found = [
        f"{address}:{port['port']}"
        for piece in slices
        for port in piece.get("ports") or ()
        if str(port.get("name") or "") == port_name
        for endpoint in piece.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True)
        for address in endpoint["addresses"]
    ]
    return ",".join(found)
