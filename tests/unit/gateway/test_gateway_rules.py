"""What the gateway decides without any wire: assignments, merges, websocket channels, refusals."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.gateway import channels, streaming
from podwright.apiserver.gateway.assignments import (
    API_SERVICE,
    Blob,
    Item,
    Key,
    NodeEntry,
    difference,
    node_entry,
    pod_entry,
    references,
    wanted,
)
from podwright.apiserver.gateway.merging import merge_node, merge_node_status, merge_pod_status
from podwright.apiserver.gateway.routes import ClusterNetwork, node_config
from podwright.apiserver.streams import ExecOptions

JSON = dict[str, Any]


def pod(name: str = "p", **fields: Any) -> JSON:
    made: JSON = {
        "metadata": {"name": name, "namespace": "ns", "uid": f"u-{name}", "resourceVersion": "1", "managedFields": [1]},
        "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "x"}]},
        "status": {"phase": "Pending"},
    }
    for key, value in fields.items():
        made[key] = {**made[key], **value}
    return made


def test_references_are_found_everywhere() -> None:
    spec: JSON = {
        "imagePullSecrets": [{"name": "pull"}],
        "volumes": [
            {"name": "a", "configMap": {"name": "cm1"}},
            {"name": "b", "secret": {"secretName": "s1"}},
            {"name": "c", "projected": {"sources": [{"configMap": {"name": "cm2"}}, {"secret": {"name": "s2"}}]}},
            {"name": "d", "emptyDir": {}},
        ],
        "initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "s3"}}]}],
        "containers": [
            {"name": "c", "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "cm3", "key": "k"}}}]}
        ],
    }
    found = references(pod(spec=spec))
    assert {name for _, _, name in found} == {"pull", "cm1", "s1", "cm2", "s2", "s3", "cm3"}
    assert {namespace for _, namespace, _ in found} == {"ns"}
    assert ("Secret", "ns", "pull") in found


def condition(kind: str, status: str = "True") -> JSON:
    return {"conditions": [{"type": kind, "status": status}]}


CHANGES: list[tuple[str, JSON, bool]] = [
    ("its own status", pod(status={"phase": "Running", **condition("Ready")}), False),
    ("version and managers", pod(metadata={"resourceVersion": "9", "managedFields": []}), False),
    ("a label", pod(metadata={"labels": {"a": "b"}}), True),
    ("its deletion", pod(metadata={"deletionTimestamp": "now", "deletionGracePeriodSeconds": 3}), True),
    ("the spec", pod(spec={"activeDeadlineSeconds": 5}), True),
    ("another's condition", pod(status=condition("example.com/gate")), True),
]


@pytest.mark.parametrize(("changed", "told"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_node_hears_only_of_what_it_did_not_write(changed: JSON, told: bool) -> None:
    assert (pod_entry(changed).mark != pod_entry(pod()).mark) is told


@pytest.mark.parametrize("changed", [c[1] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_node_that_connects_later_hears_the_same(changed: JSON) -> None:
    changed["spec"] |= {"volumes": [{"name": "v", "configMap": {"name": "used"}}]}
    later, now = pod_entry(changed), pod_entry(changed, {"n"})
    assert (later.mark, later.references, later.raw) == (now.mark, now.references, now.raw)
    assert ("ConfigMap", "ns", "used") in later.references


def test_an_unbound_pod_is_not_kept_whole() -> None:
    assert pod_entry(pod(spec={"nodeName": ""})).raw == b""
    assert b"managedFields" not in pod_entry(pod()).raw


def test_a_nodes_set_and_its_differences() -> None:
    blobs: dict[Key, Blob] = {
        ("ConfigMap", "ns", "used"): Blob("1", b"1", b"{}"),
        ("ConfigMap", "ns", "other"): Blob("2", b"1", b"{}"),
        API_SERVICE: Blob("3", b"1", b"{}"),
    }
    service: tuple[Key, Blob] = (("Service", "ns", "s"), Blob("4", b"1", b"{}"))
    node = node_entry({"metadata": {"name": "n", "uid": "n1"}})

    def now(*pods: JSON) -> dict[Key, Item]:
        return wanted([pod_entry(p) for p in pods], blobs.get, lambda _ns: [service], node)

    volume = {"volumes": [{"name": "v", "configMap": {"name": "used"}}]}
    first = now(pod(spec=volume))
    assert set(first) == {
        ("Pod", "ns", "p"), ("ConfigMap", "ns", "used"), API_SERVICE, ("Service", "ns", "s"), ("Node", "", "n"),
    }  # fmt: skip
    sent = {key: (item.uid, item.mark) for key, item in first.items()}
    assert not difference(sent, now(pod(spec=volume)))
    blobs["ConfigMap", "ns", "used"] = Blob("1", b"2", b"{}")
    changed = difference(sent, now(pod(spec=volume)))
    assert [key for key, _ in changed.changed] == [("ConfigMap", "ns", "used")]
    gone = difference(sent, now())
    assert {key for key, _ in gone.removed} == {("Pod", "ns", "p"), ("ConfigMap", "ns", "used"), ("Service", "ns", "s")}
    again = difference(sent, now(pod(spec=volume, metadata={"uid": "another"})))
    assert again.removed == ((("Pod", "ns", "p"), "u-p"),)
    assert ("Pod", "ns", "p") in [key for key, _ in again.changed]


def test_pod_statuses_join() -> None:
    old: JSON = {
        "phase": "Pending", "qosClass": "Guaranteed", "nominatedNodeName": "x", "message": "old",
        "conditions": [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": "1"},
            {"type": "example.com/gate", "status": "True"},
            {"type": "Ready", "status": "False", "lastTransitionTime": "1"},
        ],
    }  # fmt: skip
    new: JSON = {
        "phase": "Running", "qosClass": "BestEffort", "podIP": "10.0.0.1",
        "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2"},
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2"},
        ],
    }  # fmt: skip
    joined = merge_pod_status(old, new)
    assert joined == {
        "phase": "Running", "qosClass": "Guaranteed", "nominatedNodeName": "x", "podIP": "10.0.0.1",
        "conditions": [
            {"type": "example.com/gate", "status": "True"},
            {"type": "Ready", "status": "True", "lastTransitionTime": "2"},
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": "1"},
        ],
    }  # fmt: skip
    assert merge_pod_status(joined, new) == joined
    ended = {**joined, "phase": "Failed"}
    assert merge_pod_status(ended, new) == ended
    rejected = merge_pod_status(old, {"phase": "Failed", "reason": "OutOfcpu"})
    assert [c["type"] for c in rejected["conditions"]] == ["example.com/gate"]


def test_nodes_join() -> None:
    old: JSON = {"metadata": {"name": "n", "labels": {"mine": "1", "os": "old"}}, "spec": {"taints": [1]}}
    joined = merge_node(old, {"metadata": {"labels": {"os": "new"}}, "spec": {}})
    assert joined["metadata"]["labels"] == {"mine": "1", "os": "new"}
    assert joined["spec"] == {"taints": [1]}
    status = merge_node_status(
        {"allocatable": {"cpu": "1", "x.com/y": "2"}, "conditions": [{"type": "Foreign", "status": "True"}]},
        {"allocatable": {"cpu": "4"}, "conditions": [{"type": "Ready", "status": "True"}]},
    )
    assert status["allocatable"] == {"cpu": "4", "x.com/y": "2"}
    assert [c["type"] for c in status["conditions"]] == ["Ready", "Foreign"]


def test_routes_lead_to_nodes_that_can_be_reached() -> None:
    def node(name: str, cidr: str, address: str) -> NodeEntry:
        return NodeEntry(name, name, cidr, address, b"", b"")

    nodes = [node("a", "10.0.0.0/24", "1"), node("c", "10.0.2.0/24", "3"), node("b", "", "2"), node("d", "x", "")]
    config = node_config("a", nodes, ClusterNetwork(cluster_dns="9.9.9.9"))
    assert (config.pod_cidr, config.cluster_dns) == ("10.0.0.0/24", "9.9.9.9")
    assert [(r.node, r.pod_cidr, r.via) for r in config.routes] == [("c", "10.0.2.0/24", "3")]


# ---- websocket channels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "protocol"),
    [
        (["v5.channel.k8s.io", "v4.channel.k8s.io"], "v5.channel.k8s.io"),
        (["v4.channel.k8s.io", "v5.channel.k8s.io"], "v5.channel.k8s.io"),
        (["base64.channel.k8s.io"], "base64.channel.k8s.io"),
        ([], ""),
        (["nonsense"], None),
    ],
)
def test_negotiation(offered: list[str], protocol: str | None) -> None:
    found = channels.choose(offered, channels.EXEC_PROTOCOLS)
    assert (found.protocol if found else None) == protocol


@pytest.mark.parametrize("protocol", channels.EXEC_PROTOCOLS)
def test_messages_read_back(protocol: str) -> None:
    codec = channels.Codec(protocol)
    made = codec.encode(1, b"\x00bytes\xff")
    assert isinstance(made, str) is codec.base64
    assert codec.decode(made) == (1, b"\x00bytes\xff")
    assert codec.decode(b"") is None
    assert codec.decode("") is None
    assert channels.Codec("base64.channel.k8s.io").decode("1!!") is None
    assert channels.Codec("base64.channel.k8s.io").decode("1" + base64.b64encode(b"x").decode()) == (1, b"x")


def test_the_last_word_of_each_protocol() -> None:
    success: JSON = {"metadata": {}, "status": "Success"}
    failed: JSON = {"status": "Failure", "reason": "NonZeroExitCode", "message": "exit status 42"}
    assert json.loads(channels.Codec("v5.channel.k8s.io").status(failed)) == failed
    assert json.loads(channels.Codec("v4.channel.k8s.io").status(success)) == success
    assert channels.Codec("channel.k8s.io").status(success) == b""
    assert channels.Codec("channel.k8s.io").status(failed) == b"exit status 42"


def test_terminal_sizes() -> None:
    assert channels.size_of(b'{"Width":80,"Height":24}') == (80, 24)
    assert channels.size_of(b"{}") is None
    assert channels.size_of(b"[]") is None


# ---- what is refused before any byte flows -------------------------------------------------------------------------


def with_states(**states: JSON) -> JSON:
    statuses = [{"name": name, **state} for name, state in states.items()]
    return pod(status={"containerStatuses": statuses})


RUNNING: JSON = {"state": {"running": {}}, "lastState": {}}
CRASHED: JSON = {
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"containerID": "x"}},
}
PULLING: JSON = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "lastState": {}}
CREATING: JSON = {"state": {"waiting": {"reason": "ContainerCreating"}}, "lastState": {}}
ENDED: JSON = {"state": {"terminated": {"containerID": "x"}}, "lastState": {}}
LOGS: list[tuple[JSON, bool, str]] = [
    (RUNNING, False, ""),
    (ENDED, False, ""),
    (CRASHED, False, ""),
    (CRASHED, True, ""),
    (CREATING, False, 'container "c" in pod "p" is waiting to start: ContainerCreating'),
    (PULLING, False, 'container "c" in pod "p" is waiting to start: trying and failing to pull image'),
    (RUNNING, True, 'previous terminated container "c" in pod "p" not found'),
    ({}, False, 'container "c" in pod "p" is waiting to start: ContainerCreating'),
]


@pytest.mark.parametrize(("state", "previous", "refusal"), LOGS)
def test_logs_that_are_refused(state: JSON, previous: bool, refusal: str) -> None:
    if not refusal:
        streaming.check_log(with_states(c=state), "c", previous=previous)
        return
    with pytest.raises(ApiError) as caught:
        streaming.check_log(with_states(c=state), "c", previous=previous)
    assert (caught.value.code, caught.value.message) == (400, refusal)


def test_streams_need_a_running_container() -> None:
    streaming.check_running(with_states(c=RUNNING), "c", "exec")
    with pytest.raises(ApiError, match=r'container not found \("c"\)'):
        streaming.check_running(with_states(c=ENDED), "c", "exec")
    with pytest.raises(ApiError, match="container c not found in pod p_ns"):
        streaming.check_running(with_states(c=ENDED), "c", "attach")


def test_exec_options() -> None:
    query = [
        ("command", "sh"),
        ("command", "-c"),
        ("stdin", "true"),
        ("stdout", "1"),
        ("tty", "false"),
        ("container", ""),
    ]
    assert streaming.exec_options(pod(), query) == ExecOptions(
        container="c", command=("sh", "-c"), stdin=True, stdout=True
    )  # fmt: skip
    noted = pod(metadata={"annotations": {"kubectl.kubernetes.io/default-container": "d"}})
    assert streaming.exec_options(noted, []).container == "d"
