"""Ingresses and their classes, network policies, addresses and ranges: each kind's own rules."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

GROUP = "networking.k8s.io"
BACKEND: JSON = {"service": {"name": "s", "port": {"number": 80}}}
PATH: JSON = {"path": "/", "pathType": "Prefix", "backend": BACKEND}
INGRESS: JSON = {"metadata": {"name": "i"}, "spec": {"rules": [{"host": "a.test", "http": {"paths": [PATH]}}]}}
AT = "spec.rules[0].http.paths[0]"


def test_an_ingress_starts_without_status_and_counts_changes_of_its_spec() -> None:
    made = created("ingresses", {**INGRESS, "status": {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}}}, GROUP)
    assert (made["status"], made["metadata"]["generation"]) == ({"loadBalancer": {}}, 1)
    labeled = update("ingresses", made, edit(made, {"metadata.labels": {"a": "b"}}), GROUP)
    assert labeled.obj["metadata"]["generation"] == 1
    changed = update("ingresses", made, edit(made, {"spec.ingressClassName": "c"}), GROUP)
    assert (changed.problems, changed.obj["metadata"]["generation"]) == ([], 2)


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({"spec": {}},
                     ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"], id="empty"),
        pytest.param({"spec.rules.0.http.paths.0.pathType": DROP},
                     [f"{AT}.pathType: Required value: pathType must be specified"], id="no path type"),
        pytest.param({"spec.rules.0.http.paths.0.path": "x"},
                     [f'{AT}.path: Invalid value: "x": must be an absolute path'], id="relative"),
        pytest.param({"spec.rules.0.http.paths.0": {"pathType": "ImplementationSpecific", "backend": BACKEND}}, [],
                     id="no path, left to the controller"),
        pytest.param({"spec.rules.0.http.paths.0.path": "/a//b/.."}, [
            f"{AT}.path: Invalid value: \"/a//b/..\": must not contain '//'",
            f"{AT}.path: Invalid value: \"/a//b/..\": cannot end with '/..'",
        ], id="not clean"),
        pytest.param({"spec.rules.0.http.paths.0.backend": {}},
                     [f'{AT}.backend: Invalid value: "": resource or service backend is required'], id="no backend"),
        pytest.param({"spec.rules.0.http.paths.0.backend.resource": {"kind": "K", "name": "n"}},
                     [f'{AT}.backend: Invalid value: "": cannot set both resource and service backends'], id="both"),
        pytest.param({"spec.defaultBackend": {"resource": {"kind": "a/b", "name": ""}}}, [
            "spec.defaultBackend.resource.kind: Invalid value: \"a/b\": may not contain '/'",
            "spec.defaultBackend.resource.name: Required value",
        ], id="resource"),
        pytest.param({"spec.rules.0.http.paths.0.backend.service.port.name": "x"},
                     [f'{AT}.backend: Invalid value: "": cannot set both port name & port number'], id="two ports"),
        pytest.param({"spec.rules.0.http.paths.0.backend.service.port": {"number": 70000}}, [
            f"{AT}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ], id="port"),
        pytest.param({"spec.rules.0.host": "1.2.3.4"},
                     ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'], id="ip"),
        pytest.param({"spec.rules.0.http": {"paths": []}}, ["spec.rules[0].http.paths: Required value"], id="no path"),
        pytest.param({"spec.rules.0.http": DROP, "spec.rules.0.host": "*.a.test"}, [], id="wildcard"),
        pytest.param({"metadata.annotations": {"kubernetes.io/ingress.class": "a"}, "spec.ingressClassName": "b"}, [
            ('annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are '
            "specified"),
        ], id="two classes"),
    ],
)  # fmt: skip
def test_ingresses(edits: dict[str, Any], problems: list[str]) -> None:
    assert create("ingresses", edit(INGRESS, edits), GROUP).problems == problems


def test_what_an_ingress_has_wrong_already_is_accepted_again() -> None:
    old = created("ingresses", INGRESS, GROUP)
    old = edit(old, {"spec.tls": [{"secretName": "A_B"}], "spec.rules.0": {"host": "*.a", "http": {"paths": [{}]}}})
    assert update("ingresses", old, edit(old, {"metadata.labels": {"a": "b"}}), GROUP).problems == []


def test_an_annotated_class_is_warned_of_once() -> None:
    written = create("ingresses", edit(INGRESS, {"metadata.annotations": {"kubernetes.io/ingress.class": "a"}}), GROUP)
    [warning] = written.warnings
    assert "please use 'spec.ingressClassName' instead" in warning
    written.obj["metadata"]["resourceVersion"] = "7"
    assert update("ingresses", written.obj, written.obj, GROUP).warnings == []


def test_an_ingress_status_names_places() -> None:
    old = created("ingresses", INGRESS, GROUP)
    wanted = edit(old, {"status.loadBalancer.ingress": [{"ip": "x"}, {"hostname": "1.1.1.1"}], "spec": {}})
    written = update("ingresses", old, wanted, GROUP, "status")
    assert written.obj["spec"] == old["spec"]
    assert [problem.partition(": ")[0] for problem in written.problems] == [
        "status.loadBalancer.ingress[0].ip", "status.loadBalancer.ingress[1].hostname",
    ]  # fmt: skip


CLASS: JSON = {"metadata": {"name": "c"}, "spec": {"controller": "a.test/b", "parameters": {"kind": "K", "name": "n"}}}


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"spec.controller": "a"}, [
            'spec.controller: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")',
        ], id="no path"),
        pytest.param({"spec.controller": "a.test/ü"}, [
            ('spec.controller: Invalid value: "ü": Invalid path (regex used for validation is '
            "'[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"),
        ], id="bad path"),
        pytest.param({"spec.controller": "a/" + "b" * 250},
                     ["spec.controller: Too long: may not be more than 250 bytes"], id="long"),
        pytest.param({"spec.parameters.scope": "Namespace"}, [
            "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'",
        ], id="no namespace"),
        pytest.param({"spec.parameters.namespace": "x"},
                     ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"], id="namespace"),
    ],
)  # fmt: skip
def test_ingress_classes(edits: dict[str, Any], problems: list[str]) -> None:
    written = create("ingressclasses", edit(CLASS, edits), GROUP)
    assert written.problems == problems
    assert written.obj["spec"]["parameters"]["scope"] in {"Cluster", "Namespace"}


def test_a_class_keeps_its_controller() -> None:
    old = created("ingressclasses", CLASS, GROUP)
    written = update("ingressclasses", old, edit(old, {"spec.controller": "x.test/y"}), GROUP)
    assert written.problems == ['spec.controller: Invalid value: "x.test/y": field is immutable']
    assert written.obj["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        pytest.param({}, ["Ingress"], id="ingress"),
        pytest.param({"egress": [{}]}, ["Ingress", "Egress"], id="both"),
        pytest.param({"policyTypes": ["Egress"]}, ["Egress"], id="said"),
    ],
)
def test_policy_types(spec: JSON, types: list[str]) -> None:
    made = created("networkpolicies", {"spec": {**spec, "ingress": [{"ports": [{"port": 80}]}]}}, GROUP)
    assert made["spec"]["policyTypes"] == types
    assert made["spec"]["podSelector"] == {}
    assert made["spec"]["ingress"] == [{"ports": [{"protocol": "TCP", "port": 80}]}]


PEER, PORT = "spec.ingress[0].from[0]", "spec.ingress[0].ports[0]"
STRICT = "must be a strict subset of `cidr`"


@pytest.mark.parametrize(
    ("rule", "problems"),
    [
        pytest.param({"from": [{}]}, [f"{PEER}: Required value: must specify a peer"], id="nobody"),
        pytest.param({"from": [{"podSelector": {}, "namespaceSelector": {}}]}, [], id="pods of namespaces"),
        pytest.param({"from": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]},
                     [f"{PEER}: Forbidden: may not specify both ipBlock and another peer"], id="two peers"),
        pytest.param({"from": [{"ipBlock": {}}]}, [f"{PEER}.ipBlock.cidr: Required value"], id="no range"),
        pytest.param({"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.0.0.0/8", "::/0"]}}]}, [
            f'{PEER}.ipBlock.except[1]: Invalid value: "10.0.0.0/8": {STRICT}',
            f'{PEER}.ipBlock.except[2]: Invalid value: "::/0": {STRICT}',
        ], id="except"),
        pytest.param({"ports": [{"endPort": 5}]},
                     [f"{PORT}.endPort: Invalid value: 5: may not be specified when `port` is not specified"],
                     id="end alone"),
        pytest.param({"ports": [{"port": "x", "endPort": 5}]},
                     [f"{PORT}.endPort: Invalid value: 5: may not be specified when `port` is non-numeric"],
                     id="end of a name"),
        pytest.param({"ports": [{"port": 80, "endPort": 70000}]},
                     [f"{PORT}.endPort: Invalid value: 70000: must be between 1 and 65535, inclusive"], id="end"),
        pytest.param({"ports": [{"protocol": "X"}]},
                     [f'{PORT}.protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"'],
                     id="protocol"),
    ],
)  # fmt: skip
def test_network_policies(rule: JSON, problems: list[str]) -> None:
    assert create("networkpolicies", {"spec": {"ingress": [rule]}}, GROUP).problems == problems


def test_a_range_a_policy_had_is_accepted_again() -> None:
    old = edit(created("networkpolicies", {}, GROUP), {"spec.egress": [{"to": [{"ipBlock": {"cidr": "010.0.0.0/8"}}]}]})
    assert update("networkpolicies", old, edit(old, {"spec.policyTypes": ["Egress"]}), GROUP).problems == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("10.0.0.1", "", id="v4"),
        pytest.param("2001:db8::1", "", id="v6"),
        pytest.param("x", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", id="no address"),
        pytest.param("2001:DB8::1", 'must be in canonical form ("2001:db8::1")', id="spelling"),
        pytest.param("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address", id="mapped"),
    ],
)
def test_an_address_is_its_name(name: str, problem: str) -> None:
    body = {"metadata": {"name": name}, "spec": {"parentRef": {"resource": "services", "namespace": "a", "name": "b"}}}
    problems = create("ipaddresses", body, GROUP).problems
    assert problems == ([f'metadata.name: Invalid value: "{name}": {problem}'] if problem else [])


def test_an_address_has_a_user_that_stays() -> None:
    assert create("ipaddresses", {"metadata": {"name": "1.1.1.1"}}, GROUP).problems == [
        "spec.parentRef: Required value"
    ]
    old = created("ipaddresses", {"metadata": {"name": "1.1.1.1"}, "spec": {"parentRef": {"resource": "r", "name": "n"}}},
                  GROUP)  # fmt: skip
    shown = '{"Group":"","Resource":"r","Namespace":"","Name":"m"}'
    problems = update("ipaddresses", old, edit(old, {"spec.parentRef.name": "m"}), GROUP).problems
    assert problems == [f"spec.parentRef: Invalid value: {shown}: field is immutable"]


@pytest.mark.parametrize(
    ("ranges", "problems"),
    [
        pytest.param(["10.0.0.0/24", "2001:db8::/64"], [], id="dual"),
        pytest.param([], ["spec.cidrs: Required value: at least one CIDR required"], id="none"),
        pytest.param(["10.0.0.0/24"] * 3, [
            ('spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.0.0.0/24","10.0.0.0/24"]}: '
            "may only hold up to 2 values"),
        ], id="three"),
        pytest.param(["10.0.0.0/24", "10.1.0.0/24"], [
            ('spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP '
            "family, i.e 192.168.0.0/24 and 2001:db8::/64"),
        ], id="one family"),
        pytest.param(["10.0.0.1/24"],
                     ['spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length'],
                     id="bits"),
    ],
)  # fmt: skip
def test_service_ranges(ranges: list[str], problems: list[str]) -> None:
    assert create("servicecidrs", {"spec": {"cidrs": ranges}}, GROUP).problems == problems


@pytest.mark.parametrize(
    ("ranges", "problem"),
    [
        pytest.param(["10.0.0.0/24", "2001:db8::/64"], "", id="a family joins"),
        pytest.param(["10.1.0.0/24"], 'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable', id="moved"),
        pytest.param([], "spec.cidrs: Invalid value: []: field is immutable", id="gone"),
    ],
)
def test_a_service_range_stays(ranges: list[str], problem: str) -> None:
    old = created("servicecidrs", {"spec": {"cidrs": ["10.0.0.0/24"]}}, GROUP)
    problems = update("servicecidrs", old, edit(old, {"spec.cidrs": ranges}), GROUP).problems
    assert problems == ([problem] if problem else [])
