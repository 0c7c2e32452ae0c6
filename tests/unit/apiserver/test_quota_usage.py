"""What objects use of a quota, which of them it counts, and what it refuses: tables, and a model that deals at random."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api import quantity
from podwright.apiserver.quota import charging
from podwright.apiserver.quota.scopes import counts
from podwright.apiserver.quota.usage import facts, tracked, unstated, usage

JSON = dict[str, Any]


def pod(*containers: JSON, status: JSON | None = None, **spec: Any) -> JSON:
    listed = [{"name": f"c{index}", "resources": resources} for index, resources in enumerate(containers)]
    return {"metadata": {"name": "p"}, "spec": {"containers": listed, **spec}, "status": status or {}}


def asks(**requests: str) -> JSON:
    return {"requests": {name.replace("_", "-"): amount for name, amount in requests.items()}}


@pytest.mark.parametrize(
    ("qualified", "obj", "expected"),
    [
        pytest.param("deployments.apps", {}, {"count/deployments.apps": "1"}, id="any-kind"),
        pytest.param("secrets", {}, {"count/secrets": "1", "secrets": "1"}, id="old-name"),
        pytest.param("pods", pod({}), {"count/pods": "1", "pods": "1"}, id="pod"),
        pytest.param(
            "pods",
            pod({"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"cpu": "1"}}, asks(cpu="0.2")),
            {
                "count/pods": "1", "pods": "1", "cpu": "300m", "requests.cpu": "300m", "limits.cpu": "1",
                "memory": "1Gi", "requests.memory": "1Gi",
            },
            id="sums",
        ),
        pytest.param(
            "pods",
            pod(asks(cpu="1"), initContainers=[{"name": "i", "resources": asks(cpu="3")}], overhead={"cpu": "250m"}),
            {"count/pods": "1", "pods": "1", "cpu": "3250m", "requests.cpu": "3250m"},
            id="init-and-overhead",
        ),
        pytest.param(
            "pods",
            pod({"requests": {"example.com/gpu": "2", "hugepages-2Mi": "4Mi"}}),
            {
                "count/pods": "1", "pods": "1", "requests.example.com/gpu": "2", "hugepages-2Mi": "4Mi",
                "requests.hugepages-2Mi": "4Mi",
            },
            id="extended",
        ),
        pytest.param(
            "pods",
            pod(asks(cpu="1"), status={"containerStatuses": [{"name": "c0", "resources": asks(cpu="2")}]}),
            {"count/pods": "1", "pods": "1", "cpu": "2", "requests.cpu": "2"},
            id="resized-down-but-held",
        ),
        pytest.param("pods", pod(asks(cpu="1"), status={"phase": "Failed"}), {"count/pods": "1"}, id="ended"),
        pytest.param("services", {"spec": {}}, {"count/services": "1", "services": "1"}, id="service"),
        pytest.param(
            "services",
            {"spec": {"type": "NodePort", "ports": [{"port": 1}, {"port": 2}]}},
            {"count/services": "1", "services": "1", "services.nodeports": "2"},
            id="node-ports",
        ),
        pytest.param(
            "services",
            {"spec": {"type": "LoadBalancer", "ports": [{"port": 1, "nodePort": 30000}, {"port": 2}]}},
            {"count/services": "1", "services": "1", "services.loadbalancers": "1", "services.nodeports": "1"},
            id="load-balancer",
        ),
        pytest.param(
            "persistentvolumeclaims",
            {"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "5Gi"}}}},
            {
                "count/persistentvolumeclaims": "1", "persistentvolumeclaims": "1", "requests.storage": "5Gi",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
                "fast.storageclass.storage.k8s.io/requests.storage": "5Gi",
            },
            id="claim",
        ),
    ],
)  # fmt: skip
def test_what_an_object_uses(qualified: str, obj: JSON, expected: JSON) -> None:
    found = usage(qualified, obj)
    assert {name: str(amount) for name, amount in found.items()} == expected
    assert tracked(qualified, found) == set(found)  # whatever is used can be bounded


@pytest.mark.parametrize(
    ("qualified", "names", "expected"),
    [
        ("pods", {"pods", "cpu", "services", "count/pods", "count/services"}, {"pods", "cpu", "count/pods"}),
        ("pods", {"requests.example.com/gpu", "example.com/gpu"}, {"requests.example.com/gpu"}),
        ("pods", {"fast.storageclass.storage.k8s.io/requests.storage"}, set()),
        ("services", {"services.nodeports", "pods"}, {"services.nodeports"}),
        ("widgets.example.com", {"count/widgets.example.com", "widgets"}, {"count/widgets.example.com"}),
    ],
    ids=["pods", "extended", "not-of-pods", "services", "custom"],
)
def test_which_bounds_concern_a_kind(qualified: str, names: set[str], expected: set[str]) -> None:
    assert tracked(qualified, names) == expected


ABROAD: JSON = {
    "podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "k", "namespaceSelector": {}}}
        ]
    }
}


@pytest.mark.parametrize(
    ("scope", "matching", "other"),
    [
        ("BestEffort", pod({}), pod(asks(cpu="1"))),
        ("NotBestEffort", pod(asks(cpu="1")), pod({})),
        ("Terminating", pod({}, activeDeadlineSeconds=0), pod({})),
        ("NotTerminating", pod({}), pod({}, activeDeadlineSeconds=9)),
        ("PriorityClass", pod({}, priorityClassName="high"), pod({})),
        ("CrossNamespacePodAffinity", pod({}, affinity=ABROAD), pod({})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_scopes(scope: str, matching: JSON, other: JSON) -> None:
    for spec in ({"scopes": [scope]}, {"scopeSelector": {"matchExpressions": [needs(scope, "Exists")]}}):
        assert counts(spec, facts("pods", matching))
        assert not counts(spec, facts("pods", other))
        assert not counts(spec, facts("secrets", {}))


def needs(scope: str, operator: str, *values: str) -> JSON:
    return {"scopeName": scope, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("requirement", "classes"),
    [
        (needs("PriorityClass", "In", "a", "b"), {"a", "b"}),
        (needs("PriorityClass", "NotIn", "a"), {"", "b", "c"}),
        (needs("PriorityClass", "Exists"), {"a", "b", "c"}),
        (needs("PriorityClass", "DoesNotExist"), {""}),
    ],
    ids=["in", "not-in", "exists", "absent"],
)
def test_scopes_with_values(requirement: JSON, classes: set[str]) -> None:
    spec = {"scopeSelector": {"matchExpressions": [requirement]}}
    assert {c for c in ("", "a", "b", "c") if counts(spec, facts("pods", pod({}, priorityClassName=c)))} == classes


def test_what_containers_must_state() -> None:
    missing = unstated("pods", pod({}, asks(cpu="1")), frozenset({"requests.cpu", "limits.memory", "pods"}))
    assert missing == {"requests.cpu": ["c0"], "limits.memory": ["c0", "c1"]}
    text = charging.unstated_text("q", missing)
    assert text == "failed quota: q: must specify limits.memory for: c0,c1; requests.cpu for: c0"


def amounts(**values: str) -> dict[str, quantity.Quantity]:
    return {name: quantity.parse(value) for name, value in values.items()}


def test_a_refusal_shows_only_what_was_exceeded() -> None:
    hard = {"pods": "5", "cpu": "2", "memory": "1Gi"}
    used, more = amounts(pods="5", cpu="1900m", memory="0"), amounts(pods="1", cpu="0.2", memory="1Gi")
    over = charging.excess(hard, used, more)
    assert charging.refusal("q", hard, used, more, over) == (
        "exceeded quota: q, requested: cpu=200m,pods=1, used: cpu=1900m,pods=5, limited: cpu=2,pods=5"
    )


def test_only_growth_is_charged() -> None:
    more = charging.growth(amounts(cpu="2", memory="1"), amounts(cpu="1", memory="5"), ["cpu", "memory", "pods"])
    assert more == amounts(cpu="1")


@given(st.integers(0, 8), st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=40))
def test_what_is_used_never_exceeds_what_is_allowed(limit: int, deals: list[tuple[bool, int]]) -> None:
    hard, used, held = {"cpu": str(limit)}, amounts(cpu="0"), list[int]()
    for create, size in deals:
        more = charging.growth(amounts(cpu=str(size)), {}, hard)
        if not create and held:
            gone = held.pop()
            used = {"cpu": used["cpu"] - quantity.parse(str(gone))}
        elif create and not charging.excess(hard, used, more):
            used = charging.with_more(used, more)
            held.append(size)
        elif create:
            assert sum(held) + size > limit  # nothing is refused that fits
        assert sum(held) == used["cpu"].whole() <= limit
