"""HorizontalPodAutoscalers: one store behind two versions, and nothing lost between them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_client import Api

JSON = dict[str, Any]
V1 = "/apis/autoscaling/v1/namespaces/ns/horizontalpodautoscalers"
V2 = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers"
TARGET: JSON = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
PREFIX = "autoscaling.alpha.kubernetes.io/"


def cpu(percent: int) -> JSON:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


METRICS: list[JSON] = [
    cpu(50),
    {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
    {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "1k"}}},
    {
        "type": "Object",
        "object": {
            "describedObject": {"kind": "Service", "name": "x"},
            "target": {"type": "Value", "value": "5"},
            "metric": {"name": "o", "selector": {"matchLabels": {"a": "b"}}},
        },
    },
    {
        "type": "External",
        "external": {"metric": {"name": "e"}, "target": {"type": "AverageValue", "averageValue": "5"}},
    },
    {
        "type": "ContainerResource",
        "containerResource": {
            "name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": 5},
            "container": "c",
        },
    },
]
BEHAVIOR: JSON = {
    "scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 15}]},
    "scaleDown": {"stabilizationWindowSeconds": 5},
}


def autoscaler(name: str = "h", **spec: Any) -> JSON:
    return {"metadata": {"name": name}, "spec": {"scaleTargetRef": TARGET, "maxReplicas": 2, **spec}}


async def test_both_versions_default_to_four_fifths_of_the_cpu(api: Api) -> None:
    first = await api.create(V1, autoscaler("one"))
    assert (first["spec"]["minReplicas"], first["spec"]["targetCPUUtilizationPercentage"]) == (1, 80)
    assert first["status"] == {"currentReplicas": 0, "desiredReplicas": 0}
    second = await api.create(V2, autoscaler("two"))
    assert second["spec"]["metrics"] == [cpu(80)]
    assert second["status"] == {"desiredReplicas": 0, "currentMetrics": None}
    assert (await api.get(f"{V2}/one")).body["spec"] == second["spec"]
    assert (await api.get(f"{V1}/two")).body["spec"] == first["spec"]


async def test_version_1_carries_what_it_cannot_say(api: Api) -> None:
    made = await api.create(V2, autoscaler(metrics=METRICS, behavior=BEHAVIOR))
    assert made["spec"]["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
    older = (await api.get(f"{V1}/h")).body
    assert older["spec"]["targetCPUUtilizationPercentage"] == 50
    notes = older["metadata"]["annotations"]
    assert json.loads(notes[f"{PREFIX}metrics"])[2] == {
        "type": "Object",
        "object": {
            "target": {"kind": "Service", "name": "x"},
            "metricName": "o",
            "targetValue": "5",
            "selector": {"matchLabels": {"a": "b"}},
        },
    }
    assert json.loads(notes[f"{PREFIX}behavior"])["ScaleDown"] == {
        "StabilizationWindowSeconds": 5,
        "SelectPolicy": "Max",
        "Policies": [{"Type": "Percent", "Value": 100, "PeriodSeconds": 15}],
        "Tolerance": None,
    }
    # Whoever knows version 1 alone can change it without losing the rest.
    older["spec"]["maxReplicas"] = 9
    assert (await api.put(f"{V1}/h", older)).status == 200
    now = (await api.get(f"{V2}/h")).body
    assert now["spec"] == {**made["spec"], "maxReplicas": 9}
    assert "annotations" not in now["metadata"]


async def test_a_status_travels_too(api: Api) -> None:
    made = await api.create(V2, autoscaler())
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 40}}}
    condition = {"type": "AbleToScale", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    made["status"] = {
        "currentReplicas": 1,
        "desiredReplicas": 2,
        "currentMetrics": [current],
        "conditions": [condition],
    }
    written = await api.put(f"{V2}/h/status", made)
    assert written.status == 200, written
    older = (await api.get(f"{V1}/h")).body
    assert older["status"] == {"currentReplicas": 1, "desiredReplicas": 2, "currentCPUUtilizationPercentage": 40}
    assert json.loads(older["metadata"]["annotations"][f"{PREFIX}conditions"])[0]["type"] == "AbleToScale"
    assert (await api.put(f"{V1}/h/status", older)).status == 200
    assert (await api.get(f"{V2}/h")).body["status"] == written.body["status"]


async def test_a_watch_of_either_version_sees_both(api: Api) -> None:
    watches = [await api.watch(path) for path in (V1, V2)]
    await api.create(V1, autoscaler("one"))
    await api.patch(f"{V2}/one", {"spec": {"minReplicas": 2}})
    for watch, version in zip(watches, ("autoscaling/v1", "autoscaling/v2"), strict=True):
        events = [await watch.next(), await watch.next()]
        assert [(kind, obj["apiVersion"]) for kind, obj in events if obj] == [
            ("ADDED", version),
            ("MODIFIED", version),
        ]
    assert (await api.delete(f"{V1}/one")).status == 200
    assert (await api.get(f"{V2}/one")).status == 404


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            {"maxReplicas": 0},
            (
                "[spec.maxReplicas: Required value: must be set and greater than 0, spec.maxReplicas: Invalid value: 0: "
                "must be greater than or equal to `minReplicas`]"
            ),
        ),
        ({"minReplicas": 0}, "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"),
        (
            {"scaleTargetRef": {"kind": "A/B", "name": "x/y"}},
            (
                "[spec.scaleTargetRef.kind: Invalid value: \"A/B\": may not contain '/', "
                "spec.scaleTargetRef.name: Invalid value: \"x/y\": may not contain '/', "
                'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group]'
            ),
        ),
        (
            {"scaleTargetRef": {**TARGET, "apiVersion": "a/b/c"}},
            'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        ),
        (
            {"scaleTargetRef": {**TARGET, "apiVersion": "v1"}},
            'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
        ),
        (
            {"metrics": [{"type": "X"}]},
            (
                'spec.metrics[0].type: Unsupported value: "X": supported values: "ContainerResource", "External", '
                '"Object", "Pods", "Resource"'
            ),
        ),
        (
            {"metrics": [{"type": "Pods"}]},
            "spec.metrics[0].pods: Required value: must populate information for the given metric source",
        ),
        (
            {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}]},
            (
                "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a "
                "target utilization"
            ),
        ),
        (
            {"metrics": [{**cpu(1), "pods": METRICS[2]["pods"]}]},
            "spec.metrics[0].pods: Forbidden: must populate the given metric source only",
        ),
        (
            {
                "metrics": [
                    {
                        **METRICS[5],
                        "containerResource": {**METRICS[5]["containerResource"], "name": "x", "container": "A"},
                    }
                ]
            },
            "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]",
        ),
        (
            {
                "metrics": [
                    {
                        "type": "Pods",
                        "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "0"}},
                    }
                ]
            },
            'is invalid: spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive',
        ),
        ({"metrics": [cpu(-5)]}, "averageUtilization: Invalid value: -5: must be greater than 0"),
        (
            {"behavior": {"scaleUp": {"stabilizationWindowSeconds": 5000}}},
            "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 5000: must be less than or equal to 3600",
        ),
        (
            {"behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 0, "periodSeconds": 1801}]}}},
            (
                "[spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero, "
                "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800]"
            ),
        ),
    ],
    ids=[
        "max",
        "min",
        "target",
        "target-version",
        "target-group",
        "type",
        "source",
        "value",
        "two",
        "container",
        "zero",
        "negative",
        "window",
        "policy",
    ],
)
async def test_what_is_wrong(api: Api, spec: JSON, problem: str) -> None:
    answer = await api.post(V2, autoscaler(**spec))
    assert answer.status == 422, answer
    assert answer.message.endswith(problem)


async def test_a_target_of_the_group_without_a_name(api: Api) -> None:
    await api.create(V2, autoscaler("rc", scaleTargetRef={"kind": "ReplicationController", "name": "r"}))
    other = {"scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "v1"}, "maxReplicas": 5}
    path = f"{V2}/rc"
    assert "must specify API group" in (await api.patch(path, {"spec": other})).message


async def test_its_table_is_the_same_in_both_versions(api: Api) -> None:
    await api.create(V2, autoscaler(metrics=METRICS))
    accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    for path in (V1, V2):
        table = (await api.send("GET", path, headers=accept)).body
        assert table["rows"][0]["cells"][1:6] == [
            "Deployment/d", "cpu: <unknown>/50%, memory: <unknown>/1Gi + 4 more...", "1", 2, 0,
        ]  # fmt: skip
