"""Which writes the rules of webhooks and policies are for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.admission.rule_matching import Asked, Gvr, Matching

JSON = dict[str, Any]
PODS = Gvr("", "v1", "pods")
NAMESPACES = Gvr("", "v1", "namespaces")
NODES = Gvr("", "v1", "nodes")
SCALERS = (Gvr("autoscaling", "v2", "horizontalpodautoscalers"), Gvr("autoscaling", "v1", "horizontalpodautoscalers"))


def _rule(**changes: Any) -> JSON:
    plain = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    return plain | changes


def _find(match: JSON, asked: Asked, *objects: JSON | None, labels: JSON | None = None) -> Gvr | None:
    return Matching(match).find(asked, objects, lambda: SCALERS, lambda: labels or {})


def _pod(
    subresource: str = "", operation: str = "CREATE", resource: Gvr = PODS, name: str = "a", namespace: str = "x"
) -> Asked:
    return Asked(operation, resource, subresource, name, namespace)


@pytest.mark.parametrize(
    ("rule", "asked", "wanted"),
    [
        pytest.param({}, _pod(), True, id="as-written"),
        pytest.param({"operations": ["UPDATE", "DELETE"]}, _pod(), False, id="other-operation"),
        pytest.param({"operations": ["*"]}, _pod(operation="CONNECT"), True, id="every-operation"),
        pytest.param({"apiGroups": ["apps"]}, _pod(), False, id="other-group"),
        pytest.param({"apiGroups": ["*"]}, _pod(), True, id="every-group"),
        pytest.param({"apiVersions": ["v2"]}, _pod(), False, id="other-version"),
        pytest.param({"apiVersions": ["*"]}, _pod(), True, id="every-version"),
        pytest.param({}, _pod("status"), False, id="subresource-not-meant"),
        pytest.param({"resources": ["pods/status"]}, _pod("status"), True, id="subresource"),
        pytest.param({"resources": ["pods/status"]}, _pod(), False, id="only-subresource"),
        pytest.param({"resources": ["pods/*"]}, _pod(), True, id="all-parts-and-itself"),
        pytest.param({"resources": ["pods/*"]}, _pod("exec"), True, id="all-parts"),
        pytest.param({"resources": ["*"]}, _pod(), True, id="every-resource"),
        pytest.param({"resources": ["*"]}, _pod("status"), False, id="every-resource-no-parts"),
        pytest.param({"resources": ["*/status"]}, _pod("status"), True, id="one-part-of-all"),
        pytest.param({"resources": ["*/*"]}, _pod("log"), True, id="everything"),
        pytest.param({"scope": "Namespaced"}, _pod(), True, id="namespaced"),
        pytest.param({"scope": "Cluster"}, _pod(), False, id="not-cluster-wide"),
        pytest.param(
            {"scope": "Cluster", "resources": ["nodes"]}, _pod(resource=NODES, namespace=""), True, id="cluster-wide"
        ),
        pytest.param(
            {"scope": "Namespaced", "resources": ["*"]}, _pod(resource=NAMESPACES), False, id="namespaces-are-in-none"
        ),
        pytest.param(
            {"scope": "Cluster", "resources": ["*"]}, _pod(resource=NAMESPACES), True, id="namespaces-are-cluster-wide"
        ),
        pytest.param({"resourceNames": ["b", "a"]}, _pod(), True, id="name"),
        pytest.param({"resourceNames": ["b"]}, _pod(), False, id="other-name"),
        pytest.param({"resourceNames": ["b"]}, _pod(name=""), False, id="no-name-yet"),
    ],
)
def test_a_rule(rule: JSON, asked: Asked, wanted: bool) -> None:
    found = _find({"resourceRules": [_rule(**rule)]}, asked)
    assert (found is not None) is wanted


def test_without_rules_a_policy_is_for_everything_and_a_webhook_for_nothing() -> None:
    assert _find({}, _pod()) == PODS
    assert Matching({}, rules="rules").find(_pod(), (), lambda: (), dict) is None


def test_what_is_excluded_wins() -> None:
    match = {"resourceRules": [_rule()], "excludeResourceRules": [_rule(resourceNames=["a"])]}
    assert _find(match, _pod()) is None
    assert _find(match, _pod(name="b")) == PODS


@pytest.mark.parametrize("policy", ["Equivalent", None])
def test_another_version_is_meant_too(policy: str | None) -> None:
    rule = _rule(apiGroups=["autoscaling"], apiVersions=["v1"], resources=["horizontalpodautoscalers"])
    match = {"resourceRules": [rule]} | ({"matchPolicy": policy} if policy else {})
    assert _find(match, _pod(resource=SCALERS[0])) == SCALERS[1]
    assert _find(match, _pod(resource=SCALERS[1])) == SCALERS[1]
    assert _find(match | {"matchPolicy": "Exact"}, _pod(resource=SCALERS[0])) is None


def test_a_rule_that_fits_as_it_is_goes_before_an_equivalent_one() -> None:
    one = _rule(apiGroups=["autoscaling"], apiVersions=["v1"], resources=["*"])
    two = _rule(apiGroups=["autoscaling"], apiVersions=["v2"], resources=["*"])
    assert _find({"resourceRules": [one, two]}, _pod(resource=SCALERS[0])) == SCALERS[0]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        pytest.param({}, {"a": "b"}, True, id="comes"),
        pytest.param({"a": "b"}, {}, True, id="goes"),
        pytest.param({"a": "b"}, None, True, id="deleted"),
        pytest.param({}, {"a": "c"}, False, id="neither"),
        pytest.param(None, None, False, id="nothing-to-look-at"),
    ],
)
def test_labels_of_either_state(before: JSON | None, after: JSON | None, wanted: bool) -> None:
    match = {"resourceRules": [_rule()], "objectSelector": {"matchLabels": {"a": "b"}}}
    states = [None if labels is None else {"metadata": {"labels": labels}} for labels in (before, after)]
    assert (_find(match, _pod(), *states) is not None) is wanted


@pytest.mark.parametrize(
    ("asked", "labels", "wanted"),
    [
        pytest.param(_pod(), {"a": "b"}, True, id="in-it"),
        pytest.param(_pod(), {}, False, id="in-another"),
        pytest.param(_pod(resource=NODES, namespace=""), {}, True, id="in-none"),
        pytest.param(_pod(resource=NAMESPACES, namespace=""), {}, False, id="a-new-namespace"),
        pytest.param(_pod(resource=NAMESPACES, namespace="a"), {"a": "b"}, True, id="a-namespace"),
    ],
)
def test_labels_of_the_namespace(asked: Asked, labels: JSON, wanted: bool) -> None:
    match = {"resourceRules": [_rule(resources=["*"])], "namespaceSelector": {"matchLabels": {"a": "b"}}}
    assert (_find(match, asked, labels=labels) is not None) is wanted


def test_a_namespace_is_not_asked_about_what_is_not_meant() -> None:
    def fail() -> JSON:
        raise AssertionError

    match = {"resourceRules": [_rule(resources=["nodes"])], "namespaceSelector": {"matchLabels": {"a": "b"}}}
    assert Matching(match).find(_pod(), (), lambda: (), fail) is None


WORDS = st.sampled_from(["a", "b", "*"])
PARTS = st.sampled_from(["a", "b", "*", "a/x", "a/*", "*/x", "*/*"])
RULES = st.fixed_dictionaries({
    "operations": st.lists(st.sampled_from(["CREATE", "UPDATE", "*"]), min_size=1, max_size=2),
    "apiGroups": st.lists(WORDS, min_size=1, max_size=2),
    "apiVersions": st.lists(WORDS, min_size=1, max_size=2),
    "resources": st.lists(PARTS, min_size=1, max_size=3),
    "resourceNames": st.lists(st.sampled_from(["n", "m"]), max_size=2),
    "scope": st.sampled_from(["*", "Cluster", "Namespaced"]),
})  # fmt: skip
WRITES = st.builds(
    Asked,
    st.sampled_from(["CREATE", "UPDATE", "DELETE"]),
    st.builds(Gvr, *[st.sampled_from(["a", "b", "c"])] * 3),
    st.sampled_from(["", "x", "y"]),
    st.sampled_from(["n", ""]),
    st.sampled_from(["", "ns"]),
)


def _means(rule: JSON, asked: Asked) -> bool:
    """The same, as one would explain it."""
    plural = asked.resource.plural
    named = {
        f"{left}{right}"
        for left in (plural, "*")
        for right in ([f"/{asked.subresource}", "/*"] if asked.subresource else ["", "/*"])
    }
    return (
        bool({asked.operation, "*"} & set(rule["operations"]))
        and bool({asked.resource.group, "*"} & set(rule["apiGroups"]))
        and bool({asked.resource.version, "*"} & set(rule["apiVersions"]))
        and bool(named & set(rule["resources"]))
        and rule["scope"] in {"*", "Namespaced" if asked.namespace else "Cluster"}
        and (not rule["resourceNames"] or asked.name in rule["resourceNames"])
    )


@given(st.lists(RULES, min_size=1, max_size=3), st.lists(RULES, max_size=2), WRITES)
def test_rules_mean_what_one_would_explain(rules: list[JSON], excluded: list[JSON], asked: Asked) -> None:
    match = {"resourceRules": rules, "excludeResourceRules": excluded, "matchPolicy": "Exact"}
    wanted = any(_means(rule, asked) for rule in rules) and not any(_means(rule, asked) for rule in excluded)
    assert (_find(match, asked) is not None) is wanted
    if wanted:
        assert Matching(match).may_find(asked.operation, asked.resource, asked.subresource, tuple)
