"""Which addresses a Service gets, in both kinds."""

from __future__ import annotations

from ctl_builders import NOW, at, creates, deletes, patches, pod

from podwright.controllers import endpoints, endpointslice
from podwright.controllers.meta import whole


def service(*, meta=None, **spec):
    base = {"selector": {"app": "a"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}],
            "clusterIP": "10.96.0.9", "ipFamilies": ["IPv4"]}  # fmt: skip
    metadata = {"name": "web", "namespace": "ns", "uid": "S", "labels": {"app": "a"}}
    return whole({"metadata": {**metadata, **(meta or {})}, "spec": {**base, **spec}})


def slices(svc, *pods, have=(), zones=None):
    return endpointslice.reconcile(svc, pods, have, zones or {}, NOW)


def stored(body, name="web-x"):
    meta = {**body["metadata"], "name": name, "uid": f"uid-{name}"}
    return whole({**body, "metadata": meta})


def test_a_slice_of_ready_pods():
    one = pod("p1", ip="10.0.0.1")
    (made,) = creates(slices(service(), one, zones={"n": "z1"}))
    assert made["metadata"]["generateName"] == "web-"
    assert made["metadata"]["labels"] == {
        "app": "a", "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }  # fmt: skip
    assert made["metadata"]["ownerReferences"][0]["uid"] == "S"
    assert made["addressType"] == "IPv4"
    assert made["ports"] == [{"name": "http", "protocol": "TCP", "port": 8080}]
    assert made["endpoints"] == [{
        "addresses": ["10.0.0.1"], "conditions": {"ready": True, "serving": True, "terminating": False},
        "targetRef": {"kind": "Pod", "namespace": "ns", "name": "p1", "uid": "uid-p1"}, "nodeName": "n", "zone": "z1",
    }]  # fmt: skip


def conditions(svc, *pods):
    return [
        {name for name, value in e["conditions"].items() if value}
        for body in creates(slices(svc, *pods))
        for e in body["endpoints"]
    ]


def test_conditions():
    assert conditions(service(), pod("a", ip="10.0.0.1", ready=False)) == [set()]
    assert conditions(service(), pod("a", ip="10.0.0.1", deleted=True)) == [{"serving", "terminating"}]
    assert conditions(service(publishNotReadyAddresses=True), pod("a", ip="10.0.0.1", ready=False)) == [
        {"ready", "serving"}
    ]
    finished = pod("a", ip="10.0.0.1", phase="Succeeded", ready=False)
    assert (
        conditions(service(), finished, pod("b"), pod("c", ip="fd00::1"), pod("d", ip="10.0.0.2", labels={"x": "y"}))
        == []
    )


def test_named_ports_mean_what_each_pod_says():
    def with_port(name, number):
        ports = [{"name": "http", "containerPort": number}]
        return pod(name, ip=f"10.0.0.{number}", containers=[{"name": "c", "ports": ports}])

    svc = service(ports=[{"name": "http", "port": 80, "targetPort": "http"}])
    made = creates(slices(svc, with_port("a", 81), with_port("b", 82)))
    assert sorted(body["ports"][0]["port"] for body in made) == [81, 82]


def test_nobody_is_said_with_an_empty_slice():
    (made,) = creates(slices(service()))
    assert made["endpoints"] == made["ports"] == []
    assert slices(service(), have=[stored(made)]).steps == ()


def test_a_change_of_one_pod_changes_one_slice():
    pods = [pod(f"p{i:03}", ip=f"10.0.{i // 100}.{i % 100}") for i in range(150)]
    made = creates(slices(service(), *pods))
    assert sorted(len(body["endpoints"]) for body in made) == [50, 100]
    have = [stored(body, f"s{i}") for i, body in enumerate(made)]
    assert slices(service(), *pods, have=have).steps == ()
    assert len(slices(service(), *pods[1:], have=have).steps) == 1
    late = pod("late", ip="10.0.9.9")
    plan = slices(service(), *pods, late, have=have)
    assert list(patches(plan, "endpointslices")) == ["s1"]
    assert creates(plan) == []


def test_slices_that_are_not_needed_go():
    pods = [pod(f"p{i:03}", ip=f"10.0.{i // 100}.{i % 100}") for i in range(150)]
    have = [stored(body, f"s{i}") for i, body in enumerate(creates(slices(service(), *pods)))]
    first = {e["targetRef"]["name"] for e in have[0].body["endpoints"]}
    plan = slices(service(), *(p for p in pods if p.meta.name not in first), have=have)
    assert deletes(plan) == ["s0"]


def test_a_changed_port_makes_new_slices():
    one = pod("p1", ip="10.0.0.1")
    have = [stored(body) for body in creates(slices(service(), one))]
    plan = slices(service(ports=[{"name": "http", "port": 80, "targetPort": 9090}]), one, have=have)
    assert [body["ports"][0]["port"] for body in creates(plan)] == [9090]
    assert deletes(plan) == ["web-x"]


def test_others_slices_are_left_alone():
    foreign = whole({"metadata": {"name": "x", "namespace": "ns", "labels": {}}, "addressType": "IPv4"})
    assert deletes(slices(service(), pod("a", ip="10.0.0.1"), have=[foreign])) == []


def test_services_without_selector_are_their_users():
    assert slices(service(selector=None)).steps == ()
    assert slices(service(type="ExternalName")).steps == ()
    assert slices(service(meta={"deletionTimestamp": at(0)})).steps == ()
    assert endpoints.reconcile(service(selector={}), (), None).steps == ()


def test_headless_services_are_labelled_and_keep_hostnames():
    svc = service(clusterIP="None")
    (made,) = creates(slices(svc, pod("p1", ip="10.0.0.1", hostname="h", subdomain="web")))
    assert made["metadata"]["labels"]["service.kubernetes.io/headless"] == ""
    assert made["endpoints"][0]["hostname"] == "h"


def test_endpoints():
    pods = [
        pod("b", ip="10.0.0.2"),
        pod("a", ip="10.0.0.1"),
        pod("c", ip="10.0.0.3", ready=False),
        pod("d", ip="10.0.0.4", deleted=True),
    ]
    (made,) = creates(endpoints.reconcile(service(), pods, None))
    (subset,) = made["subsets"]
    assert [a["ip"] for a in subset["addresses"]] == ["10.0.0.1", "10.0.0.2"]
    assert [a["ip"] for a in subset["notReadyAddresses"]] == ["10.0.0.3"]
    assert subset["ports"] == [{"name": "http", "protocol": "TCP", "port": 8080}]
    present = whole({**made, "metadata": {**made["metadata"], "uid": "E"}})
    assert endpoints.reconcile(service(), pods, present).steps == ()
    plan = endpoints.reconcile(service(), pods[:1], present)
    assert [a["ip"] for a in patches(plan, "endpoints")["web"]["subsets"][0]["addresses"]] == ["10.0.0.2"]


def test_endpoints_end_with_their_service():
    (made,) = creates(endpoints.reconcile(service(), (), None))
    present = whole(made)
    assert deletes(endpoints.reconcile(None, (), present)) == ["web"]
    foreign = whole({"metadata": {"name": "web", "namespace": "ns"}})
    assert endpoints.reconcile(None, (), foreign).steps == ()
