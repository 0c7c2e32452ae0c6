"""Whatever a client sends: defaults settle at once, and sending back what was answered changes nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategy_writes import JSON, NOW_TEXT, create, decoded, update

from podwright.api.resources import RESOURCES, find
from podwright.apiserver.strategies.table import strategy_for

WORDS = st.sampled_from(["a", "b", "c", "web"])
AMOUNTS = st.sampled_from(["0", "0.5", "500m", "1", "1Gi", "1024Mi", "0.0001", "2e3"])
IMAGES = st.sampled_from(["i", "i:latest", "i:1", "r.example:5000/i", "i@sha256:" + "0" * 64, ""])
PORT = st.fixed_dictionaries(
    {"containerPort": st.integers(1, 9)},
    optional={"name": WORDS, "hostPort": st.integers(0, 9), "protocol": st.just("UDP")},
)
ACTION = st.one_of(
    st.fixed_dictionaries({"httpGet": st.fixed_dictionaries({"port": st.integers(1, 9)}, optional={"path": WORDS})}),
    st.just({"exec": {"command": ["x"]}}),
    st.just({"grpc": {"port": 5}}),
)
PROBE = st.builds(
    lambda action, more: {**action, **more},
    ACTION,
    st.fixed_dictionaries({}, optional={"periodSeconds": st.integers(0, 3), "timeoutSeconds": st.integers(0, 3)}),
)
ENV = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "valueFrom": st.sampled_from(
            [
                {"fieldRef": {"fieldPath": "metadata.name"}},
                {"resourceFieldRef": {"resource": "limits.cpu"}},
                {"configMapKeyRef": {"name": "m", "key": "k"}},
            ]
        )
    },
)
RESOURCES_OF = st.fixed_dictionaries(
    {},
    optional={
        kind: st.dictionaries(st.sampled_from(["cpu", "memory"]), AMOUNTS, max_size=2)
        for kind in ("limits", "requests")
    },
)
CONTAINER = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "image": IMAGES,
        "ports": st.lists(PORT, max_size=2),
        "resources": RESOURCES_OF,
        "env": st.lists(ENV, max_size=2),
        "livenessProbe": PROBE,
        "lifecycle": st.fixed_dictionaries({"preStop": ACTION}),
    },
)
VOLUME = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "configMap": st.just({"name": "m"}),
        "secret": st.just({"secretName": "s"}),
        "hostPath": st.just({"path": "/x"}),
        "projected": st.just(
            {
                "sources": [
                    {"serviceAccountToken": {"path": "t"}},
                    {"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.name"}}]}},
                ]
            }
        ),
        "emptyDir": st.just({}),
    },
)
POD_SPEC = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINER, max_size=2)},
    optional={
        "initContainers": st.lists(CONTAINER, max_size=1),
        "volumes": st.lists(VOLUME, max_size=2),
        "restartPolicy": st.sampled_from(["", "Always", "Never"]),
        "hostNetwork": st.booleans(),
        "terminationGracePeriodSeconds": st.integers(-3, 3),
        "serviceAccount": WORDS,
        "serviceAccountName": WORDS,
        "schedulingGates": st.just([{"name": "a/b"}]),
        "securityContext": st.just({"runAsUser": 5}),
        "tolerations": st.just([{"operator": "Exists"}]),
        "enableServiceLinks": st.booleans(),
    },
)
SERVICE_SPEC = st.fixed_dictionaries(
    {"ports": st.lists(st.fixed_dictionaries({"port": st.integers(1, 9)}, optional={"name": WORDS}), max_size=2)},
    optional={
        "type": st.sampled_from(["", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
        "clusterIP": st.sampled_from(["None", "10.96.0.3"]),
        "selector": st.just({"a": "b"}),
        "externalName": WORDS,
        "sessionAffinity": st.sampled_from(["ClientIP", "None"]),
        "externalTrafficPolicy": st.sampled_from(["Local", "Cluster"]),
        "ipFamilyPolicy": st.sampled_from(["SingleStack", "PreferDualStack"]),
    },
)
WORKLOAD_SPEC = st.fixed_dictionaries(
    {"template": st.fixed_dictionaries({"spec": POD_SPEC}, optional={"metadata": st.just({"labels": {"a": "b"}})})},
    optional={
        "selector": st.just({"matchLabels": {"a": "b"}}),
        "replicas": st.integers(-1, 3),
        "strategy": st.sampled_from([{}, {"type": "Recreate"}, {"rollingUpdate": {"maxSurge": 1}}]),
    },
)


def body(spec: st.SearchStrategy[JSON]) -> st.SearchStrategy[JSON]:
    return st.fixed_dictionaries({"spec": spec})


SAMPLES: dict[tuple[str, str], st.SearchStrategy[JSON]] = {
    ("pods", ""): body(POD_SPEC),
    ("services", ""): body(SERVICE_SPEC),
    ("deployments", "apps"): body(WORKLOAD_SPEC),
    ("replicasets", "apps"): body(WORKLOAD_SPEC),
    ("secrets", ""): st.fixed_dictionaries(
        {}, optional={"stringData": st.dictionaries(WORDS, WORDS), "data": st.just({"z": "AA=="})}
    ),
    ("nodes", ""): body(
        st.fixed_dictionaries({}, optional={"podCIDR": st.just("10.1.0.0/24"), "podCIDRs": st.just(["10.1.0.0/24"])})
    ),
    ("namespaces", ""): st.just({}),
    ("endpoints", ""): st.just({"subsets": [{"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 1}]}]}),
    ("endpointslices", "discovery.k8s.io"): st.just({"addressType": "IPv4", "endpoints": [], "ports": [{"port": 1}]}),
    ("priorityclasses", "scheduling.k8s.io"): st.fixed_dictionaries({}, optional={"value": st.integers(-5, 5)}),
    ("leases", "coordination.k8s.io"): body(st.just({"holderIdentity": "a"})),
    ("configmaps", ""): st.just({"data": {"k": "v"}}),
    ("serviceaccounts", ""): st.just({}),
}
KINDS = [pytest.param(kind, id=kind[0]) for kind in SAMPLES]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_defaults_settle_at_once(kind: tuple[str, str], data: Any) -> None:
    plural, group = kind
    strategy = strategy_for(find(plural, group))
    obj = decoded(plural, {"metadata": {"name": "x"}, **data.draw(SAMPLES[kind])}, group)
    strategy.default(obj)
    once = copy.deepcopy(obj)
    strategy.default(obj)
    assert obj == once


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_sending_back_what_was_answered_changes_nothing(kind: tuple[str, str], data: Any) -> None:
    plural, group = kind
    sent = data.draw(SAMPLES[kind])
    before = copy.deepcopy(sent)
    old = create(plural, {"metadata": {"name": "x"}, **sent}, group).obj
    assert sent == before
    old["metadata"].update(resourceVersion="7", creationTimestamp=NOW_TEXT)
    assert update(plural, old, old, group).obj == old


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_is_sent_is_judged_not_stumbled_over(kind: tuple[str, str], data: Any) -> None:
    plural, group = kind
    spec = data.draw(SAMPLES[kind])
    for obj in (spec, {}, {"spec": {}}):
        assert isinstance(create(plural, {"metadata": {"name": "x"}, **obj}, group).problems, list)


def test_every_kind_has_a_strategy() -> None:
    for resource in RESOURCES:
        assert strategy_for(resource) is strategy_for(resource)
