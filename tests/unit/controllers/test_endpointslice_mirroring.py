"""Which slices repeat Endpoints that were written by hand."""

from __future__ import annotations

import pytest
from ctl_builders import creates, deletes, patches

from podwright.controllers.actions import NOTHING
from podwright.controllers.endpointslice_mirroring import reconcile
from podwright.controllers.meta import whole

MANAGED = "endpointslice.kubernetes.io/managed-by"
PORT = {"name": "http", "port": 80, "protocol": "TCP"}


def service(**spec):
    return whole({"metadata": {"name": "web", "namespace": "ns", "uid": "S"}, "spec": spec})


def endpoints(*subsets, **meta):
    return whole({"metadata": {"name": "web", "namespace": "ns", "uid": "E", **meta}, "subsets": list(subsets)})


def subset(*ips, ports=(PORT,), unready=()):
    body = {"addresses": [{"ip": ip} for ip in ips], "ports": list(ports)}
    return {**body, "notReadyAddresses": [{"ip": ip} for ip in unready]} if unready else body


def stored(body, name="web-x"):
    return whole({**body, "metadata": {**body["metadata"], "name": name, "uid": f"uid-{name}"}})


def test_a_slice_says_the_same():
    noted = {"note": "1", "endpoints.kubernetes.io/last-change-trigger-time": "now"}
    written = endpoints(subset("10.0.0.2", "10.0.0.1", unready=["10.0.0.3"]), labels={"a": "b"}, annotations=noted)
    (made,) = creates(reconcile(written, service(), ()))
    assert made["metadata"]["labels"] == {
        "a": "b", "kubernetes.io/service-name": "web", MANAGED: "endpointslicemirroring-controller.k8s.io",
    }  # fmt: skip
    assert made["metadata"]["annotations"] == {"note": "1"}
    owner = made["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Endpoints", "E", True)
    assert (made["addressType"], made["ports"]) == ("IPv4", [PORT])
    assert [(e["addresses"], e["conditions"]) for e in made["endpoints"]] == [
        (["10.0.0.1"], {"ready": True}), (["10.0.0.2"], {"ready": True}), (["10.0.0.3"], {"ready": False}),
    ]  # fmt: skip


def test_what_is_known_of_an_address_is_kept():
    target = {"kind": "Pod", "name": "p", "uid": "P"}
    address = {"ip": "fd00::01", "hostname": "h", "nodeName": "n", "targetRef": target}
    (made,) = creates(reconcile(endpoints({"addresses": [address]}), service(), ()))
    assert (made["addressType"], made["ports"]) == ("IPv6", [])
    conditions = {"ready": True}
    assert made["endpoints"] == [
        {"addresses": ["fd00::1"], "conditions": conditions, "hostname": "h", "nodeName": "n", "targetRef": target}
    ]


def test_families_and_ports_are_slices_apart_and_a_slice_is_never_too_full():
    other = {**PORT, "port": 81}
    many = [f"10.0.{i // 250}.{i % 250 + 1}" for i in range(150)]
    made = creates(reconcile(endpoints(subset(*many, "fd00::1"), subset("10.0.0.1", ports=[other])), service(), ()))
    assert sorted(len(body["endpoints"]) for body in made) == [1, 1, 50, 100]


def test_a_change_is_a_patch_and_no_change_is_nothing():
    (made,) = creates(reconcile(endpoints(subset("10.0.0.1"), labels={"a": "b"}), service(), ()))
    have = stored(made)
    assert reconcile(endpoints(subset("10.0.0.1"), labels={"a": "b"}), service(), [have]) == NOTHING
    changed = patches(reconcile(endpoints(subset("10.0.0.2")), service(), [have]), "endpointslices")["web-x"]
    assert changed["metadata"] == {"uid": "uid-web-x", "labels": {"a": None}}
    assert [e["addresses"] for e in changed["endpoints"]] == [["10.0.0.2"]]


@pytest.mark.parametrize(
    ("written", "of"),
    [
        pytest.param(endpoints(), service(), id="nobody is left"),
        pytest.param(endpoints(subset("10.0.0.1")), None, id="no service"),
        pytest.param(endpoints(subset("10.0.0.1")), service(selector={"a": "b"}), id="found by a selector"),
        pytest.param(
            endpoints(subset("10.0.0.1"), labels={"endpointslice.kubernetes.io/skip-mirror": "true"}), service(),
            id="not wanted",
        ),
        pytest.param(
            endpoints(subset("10.0.0.1"), annotations={"control-plane.alpha.kubernetes.io/leader": "{}"}), service(),
            id="only a lock",
        ),
    ],
)  # fmt: skip
def test_slices_that_repeat_nothing_go(written, of):
    (made,) = creates(reconcile(endpoints(subset("10.0.0.1")), service(), ()))
    foreign = {**made["metadata"], "labels": {MANAGED: "me"}}
    have = [stored(made), stored({**made, "metadata": foreign}, "other")]
    assert deletes(reconcile(written, of, have)) == ["web-x"]
