"""What a new pod gets: defaults, a first status, its class of service, warnings."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import JSON, create, created, decoded, edit

from podwright.api.resources import find
from podwright.apiserver.strategies.pod.qos import qos_class
from podwright.apiserver.strategies.table import strategy_for

C = "spec.containers.0"
POD: JSON = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
STRATEGY = strategy_for(find("pods"))


def at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document[int(key)] if isinstance(document, list) else document.get(key)
    return document


DEFAULTS: list[tuple[str, JSON, str, Any]] = [
    ("restart", {}, "spec.restartPolicy", "Always"),
    ("dns", {}, "spec.dnsPolicy", "ClusterFirst"),
    ("grace", {}, "spec.terminationGracePeriodSeconds", 30),
    ("grace-negative", {"spec.terminationGracePeriodSeconds": -5}, "spec.terminationGracePeriodSeconds", 1),
    ("grace-zero-stays", {"spec.terminationGracePeriodSeconds": 0}, "spec.terminationGracePeriodSeconds", 0),
    ("scheduler", {}, "spec.schedulerName", "default-scheduler"),
    ("links", {}, "spec.enableServiceLinks", True),
    ("links-off-stays", {"spec.enableServiceLinks": False}, "spec.enableServiceLinks", False),
    ("security", {}, "spec.securityContext", {}),
    ("pull-tagged", {}, f"{C}.imagePullPolicy", "IfNotPresent"),
    ("pull-latest", {f"{C}.image": "i:latest"}, f"{C}.imagePullPolicy", "Always"),
    ("pull-untagged", {f"{C}.image": "r:5000/i"}, f"{C}.imagePullPolicy", "Always"),
    ("pull-digest", {f"{C}.image": f"i@sha256:{'0' * 64}"}, f"{C}.imagePullPolicy", "IfNotPresent"),
    ("message-path", {}, f"{C}.terminationMessagePath", "/dev/termination-log"),
    ("message-policy", {}, f"{C}.terminationMessagePolicy", "File"),
    ("resources", {}, f"{C}.resources", {}),
    ("requests-of-limits", {f"{C}.resources": {"limits": {"cpu": "1"}}}, f"{C}.resources.requests.cpu", "1"),
    (
        "request-stays",
        {f"{C}.resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "10m"}}},
        f"{C}.resources.requests.cpu",
        "10m",
    ),
    ("spelling", {f"{C}.resources": {"limits": {"cpu": "0.5"}}}, f"{C}.resources.limits.cpu", "500m"),
    ("port-protocol", {f"{C}.ports": [{"containerPort": 80}]}, f"{C}.ports.0.protocol", "TCP"),
    ("host-port", {f"{C}.ports": [{"containerPort": 80}], "spec.hostNetwork": True}, f"{C}.ports.0.hostPort", 80),
    (
        "field-version",
        {f"{C}.env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        f"{C}.env.0.valueFrom.fieldRef.apiVersion",
        "v1",
    ),
    (
        "probe",
        {f"{C}.livenessProbe": {"httpGet": {"port": 80}}},
        f"{C}.livenessProbe",
        {
            "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
            "timeoutSeconds": 1,
            "periodSeconds": 10,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
    ),
    ("volume", {"spec.volumes": [{"name": "v"}]}, "spec.volumes.0.emptyDir", {}),
    (
        "config-mode",
        {"spec.volumes": [{"name": "v", "configMap": {"name": "m"}}]},
        "spec.volumes.0.configMap.defaultMode",
        0o644,
    ),
    (
        "host-path-type",
        {"spec.volumes": [{"name": "v", "hostPath": {"path": "/x"}}]},
        "spec.volumes.0.hostPath.type",
        "",
    ),
    (
        "token",
        {
            "spec.volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}],
            "spec.serviceAccountName": "a",
        },
        "spec.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds",
        3600,
    ),
    ("account", {"spec.serviceAccount": "a"}, "spec.serviceAccountName", "a"),
    ("account-old-spelling", {"spec.serviceAccountName": "a", "spec.serviceAccount": "b"}, "spec.serviceAccount", "a"),
    ("phase", {"status": {"phase": "Running"}}, "status", {"phase": "Pending", "qosClass": "BestEffort"}),
    ("generation", {"metadata.generation": 9}, "metadata.generation", 1),
]


@pytest.mark.parametrize(("edits", "path", "value"), [pytest.param(*row[1:], id=row[0]) for row in DEFAULTS])
def test_a_new_pod_gets(edits: JSON, path: str, value: Any) -> None:
    assert at(created("pods", edit(POD, edits)), path) == value


def test_templates_do_not_take_requests_from_limits() -> None:
    template = edit(POD, {f"{C}.resources": {"limits": {"cpu": "1"}}, "metadata": {"labels": {"a": "b"}}})
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    made = created("deployments", {"metadata": {"name": "d"}, "spec": spec}, "apps")
    assert made["spec"]["template"]["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "1"}}


def test_a_gated_pod_says_why_it_is_not_scheduled() -> None:
    status = created("pods", edit(POD, {"spec.schedulingGates": [{"name": "a/b"}]}))["status"]
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("PodScheduled", "False", "SchedulingGated")
    ]


def quantities(**kinds: str) -> JSON:
    return {"resources": {kind: dict(pair.split("=") for pair in text.split()) for kind, text in kinds.items()}}


@pytest.mark.parametrize(
    ("containers", "wanted"),
    [
        pytest.param([{}], "BestEffort", id="nothing"),
        pytest.param([quantities(requests="cpu=0")], "BestEffort", id="zero"),
        pytest.param([quantities(requests="cpu=1")], "Burstable", id="request"),
        pytest.param([quantities(limits="cpu=1", requests="cpu=1")], "Burstable", id="no-memory"),
        pytest.param(
            [quantities(limits="cpu=1 memory=1Gi", requests="cpu=1000m memory=1024Mi")], "Guaranteed", id="equal"
        ),
        pytest.param(
            [quantities(limits="cpu=1 memory=1Gi", requests="cpu=1 memory=1Gi"), {}], "Burstable", id="one-of-two"
        ),
        pytest.param([quantities(limits="cpu=2 memory=1Gi", requests="cpu=1 memory=1Gi")], "Burstable", id="less"),
        pytest.param([quantities(requests="example.com/gpu=1", limits="example.com/gpu=1")], "BestEffort", id="device"),
    ],
)
def test_quality_of_service(containers: list[JSON], wanted: str) -> None:
    assert qos_class({"containers": containers}) == wanted


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        pytest.param(
            {f"{C}.env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
            ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
            id="env",
        ),
        pytest.param({f"{C}.env": [{"name": "A", "value": "1"}, {"name": "A", "value": "x$(A)"}]}, [], id="env-grows"),
        pytest.param(
            {f"{C}.ports": [{"containerPort": 80}, {"containerPort": 80}]},
            ["spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"],
            id="ports",
        ),
        pytest.param(
            {"spec.nodeSelector": {"beta.kubernetes.io/os": "linux"}},
            ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
            id="node-label",
        ),
        pytest.param(
            {"spec.imagePullSecrets": [{"name": ""}]},
            ['spec.imagePullSecrets[0].name: invalid empty name ""'],
            id="pull-secret",
        ),
        pytest.param(
            {f"{C}.resources": {"requests": {"memory": "100m"}}},
            [
                (
                    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be'
                    " an integer"
                )
            ],
            id="fraction",
        ),
    ],
)
def test_warnings_of_new_pods(edits: JSON, wanted: list[str]) -> None:
    written = create("pods", edit(POD, edits))
    assert written.warnings == wanted


def test_fields_that_select_pods() -> None:
    getters = STRATEGY.selectable_fields
    pod = edit(created("pods", POD), {"spec.nodeName": "n", "status.podIP": "10.1.0.2"})
    said = {name: getters[name](pod) for name in ("spec.nodeName", "status.phase", "spec.hostNetwork", "status.podIP")}
    assert said == {
        "spec.nodeName": "n",
        "status.phase": "Pending",
        "spec.hostNetwork": "false",
        "status.podIP": "10.1.0.2",
    }
    assert getters["status.nominatedNodeName"](decoded("pods", POD)) == ""
