"""Every kind has its table: columns by name, type, format and priority, and cells for full and for bare objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from podwright.api.resources import RESOURCES, Resource, find
from podwright.apiserver.printing.tables import table_for

NOW = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
JSON = dict[str, Any]
META: JSON = {"name": "x", "namespace": "d", "resourceVersion": "7", "creationTimestamp": "2026-01-02T03:59:00Z"}
TEMPLATE: JSON = {"spec": {"containers": [{"name": "a", "image": "i"}, {"name": "b", "image": "j"}]}}
SELECTOR: JSON = {"matchLabels": {"b": "c", "a": "b"}}


EVENT_COLUMNS = "Last Seen; Type; Reason; Object; Subobject*; Source*; Message; First Seen*; Count*; Name name*"
NODE_COLUMNS = (
    "Name name; Status; Roles; Age; Version; Internal-IP*; External-IP*; OS-Image*; Kernel-Version*; Container-Runtime*"
)
REPLICA_SET_COLUMNS = "Name name; Desired integer; Current integer; Ready integer; Age; Containers*; Images*; Selector*"


def _row(plural: str, group: str = "", **obj: Any) -> list[Any]:
    (row,) = table_for(find(plural, group), [{"metadata": META, **obj}], now=NOW)["rows"]
    return row["cells"]


def _columns(plural: str, group: str) -> str:
    definitions = table_for(find(plural, group), [], now=NOW)["columnDefinitions"]
    return "; ".join(
        " ".join(part for part in (c["name"], c["type"].removeprefix("string"), c["format"]) if part)
        + "*" * c["priority"]
        for c in definitions
    )


@pytest.mark.parametrize(
    ("plural", "group", "columns"),
    [
        ("configmaps", "", "Name name; Data; Age"),
        ("secrets", "", "Name name; Type; Data; Age"),
        ("serviceaccounts", "", "Name name; Age"),
        ("services", "", "Name name; Type; Cluster-IP; External-IP; Port(s); Age; Selector*"),
        ("endpoints", "", "Name name; Endpoints; Age"),
        ("events", "", EVENT_COLUMNS),
        ("events", "events.k8s.io", EVENT_COLUMNS),
        ("pods", "", "Name name; Ready; Status; Restarts; Age; IP*; Node*; Nominated Node*; Readiness Gates*"),
        ("namespaces", "", "Name name; Status; Age"),
        ("nodes", "", NODE_COLUMNS),
        ("deployments", "apps", "Name name; Ready; Up-to-date; Available; Age; Containers*; Images*; Selector*"),
        ("replicasets", "apps", REPLICA_SET_COLUMNS),
        ("leases", "coordination.k8s.io", "Name name; Holder; Age"),
        ("limitranges", "", "Name name; Created At date"),
        ("resourcequotas", "", "Name name; Request; Limit; Age"),
        ("runtimeclasses", "node.k8s.io", "Name name; Handler; Age"),
        (
            "poddisruptionbudgets",
            "policy",
            "Name name; Min Available; Max Unavailable; Allowed Disruptions integer; Age",
        ),
        (
            "flowschemas",
            "flowcontrol.apiserver.k8s.io",
            "Name name; PriorityLevel; MatchingPrecedence; DistinguisherMethod; Age; MissingPL",
        ),
        (
            "prioritylevelconfigurations",
            "flowcontrol.apiserver.k8s.io",
            "Name name; Type; NominalConcurrencyShares; Queues; HandSize; QueueLengthLimit; Age",
        ),
        ("endpointslices", "discovery.k8s.io", "Name name; AddressType; Ports; Endpoints; Age"),
        (
            "priorityclasses",
            "scheduling.k8s.io",
            "Name name; Value integer; Global-Default boolean; Age; PreemptionPolicy",
        ),
        ("bindings", "", "Name name; Created At date"),
    ],
)
def test_columns(plural: str, group: str, columns: str) -> None:
    assert _columns(plural, group) == columns


@pytest.mark.parametrize("row", RESOURCES, ids=lambda row: row.qualified)
def test_a_bare_object_has_a_cell_per_column(row: Resource) -> None:
    table = table_for(row, [{"metadata": {"name": "x"}}, {}], now=NOW)
    assert all(column["description"] for column in table["columnDefinitions"])
    for printed in table["rows"]:
        assert len(printed["cells"]) == len(table["columnDefinitions"])
        assert None not in printed["cells"]


@pytest.mark.parametrize(
    ("spec", "status", "cells"),
    [
        (
            {
                "type": "ClusterIP",
                "clusterIPs": ["None"],
                "ports": [{"port": 80, "protocol": "TCP"}],
                "selector": {"a": "b"},
            },
            {},
            ["ClusterIP", "None", "<none>", "80/TCP", "60s", "a=b"],
        ),
        (
            {
                "type": "NodePort",
                "clusterIPs": ["1.1.1.1"],
                "externalIPs": ["1.2.3.4", "1.2.3.5"],
                "ports": [
                    {"port": 80, "nodePort": 31130, "protocol": "TCP"},
                    {"port": 53, "nodePort": 30459, "protocol": "UDP"},
                ],
            },
            {},
            ["NodePort", "1.1.1.1", "1.2.3.4,1.2.3.5", "80:31130/TCP,53:30459/UDP", "60s", "<none>"],
        ),
        (
            {"type": "LoadBalancer", "clusterIPs": ["1.1.1.1"]},
            {},
            ["LoadBalancer", "1.1.1.1", "<pending>", "<none>", "60s", "<none>"],
        ),
        (
            {"type": "LoadBalancer", "externalIPs": ["9.9.9.9"]},
            {"loadBalancer": {"ingress": [{"hostname": "h"}, {"ip": "2.2.2.2"}]}},
            ["LoadBalancer", "<none>", "2.2.2.2,h,9.9.9.9", "<none>", "60s", "<none>"],
        ),
        (
            {"type": "ExternalName", "externalName": "a.b"},
            {},
            ["ExternalName", "<none>", "a.b", "<none>", "60s", "<none>"],
        ),
    ],
    ids=["headless", "node port", "pending", "balanced", "external name"],
)
def test_services(spec: JSON, status: JSON, cells: list[Any]) -> None:
    assert _row("services", spec=spec, status=status) == ["x", *cells]


@pytest.mark.parametrize(
    ("subsets", "shown"),
    [
        ([], "<none>"),
        ([{"notReadyAddresses": [{"ip": "1.1.1.1"}], "ports": [{"port": 80}]}], ""),
        ([{"addresses": [{"ip": "1.1.1.1"}, {"ip": "::1"}], "ports": [{"port": 80}]}], "1.1.1.1:80,[::1]:80"),
        ([{"addresses": [{"ip": "1.1.1.1"}]}], "1.1.1.1"),
        ([{"addresses": [{"ip": "1.1.1.1"}, {"ip": "2.2.2.2"}], "ports": [{"port": 1}, {"port": 2}]}],
         "1.1.1.1:1,2.2.2.2:1,1.1.1.1:2 + 1 more..."),
    ],
)  # fmt: skip
def test_endpoints(subsets: list[JSON], shown: str) -> None:
    assert _row("endpoints", subsets=subsets) == ["x", shown, "60s"]


def test_endpoint_slices() -> None:
    ports = [{"port": 80}, {"name": "b"}, {}]
    endpoints = [{"addresses": ["1.1.1.1"]}, {"addresses": ["2.2.2.2", "3.3.3.3"]}, {"addresses": ["4.4.4.4"]}]
    cells = _row("endpointslices", "discovery.k8s.io", addressType="IPv4", ports=ports, endpoints=endpoints)
    assert cells == ["x", "IPv4", "80,b,*", "1.1.1.1,2.2.2.2,3.3.3.3 + 1 more...", "60s"]
    assert _row("endpointslices", "discovery.k8s.io", addressType="IPv4")[2:4] == ["<unset>", "<unset>"]


def test_nodes() -> None:
    ready = [{"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": "True"}]
    info = {
        "kubeletVersion": "v1", "osImage": "Debian", "kernelVersion": "6.1", "architecture": "amd64",
        "containerRuntimeVersion": "crun://1",
    }  # fmt: skip
    labels = {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge", "node-role.kubernetes.io/": ""}
    addresses = [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.1"}]
    cells = _row(
        "nodes",
        metadata={**META, "labels": labels},
        spec={"unschedulable": True},
        status={"conditions": ready, "nodeInfo": info, "addresses": addresses},
    )
    assert cells == [
        "x", "Ready,SchedulingDisabled", "edge,worker", "60s", "v1", "10.0.0.1", "<none>", "Debian", "6.1 (amd64)", "crun://1",
    ]  # fmt: skip
    unready = {"conditions": [{"type": "Ready", "status": "Unknown"}]}
    assert _row("nodes", status=unready)[1:3] == ["NotReady", "<none>"]
    assert _row("nodes")[1] == "Unknown"


def test_workloads() -> None:
    spec = {"replicas": 3, "selector": SELECTOR, "template": TEMPLATE}
    deployment = _row("deployments", "apps", spec=spec, status={"readyReplicas": 1, "updatedReplicas": 2})
    assert deployment == ["x", "1/3", 2, 0, "60s", "a,b", "i,j", "a=b,b=c"]
    replica_set = _row("replicasets", "apps", spec=spec, status={"replicas": 2, "readyReplicas": 1})
    assert replica_set == ["x", 3, 2, 1, "60s", "a,b", "i,j", "a=b,b=c"]
    bare = [_row(plural, group)[-1] for plural, group in
            (("replicasets", "apps"), ("daemonsets", "apps"), ("jobs", "batch"), ("deployments", "apps"))]  # fmt: skip
    assert bare == ["<none>", "<none>", "<none>", ""]


def test_facts_beside_the_name() -> None:
    assert _row("configmaps", data={"a": "b"}, binaryData={"c": ""}) == ["x", 2, "60s"]
    assert _row("secrets", type="Opaque", data={"a": ""}) == ["x", "Opaque", 1, "60s"]
    assert _row("serviceaccounts") == ["x", "60s"]
    assert _row("namespaces", status={"phase": "Active"}) == ["x", "Active", "60s"]
    assert _row("leases", "coordination.k8s.io", spec={"holderIdentity": "me"}) == ["x", "me", "60s"]
    budget = {"spec": {"minAvailable": "50%"}, "status": {"disruptionsAllowed": 2}}
    assert _row("poddisruptionbudgets", "policy", **budget) == ["x", "50%", "N/A", 2, "60s"]
    status = {"hard": {"pods": "5", "limits.cpu": "2", "limitsx/a": "1"}, "used": {"pods": "1", "limitsx/a": "100m"}}
    assert _row("resourcequotas", status=status) == ["x", "limitsx/a: 100m/1, pods: 1/5", "limits.cpu: 0/2", "60s"]
    cells = _row("priorityclasses", "scheduling.k8s.io", value=5, globalDefault=True, preemptionPolicy="Never")
    assert cells == ["x", 5, True, "60s", "Never"]


def test_events_of_both_groups() -> None:
    old = _row(
        "events",
        type="Normal", reason="Pulled", message=" hello\n", count=3,
        involvedObject={"kind": "Pod", "name": "p", "fieldPath": "spec.containers{c}"},
        source={"component": "agent", "host": "n"},
        firstTimestamp="2026-01-02T03:50:00Z", lastTimestamp="2026-01-02T03:59:30Z",
    )  # fmt: skip
    assert old == ["30s", "Normal", "Pulled", "pod/p", "spec.containers{c}", "agent, n", "hello", "10m", 3, "x"]
    new = _row(
        "events", "events.k8s.io",
        type="Warning", reason="Failed", note="hello", eventTime="2026-01-02T03:50:00.000000Z",
        regarding={"kind": "Node"}, reportingController="scheduler",
        series={"count": 9, "lastObservedTime": "2026-01-02T03:59:50.000000Z"},
    )  # fmt: skip
    assert new == ["10s", "Warning", "Failed", "node", "", "scheduler", "hello", "10m", 9, "x"]
    assert _row("events", involvedObject={"name": "n"})[3] == "/n"
    single = _row("events", eventTime="2026-01-02T03:50:00.000000Z")
    assert (single[0], single[7], single[8]) == ("10m", "10m", 1)


def test_what_stands_beside_the_cells() -> None:
    pod = {"metadata": META, "spec": {}}

    def beside(include: str) -> Any:
        (row,) = table_for(find("pods"), [pod], include_object=include, now=NOW)["rows"]
        return row["object"]

    assert beside("None") is None
    assert beside("Metadata") == {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": META}
    assert beside("Object") == {"kind": "Pod", "apiVersion": "v1", **pod}


def test_the_tables_own_metadata() -> None:
    pods = find("pods")
    whole = table_for(pods, [{"metadata": META}], now=NOW)
    assert list(whole) == ["kind", "apiVersion", "metadata", "columnDefinitions", "rows"]
    assert whole["metadata"] == {"resourceVersion": "7"}
    listed = table_for(pods, [], list_meta={"resourceVersion": "9", "continue": "x"}, now=NOW)
    assert (listed["metadata"], listed["rows"]) == ({"resourceVersion": "9", "continue": "x"}, [])


def test_a_watch_gets_the_columns_once() -> None:
    first = table_for(find("configmaps"), [{"metadata": META}], now=NOW)
    later = table_for(find("configmaps"), [{"metadata": META}], now=NOW, headers=False)
    assert len(first["columnDefinitions"]) == 3
    assert later["columnDefinitions"] is None
    assert [row["cells"] for row in (*first["rows"], *later["rows"])] == [["x", 0, "60s"]] * 2


def test_a_subresource_shows_its_own_kind() -> None:
    scale = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": META, "spec": {"replicas": 2}}
    table = table_for(find("deployments", "apps"), [scale], now=NOW)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Desired", "Available", "Age"]
    assert not any(column["format"] for column in table["columnDefinitions"])
    assert table["rows"][0]["cells"] == ["x", 2, 0, "60s"]


def test_a_kind_without_a_printer_shows_when_it_was_made() -> None:
    thing = Resource("example.com", "v1", "Thing", "things", True, "")
    (row,) = table_for(thing, [{"metadata": META}], now=NOW)["rows"]
    assert row["cells"] == ["x", "2026-01-02T03:59:00Z"]


CLAIM_SPEC = {"volumeName": "v", "storageClassName": "fast", "volumeMode": "Block"}
SLICE_SPEC = {"nodeName": "n", "driver": "d", "pool": {"name": "p"}}


@pytest.mark.parametrize(
    ("plural", "group", "obj", "cells"),
    [
        pytest.param(
            "persistentvolumes", "",
            {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
                      "claimRef": {"namespace": "a", "name": "b"}, "persistentVolumeReclaimPolicy": "Retain"},
             "status": {"phase": "Bound", "reason": "R"}},
            ["1Gi", "RWO,RWX", "Retain", "Bound", "a/b", "", "<unset>", "R", "60s", "<unset>"], id="volume",
        ),
        pytest.param(
            "persistentvolumeclaims", "",
            {"spec": CLAIM_SPEC, "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}}},
            ["Bound", "v", "2Gi", "", "fast", "<unset>", "60s", "Block"], id="claim",
        ),
        pytest.param(
            "storageclasses", "storage.k8s.io",
            {"provisioner": "p", "reclaimPolicy": "Retain", "allowVolumeExpansion": True},
            ["p", "Retain", "Immediate", True, "60s"], id="class",
        ),
        pytest.param(
            "csidrivers", "storage.k8s.io",
            {"spec": {"attachRequired": False, "volumeLifecycleModes": ["Persistent", "Ephemeral"],
                      "tokenRequests": [{"audience": "a"}, {"audience": "b"}]}},
            [False, False, False, "a,b", False, "Persistent,Ephemeral", "60s"], id="driver",
        ),
        pytest.param("csinodes", "storage.k8s.io", {"spec": {"drivers": [{"name": "d"}]}}, [1, "60s"], id="node"),
        pytest.param(
            "volumeattachments", "storage.k8s.io",
            {"spec": {"attacher": "d", "nodeName": "n", "source": {"persistentVolumeName": "v"}},
             "status": {"attached": True}},
            ["d", "v", "n", True, "60s"], id="attachment",
        ),
        pytest.param("resourceclaims", "resource.k8s.io", {}, ["pending", "60s"], id="pending"),
        pytest.param(
            "resourceclaims", "resource.k8s.io", {"status": {"allocation": {"devices": {}}, "reservedFor": [{}]}},
            ["allocated,reserved", "60s"], id="reserved",
        ),
        pytest.param(
            "resourceclaims", "resource.k8s.io", {"metadata": {**META, "deletionTimestamp": META["creationTimestamp"]}},
            ["deleted", "60s"], id="deleted",
        ),
        pytest.param("resourceslices", "resource.k8s.io", {"spec": SLICE_SPEC}, ["n", "d", "p", "60s"], id="slice"),
    ],
)  # fmt: skip
def test_storage_and_devices(plural: str, group: str, obj: JSON, cells: list[Any]) -> None:
    assert _row(plural, group, **obj) == ["x", *cells]


@pytest.mark.parametrize(
    ("plural", "note"),
    [
        ("storageclasses", "storageclass.kubernetes.io/is-default-class"),
        ("storageclasses", "storageclass.beta.kubernetes.io/is-default-class"),
        ("volumeattributesclasses", "volumeattributesclass.alpha.kubernetes.io/is-default-class"),
    ],
)
def test_a_default_class_is_marked(plural: str, note: str) -> None:
    shown = [
        _row(plural, "storage.k8s.io", metadata={**META, "annotations": {note: is_it}})[0] for is_it in ("true", "")
    ]
    assert shown == ["x (default)", "x"]


def test_flow_schemas_are_shown_in_the_order_in_which_they_are_tried() -> None:
    schemas = [
        {"metadata": {"name": name}, "spec": {"matchingPrecedence": precedence}}
        for name, precedence in (("a", 500), ("b", 1), ("d", 400), ("c", 400))
    ]
    table = table_for(find("flowschemas", "flowcontrol.apiserver.k8s.io"), schemas, now=NOW)
    assert [row["cells"][0] for row in table["rows"]] == ["b", "c", "d", "a"]
