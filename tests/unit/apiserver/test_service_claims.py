"""ClusterIPs and node ports: what a Service takes, keeps and gives back."""

import random
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.errors import ApiError
from podwright.apiserver.allocators.services import ServiceClaimer

IP, PORT = "/allocations/clusterips/", "/allocations/nodeports/"


def claimer():
    return ServiceClaimer("10.96.0.0/16", 30000, 30010, choose=random.Random(1))


def service(**spec):
    return {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "s"}, "spec": {"type": "ClusterIP", **spec}}


def test_a_cluster_ip_is_chosen_from_the_range_but_not_from_its_start():
    for _ in range(200):
        obj = service()
        claims = claimer().claim(obj, None)
        ip = obj["spec"]["clusterIP"]
        assert ip_address(ip) in ip_network("10.96.1.0/24").supernet(8)
        assert int(ip_address(ip)) - int(ip_address("10.96.0.0")) >= 256
        assert obj["spec"]["clusterIPs"] == [ip]
        assert list(claims.take) == [IP + ip]


def test_a_taken_address_is_forgotten_and_drawn_again():
    obj, choose = service(), claimer()
    claims = choose.claim(obj, None)
    first = obj["spec"]["clusterIP"]
    claims.take[IP + first]()
    assert "clusterIP" not in obj["spec"]
    choose.claim(obj, None)
    assert obj["spec"]["clusterIP"] != first


def test_a_chosen_address_that_is_taken_is_refused():
    obj = service(clusterIP="10.96.0.10")
    claims = claimer().claim(obj, None)
    with pytest.raises(ApiError) as error:
        claims.take[IP + "10.96.0.10"]()
    assert error.value.code == 422
    assert 'spec.clusterIPs: Invalid value: ["10.96.0.10"]' in error.value.message
    assert "provided IP is already allocated" in error.value.message


@pytest.mark.parametrize("ip", ["192.168.1.1", "fd00::1"])
def test_an_address_outside_the_range_is_refused(ip):
    with pytest.raises(ApiError) as error:
        claimer().claim(service(clusterIP=ip), None)
    assert "the provided network does not match the current range" in error.value.message


@pytest.mark.parametrize("spec", [{"clusterIP": "None"}, {"type": "ExternalName", "externalName": "x"}], ids=str)
def test_services_without_an_address(spec):
    obj = service(**spec)
    assert not claimer().claim(obj, None).take
    assert obj["spec"].get("clusterIP") in {None, "None"}


def test_node_ports_are_drawn_for_every_port():
    obj = service(type="NodePort", ports=[{"port": 80}, {"port": 81}, {"port": 82, "nodePort": 30005}])
    claims = claimer().claim(obj, None)
    ports = [p["nodePort"] for p in obj["spec"]["ports"]]
    assert len(set(ports)) == 3
    assert all(30000 <= p <= 30010 for p in ports)
    assert {f"{PORT}{p}" for p in ports} < set(claims.take)


def test_a_node_port_outside_the_range_is_refused():
    with pytest.raises(ApiError) as error:
        claimer().claim(service(type="NodePort", ports=[{"port": 80, "nodePort": 80}]), None)
    assert "spec.ports[0].nodePort: Invalid value: 80" in error.value.message
    assert "30000-30010" in error.value.message


def test_two_protocols_may_share_a_node_port_within_a_service():
    ports = [{"port": 53, "protocol": p, "nodePort": 30001} for p in ("TCP", "UDP")]
    claims = claimer().claim(service(type="NodePort", ports=ports), None)
    assert [k for k in claims.take if k.startswith(PORT)] == [PORT + "30001"]


def test_a_load_balancer_may_do_without_node_ports():
    obj = service(type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=[{"port": 80}])
    claimer().claim(obj, None)
    assert "nodePort" not in obj["spec"]["ports"][0]


def test_a_local_load_balancer_gets_a_health_check_port():
    obj = service(type="LoadBalancer", externalTrafficPolicy="Local", ports=[{"port": 80}])
    claims = claimer().claim(obj, None)
    assert f"{PORT}{obj['spec']['healthCheckNodePort']}" in claims.take


def test_an_unchanged_service_claims_nothing():
    obj, choose = service(type="NodePort", ports=[{"port": 80}]), claimer()
    choose.claim(obj, None)
    claims = choose.claim(obj, obj)
    assert (dict(claims.take), claims.give) == ({}, ())


def test_an_update_that_leaves_the_address_out_keeps_it():
    old, choose = service(), claimer()
    choose.claim(old, None)
    new = service()
    claims = choose.claim(new, old)
    assert new["spec"]["clusterIP"] == old["spec"]["clusterIP"]
    assert not claims.take


def test_leaving_a_type_gives_back_what_it_held():
    old, choose = service(type="NodePort", ports=[{"port": 80}]), claimer()
    choose.claim(old, None)
    new = service(type="ExternalName", externalName="x")
    claims = choose.claim(new, old)
    assert set(claims.give) == {IP + old["spec"]["clusterIP"], f"{PORT}{old['spec']['ports'][0]['nodePort']}"}


@given(st.lists(st.sampled_from(("ClusterIP", "NodePort", "ExternalName", "delete")), min_size=1, max_size=12))
def test_whatever_a_service_becomes_it_holds_what_it_shows(steps):
    held, old, choose = set(), None, claimer()
    for step in steps:
        if step == "delete":
            claims = choose.claim(None, old) if old else None
            new = None
        else:
            new = service(type=step, ports=[{"port": 80}])
            claims = choose.claim(new, old)
        if claims is None:
            continue
        assert not held & set(claims.take)
        assert set(claims.give) <= held
        held = (held | set(claims.take)) - set(claims.give)
        old = new
        spec = (old or {}).get("spec", {})
        shown = {IP + ip for ip in spec.get("clusterIPs", [])}
        shown |= {f"{PORT}{p['nodePort']}" for p in spec.get("ports", []) if "nodePort" in p}
        assert held == shown
