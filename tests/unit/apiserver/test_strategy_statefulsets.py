"""StatefulSets and ControllerRevisions: defaults, what is refused, the little that may change."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

LABELS: JSON = {"a": "b"}
TEMPLATE: JSON = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
SET: JSON = {
    "metadata": {"name": "s"},
    "spec": {"serviceName": "svc", "selector": {"matchLabels": LABELS}, "template": TEMPLATE},
}
CLAIM: JSON = {
    "metadata": {"name": "d"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
MOUNT: JSON = {"spec.template.spec.containers.0.volumeMounts": [{"name": "d", "mountPath": "/d"}]}
FIXED = (
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def test_defaults_of_a_stateful_set() -> None:
    made = created("statefulsets", SET, "apps")
    assert {name: value for name, value in made["spec"].items() if name not in SET["spec"]} == {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    }
    assert made["status"] == {"replicas": 0, "availableReplicas": 0}


def test_claims_are_volumes_of_the_pods() -> None:
    made = created("statefulsets", edit(SET, {**MOUNT, "spec.volumeClaimTemplates": [CLAIM]}), "apps")
    [claim] = made["spec"]["volumeClaimTemplates"]
    assert (claim["kind"], claim["spec"]["volumeMode"], claim["status"]) == (
        "PersistentVolumeClaim", "Filesystem", {"phase": "Pending"},
    )  # fmt: skip
    assert "volumes" not in made["spec"]["template"]["spec"]
    assert create("statefulsets", edit(SET, MOUNT), "apps").problems == [
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"'
    ]


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            {"spec.podManagementPolicy": "X"},
            ["spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'"],
            id="management",
        ),
        pytest.param(
            {"spec.updateStrategy": {"type": "X"}},
            [
                (
                    'spec.updateStrategy: Invalid value: {"Type":"X","RollingUpdate":null}: '
                    "must be 'RollingUpdate' or 'OnDelete'"
                )
            ],
            id="strategy",
        ),
        pytest.param(
            {"spec.updateStrategy": {"rollingUpdate": {"partition": -1}}},
            ["spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"],
            id="partition",
        ),
        pytest.param(
            {"spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": 0}}},
            ["spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0"],
            id="stuck",
        ),
        pytest.param(
            {"spec.updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 1}}},
            [
                (
                    'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: '
                    "only allowed for updateStrategy 'RollingUpdate'"
                )
            ],
            id="on-delete",
        ),
        pytest.param(
            {"spec.volumeClaimTemplates": [{"metadata": {"name": "d"}}]},
            [
                "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
                "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value",
            ],
            id="claim",
        ),
        pytest.param(
            {"spec.persistentVolumeClaimRetentionPolicy": {"whenDeleted": "X"}},
            [
                (
                    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "X": '
                    'supported values: "Retain", "Delete"'
                )
            ],
            id="retention",
        ),
        pytest.param(
            {"spec.ordinals": {"start": -1}},
            ["spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"],
            id="ordinals",
        ),
        pytest.param({"spec.selector": DROP}, ["spec.selector: Required value"], id="no-selector"),
        pytest.param(
            {"metadata.name": "s" * 64},
            [f'metadata.name: Invalid value: "{"s" * 64}": must be no more than 63 characters'],
            id="name",
        ),
    ],
)
def test_what_is_wrong_with_a_stateful_set(edits: JSON, problems: list[str]) -> None:
    found = create("statefulsets", edit(SET, edits), "apps").problems
    assert found[: len(problems)] == problems


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.replicas": 3, "spec.ordinals": {"start": 5}, "spec.minReadySeconds": 2}, [], id="fine"),
        pytest.param({"spec.template.spec.containers.0.image": "j"}, [], id="template"),
        pytest.param({"spec.serviceName": "other"}, [FIXED], id="service"),
        pytest.param({"spec.podManagementPolicy": "Parallel"}, [FIXED], id="management"),
        pytest.param({"spec.volumeClaimTemplates": [CLAIM]}, [FIXED], id="claims"),
    ],
)
def test_what_may_change_of_a_stateful_set(edits: JSON, problems: list[str]) -> None:
    made = created("statefulsets", SET, "apps")
    changed = update("statefulsets", made, edit(made, edits), "apps")
    assert (changed.problems, changed.obj["metadata"]["generation"]) == (problems, 2)


def test_a_history_without_end_is_warned_of() -> None:
    [warning] = create("statefulsets", edit(SET, {"spec.revisionHistoryLimit": -1}), "apps").warnings
    assert "retains all historical revisions" in warning


def test_a_revision_never_changes() -> None:
    made = created("controllerrevisions", {"metadata": {"name": "r"}, "data": {"a": 1}, "revision": 1}, "apps")
    assert update("controllerrevisions", made, {**made, "revision": 2}, "apps").problems == []
    assert update("controllerrevisions", made, {**made, "data": {"a": 2}}, "apps").problems == [
        'data: Invalid value: {"a":2}: field is immutable'
    ]
    assert create("controllerrevisions", {"revision": -1}, "apps").problems == [
        "data: Required value: data is mandatory",
        "revision: Invalid value: -1: must be greater than or equal to 0",
    ]
