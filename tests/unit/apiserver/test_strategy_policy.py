"""Budgets, limit ranges, quotas, runtime classes: each kind's own rules."""

from __future__ import annotations

import pytest
from strategy_writes import JSON, create, created, edit, update

POLICY, NODE = "policy", "node.k8s.io"
PDB: JSON = {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"x": "y"}}}}
PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
    "regex used for validation is '[0-9]+%')"
)


def test_a_budget_starts_with_nothing_counted() -> None:
    made = created("poddisruptionbudgets", {**PDB, "status": {"disruptionsAllowed": 5}}, POLICY)
    assert made["metadata"]["generation"] == 1
    assert made["status"] == {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"spec.minAvailable": "100%"}, [], id="all"),
        pytest.param(
            {"spec.maxUnavailable": 1},
            [
                (
                    'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"x":"y"}},"MaxUnavailable":1,'
                    '"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'
                )
            ],
            id="both",
        ),
        pytest.param(
            {"spec.minAvailable": "101%"},
            ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
            id="too-much",
        ),
        pytest.param(
            {"spec.minAvailable": "x"}, [f'spec.minAvailable: Invalid value: "x": {PERCENT}'], id="no-percent"
        ),
        pytest.param(
            {"spec.minAvailable": -1},
            ["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
            id="negative",
        ),
        pytest.param(
            {"spec.unhealthyPodEvictionPolicy": "X"},
            [
                (
                    'spec.unhealthyPodEvictionPolicy: Unsupported value: "X": supported values: "AlwaysAllow", '
                    '"IfHealthyBudget"'
                )
            ],
            id="policy",
        ),
        pytest.param(
            {"spec.selector.matchExpressions": [{"key": "a", "operator": "In"}]},
            [
                (
                    "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is "
                    "'In' or 'NotIn'"
                )
            ],
            id="selector",
        ),
    ],
)
def test_a_budget_has_one_bound(edits: JSON, problems: list[str]) -> None:
    assert create("poddisruptionbudgets", edit(PDB, edits), POLICY).problems == problems


def test_a_changed_budget_counts_and_keeps_its_status() -> None:
    old = edit(created("poddisruptionbudgets", PDB, POLICY), {"status.currentHealthy": 3})
    wanted = edit(old, {"spec.minAvailable": 2, "status.currentHealthy": 9})
    changed = update("poddisruptionbudgets", old, wanted, POLICY)
    assert changed.problems == []
    assert (changed.obj["metadata"]["generation"], changed.obj["status"]["currentHealthy"]) == (2, 3)


@pytest.mark.parametrize(
    ("status", "problems"),
    [
        pytest.param({"disruptionsAllowed": 3}, [], id="good"),
        pytest.param(
            {"expectedPods": -1},
            ["status.expectedPods: Invalid value: -1: must be greater than or equal to 0"],
            id="negative",
        ),
        pytest.param(
            {"conditions": [{"type": "A", "status": "x", "reason": "R", "message": ""}]},
            [
                'status.conditions[0].status: Unsupported value: "x": supported values: "False", "True", "Unknown"',
                "status.conditions[0].lastTransitionTime: Required value: must be set",
            ],
            id="condition",
        ),
    ],
)
def test_a_budgets_status_is_checked(status: JSON, problems: list[str]) -> None:
    old = created("poddisruptionbudgets", PDB, POLICY)
    wanted = edit(old, {f"status.{name}": value for name, value in status.items()})
    assert update("poddisruptionbudgets", old, wanted, POLICY, "status").problems == problems


def limits(**limit: object) -> JSON:
    return {"spec": {"limits": [{"type": "Container", **limit}]}}


def test_the_defaults_of_containers_follow_from_the_bounds() -> None:
    body = limits(
        max={"cpu": "1000m"}, min={"cpu": "100m", "memory": "1024Ki"}, defaultRequest={"cpu": "0.2"},
        default={"ephemeral-storage": "1Gi"},
    )  # fmt: skip
    [limit] = created("limitranges", body)["spec"]["limits"]
    assert limit["max"] == {"cpu": "1"}
    assert limit["default"] == {"ephemeral-storage": "1Gi", "cpu": "1"}
    assert limit["defaultRequest"] == {"cpu": "200m", "ephemeral-storage": "1Gi", "memory": "1Mi"}


WHERE = "spec.limits[0]"


@pytest.mark.parametrize(
    ("limit", "problems"),
    [
        pytest.param(
            {"max": {"cpu": "100"}, "default": {"cpu": "200"}},
            [
                f'{WHERE}.defaultRequest[cpu]: Invalid value: "200": default request value 200 is greater than max value 100',
                f'{WHERE}.default[cpu]: Invalid value: "100": default value 200 is greater than max value 100',
            ],
            id="default-above-max",
        ),
        pytest.param(
            {"max": {"cpu": "9"}, "default": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}},
            [
                (
                    f'{WHERE}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default '
                    "limit value 1"
                )
            ],
            id="request-above-default",
        ),
        pytest.param(
            {"type": "Pod", "default": {"cpu": "1"}},
            [f"{WHERE}.default: Forbidden: may not be specified when `type` is 'Pod'"],
            id="pod-default",
        ),
        pytest.param(
            {"type": "PersistentVolumeClaim"},
            [
                (
                    f"{WHERE}.limits: Required value: either minimum or maximum storage value is required, but neither was "
                    "provided"
                )
            ],
            id="claim-without-bounds",
        ),
        pytest.param(
            {"maxLimitRequestRatio": {"cpu": "0.5"}},
            [f'{WHERE}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
            id="ratio-below-one",
        ),
        pytest.param(
            {"type": "Pod", "min": {"cpu": "1"}, "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "3"}},
            [f'{WHERE}.maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
            id="ratio-impossible",
        ),
        pytest.param(
            {"type": "X", "max": {"cpu": "1"}},
            [f'{WHERE}.type: Invalid value: "X": must be a standard limit type or fully qualified'],
            id="type",
        ),
        pytest.param(
            {"type": "Pod", "max": {"foo": "1"}},
            [
                f'{WHERE}.max[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
                f'{WHERE}.max[foo]: Invalid value: "foo": must be a standard resource for containers',
            ],
            id="resource",
        ),
        pytest.param(
            {"default": {"example.com/a": "2"}, "defaultRequest": {"example.com/a": "1"}},
            [
                (
                    f'{WHERE}.defaultRequest[example.com/a]: Invalid value: "1": default value 2 must equal to '
                    "defaultRequest value 1 in example.com/a"
                )
            ],
            id="no-overcommit",
        ),
    ],
)
def test_limits_do_not_contradict_each_other(limit: JSON, problems: list[str]) -> None:
    assert create("limitranges", limits(**limit)).problems == problems


def test_a_type_is_limited_once() -> None:
    body = {"spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}, {"type": "Pod", "max": {"cpu": "2"}}]}}
    assert create("limitranges", body).problems == ['spec.limits[1].type: Duplicate value: "Pod"']


def quota(hard: JSON | None = None, **spec: object) -> JSON:
    return {"spec": {"hard": hard or {"pods": "100"}, **spec}}


def expressions(scope: str, operator: str, *values: str) -> JSON:
    return {"matchExpressions": [{"scopeName": scope, "operator": operator, "values": list(values)}]}


SELECTED = "spec.scopeSelector.matchExpressions"


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(quota({"count/widgets.example.com": "1", "requests.example.com/gpu": "2"}), [], id="good"),
        pytest.param(
            quota({"pods": "-1"}),
            ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
            id="negative",
        ),
        pytest.param(
            quota({"pods": "1500m"}), ['spec.hard[pods]: Invalid value: "1500m": must be an integer'], id="part"
        ),
        pytest.param(
            quota({"storage": "1"}),
            ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
            id="name",
        ),
        pytest.param(quota(scopes=["X"]), ['spec.scopes: Invalid value: ["X"]: unsupported scope'], id="scope"),
        pytest.param(
            quota({"cpu": "1"}, scopes=["BestEffort"]),
            ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
            id="misfit",
        ),
        pytest.param(
            quota(scopes=["BestEffort", "NotBestEffort"]),
            ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
            id="conflict",
        ),
        pytest.param(
            quota(scopeSelector=expressions("PriorityClass", "In")),
            [
                (
                    f"{SELECTED}.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for "
                    "scope selector"
                )
            ],
            id="no-values",
        ),
        pytest.param(
            quota(scopeSelector=expressions("Terminating", "In", "x")),
            [
                (
                    f"{SELECTED}.operator: Invalid value: \"In\": must be 'Exists' when scope is any of "
                    "ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                    "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
                )
            ],
            id="operator",
        ),
        pytest.param(
            quota({"services": "1"}, scopeSelector=expressions("PriorityClass", "Exists")),
            [
                (
                    f'{SELECTED}: Invalid value: {{"MatchExpressions":[{{"ScopeName":"PriorityClass","Operator":"Exists",'
                    '"Values":null}]}: unsupported scope applied to resource'
                )
            ],
            id="selected-misfit",
        ),
    ],
)
def test_a_quota_bounds_what_can_be_counted(body: JSON, problems: list[str]) -> None:
    assert create("resourcequotas", body).problems == problems


def test_scopes_are_fixed_and_status_has_its_own_door() -> None:
    old = created("resourcequotas", quota(scopes=["Terminating"]))
    changed = update("resourcequotas", old, edit(old, {"spec.scopes": [], "status.used": {"pods": "1"}}))
    assert changed.problems == ["spec.scopes: Invalid value: null: field is immutable"]
    assert changed.obj["status"] == {}
    status = update("resourcequotas", old, edit(old, {"status.used": {"pods": "1.0"}}), subresource="status")
    assert (status.problems, status.obj["status"]) == ([], {"used": {"pods": "1"}})


LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param({"handler": "runc", "overhead": {"podFixed": {"cpu": "0.25"}}}, [], id="good"),
        pytest.param({}, ["handler: Required value"], id="no-handler"),
        pytest.param({"handler": "A_B"}, [f'handler: Invalid value: "A_B": {LABEL}'], id="handler"),
        pytest.param(
            {"handler": "a", "overhead": {"podFixed": {"cpu": "-1"}}},
            ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
            id="overhead",
        ),
        pytest.param(
            {"handler": "a", "scheduling": {"tolerations": [{"key": "a", "operator": "Exists"}] * 2}},
            [
                (
                    'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"",'
                    '"TolerationSeconds":null}'
                )
            ],
            id="tolerations",
        ),
    ],
)
def test_a_runtime_class_names_a_handler(body: JSON, problems: list[str]) -> None:
    assert create("runtimeclasses", body, NODE).problems == problems


def test_a_handler_is_fixed() -> None:
    old = created("runtimeclasses", {"handler": "a"}, NODE)
    changed = update("runtimeclasses", old, edit(old, {"handler": "b"}), NODE)
    assert changed.problems == ['handler: Invalid value: "b": field is immutable']
