"""Deployments and ReplicaSets: defaults, a selector that fits and stays, counts that add up, generations."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

from podwright.api.resources import find
from podwright.apiserver.strategies.table import strategy_for

SPEC: JSON = {
    "selector": {"matchLabels": {"a": "b"}},
    "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
}
BODY: JSON = {"metadata": {"name": "d"}, "spec": SPEC}
KINDS = ("deployments", "replicasets")


def test_defaults_of_a_deployment() -> None:
    made = created("deployments", BODY, "apps")
    assert {name: value for name, value in made["spec"].items() if name not in SPEC} == {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    assert made["status"] == {}
    assert made["metadata"]["generation"] == 1


def test_defaults_of_a_replica_set() -> None:
    made = created("replicasets", BODY, "apps")
    assert made["spec"]["replicas"] == 1
    assert made["status"] == {"replicas": 0}


@pytest.mark.parametrize("plural", KINDS)
def test_no_replicas_is_a_wish(plural: str) -> None:
    assert created(plural, edit(BODY, {"spec.replicas": 0}), "apps")["spec"]["replicas"] == 0


def test_recreate_has_no_rolling_update() -> None:
    made = created("deployments", edit(BODY, {"spec.strategy": {"type": "Recreate"}}), "apps")
    assert made["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("plural", KINDS)
@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param(
            {"spec.replicas": -1}, "spec.replicas: Invalid value: -1: must be greater than or equal to 0", id="replicas"
        ),
        pytest.param({"spec.selector": DROP}, "spec.selector: Required value", id="no-selector"),
        pytest.param(
            {"spec.selector": {}},
            "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
            id="empty-selector",
        ),
        pytest.param(
            {"spec.template.metadata.labels": {"a": "c"}},
            'spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`',
            id="labels",
        ),
        pytest.param(
            {"spec.template.spec.restartPolicy": "Never"},
            'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
            id="restart",
        ),
        pytest.param(
            {"spec.template.spec.activeDeadlineSeconds": 5},
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
            id="deadline",
        ),
        pytest.param(
            {"spec.template.spec.containers.0.image": ""},
            "spec.template.spec.containers[0].image: Required value",
            id="template",
        ),
        pytest.param(
            {"spec.minReadySeconds": -1},
            "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
            id="min-ready",
        ),
    ],
)
def test_what_is_wrong_with_both(plural: str, edits: JSON, problem: str) -> None:
    found = create(plural, edit(BODY, edits), "apps").problems
    if plural == "replicasets":
        problem = problem.replace("for deployment", "for replicaset")
    wanted = problem.partition(" for ")[0]
    assert any(text.startswith(wanted) for text in found), found


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            {"spec.strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
            id="recreate-rolling",
        ),
        pytest.param(
            {"spec.strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"],
            id="stuck",
        ),
        pytest.param(
            {"spec.strategy": {"rollingUpdate": {"maxUnavailable": "101%"}}},
            ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
            id="over-all",
        ),
        pytest.param(
            {"spec.strategy": {"rollingUpdate": {"maxSurge": "many"}}},
            ['spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": a valid percent string must be a'],
            id="no-percent",
        ),
        pytest.param({"spec.strategy": {"rollingUpdate": {"maxSurge": "200%"}}}, [], id="surge-over-all"),
        pytest.param(
            {"spec.progressDeadlineSeconds": 5, "spec.minReadySeconds": 5},
            ["spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"],
            id="deadline",
        ),
        pytest.param(
            {"spec.strategy": {"type": "Other"}},
            [
                (
                    'spec.strategy: Unsupported value: {"Type":"Other","RollingUpdate":null}: supported values:'
                    ' "Recreate", "RollingUpdate"'
                )
            ],
            id="type",
        ),
    ],
)
def test_what_is_wrong_with_a_rollout(edits: JSON, problems: list[str]) -> None:
    found = create("deployments", edit(BODY, edits), "apps").problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


@pytest.mark.parametrize("plural", KINDS)
def test_the_selector_stays(plural: str) -> None:
    old = created(plural, BODY, "apps")
    other = edit(old, {"spec.selector.matchLabels": {"x": "y"}, "spec.template.metadata.labels": {"x": "y"}})
    problems = update(plural, old, other, "apps").problems
    assert problems == [
        'spec.selector: Invalid value: {"matchLabels":{"x":"y"}}: field is immutable',
    ]


@pytest.mark.parametrize(
    ("plural", "edits", "generation"),
    [
        pytest.param("deployments", {}, 1, id="deployment-same"),
        pytest.param("deployments", {"spec.replicas": 2}, 2, id="deployment-spec"),
        pytest.param("deployments", {"metadata.annotations": {"a": "b"}}, 2, id="deployment-annotations"),
        pytest.param("deployments", {"metadata.labels": {"a": "b"}}, 1, id="deployment-labels"),
        pytest.param("deployments", {"status.replicas": 2}, 1, id="deployment-status"),
        pytest.param("replicasets", {"spec.replicas": 2}, 2, id="set-spec"),
        pytest.param("replicasets", {"metadata.annotations": {"a": "b"}}, 1, id="set-annotations"),
    ],
)
def test_generations_count_changes(plural: str, edits: JSON, generation: int) -> None:
    old = created(plural, BODY, "apps")
    written = update(plural, old, edit(old, edits), "apps")
    assert written.obj["metadata"]["generation"] == generation
    assert written.obj["status"] == old["status"]


@pytest.mark.parametrize("plural", KINDS)
def test_applying_the_same_manifest_again_changes_nothing(plural: str) -> None:
    old = created(plural, BODY, "apps")
    assert update(plural, old, edit(BODY, {"metadata.namespace": "ns"}), "apps").obj == old


@pytest.mark.parametrize(
    ("status", "problems"),
    [
        pytest.param({"replicas": 2, "readyReplicas": 2, "availableReplicas": 2}, [], id="fine"),
        pytest.param(
            {"readyReplicas": -1},
            [
                "status.readyReplicas: Invalid value: -1: must be greater than or equal to 0",
                "status.availableReplicas: Invalid value: 0: cannot be greater than readyReplicas",
            ],
            id="negative",
        ),
        pytest.param(
            {"replicas": 1, "readyReplicas": 2},
            ["status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"],
            id="ready",
        ),
        pytest.param(
            {"replicas": 2, "readyReplicas": 1, "availableReplicas": 2},
            ["status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas"],
            id="available",
        ),
    ],
)
@pytest.mark.parametrize("plural", KINDS)
def test_counts_of_a_status(plural: str, status: JSON, problems: list[str]) -> None:
    old = created(plural, BODY, "apps")
    wanted = edit(old, {"status": status, "spec.replicas": 9})
    written = update(plural, old, wanted, "apps", subresource="status")
    assert written.problems == problems
    assert written.obj["spec"] == old["spec"]


def test_collisions_never_become_fewer() -> None:
    old = created("deployments", BODY, "apps")
    old["status"] = {"collisionCount": 2}
    problems = update("deployments", old, edit(old, {"status.collisionCount": 1}), "apps", "status").problems
    assert problems == ["status.collisionCount: Invalid value: 1: cannot be decremented"]


def test_warnings_of_templates_tell_where() -> None:
    env: list[Any] = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    body = edit(BODY, {"spec.template.spec.containers.0.env": env})
    assert create("deployments", body, "apps").warnings == [
        (
            'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using'
            " apply"
        )
    ]


@pytest.mark.parametrize("plural", KINDS)
def test_both_can_be_scaled(plural: str) -> None:
    paths = strategy_for(find(plural, "apps")).scale
    assert paths is not None
    assert paths.spec_replicas == ("spec", "replicas")
    assert paths.selector == ("spec", "selector")


def test_updates_warn_only_when_the_generation_rises() -> None:
    env: list[Any] = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    old = created("deployments", edit(BODY, {"spec.template.spec.containers.0.env": env}), "apps")
    assert update("deployments", old, edit(old, {"metadata.labels": {"a": "b"}}), "apps").warnings == []
    assert len(update("deployments", old, edit(old, {"spec.replicas": 7}), "apps").warnings) == 1
