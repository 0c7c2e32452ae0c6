"""Namespaces, nodes, endpoints, slices, leases, priority classes: each kind's own rules."""

from __future__ import annotations

import pytest
from strategy_writes import DROP, JSON, NOW_TEXT, create, created, edit, update

from podwright.api import names
from podwright.api.resources import RESOURCES, find
from podwright.apiserver.strategies.table import STRATEGIES, strategy_for

PORT = "must be between 1 and 65535, inclusive"


def test_every_row_of_the_table_names_a_strategy_that_exists() -> None:
    rows = [row for row in RESOURCES if (row.group, row.plural) in STRATEGIES]
    loaded = {type(strategy_for(row)).__name__ for row in rows} - {"ConvertedStrategy"}
    assert loaded == {where.partition(":")[2] for where in STRATEGIES.values()}


def test_a_namespace_starts_active_and_held() -> None:
    made = created("namespaces", {"metadata": {"name": "n"}, "status": {"phase": "Terminating"}})
    assert made["spec"] == {"finalizers": ["kubernetes"]}
    assert made["status"] == {"phase": "Active"}
    assert made["metadata"]["labels"] == {"kubernetes.io/metadata.name": "n"}


def test_only_finalize_changes_what_holds_a_namespace() -> None:
    old = created("namespaces", {"metadata": {"name": "n"}})
    wanted = edit(old, {"spec.finalizers": [], "status.phase": "Terminating", "metadata.labels": {"a": "b"}})
    plain = update("namespaces", old, wanted)
    assert plain.problems == []
    assert (plain.obj["spec"], plain.obj["status"]) == (old["spec"], old["status"])
    assert plain.obj["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "n"}
    final = update("namespaces", old, wanted, subresource="finalize")
    assert not final.obj["spec"].get("finalizers")
    assert final.obj["status"] == old["status"]


@pytest.mark.parametrize(
    ("going", "phase", "problem"),
    [
        pytest.param(False, "Active", None, id="active"),
        pytest.param(False, "Terminating", "may only be 'Active' if `deletionTimestamp` is empty", id="not-deleted"),
        pytest.param(True, "Terminating", None, id="terminating"),
        pytest.param(True, "Active", "may only be 'Terminating' if `deletionTimestamp` is not empty", id="deleted"),
    ],
)
def test_the_phase_follows_from_deletion(going: bool, phase: str, problem: str | None) -> None:
    old = created("namespaces", {"metadata": {"name": "n"}})
    if going:
        old["metadata"]["deletionTimestamp"] = NOW_TEXT
    problems = update("namespaces", old, edit(old, {"status.phase": phase}), subresource="status").problems
    assert problems == ([f'status.Phase: Invalid value: "{phase}": {problem}'] if problem else [])


NODE: JSON = {"metadata": {"name": "n"}}


def test_a_node_registers_with_its_status() -> None:
    made = created("nodes", edit(NODE, {"status": {"capacity": {"cpu": "2.0", "memory": "1024Mi"}}}))
    assert made["status"]["capacity"] == {"cpu": "2", "memory": "1Gi"}
    assert made["status"]["allocatable"] == made["status"]["capacity"]


@pytest.mark.parametrize(
    ("spec", "filled"),
    [
        pytest.param({"podCIDR": "10.1.0.0/24"}, {"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24"]}, id="one"),
        pytest.param({"podCIDRs": ["10.1.0.0/24"]}, {"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24"]}, id="list"),
    ],
)
def test_both_spellings_of_a_nodes_network_agree(spec: JSON, filled: JSON) -> None:
    assert created("nodes", {**NODE, "spec": spec})["spec"] == filled


def taint(effect: str = "NoSchedule", key: str = "k") -> JSON:
    return {"key": key, "effect": effect}


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        pytest.param({"taints": [taint(), taint("NoExecute")]}, [], id="two-effects"),
        pytest.param(
            {"taints": [taint(), taint()]},
            [
                (
                    'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"","Effect":"NoSchedule","TimeAdded":null}'
                    ": taints must be unique by key and effect pair"
                )
            ],
            id="taint-twice",
        ),
        pytest.param(
            {"taints": [taint("Never")]},
            [
                (
                    'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule",'
                    ' "PreferNoSchedule", "NoExecute"'
                )
            ],
            id="effect",
        ),
        pytest.param(
            {"taints": [taint(key="a b")]},
            ['metadata.taints[0].key: Invalid value: "a b": name part must consist of'],
            id="taint-key",
        ),
        pytest.param(
            {"podCIDR": "10.1.0.0"},
            ['spec.podCIDRs[0]: Invalid value: "10.1.0.0": must be a valid CIDR value'],
            id="network",
        ),
        pytest.param(
            {"podCIDRs": ["10.1.0.0/24", "10.2.0.0/24"]},
            [
                (
                    'spec.podCIDRs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: may specify no more than one CIDR for'
                    " each IP family"
                )
            ],
            id="networks",
        ),
    ],
)
def test_what_is_wrong_with_a_node(spec: JSON, problems: list[str]) -> None:
    found = create("nodes", {**NODE, "spec": spec}).problems
    assert len(found) == len(problems), found
    for said, expected in zip(found, problems, strict=True):
        assert said.startswith(expected), said


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        pytest.param(
            {"spec.podCIDR": "10.2.0.0/24", "spec.podCIDRs": ["10.2.0.0/24"]},
            'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
            id="network",
        ),
        pytest.param(
            {"spec.providerID": "other"},
            'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
            id="provider",
        ),
    ],
)
def test_what_of_a_node_stays(edits: JSON, problem: str) -> None:
    old = created("nodes", {**NODE, "spec": {"podCIDR": "10.1.0.0/24", "providerID": "x"}})
    assert update("nodes", old, edit(old, edits)).problems == [problem]


def test_a_node_without_a_network_gets_one_and_its_status_is_kept() -> None:
    old = created("nodes", {**NODE, "status": {"nodeInfo": {"osImage": "x"}}})
    wanted = edit(old, {"spec.podCIDR": "10.1.0.0/24", "spec.unschedulable": True, "status": {}})
    written = update("nodes", old, wanted)
    assert written.problems == []
    assert written.obj["status"] == old["status"]
    assert strategy_for(find("nodes")).selectable_fields["spec.unschedulable"](written.obj) == "true"


def test_a_nodes_status_leaves_the_spec_alone() -> None:
    old = created("nodes", NODE)
    twice = [{"type": "InternalIP", "address": "192.0.2.1"}] * 2
    wanted = edit(old, {"status": {"addresses": twice}, "spec.unschedulable": True})
    written = update("nodes", old, wanted, subresource="status")
    assert written.problems == ['status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"192.0.2.1"}']
    assert written.obj["spec"] == old["spec"]


def test_a_nodes_status_has_no_dynamic_configuration_unless_it_had_one() -> None:
    config = {"error": "e"}
    made = created("nodes", edit(NODE, {"status": {"nodeInfo": {"osImage": "x"}, "config": config}}))
    assert "config" not in made["status"]
    changed = update("nodes", made, edit(made, {"status.config": config}), subresource="status")
    assert "config" not in changed.obj["status"]
    old = edit(made, {"status.config": config})
    assert update("nodes", old, old, subresource="status").obj["status"]["config"] == config


@pytest.mark.parametrize(
    ("subset", "problems"),
    [
        pytest.param({"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 1}]}, [], id="fine"),
        pytest.param(
            {"ports": [{"port": 1}]},
            ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
            id="no-addresses",
        ),
        pytest.param(
            {"addresses": [{"ip": "x"}]},
            [
                (
                    'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or'
                    " 2001:db8::ffff)"
                ),
                'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
            ],
            id="address",
        ),
        pytest.param(
            {"addresses": [{"ip": "169.254.1.1"}]},
            ['subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range'],
            id="link-local",
        ),
        pytest.param(
            {"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 1}, {"port": 2, "name": "b"}]},
            ["subsets[0].ports[0].name: Required value"],
            id="unnamed-of-two",
        ),
        pytest.param(
            {"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 0}]},
            [f"subsets[0].ports[0].port: Invalid value: 0: {PORT}"],
            id="port",
        ),
    ],
)
def test_endpoints(subset: JSON, problems: list[str]) -> None:
    written = create("endpoints", {"subsets": [subset]})
    assert len(written.problems) == len(problems), written.problems
    for said, expected in zip(written.problems, problems, strict=True):
        assert said.startswith(expected), said


SLICE: JSON = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.0.1"]}], "ports": [{"port": 80}]}
DISCOVERY = "discovery.k8s.io"


def test_a_slice_is_filled_in() -> None:
    made = created("endpointslices", SLICE, DISCOVERY)
    assert made["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]
    assert made["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            {"addressType": "Mail"},
            ['addressType: Unsupported value: "Mail": supported values: "FQDN", "IPv4", "IPv6"'],
            id="type",
        ),
        pytest.param(
            {"endpoints.0.addresses": []},
            ["endpoints[0].addresses: Required value: must contain at least 1 address"],
            id="no-addresses",
        ),
        pytest.param(
            {"endpoints.0.addresses": ["2001:db8::1"]},
            ['endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address'],
            id="family",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 1}, {"name": "a", "port": 2}]},
            ['ports[1].name: Duplicate value: "a"'],
            id="port-names",
        ),
        pytest.param(
            {"ports": [{"port": 99999, "name": "A", "protocol": "X"}]},
            [
                f'ports[0].name: Invalid value: "A": {names.dns1123_label("A")[0]}',
                'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
            ],
            id="any-port-number",
        ),
        pytest.param(
            {"endpoints": [{"addresses": ["10.1.0.1"]}] * 1001},
            ["endpoints: Too many: 1001: must have at most 1000 items"],
            id="too-many",
        ),
        pytest.param(
            {"endpoints.0.hints": {"forZones": [{"name": "z"}, {"name": "z"}]}},
            ['endpoints[0].hints.forZones[1].name: Duplicate value: "z"'],
            id="zones",
        ),
    ],
)
def test_what_is_wrong_with_a_slice(edits: JSON, problems: list[str]) -> None:
    assert create("endpointslices", edit(SLICE, edits), DISCOVERY).problems == problems


@pytest.mark.parametrize(
    ("edits", "generation"),
    [
        pytest.param({}, 1, id="same"),
        pytest.param({"endpoints.0.addresses": ["10.1.0.2"]}, 2, id="endpoints"),
        pytest.param({"metadata.labels": {"a": "b"}}, 2, id="labels"),
    ],
)
def test_generations_of_slices(edits: JSON, generation: int) -> None:
    old = created("endpointslices", SLICE, DISCOVERY)
    assert update("endpointslices", old, edit(old, edits), DISCOVERY).obj["metadata"]["generation"] == generation


def test_topology_of_endpoints_is_dropped_but_for_the_name_of_the_node() -> None:
    topology = {"kubernetes.io/hostname": "n", "a": "b"}
    made = created("endpointslices", edit(SLICE, {"endpoints.0.deprecatedTopology": topology}), DISCOVERY)
    assert made["endpoints"] == [{"addresses": ["10.1.0.1"], "conditions": {}}]
    old = edit(made, {"endpoints.0.deprecatedTopology": topology})
    same = update("endpointslices", old, edit(old, {"metadata.labels": {"a": "b"}}), DISCOVERY)
    assert same.obj["endpoints"] == old["endpoints"]
    other = {"addresses": ["10.1.0.2"], "deprecatedTopology": {"kubernetes.io/hostname": "m"}}
    changed = update("endpointslices", old, edit(old, {"endpoints.1": other}), DISCOVERY)
    assert changed.obj["endpoints"] == [
        {"addresses": ["10.1.0.1"], "conditions": {}, "nodeName": "n"},
        {"addresses": ["10.1.0.2"], "conditions": {}},
    ]


def test_a_slice_keeps_its_kind_of_addresses() -> None:
    old = created("endpointslices", edit(SLICE, {"endpoints": []}), DISCOVERY)
    problems = update("endpointslices", old, edit(old, {"addressType": "IPv6"}), DISCOVERY).problems
    assert 'addressType: Invalid value: "IPv6": field is immutable' in problems


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        pytest.param({"holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 0}, [], id="fine"),
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"leaseDurationSeconds": 0},
            ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
            id="duration",
        ),
        pytest.param(
            {"leaseTransitions": -1},
            ["spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"],
            id="transitions",
        ),
    ],
)
def test_leases(spec: JSON, problems: list[str]) -> None:
    assert create("leases", {"spec": spec}, "coordination.k8s.io").problems == problems


def test_how_leases_are_put() -> None:
    strategy = strategy_for(find("leases", "coordination.k8s.io"))
    assert strategy.allow_create_on_update
    assert not strategy.allow_unconditional_update


CLASS: JSON = {"metadata": {"name": "c"}, "value": 10}
SCHEDULING = "scheduling.k8s.io"


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param(
            {"value": 1000000001},
            ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
            id="too-high",
        ),
        pytest.param({"value": -2147483648}, [], id="lowest"),
        pytest.param(
            {"metadata.name": "system-mine"},
            [
                (
                    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use"
                    " only. error: system-mine is not a known system priority class"
                )
            ],
            id="reserved",
        ),
        pytest.param({"metadata.name": "system-node-critical", "value": 2000001000}, [], id="the-systems-own"),
        pytest.param(
            {"preemptionPolicy": "Sometimes"},
            ['preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"'],
            id="policy",
        ),
    ],
)
def test_priority_classes(edits: JSON, problems: list[str]) -> None:
    assert create("priorityclasses", edit(CLASS, edits), SCHEDULING).problems == problems


def test_a_priority_class_is_filled_in_and_fixed() -> None:
    old = created("priorityclasses", edit(CLASS, {"value": DROP}), SCHEDULING)
    assert (old["value"], old["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    changed = edit(old, {"value": 5, "preemptionPolicy": "Never", "description": "new"})
    assert update("priorityclasses", old, changed, SCHEDULING).problems == [
        "value: Forbidden: may not be changed in an update.",
        'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]
