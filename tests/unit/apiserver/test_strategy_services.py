"""Services: what is filled in, what each type may have, what happens when the type changes."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_writes import DROP, JSON, create, created, edit, update

PLAIN: JSON = {"metadata": {"name": "s"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}


def service(**spec: Any) -> JSON:
    return edit(PLAIN, {f"spec.{name}": value for name, value in spec.items()})


def allocated(**spec: Any) -> JSON:
    """A stored service, its addresses and ports drawn."""
    made = created("services", service(**spec))
    if made["spec"].get("clusterIP") != "None" and made["spec"]["type"] != "ExternalName":
        made["spec"].update(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9"])
    if made["spec"]["type"] in {"NodePort", "LoadBalancer"}:
        for index, port in enumerate(made["spec"]["ports"]):
            port.setdefault("nodePort", 30001 + index)
    if made["spec"].get("externalTrafficPolicy") == "Local" and made["spec"]["type"] == "LoadBalancer":
        made["spec"]["healthCheckNodePort"] = 32000
    return made


def test_a_plain_service_is_filled_in() -> None:
    assert created("services", PLAIN)["spec"] == {
        "selector": {"a": "b"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
    }


@pytest.mark.parametrize(
    ("spec", "filled"),
    [
        pytest.param({"type": "NodePort"}, {"externalTrafficPolicy": "Cluster"}, id="node-port"),
        pytest.param(
            {"type": "LoadBalancer"},
            {"allocateLoadBalancerNodePorts": True, "externalTrafficPolicy": "Cluster"},
            id="balancer",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP"},
            {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}}},
            id="affinity",
        ),
        pytest.param({"clusterIP": "None"}, {"clusterIPs": ["None"], "ipFamilies": ["IPv4"]}, id="headless"),
        pytest.param(
            {"clusterIP": "None", "selector": DROP},
            {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv4", "IPv6"]},
            id="headless-for-anything",
        ),
        pytest.param({"clusterIP": "10.96.0.7"}, {"clusterIPs": ["10.96.0.7"]}, id="address-of-ones-own"),
        pytest.param(
            {"ports": [{"port": 1, "targetPort": "web"}]},
            {"ports": [{"port": 1, "targetPort": "web", "protocol": "TCP"}]},
            id="named-target",
        ),
    ],
)
def test_defaults_of_a_service(spec: JSON, filled: JSON) -> None:
    made = created("services", service(**spec))
    assert {name: made["spec"].get(name) for name in filled} == filled


def test_an_external_name_has_neither_families_nor_policies() -> None:
    made = created("services", {"spec": {"type": "ExternalName", "externalName": "a.example."}})
    assert made["spec"] == {"type": "ExternalName", "externalName": "a.example.", "sessionAffinity": "None"}


PORTS = "must be between 1 and 65535, inclusive"


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        pytest.param({"ports": []}, ["spec.ports: Required value"], id="no-ports"),
        pytest.param({"ports": [], "clusterIP": "None"}, [], id="headless-without-ports"),
        pytest.param(
            {"ports": [{"port": 0}]},
            [f"spec.ports[0].port: Invalid value: 0: {PORTS}", f"spec.ports[0].targetPort: Invalid value: 0: {PORTS}"],
            id="port-zero",
        ),
        pytest.param(
            {"ports": [{"port": 1}, {"port": 2, "name": "b"}]},
            ["spec.ports[0].name: Required value"],
            id="unnamed-of-two",
        ),
        pytest.param(
            {"ports": [{"port": 1, "name": "a"}, {"port": 2, "name": "a"}]},
            ['spec.ports[1].name: Duplicate value: "a"'],
            id="names-twice",
        ),
        pytest.param(
            {"ports": [{"port": 1, "name": "a"}, {"port": 1, "name": "b"}]},
            [
                (
                    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,'
                    '"TargetPort":0,"NodePort":0}'
                )
            ],
            id="port-twice",
        ),
        pytest.param(
            {"ports": [{"port": 1, "name": "a"}, {"port": 1, "name": "b", "protocol": "UDP"}]},
            [],
            id="port-twice-two-protocols",
        ),
        pytest.param(
            {"type": "What"},
            [
                (
                    'spec.type: Unsupported value: "What": supported values: "ClusterIP", "ExternalName",'
                    ' "LoadBalancer", "NodePort"'
                )
            ],
            id="type",
        ),
        pytest.param(
            {"ports": [{"port": 1, "nodePort": 30000}]},
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
            id="node-port",
        ),
        pytest.param(
            {
                "type": "NodePort",
                "ports": [{"port": 1, "name": "a", "nodePort": 30000}, {"port": 2, "name": "b", "nodePort": 30000}],
            },
            ["spec.ports[1].nodePort: Invalid value: 30000: provided port is already allocated"],
            id="node-port-twice",
        ),
        pytest.param(
            {"type": "NodePort", "clusterIP": "None"},
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
            id="headless-node-port",
        ),
        pytest.param(
            {"type": "ExternalName", "ports": [], "selector": DROP},
            ["spec.externalName: Required value"],
            id="no-external-name",
        ),
        pytest.param(
            {"sessionAffinity": "Sticky"},
            ['spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"'],
            id="affinity",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [
                (
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0"
                    " and less than 86400"
                )
            ],
            id="affinity-seconds",
        ),
        pytest.param(
            {"externalIPs": ["127.0.0.1"]},
            [
                (
                    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8,'
                    " ::1/128)"
                )
            ],
            id="loopback",
        ),
        pytest.param(
            {"clusterIP": "x"},
            ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
            id="no-address",
        ),
        pytest.param(
            {"ipFamilyPolicy": "RequireDualStack"},
            [
                (
                    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for'
                    " dual-stack services"
                )
            ],
            id="two-families",
        ),
        pytest.param(
            {"ipFamilies": ["IPv6"]},
            ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
            id="other-family",
        ),
        pytest.param(
            {"externalTrafficPolicy": "Local"},
            ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
            id="external-policy",
        ),
        pytest.param(
            {"internalTrafficPolicy": "x"},
            ['spec.internalTrafficPolicy: Unsupported value: "x": supported values: "Cluster", "Local"'],
            id="internal-policy",
        ),
        pytest.param(
            {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}, [], id="health-check-port-comes-later"
        ),
        pytest.param(
            {"healthCheckNodePort": 30000},
            [
                (
                    "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and"
                    " `externalTrafficPolicy` is 'Local'"
                )
            ],
            id="health-check-port",
        ),
        pytest.param(
            {"loadBalancerClass": "a/b"},
            ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
            id="class",
        ),
        pytest.param(
            {"loadBalancerSourceRanges": ["10.0.0.0/8"]},
            ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
            id="ranges",
        ),
        pytest.param(
            {"selector": {"a b": "c"}},
            ['spec.selector: Invalid value: "a b": name part must consist of'],
            id="selector",
        ),
    ],
)
def test_what_is_wrong_with_a_service(spec: JSON, problems: list[str]) -> None:
    found = create("services", service(**spec)).problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({}, id="cluster-ip"),
        pytest.param({"type": "NodePort"}, id="node-port"),
        pytest.param({"type": "LoadBalancer", "externalTrafficPolicy": "Local"}, id="balancer"),
        pytest.param({"clusterIP": "None"}, id="headless"),
    ],
)
def test_what_was_allocated_need_not_be_repeated(spec: JSON) -> None:
    old = allocated(**spec)
    written = update("services", old, service(**spec))
    assert written.problems == []
    assert written.obj["spec"] == old["spec"]


def test_the_address_may_not_change() -> None:
    old = allocated()
    problems = update(
        "services", old, edit(old, {"spec.clusterIP": "10.96.0.10", "spec.clusterIPs": ["10.96.0.10"]})
    ).problems
    assert problems == ['spec.clusterIPs[0]: Invalid value: ["10.96.0.10"]: may not change once set']


def test_a_type_with_less_gives_back_what_it_has_no_use_for() -> None:
    old = allocated(type="LoadBalancer")
    old["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1", "ipMode": "VIP"}]}}
    written = update("services", old, edit(old, {"spec.type": "ClusterIP"}))
    assert written.problems == []
    spec = written.obj["spec"]
    assert "nodePort" not in spec["ports"][0]
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & set(spec)
    assert spec["clusterIP"] == "10.96.0.9"
    assert written.obj["status"] == {"loadBalancer": {}}


def test_an_external_name_gives_its_address_back() -> None:
    old = allocated()
    written = update("services", old, edit(old, {"spec.type": "ExternalName", "spec.externalName": "a.example"}))
    assert written.problems == []
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(written.obj["spec"])


def test_ports_keep_their_node_port_by_name() -> None:
    ports = [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]
    old = allocated(type="NodePort", ports=ports)
    written = update("services", old, service(type="NodePort", ports=[{"port": 9, "name": "c"}, *reversed(ports)]))
    assert [port.get("nodePort") for port in written.obj["spec"]["ports"]] == [None, 30002, 30001]


def test_status_is_for_balancers_only() -> None:
    old = allocated()
    wanted = edit(old, {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})
    assert update("services", old, wanted, subresource="status").problems == [
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"
    ]
    balancer = allocated(type="LoadBalancer")
    wanted = edit(
        balancer, {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}, "spec.selector": {"x": "y"}}
    )
    written = update("services", balancer, wanted, subresource="status")
    assert written.problems == []
    assert written.obj["spec"] == balancer["spec"]
    assert written.obj["status"]["loadBalancer"]["ingress"] == [{"ip": "192.0.2.1", "ipMode": "VIP"}]


def test_warnings_of_services() -> None:
    said = create("services", service(clusterIP="None", sessionAffinity="ClientIP", externalName="a")).warnings
    assert said == [
        "spec.SessionAffinity is ignored for headless services",
        'spec.externalName is ignored when spec.type is not "ExternalName"',
    ]


def test_warnings_of_what_services_should_not_say_any_more() -> None:
    said = create(
        "services",
        service(
            type="LoadBalancer", trafficDistribution="PreferClose", externalIPs=["1.2.3.4", "FD00::1"],
            loadBalancerIP="fd00:0::2", loadBalancerSourceRanges=["10.0.0.0/8", "FD00::/64"],
        ),
    ).warnings  # fmt: skip
    assert said == [
        'spec.externalIPs[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
        'spec.loadBalancerIP: IPv6 address "fd00:0::2" should be in RFC 5952 canonical format ("fd00::2")',
        'spec.loadBalancerSourceRanges[1]: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")',
        'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ]


@pytest.mark.parametrize(
    ("spec", "warning"),
    [
        pytest.param({"type": "ExternalName", "externalName": "a"}, 'when spec.type is "ExternalName"', id="name"),
        pytest.param({"clusterIP": "None"}, "for headless services", id="headless"),
    ],
)
def test_addresses_that_are_ignored_are_not_deprecated_too(spec: JSON, warning: str) -> None:
    (said,) = create("services", service(externalIPs=["1.2.3.4"], **spec)).warnings
    assert said == f"spec.externalIPs is ignored {warning}"


def test_an_address_that_was_accepted_once_stays_and_no_other_like_it_comes() -> None:
    made = created("services", service(externalIPs=["10.1.2.3"]))
    old = edit(made, {"spec.externalIPs": ["010.1.2.3"], "metadata.resourceVersion": "1"})
    assert update("services", old, edit(old, {"spec.ports.0.port": 81})).problems == []
    assert update("services", old, edit(old, {"spec.externalIPs": ["010.1.2.3", "010.1.2.4"]})).problems == [
        'spec.externalIPs[1]: Invalid value: "010.1.2.4": must not have leading 0s'
    ]


@pytest.mark.parametrize(
    ("ranges", "problem"),
    [
        pytest.param(["10.0.0.1/8"], "must not have bits set beyond the prefix length", id="bits"),
        pytest.param(["010.0.0.0/8"], "must not have leading 0s in IP or prefix length", id="zeros"),
        pytest.param(["::ffff:10.0.0.0/104"], "must not have an IPv4-mapped IPv6 address", id="mapped"),
    ],
)
def test_ranges_that_could_be_taken_for_others(ranges: list[str], problem: str) -> None:
    (said,) = create("services", service(type="LoadBalancer", loadBalancerSourceRanges=ranges)).problems
    assert said == f'spec.LoadBalancerSourceRanges[0]: Invalid value: "{ranges[0]}": {problem}'
