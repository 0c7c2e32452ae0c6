"""ReplicationControllers, DaemonSets and PodTemplates: defaults, what is refused, what counts as a change."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

from podwright.api.resources import find
from podwright.apiserver.strategies.table import strategy_for

LABELS: JSON = {"a": "b"}
TEMPLATE: JSON = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
RC: JSON = {"metadata": {"name": "x"}, "spec": {"template": TEMPLATE}}
DS: JSON = {"metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": LABELS}, "template": TEMPLATE}}
PT: JSON = {"metadata": {"name": "x"}, "template": TEMPLATE}
GENERATION = "deprecated.daemonset.template.generation"


def test_defaults_of_a_replication_controller() -> None:
    made = created("replicationcontrollers", RC)
    assert made["spec"]["replicas"] == 1
    assert made["spec"]["selector"] == LABELS
    assert made["metadata"]["labels"] == LABELS
    assert made["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert made["status"] == {"replicas": 0}
    assert made["metadata"]["generation"] == 1


def test_a_replication_controller_keeps_labels_and_selector_of_its_own() -> None:
    body = edit(RC, {"metadata.labels": {"mine": "1"}, "spec.template.metadata.labels.c": "d", "spec.selector": LABELS})
    made = created("replicationcontrollers", body)
    assert (made["metadata"]["labels"], made["spec"]["selector"]) == ({"mine": "1"}, LABELS)


def test_a_replication_controller_leaves_its_pods() -> None:
    assert strategy_for(find("replicationcontrollers")).default_propagation == "Orphan"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            {"spec.template": DROP}, ["spec.selector: Required value", "spec.template: Required value"], id="none"
        ),
        pytest.param(
            {"spec.template": DROP, "spec.selector": LABELS}, ["spec.template: Required value"], id="template"
        ),
        pytest.param({"spec.template.metadata.labels": DROP}, ["spec.selector: Required value"], id="no-labels"),
        pytest.param(
            {"spec.selector": {"x": "y"}},
            ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
            id="mismatch",
        ),
        pytest.param(
            {"spec.replicas": -1},
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
            id="replicas",
        ),
        pytest.param(
            {"spec.template.spec.activeDeadlineSeconds": 5},
            [
                (
                    "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                    "activeDeadlineSeconds in ReplicationController is not Supported"
                )
            ],
            id="deadline",
        ),
        pytest.param(
            {
                "spec.replicas": 2,
                "spec.template.spec.volumes": [{"name": "v", "gcePersistentDisk": {"pdName": "d"}}],
            },
            [
                (
                    "spec.template.spec.volumes[0].gcePersistentDisk.readOnly: Required value: must be true for replicated "
                    "pods > 1; GCE PD can only be mounted on multiple machines if it is read-only"
                )
            ],
            id="shared-disk",
        ),
    ],
)
def test_what_is_wrong_with_a_replication_controller(edits: JSON, problems: list[str]) -> None:
    assert create("replicationcontrollers", edit(RC, edits)).problems == problems


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ({"replicas": -1}, "status.replicas: Invalid value: -1: must be greater than or equal to 0"),
        (
            {"replicas": 1, "readyReplicas": 2},
            "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        ),
    ],
    ids=["negative", "more-than-all"],
)
def test_counts_that_do_not_add_up(status: JSON, problem: str) -> None:
    made = created("replicationcontrollers", RC)
    assert update("replicationcontrollers", made, {**made, "status": status}, subresource="status").problems[:1] == [
        problem
    ]


def test_defaults_of_a_daemon_set() -> None:
    made = created("daemonsets", DS, "apps")
    assert made["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
    assert made["spec"]["revisionHistoryLimit"] == 10
    assert made["metadata"]["annotations"] == {GENERATION: "1"}
    assert made["status"] == {
        "currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0,
    }  # fmt: skip


def test_on_delete_has_no_pace() -> None:
    made = created("daemonsets", edit(DS, {"spec.updateStrategy": {"type": "OnDelete"}}), "apps")
    assert made["spec"]["updateStrategy"] == {"type": "OnDelete"}


@pytest.mark.parametrize(
    ("edits", "generations"),
    [
        pytest.param({"metadata.labels": {"x": "y"}}, (1, "1"), id="metadata"),
        pytest.param({"spec.minReadySeconds": 5}, (2, "1"), id="spec"),
        pytest.param({"spec.template.spec.containers.0.image": "j"}, (2, "2"), id="template"),
        pytest.param({"metadata.annotations": {GENERATION: "9"}}, (1, "1"), id="not-by-hand"),
        pytest.param({"metadata.annotations": DROP}, (1, "1"), id="not-taken-away"),
    ],
)
def test_changes_of_a_daemon_set_are_counted(edits: JSON, generations: tuple[int, str]) -> None:
    made = created("daemonsets", DS, "apps")
    changed = update("daemonsets", made, edit(made, edits), "apps")
    assert changed.problems == []
    found = changed.obj["metadata"]
    assert (found["generation"], found["annotations"][GENERATION]) == generations


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            {"spec.updateStrategy": {"type": "X"}},
            [
                (
                    'spec.updateStrategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: '
                    '"RollingUpdate", "OnDelete"'
                )
            ],
            id="strategy",
        ),
        pytest.param(
            {"spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": 0}}},
            ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
            id="stuck",
        ),
        pytest.param(
            {"spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 1}}},
            [
                (
                    "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: "
                    "may not be set when maxUnavailable is non-zero"
                )
            ],
            id="both",
        ),
        pytest.param(
            {"spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": "101%"}}},
            ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
            id="over-all",
        ),
        pytest.param(
            {"spec.selector": DROP},
            ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
            id="no-selector",
        ),
        pytest.param(
            {"spec.selector": {}},
            ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"],
            id="empty-selector",
        ),
        pytest.param(
            {"spec.template.spec.restartPolicy": "Never"},
            ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
            id="restart",
        ),
    ],
)
def test_what_is_wrong_with_a_daemon_set(edits: JSON, problems: list[str]) -> None:
    assert create("daemonsets", edit(DS, edits), "apps").problems == problems


def test_a_daemon_sets_selector_stays() -> None:
    made = created("daemonsets", DS, "apps")
    other = {"a": "b", "c": "d"}
    changed = edit(made, {"spec.selector.matchLabels": other, "spec.template.metadata.labels": other})
    assert update("daemonsets", made, changed, "apps").problems == [
        'spec.selector: Invalid value: {"matchLabels":{"a":"b","c":"d"}}: field is immutable'
    ]


def test_a_daemon_sets_collisions_are_not_forgotten() -> None:
    made = created("daemonsets", DS, "apps")
    made["status"]["collisionCount"] = 2
    changed = edit(made, {"status.collisionCount": 1})
    assert update("daemonsets", made, changed, "apps", "status").problems == [
        "status.collisionCount: Invalid value: 1: cannot be decremented"
    ]


def test_a_pod_template_is_completed_and_counted() -> None:
    made = created("podtemplates", PT)
    assert made["template"]["spec"]["dnsPolicy"] == "ClusterFirst"
    assert made["metadata"]["generation"] == 1
    assert update("podtemplates", made, edit(made, {"metadata.labels": LABELS})).obj["metadata"]["generation"] == 1
    changed = update("podtemplates", made, edit(made, {"template.spec.containers.0.image": "j"}))
    assert (changed.problems, changed.obj["metadata"]["generation"]) == ([], 2)


def test_a_pod_template_without_containers() -> None:
    assert create("podtemplates", {}).problems == ["template.spec.containers: Required value"]


def test_an_autoscaler_may_go_on_referring_to_no_group() -> None:
    spec: JSON = {"maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "v1"}}
    good = created(
        "horizontalpodautoscalers", {"spec": edit(spec, {"scaleTargetRef.apiVersion": "apps/v1"})}, "autoscaling"
    )
    old = {**good, "spec": {**good["spec"], "scaleTargetRef": spec["scaleTargetRef"]}}
    assert update("horizontalpodautoscalers", old, edit(old, {"spec.maxReplicas": 3}), "autoscaling").problems == []
    assert update("horizontalpodautoscalers", good, edit(old, {}), "autoscaling").problems == [
        'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'
    ]
