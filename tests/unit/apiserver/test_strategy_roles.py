"""Roles and bindings: what a rule must say, whom a binding may name, and what never changes."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import create, created, edit, update

GROUP = "rbac.authorization.k8s.io"
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
ROLE = {"metadata": {"name": "r"}, "rules": [RULE]}
BINDING: dict[str, Any] = {"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "r"}}


@pytest.mark.parametrize(
    ("plural", "rule", "problems"),
    [
        pytest.param("roles", RULE, [], id="good"),
        pytest.param("roles", {**RULE, "verbs": []}, ["verbs: Required value: verbs must contain at least one value"],
                     id="no verb"),
        pytest.param("roles", {"verbs": ["get"]}, [
            "apiGroups: Required value: resource rules must supply at least one api group",
            "resources: Required value: resource rules must supply at least one resource",
        ], id="nothing named"),
        pytest.param("roles", {**RULE, "resources": ["a", "b"], "resourceNames": ["x"]},
                     ["resourceNames: Required value: resource names cannot apply to multiple resources"], id="names"),
        pytest.param("roles", {"verbs": ["get"], "nonResourceURLs": ["/x"]}, [
            'nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
        ], id="path in a namespace"),
        pytest.param("clusterroles", {"verbs": ["get"], "nonResourceURLs": ["/x"]}, [], id="path"),
        pytest.param("clusterroles", {**RULE, "nonResourceURLs": ["/x"]}, [
            ('nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and '
            "non-resource URLs"),
        ], id="both"),
    ],
)  # fmt: skip
def test_rules(plural: str, rule: dict[str, Any], problems: list[str]) -> None:
    found = create(plural, {"metadata": {"name": "a:b"}, "rules": [rule]}, GROUP).problems
    assert found == [f"rules[0].{problem}" for problem in problems]


def test_a_role_without_rules_says_so() -> None:
    assert created("roles", {"metadata": {"name": "r"}}, GROUP)["rules"] is None


def test_an_aggregated_role_selects_something() -> None:
    path = "aggregationRule.clusterRoleSelectors"
    empty = create("clusterroles", {"aggregationRule": {}}, GROUP)
    text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
    assert empty.problems == [f"{path}: Required value: {text}"]
    wrong = create(
        "clusterroles", {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a b": "c"}}]}}, GROUP
    )
    assert wrong.problems[-1] == f"{path}[0]: Invalid value: null: invalid label selector."


def test_rules_may_change_and_names_may_have_colons_but_no_slash() -> None:
    old = created("roles", {**ROLE, "metadata": {"name": "a:b"}}, GROUP)
    assert update("roles", old, edit(old, {"rules.0.verbs": ["*"]}), GROUP).problems == []
    refused = create("roles", {**ROLE, "metadata": {"name": "a/b"}}, GROUP)
    assert refused.problems == ["metadata.name: Invalid value: \"a/b\": may not contain '/'"]


def test_groups_are_filled_in() -> None:
    subjects = [{"kind": kind, "name": "n"} for kind in ("User", "Group", "ServiceAccount")]
    made = created("rolebindings", {**BINDING, "subjects": subjects}, GROUP)
    assert made["roleRef"] == {"apiGroup": GROUP, "kind": "ClusterRole", "name": "r"}
    assert [subject.get("apiGroup") for subject in made["subjects"]] == [GROUP, GROUP, None]


SUPPORTED = f'supported values: "{GROUP}"'


@pytest.mark.parametrize(
    ("plural", "edits", "problems"),
    [
        pytest.param("rolebindings", {"roleRef.kind": "X"},
                     ['roleRef.kind: Unsupported value: "X": supported values: "Role", "ClusterRole"'], id="kind"),
        pytest.param("clusterrolebindings", {"roleRef.kind": "Role"},
                     ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'], id="cluster"),
        pytest.param("rolebindings", {"roleRef.apiGroup": "x"},
                     [f'roleRef.apiGroup: Unsupported value: "x": {SUPPORTED}'], id="group"),
        pytest.param("rolebindings", {"roleRef.name": ""}, ["roleRef.name: Required value"], id="no name"),
        pytest.param("rolebindings", {"roleRef.name": "a%b"},
                     ["roleRef.name: Invalid value: \"a%b\": may not contain '%'"], id="bad name"),
        pytest.param("rolebindings", {"subjects.0.kind": "X"}, [
            "subjects[0].name: Required value",
            'subjects[0].kind: Unsupported value: "X": supported values: "ServiceAccount", "User", "Group"',
        ], id="subject"),
        pytest.param("rolebindings", {"subjects": [{"kind": "User", "name": "u", "apiGroup": "x"}]},
                     [f'subjects[0].apiGroup: Unsupported value: "x": {SUPPORTED}'], id="subject's group"),
        pytest.param("rolebindings", {"subjects": [{"kind": "Group"}]}, [
            "subjects[0].name: Required value", 'subjects[0].name: Invalid value: "": group name cannot be empty',
        ], id="nameless"),
        pytest.param("rolebindings", {"subjects": [{"kind": "ServiceAccount", "name": "s", "apiGroup": "x"}]},
                     ['subjects[0].apiGroup: Unsupported value: "x": supported values: ""'], id="account's group"),
        pytest.param("rolebindings", {"subjects": [{"kind": "ServiceAccount", "name": "s"}]}, [], id="account"),
        pytest.param("clusterrolebindings", {"subjects": [{"kind": "ServiceAccount", "name": "s"}]},
                     ["subjects[0].namespace: Required value"], id="account without namespace"),
    ],
)  # fmt: skip
def test_bindings(plural: str, edits: dict[str, Any], problems: list[str]) -> None:
    assert create(plural, edit(BINDING, edits), GROUP).problems == problems


def test_a_bound_role_stays() -> None:
    old = created("rolebindings", BINDING, GROUP)
    assert update("rolebindings", old, edit(old, {"subjects": [{"kind": "User", "name": "u"}]}), GROUP).problems == []
    shown = f'{{"APIGroup":"{GROUP}","Kind":"ClusterRole","Name":"other"}}'
    problems = update("rolebindings", old, edit(old, {"roleRef.name": "other"}), GROUP).problems
    assert problems == [f"roleRef: Invalid value: {shown}: cannot change roleRef"]
