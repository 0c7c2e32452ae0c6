"""What of a pod may change after it was made, and through which subresource."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, NOW_TEXT, created, edit, update

C = "spec.containers.0"
POD: JSON = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
FORBIDDEN = "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"


@pytest.fixture
def pod() -> JSON:
    return created("pods", edit(POD, {"spec.nodeName": "n", "spec.tolerations": [{"key": "a", "operator": "Exists"}]}))


ALLOWED = [
    pytest.param({f"{C}.image": "i:2"}, True, id="image"),
    pytest.param({"spec.activeDeadlineSeconds": 5}, True, id="deadline"),
    pytest.param({"spec.tolerations.1": {"key": "b", "operator": "Exists"}}, True, id="more-tolerations"),
    pytest.param(
        {"spec.tolerations.0": {"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}},
        None,
        id="other-toleration",
    ),
    pytest.param({"metadata.labels": {"a": "b"}}, False, id="labels"),
    pytest.param({"metadata.annotations": {"a": "b"}}, False, id="annotations"),
    pytest.param({"metadata.generation": 9}, False, id="generation"),
    pytest.param({"status.phase": "Running"}, False, id="status"),
    pytest.param({}, False, id="nothing"),
]


@pytest.mark.parametrize(("edits", "counted"), ALLOWED)
def test_what_may_change_is_counted_in_the_generation(pod: JSON, edits: JSON, counted: bool | None) -> None:
    written = update("pods", pod, edit(pod, edits))
    if counted is None:
        assert written.problems == [
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
        ]
        return
    assert written.problems == []
    assert written.obj["metadata"]["generation"] == 1 + counted
    assert written.obj["status"] == pod["status"]


def test_a_pod_sent_back_as_it_is_stays_equal(pod: JSON) -> None:
    assert update("pods", pod, pod).obj == pod


def test_a_quantity_in_another_spelling_is_no_change() -> None:
    old = created("pods", edit(POD, {f"{C}.resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}))
    again = edit(old, {f"{C}.resources.requests": {"cpu": "0.5", "memory": "1024Mi"}})
    assert update("pods", old, again).obj == old


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param({"spec.restartPolicy": "Never"}, id="restart"),
        pytest.param({f"{C}.env": [{"name": "A", "value": "b"}]}, id="env"),
        pytest.param({f"{C}.name": "d"}, id="container-name"),
        pytest.param({"spec.nodeName": "m"}, id="node"),
        pytest.param({"spec.hostname": "h"}, id="hostname"),
        pytest.param({"spec.volumes": [{"name": "v", "emptyDir": {}}]}, id="volumes"),
        pytest.param({f"{C}.resources": {"limits": {"cpu": "1"}}}, id="resources"),
        pytest.param({"spec.nodeSelector": {"a": "b"}}, id="selector-of-ungated-pod"),
        pytest.param({"spec.terminationGracePeriodSeconds": 1}, id="grace"),
        pytest.param({"spec.serviceAccountName": "x", "spec.serviceAccount": "x"}, id="account"),
    ],
)
def test_the_rest_of_the_spec_may_not_change(pod: JSON, edits: JSON) -> None:
    problems = update("pods", pod, edit(pod, edits)).problems
    assert len(problems) == 1
    assert problems[0].startswith(FORBIDDEN)
    lines = problems[0].splitlines()
    assert lines[1].startswith("@@ -")
    assert any(line.startswith("+") for line in lines[2:])


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param(
            {"spec.containers.1": {"name": "d", "image": "i"}},
            "spec.containers: Forbidden: pod updates may not add or remove containers",
            id="container",
        ),
        pytest.param(
            {"spec.initContainers": [{"name": "d", "image": "i"}]},
            "spec.initContainers: Forbidden: pod updates may not add or remove containers",
            id="init",
        ),
        pytest.param(
            {"spec.activeDeadlineSeconds": 11},
            "spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value",
            id="longer",
        ),
        pytest.param(
            {"spec.activeDeadlineSeconds": DROP},
            "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
            id="no-deadline",
        ),
        pytest.param(
            {"spec.schedulingGates": [{"name": "g"}]},
            "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
            id="gate",
        ),
    ],
)
def test_changes_with_their_own_words(pod: JSON, edits: JSON, problem: str) -> None:
    pod["spec"]["activeDeadlineSeconds"] = 10
    pod["spec"].pop("nodeName")
    assert update("pods", pod, edit(pod, edits)).problems[:1] == [problem]


def test_a_gated_pod_may_narrow_where_it_goes_and_lose_gates() -> None:
    old = created("pods", edit(POD, {"spec.schedulingGates": [{"name": "g"}], "spec.nodeSelector": {"a": "b"}}))
    narrowed = edit(old, {"spec.nodeSelector.c": "d", "spec.schedulingGates": []})
    assert update("pods", old, narrowed).problems == []
    changed = edit(old, {"spec.nodeSelector": {"a": "x"}})
    assert any("nodeSelector" in text for text in update("pods", old, changed).problems)


def test_a_difference_shows_absent_fields_too(pod: JSON) -> None:
    (problem,) = update("pods", pod, edit(pod, {f"{C}.env": [{"name": "A", "value": "<b>"}]})).problems
    assert problem.splitlines()[2:] == [
        '    "WorkingDir": "",',
        '    "Ports": null,',
        '    "EnvFrom": null,',
        '-   "Env": null,',
        '+   "Env": [',
        "+    {",
        '+     "Name": "A",',
        '+     "Value": "\\u003cb\\u003e",',
        '+     "ValueFrom": null',
        "+    }",
        "+   ],",
        '    "Resources": {',
        '     "Limits": null,',
        '     "Requests": null,',
    ]


def test_what_belongs_to_the_host_shows_in_the_security_context(pod: JSON) -> None:
    (problem,) = update("pods", pod, edit(pod, {"spec.hostPID": True})).problems
    assert '-  "HostPID": false,' in problem
    assert '+  "HostPID": true,' in problem


def test_identity_may_not_change(pod: JSON) -> None:
    problems = update("pods", pod, edit(pod, {"metadata.name": "q"})).problems
    assert 'metadata.name: Invalid value: "q": field is immutable' in problems


def test_ephemeral_containers_are_added_never_changed(pod: JSON) -> None:
    wanted = edit(pod, {"spec.ephemeralContainers": [{"name": "e", "image": "i"}], f"{C}.image": "other"})
    added = update("pods", pod, wanted, subresource="ephemeralcontainers")
    assert added.problems == []
    assert added.obj["spec"]["containers"] == pod["spec"]["containers"]
    assert added.obj["metadata"]["generation"] == 2
    changed = edit(added.obj, {"spec.ephemeralContainers.0.image": "j"})
    problems = update("pods", added.obj, changed, subresource="ephemeralcontainers").problems
    assert [text.splitlines()[0] for text in problems] == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed'
    ]
    gone = edit(added.obj, {"spec.ephemeralContainers": []})
    problems = update("pods", added.obj, gone, subresource="ephemeralcontainers").problems
    assert [text.splitlines()[0] for text in problems] == [
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed'
    ]


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        pytest.param({"name": "c", "image": "i"}, 'name: Duplicate value: "c"', id="same-name"),
        pytest.param(
            {"name": "e", "image": "i", "ports": [{"containerPort": 1}]},
            "ports: Forbidden: cannot be set for an Ephemeral Container",
            id="ports",
        ),
        pytest.param(
            {"name": "e", "image": "i", "targetContainerName": "x"}, 'targetContainerName: Not found: "x"', id="target"
        ),
    ],
)
def test_what_an_ephemeral_container_cannot_have(pod: JSON, container: JSON, problem: str) -> None:
    wanted = edit(pod, {"spec.ephemeralContainers": [container]})
    problems = update("pods", pod, wanted, subresource="ephemeralcontainers").problems
    assert problems == [f"spec.ephemeralContainers[0].{problem}"]


RESIZABLE: JSON = {f"{C}.resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}}


def test_resize_changes_resources_only() -> None:
    old = created("pods", edit(POD, RESIZABLE))
    wanted = edit(old, {f"{C}.resources.limits.cpu": "300m", f"{C}.image": "other", "spec.hostname": "h"})
    resized = update("pods", old, wanted, subresource="resize")
    assert resized.problems == []
    assert resized.obj["spec"] == edit(old, {f"{C}.resources.limits.cpu": "300m"})["spec"]
    assert resized.obj["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param(
            {f"{C}.resources.limits": DROP},
            "resources.limits: Forbidden: resource limits cannot be removed",
            id="limit-gone",
        ),
        pytest.param(
            {
                f"{C}.resources": {
                    "limits": {"cpu": "200m", "memory": "1Gi"},
                    "requests": {"cpu": "200m", "memory": "1Gi"},
                }
            },
            "Pod QOS Class may not change as a result of resizing",
            id="class",
        ),
        pytest.param(
            {f"{C}.resources.limits.ephemeral-storage": "1Gi"},
            "only cpu and memory resources are mutable",
            id="storage",
        ),
        pytest.param({f"{C}.name": "d"}, "containers may not be renamed or reordered on resize", id="renamed"),
        pytest.param(
            {"spec.containers.1": {"name": "d", "image": "i"}},
            "containers may not be added or removed on resize",
            id="added",
        ),
    ],
)
def test_what_a_resize_may_not_do(edits: JSON, problem: str) -> None:
    old = created("pods", edit(POD, RESIZABLE))
    problems = update("pods", old, edit(old, edits), subresource="resize").problems
    assert any(problem in text for text in problems), problems


def test_a_status_write_keeps_the_spec_and_what_only_the_server_knows(pod: JSON) -> None:
    wanted = edit(pod, {f"{C}.image": "other", "status": {"phase": "Running", "podIP": "10.1.0.2"}})
    written = update("pods", pod, wanted, subresource="status")
    assert written.problems == []
    assert written.obj["spec"] == pod["spec"]
    assert written.obj["metadata"]["generation"] == 1
    assert written.obj["status"] == {
        "phase": "Running",
        "podIP": "10.1.0.2",
        "podIPs": [{"ip": "10.1.0.2"}],
        "qosClass": "BestEffort",
    }


def _statuses(state: JSON) -> JSON:
    return {
        "phase": "Running",
        "containerStatuses": [
            {"name": "c", "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": state}
        ],
    }


@pytest.mark.parametrize(
    ("policy", "code", "allowed"),
    [
        pytest.param("Always", 0, True, id="always"),
        pytest.param("OnFailure", 1, True, id="failed"),
        pytest.param("OnFailure", 0, False, id="succeeded"),
        pytest.param("Never", 1, False, id="never"),
    ],
)
def test_an_ended_container_stays_ended_unless_it_is_started_again(policy: str, code: int, allowed: bool) -> None:
    old = created("pods", edit(POD, {"spec.restartPolicy": policy, "spec.nodeName": "n"}))
    old["status"].update(_statuses({"terminated": {"exitCode": code}}))
    wanted = edit(old, {"status": _statuses({"running": {"startedAt": NOW_TEXT}})})
    problems = update("pods", old, wanted, subresource="status").problems
    expected = ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"]
    assert problems == ([] if allowed else expected)


def test_conditions_keep_the_generation_they_were_of(pod: JSON) -> None:
    ready, odd = {"type": "Ready", "status": "True"}, {"type": "Odd", "status": "True"}
    old = edit(pod, {"status.conditions": [{**ready, "observedGeneration": 3}, {**ready, "observedGeneration": 4}]})
    sent = [odd, ready, {**ready, "observedGeneration": 5}, ready]
    written = update("pods", old, edit(old, {"status.conditions": sent}), subresource="status")
    said = [condition.get("observedGeneration") for condition in written.obj["status"]["conditions"]]
    assert said == [None, 3, 5, None]
