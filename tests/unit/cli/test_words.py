"""The small pure parts of the verbs: goals, durations, labels, manifests, refusals, progress."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podwright.api.errors import ApiError
from podwright.cli import errors, manifests
from podwright.cli.cmd_exec import exit_code
from podwright.cli.cmd_label import split
from podwright.cli.cmd_logs import seconds
from podwright.cli.cmd_wait import parse_goal
from podwright.cli.errors import CliError
from podwright.cli.generating import generate, job_of
from podwright.cli.output.printing import printer
from podwright.cli.rolling import progress


@pytest.mark.parametrize(("text", "value"), [("5s", 5), ("2m", 120), ("1h30m", 5400), ("90", 90), ("0s", 0)])
def test_durations(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "5x", "s", "-1s"])
def test_bad_durations(text: str) -> None:
    with pytest.raises(CliError, match="invalid duration"):
        seconds(text)


def test_labels_are_told_from_names() -> None:
    assert split(["pod", "a", "x=1", "y-"]) == (["pod", "a"], {"x": "1", "y": None})
    with pytest.raises(CliError, match="at least one"):
        split(["pod", "a"])


READY: dict[str, Any] = {
    "metadata": {"name": "x", "generation": 2},
    "status": {
        "observedGeneration": 2,
        "phase": "Running",
        "n": 1,
        "conditions": [{"type": "Ready", "status": "True"}],
    },
}


@pytest.mark.parametrize(
    ("goal", "obj", "met"),
    [
        ("condition=Ready", READY, True),
        ("condition=ready=true", READY, True),
        ("condition=Ready=False", READY, False),
        ("condition=Other", READY, False),
        ("condition=Ready", {**READY, "metadata": {"generation": 3}}, False),
        ("jsonpath={.status.phase}=Running", READY, True),
        ("jsonpath='{.status.phase}'=Pending", READY, False),
        ("jsonpath={.status.n}=1", READY, True),
        ("jsonpath={.status.nope}", READY, False),
        ("delete", READY, False),
        ("delete", None, True),
        ("create", READY, True),
        ("create", None, False),
        ("condition=Ready", None, False),
    ],
)
def test_goals(goal: str, obj: dict[str, Any] | None, met: bool) -> None:
    assert parse_goal(goal)(obj) is met


def test_unknown_goal_lists_the_known_ones() -> None:
    with pytest.raises(CliError, match="expected condition="):
        parse_goal("ready")


@pytest.mark.parametrize(
    ("status", "text", "done"),
    [
        ({"observedGeneration": 1}, "Waiting for deployment spec update to be observed...", False),
        ({"observedGeneration": 2, "updatedReplicas": 1}, "1 out of 3 new replicas have been updated", False),
        (
            {"observedGeneration": 2, "updatedReplicas": 3, "replicas": 4},
            "1 old replicas are pending termination",
            False,
        ),
        (
            {"observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 2},
            "2 of 3 updated replicas are available",
            False,
        ),
        ({"observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 3}, "successfully", True),
    ],
)
def test_rollout_progress(status: dict[str, Any], text: str, done: bool) -> None:
    said, over = progress({"metadata": {"name": "web", "generation": 2}, "spec": {"replicas": 3}, "status": status})
    assert text in said
    assert over is done


def test_rollout_that_missed_its_deadline_is_an_error() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    with pytest.raises(CliError, match="exceeded its progress deadline"):
        progress({"metadata": {"name": "web"}, "spec": {}, "status": {"conditions": [late]}})


def test_exit_code_comes_from_the_status() -> None:
    assert exit_code({"status": "Success"}) == 0
    causes = [{"reason": "ExitCode", "message": "7"}]
    assert exit_code({"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}) == 7
    with pytest.raises(CliError, match="not running"):
        exit_code({"status": "Failure", "message": "container not running"})


def test_documents_lists_and_places() -> None:
    text = b"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: x}}\n---\n\n---\n"
    text += b"apiVersion: v1\nkind: B\nn: 2020-01-01\n"
    first, second = manifests.parse(text, "f.yaml")
    assert (first.kind, first.name, first.line) == ("A", "x", 4)
    assert (second.kind, second.name, second.line, second.data["n"]) == ("B", "", 8, "2020-01-01")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: [1\n", r"f\.yaml: line 2"),
        (b"a: 1\na: 2\n", r'line 2, column 1: key "a" already set'),
        (b"- 1\n", "no object"),
        (b"kind: X\n", "apiVersion not set"),
        (b"apiVersion: v1\nkind: 3\n", "kind not set"),
        (b"\xff\xfe\xfd", r"f\.yaml"),
    ],
)
def test_bad_manifests_say_where(text: bytes, message: str) -> None:
    with pytest.raises(CliError, match=message):
        list(manifests.parse(text, "f.yaml"))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="does not exist"):
        manifests.read([str(tmp_path / "no.yaml")])
    with pytest.raises(CliError, match="empty"):
        manifests.read([str(tmp_path)])


def test_validation_failures_stand_one_a_line() -> None:
    causes = [{"field": "spec.a", "message": "Invalid value: 1"}, {"field": "spec.b", "message": "Required value"}]
    error = ApiError(422, "Invalid", "whole", details={"kind": "Pod", "name": "x", "causes": causes})
    lines = errors.text(error).splitlines()
    assert lines == ['The Pod "x" is invalid: ', "* spec.a: Invalid value: 1", "* spec.b: Required value"]
    one = ApiError(422, "Invalid", "whole", details={"kind": "Pod", "name": "x", "causes": causes[:1]})
    assert errors.text(one) == 'The Pod "x" is invalid: spec.a: Invalid value: 1'
    assert errors.text(ApiError(404, "NotFound", "no")) == "Error from server (NotFound): no"


def test_generated_objects() -> None:
    none: dict[str, Any] = {"image": (), "replicas": 1, "from_literal": (), "from_file": ()}
    made = generate(["deploy", "web"], {**none, "image": ("reg/a/web:1",), "replicas": 2})
    assert made["spec"]["template"]["spec"]["containers"] == [{"name": "web", "image": "reg/a/web:1"}]
    assert generate(["cm", "c"], {**none, "from_literal": ("a=b=c",)})["data"] == {"a": "b=c"}
    assert generate(["secret", "generic", "s"], {**none, "from_literal": ("a=b",)})["data"] == {"a": "Yg=="}
    with pytest.raises(CliError, match="one of"):
        generate(["pod"], none)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("name", "pod/x\n"),
        ("jsonpath={.metadata.name}", "x"),
        ("custom-columns=N:.metadata.name,Z:.z", "N     Z\nx     <none>\n"),
        ("yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  note: |-\n    a\n    b\n"),
    ],
)
def test_output_forms(output: str, text: str) -> None:
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"note": "a\nb", "name": "x", "managedFields": [1]}}
    assert printer(output)(pod) == text


@pytest.mark.parametrize("output", ["bad", "jsonpath=", "custom-columns=NAME"])
def test_bad_output_form_is_explained(output: str) -> None:
    with pytest.raises(CliError):
        printer(output)


def test_generated_jobs() -> None:
    none: dict[str, Any] = {
        "image": ("reg/a/b:1",),
        "replicas": 1,
        "from_literal": (),
        "from_file": (),
        "restart": None,
    }
    job = generate(["job", "j", "date", "-u"], {**none, "schedule": ""})
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"] == [{"name": "j", "image": "reg/a/b:1", "command": ["date", "-u"]}]
    assert pod["restartPolicy"] == "Never"
    cron = generate(["cj", "c"], {**none, "schedule": "@daily"})
    assert cron["spec"]["schedule"] == "@daily"
    assert cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"
    with pytest.raises(CliError, match="--schedule"):
        generate(["cronjob", "c"], {**none, "schedule": ""})
    with pytest.raises(CliError, match="one --image"):
        generate(["job", "j"], {**none, "image": (), "schedule": ""})


def test_a_job_of_a_cron_job() -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"template": {"spec": {}}}}
    job = job_of({"metadata": {"name": "c", "uid": "U"}, "spec": {"jobTemplate": template}}, "now")
    assert job["spec"] == template["spec"]
    assert job["metadata"]["labels"] == {"a": "b"}
    assert job["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    assert job["metadata"]["ownerReferences"][0]["uid"] == "U"


@pytest.mark.parametrize(
    ("kind", "status", "text", "done"),
    [
        ("DaemonSet", {"observedGeneration": 1}, "Waiting for daemon set spec update to be observed...", False),
        (
            "DaemonSet",
            {"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 1},
            'Waiting for daemon set "web" rollout to finish: 1 out of 3 new pods have been updated...',
            False,
        ),
        (
            "DaemonSet",
            {"observedGeneration": 2, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1},
            'daemon set "web" successfully rolled out',
            True,
        ),
        ("StatefulSet", {"observedGeneration": 2, "readyReplicas": 1}, "Waiting for 2 pods to be ready...", False),
        (
            "StatefulSet",
            {"observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "updateRevision": "b", "currentRevision": "a"},
            "waiting for statefulset rolling update to complete 1 pods at revision b...",
            False,
        ),
        (
            "StatefulSet",
            {"observedGeneration": 2, "readyReplicas": 3, "currentReplicas": 3, "updateRevision": "b", "currentRevision": "b"},
            "statefulset rolling update complete 3 pods at revision b...",
            True,
        ),
    ],
    ids=["daemon-unseen", "daemon-part", "daemon-done", "stateful-unready", "stateful-part", "stateful-done"],
)  # fmt: skip
def test_rollouts_of_other_kinds(kind: str, status: dict[str, Any], text: str, done: bool) -> None:
    obj = {"kind": kind, "metadata": {"name": "web", "generation": 2}, "spec": {"replicas": 3}, "status": status}
    assert progress(obj) == (text, done)


def test_updates_on_delete_have_no_rollout() -> None:
    spec = {"updateStrategy": {"type": "OnDelete"}}
    with pytest.raises(CliError, match="RollingUpdate"):
        progress({"kind": "DaemonSet", "metadata": {"name": "web"}, "spec": spec})
