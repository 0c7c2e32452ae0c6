"""Jobs and CronJobs: defaults, generated selectors, policies, what may change, ends that are final."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

from podwright.api.resources import find
from podwright.apiserver.strategies.table import strategy_for

POD: JSON = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}
JOB: JSON = {"metadata": {"name": "j"}, "spec": {"template": {"spec": POD}}}
INDEXED: JSON = {
    "metadata": {"name": "j"},
    "spec": {"completionMode": "Indexed", "completions": 5, "parallelism": 5, "template": {"spec": POD}},
}
CRON: JSON = {
    "metadata": {"name": "c"},
    "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": POD}}}},
}
UID = "batch.kubernetes.io/controller-uid"
NAME = "batch.kubernetes.io/job-name"
GENERATED = {UID: "6f4a", NAME: "j", "controller-uid": "6f4a", "job-name": "j"}
TEMPLATE = "spec.template: Invalid value: {...}: field is immutable"
INDEXES = "spec.successPolicy.rules[0].succeededIndexes"


def test_defaults_of_a_job() -> None:
    made = created("jobs", JOB, "batch")
    assert {name: value for name, value in made["spec"].items() if name != "template"} == {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 6,
        "selector": {"matchLabels": {UID: "6f4a"}},
        "manualSelector": False,
        "completionMode": "NonIndexed",
        "suspend": False,
        "podReplacementPolicy": "TerminatingOrFailed",
    }
    assert made["spec"]["template"]["metadata"]["labels"] == GENERATED
    assert made["metadata"]["labels"] == GENERATED
    assert (made["status"], made["metadata"]["generation"]) == ({}, 1)
    assert strategy_for(find("jobs", "batch")).default_propagation == "Orphan"


@pytest.mark.parametrize(
    ("edits", "defaults"),
    [
        pytest.param({"spec.parallelism": 2}, {"completions": None, "parallelism": 2}, id="work-queue"),
        pytest.param({"spec.completions": 3}, {"completions": 3, "parallelism": 1}, id="completions"),
        pytest.param(
            {"spec.completionMode": "Indexed", "spec.completions": 2, "spec.backoffLimitPerIndex": 1},
            {"backoffLimit": 2147483647},
            id="per-index",
        ),
        pytest.param(
            {"spec.podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "X"}]}]}},
            {
                "podReplacementPolicy": "Failed",
                "podFailurePolicy": {
                    "rules": [{"action": "Ignore", "onPodConditions": [{"type": "X", "status": "True"}]}]
                },
            },
            id="failure-policy",
        ),
    ],
)
def test_defaults_that_depend(edits: JSON, defaults: JSON) -> None:
    spec = created("jobs", edit(JOB, edits), "batch")["spec"]
    assert {name: spec.get(name) for name in defaults} == defaults


def test_a_selector_of_ones_own() -> None:
    body = edit(
        JOB,
        {
            "spec.manualSelector": True,
            "spec.selector": {"matchLabels": {"a": "b"}},
            "spec.template.metadata": {"labels": {"a": "b"}},
        },
    )
    made = created("jobs", body, "batch")
    assert made["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert made["metadata"]["labels"] == {"a": "b"}


MISMATCH = "`selector` does not match template `labels`"
VALID_RESTARTS = 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'
POLICY = "spec.podFailurePolicy.rules"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.template.spec.restartPolicy": "Always"}, [VALID_RESTARTS], id="always"),
        pytest.param({"spec.template.spec.restartPolicy": DROP}, [VALID_RESTARTS], id="no-restart-policy"),
        pytest.param(
            {"spec.selector": {"matchLabels": {"a": "b"}}},
            [
                f'spec.selector: Invalid value: {{"matchLabels":{{"a":"b","{UID}":"6f4a"}}}}: `selector` not',
                "spec.template.metadata.labels: Invalid value",
            ],
            id="selector",
        ),
        pytest.param(
            {"spec.manualSelector": True},
            [
                "spec.selector: Required value",
                f"spec.template.metadata.labels: Invalid value: null: {MISMATCH}",
            ],
            id="manual",
        ),
        pytest.param(
            {"spec.template.metadata": {"labels": {"job-name": "other"}}},
            ["spec.template.metadata.labels[job-name]: Invalid value"],
            id="tampered",
        ),
        pytest.param(
            {"spec.completions": -1},
            ["spec.completions: Invalid value: -1: must be greater than or equal to 0"],
            id="completions",
        ),
        pytest.param(
            {"spec.completionMode": "X"},
            ['spec.completionMode: Unsupported value: "X": supported values: "NonIndexed", "Indexed"'],
            id="mode",
        ),
        pytest.param(
            {"spec.backoffLimitPerIndex": 1},
            ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"],
            id="per-index",
        ),
        pytest.param(
            {"spec.managedBy": "x"},
            ['spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'],
            id="manager",
        ),
        pytest.param(
            {"spec.podReplacementPolicy": "X"},
            ['spec.podReplacementPolicy: Unsupported value: "X": supported values: "Failed", "TerminatingOrFailed"'],
            id="replacement",
        ),
        pytest.param(
            {"spec.podFailurePolicy": {"rules": [{"action": "Ignore"}]}},
            [f"{POLICY}[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"],
            id="rule-of-nothing",
        ),
        pytest.param(
            {
                "spec.podFailurePolicy": {
                    "rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [0, 2, 1, 1]}}]
                }
            },
            [
                f"{POLICY}[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
                f"{POLICY}[0].onExitCodes.values[3]: Duplicate value: 1",
                f"{POLICY}[0].onExitCodes.values: Invalid value: [0,2,1,1]: must be ordered",
            ],
            id="exit-codes",
        ),
        pytest.param(
            {
                "spec.podFailurePolicy": {
                    "rules": [
                        {"action": "FailIndex", "onExitCodes": {"containerName": "x", "operator": "In", "values": [1]}}
                    ]
                }
            },
            [
                f'{POLICY}[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
                f'{POLICY}[0].onExitCodes.containerName: Invalid value: "x": must be one of',
            ],
            id="fail-index",
        ),
        pytest.param(
            {"spec.successPolicy": {"rules": [{"succeededCount": 1}]}},
            [
                (
                    'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}:'
                    " requires indexed completion mode"
                )
            ],
            id="success-unindexed",
        ),
    ],
)
def test_what_is_wrong_with_a_job(edits: JSON, problems: list[str]) -> None:
    found = create("jobs", edit(JOB, edits), "batch").problems
    assert len(found) == len(problems), found
    assert all(text.startswith(wanted) for text, wanted in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.completions": DROP}, ["spec.completions: Required value: when completion mode is Indexed"]),
        pytest.param(
            {"spec.maxFailedIndexes": 6},
            [
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                "spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions",
            ],
        ),
        pytest.param(
            {"spec.successPolicy": {"rules": [{"succeededIndexes": "0-2", "succeededCount": 4}]}},
            [
                (
                    "spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 "
                    "(the number of indexes in the specified succeededIndexes field)"
                )
            ],
        ),
        pytest.param(
            {"spec.successPolicy": {"rules": [{"succeededIndexes": "3,1"}]}},
            [
                (
                    f'{INDEXES}: Invalid value: "3,1": error parsing succeededIndexes: '
                    "non-increasing order, previous: 3, current: 1"
                )
            ],
        ),
        pytest.param(
            {"spec.successPolicy": {"rules": [{"succeededIndexes": "0-5"}]}},
            [f'{INDEXES}: Invalid value: "0-5": error parsing succeededIndexes: too large index: "5"'],
        ),
        pytest.param(
            {"metadata.name": "j" * 62},
            [
                (
                    f'metadata.name: Invalid value: "{"j" * 62}": will not able to create pod with invalid DNS label: '
                    f"{'j' * 62}-4"
                )
            ],
        ),
    ],
    ids=["no-completions", "max-failed", "count", "order", "index", "name"],
)
def test_what_is_wrong_with_an_indexed_job(edits: JSON, problems: list[str]) -> None:
    assert create("jobs", edit(INDEXED, edits), "batch").problems == problems


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.parallelism": 5}, [], id="parallelism"),
        pytest.param({"spec.backoffLimit": 1}, [], id="backoff"),
        pytest.param(
            {"spec.completions": 2}, ["spec.completions: Invalid value: 2: field is immutable"], id="completions"
        ),
        pytest.param(
            {"spec.managedBy": "x.example/y"},
            ['spec.managedBy: Invalid value: "x.example/y": field is immutable'],
            id="manager",
        ),
        pytest.param(
            {"spec.podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "X"}]}]},
             "spec.podReplacementPolicy": "Failed"},
            [
                (
                    'spec.podFailurePolicy: Invalid value: {"Rules":[{"Action":"Ignore","OnExitCodes":null,'
                    '"OnPodConditions":[{"Type":"X","Status":"True"}]}]}: field is immutable'
                )
            ],
            id="failure-policy",
        ),
        pytest.param({"spec.template.spec.containers.0.image": "j"}, [TEMPLATE], id="template"),
        pytest.param({"spec.template.spec.nodeSelector": {"a": "b"}}, [TEMPLATE], id="placement"),
    ],
)  # fmt: skip
def test_what_may_change_of_a_job(edits: JSON, problems: list[str]) -> None:
    made = created("jobs", JOB, "batch")
    assert [start_and_end(text) for text in update("jobs", made, edit(made, edits), "batch").problems] == problems


def start_and_end(text: str) -> str:
    """A message without the structure that it shows, if that is long."""
    value = text[text.find("{") : text.rfind("}") + 1]
    return text.replace(value, "{...}") if len(value) > 200 else text


def test_a_held_jobs_pods_may_still_go_elsewhere() -> None:
    made = created("jobs", edit(JOB, {"spec.suspend": True}), "batch")
    node: JSON = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [
        {"key": "a", "operator": "Exists"}]}]}}  # fmt: skip
    moved = edit(
        made, {"spec.template.spec.nodeSelector": {"a": "b"}, "spec.template.spec.affinity": {"nodeAffinity": node}}
    )
    assert update("jobs", made, moved, "batch").problems == []
    other = edit(made, {"spec.template.spec.containers.0.image": "j"})
    (problem,) = update("jobs", made, other, "batch").problems
    assert start_and_end(problem) == "spec.template.spec: Invalid value: {...}: field is immutable"
    assert '"Containers":[{"Name":"c","Image":"j","Command":null,' in problem
    larger = edit(made, {"spec.template.spec.containers.0.resources": {"requests": {"cpu": "2"}}})
    assert update("jobs", made, larger, "batch").problems == []
    for status in ({"startTime": "2026-01-01T00:00:00Z"}, {"active": 1}):
        for changed in (moved, larger):
            problems = update("jobs", {**made, "status": status}, changed, "batch").problems
            assert list(map(start_and_end, problems)) == [TEMPLATE]
    stopped = {**made, "status": {"startTime": "2026-01-01T00:00:00Z", "conditions": [
        {"type": "Suspended", "status": "True"}]}}  # fmt: skip
    assert update("jobs", stopped, larger, "batch").problems == []


def test_an_indexed_job_grows_in_tandem() -> None:
    made = created("jobs", INDEXED, "batch")
    assert update("jobs", made, edit(made, {"spec.completions": 7, "spec.parallelism": 7}), "batch").problems == []
    assert update("jobs", made, edit(made, {"spec.completions": 7}), "batch").problems == [
        "spec.completions: Invalid value: 7: can only be modified in tandem with spec.parallelism"
    ]


def _true(*kinds: str) -> list[JSON]:
    return [{"type": kind, "status": "True"} for kind in kinds]


START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"
DONE: JSON = {"startTime": START, "completionTime": END, "conditions": _true("SuccessCriteriaMet", "Complete")}


@pytest.mark.parametrize(
    ("before", "after", "problems"),
    [
        pytest.param({}, DONE, [], id="complete"),
        pytest.param(
            {},
            {"conditions": _true("Complete")},
            [
                "status.completionTime: Required value: completionTime is required for Complete jobs",
                (
                    "status.conditions: Invalid value: cannot set Complete=True condition without the "
                    "SuccessCriteriaMet=true condition"
                ),
                "status.startTime: Required value: startTime is required for finished job",
            ],
            id="complete-alone",
        ),
        pytest.param(
            {},
            {"startTime": START, "conditions": _true("Failed")},
            [
                (
                    "status.conditions: Invalid value: cannot set Failed=True condition without the "
                    "FailureTarget=true condition"
                )
            ],
            id="failed-alone",
        ),
        pytest.param(
            {},
            {**DONE, "active": 1},
            ["status.active: Invalid value: 1: active>0 is invalid for finished job"],
            id="active",
        ),
        pytest.param(
            {},
            {"active": 1, "ready": 2},
            ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
            id="ready",
        ),
        pytest.param(
            DONE,
            {**DONE, "conditions": []},
            [
                "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
                "status.conditions: Invalid value: cannot disable the terminal SuccessCriteriaMet=True condition",
            ],
            id="undone",
        ),
        pytest.param(
            {},
            {"active": -1},
            ["status.active: Invalid value: -1: must be greater than or equal to 0"],
            id="negative",
        ),
        pytest.param(
            {"succeeded": 2},
            {"succeeded": 1},
            ["status.succeeded: Invalid value: 1: cannot decrease the succeeded counter"],
            id="fewer",
        ),
        pytest.param(
            {},
            {"completedIndexes": "1"},
            [
                (
                    'status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed '
                    "completion mode"
                )
            ],
            id="indexes",
        ),
        pytest.param(
            {},
            {"uncountedTerminatedPods": {"succeeded": ["a", "a"], "failed": [""]}},
            [
                'status.uncountedTerminatedPods.succeeded[1]: Duplicate value: "a"',
                'status.uncountedTerminatedPods.failed[0]: Invalid value: "": must not be empty',
            ],
            id="uncounted",
        ),
    ],
)
def test_statuses_that_cannot_be(before: JSON, after: JSON, problems: list[str]) -> None:
    made = {**created("jobs", JOB, "batch"), "status": before}
    found = update("jobs", made, {**made, "status": after}, "batch", "status").problems
    assert found == problems


def test_defaults_of_a_cron_job() -> None:
    made = created("cronjobs", CRON, "batch")
    assert {name: value for name, value in made["spec"].items() if name != "jobTemplate"} == {
        "schedule": "0 0 1 1 *",
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }
    assert set(made["spec"]["jobTemplate"]["spec"]) == {"template"}
    assert (made["status"], made["metadata"]["generation"]) == ({}, 1)


SCHEDULE = "spec.schedule: Invalid value"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec.schedule": ""}, ["spec.schedule: Required value"], id="none"),
        pytest.param({"spec.schedule": "x"}, [f'{SCHEDULE}: "x": expected exactly 5 fields, found 1: [x]'], id="word"),
        pytest.param(
            {"spec.schedule": "@never"}, [f'{SCHEDULE}: "@never": unrecognized descriptor: @never'], id="macro"
        ),
        pytest.param(
            {"spec.schedule": "TZ=UTC 0 0 * * *"},
            [f'{SCHEDULE}: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
            id="zone-in-schedule",
        ),
        pytest.param(
            {"spec.timeZone": "Nope/Nope"},
            ['spec.timeZone: Invalid value: "Nope/Nope": unknown time zone Nope/Nope'],
            id="zone",
        ),
        pytest.param(
            {"spec.timeZone": ""},
            ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
            id="empty-zone",
        ),
        pytest.param(
            {"spec.timeZone": "Local"},
            [
                (
                    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in '
                    "https://www.iana.org/time-zones"
                )
            ],
            id="local",
        ),
        pytest.param({"spec.timeZone": "Europe/Berlin"}, [], id="good-zone"),
        pytest.param(
            {"spec.concurrencyPolicy": "X"},
            ['spec.concurrencyPolicy: Unsupported value: "X": supported values: "Allow", "Forbid", "Replace"'],
            id="policy",
        ),
        pytest.param(
            {"spec.jobTemplate.spec.manualSelector": True},
            ['spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"'],
            id="manual",
        ),
        pytest.param(
            {"metadata.name": "c" * 53},
            [f'metadata.name: Invalid value: "{"c" * 53}": must be no more than 52 characters'],
            id="name",
        ),
    ],
)
def test_what_is_wrong_with_a_cron_job(edits: JSON, problems: list[str]) -> None:
    assert create("cronjobs", edit(CRON, edits), "batch").problems == problems


def test_a_schedule_that_names_its_zone_may_stay() -> None:
    made = created("cronjobs", CRON, "batch")
    made["spec"]["schedule"] = "CRON_TZ=UTC 0 0 * * *"
    changed = update("cronjobs", made, edit(made, {"spec.suspend": True}), "batch")
    assert changed.problems == []
    assert changed.obj["metadata"]["generation"] == 2
    assert any("use timeZone instead" in text for text in changed.warnings)
