"""Nodes and the control plane over real TLS: joining, assignments, statuses, restarts of either side."""

from __future__ import annotations

import asyncio
import stat
import time

import grpc
import grpc.aio
import pytest
from gateway_lab import CONFIG_MAP, EVENT, LEASE, NODE, POD, SECRET, SERVICE, Lab, condition

from podwright.api.errors import ApiError
from podwright.proto.node.v1 import node_pb2 as pb
from podwright.proto.node.v1 import node_pb2_grpc as rpc


async def test_a_node_joins_and_registers(lab: Lab) -> None:
    node = await lab.node()
    found = await lab.client.get(NODE, "node-1")
    assert found["metadata"]["labels"]["kubernetes.io/hostname"] == "node-1"
    assert found["metadata"]["labels"]["zone"] == "a"
    assert found["status"]["capacity"]["pods"] == "40"
    assert {"type": "InternalIP", "address": "192.0.2.1"} in found["status"]["addresses"]
    assert found["status"]["nodeInfo"]["containerRuntimeVersion"] == "fake://1.0"
    assert condition(found, "MemoryPressure") == "False"
    key = node.config.state_dir / "identity" / "node.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    lease = await lab.until(LEASE, "node-1", lambda _: True, namespace="kube-node-lease")
    first = lease["spec"]["renewTime"]
    await lab.until(LEASE, "node-1", lambda found: found["spec"]["renewTime"] > first, namespace="kube-node-lease")
    assert node.network.configs[-1].pod_cidr == "10.1.0.0/24"
    assert node.network.configs[-1].cluster_dns == "10.96.0.10"


async def test_a_wrong_token_is_refused(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    from gateway_lab import Node

    node = Node(lab, "node-1", "192.0.2.1", token="wrong")
    lab.nodes.append(node)
    node.start()
    await asyncio.sleep(1.5)
    assert "the join token or certificate is not valid" in caplog.text
    with pytest.raises(ApiError):
        await lab.client.get(NODE, "node-1")


async def test_without_a_certificate_nothing_is_served(lab: Lab) -> None:
    credentials = grpc.ssl_channel_credentials(lab.authority.ca)
    async with grpc.aio.secure_channel(f"127.0.0.1:{lab.gateway.node_port}", credentials) as channel:
        call = rpc.NodeStub(channel).Sync()
        with pytest.raises(grpc.aio.AioRpcError):
            await call.read()


async def test_a_certificate_of_somebody_else_is_no_node(lab: Lab) -> None:
    admin = lab.authority.client("admin", "admin", ["system:masters"])
    credentials = grpc.ssl_channel_credentials(lab.authority.ca, admin.key, admin.certificate)
    async with grpc.aio.secure_channel(f"127.0.0.1:{lab.gateway.node_port}", credentials) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.NodeStub(channel).Sync().read()
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_pods_life(lab: Lab) -> None:
    node = await lab.node()
    await lab.pod()
    pod = await lab.running()
    assert pod["status"]["podIP"] == "10.1.0.2"
    assert pod["status"]["hostIP"] == "192.0.2.1"
    assert condition(pod, "PodScheduled") == "True"
    assert pod["status"]["qosClass"] == "BestEffort"
    await lab.client.delete(POD, "p", namespace="default")
    await lab.gone(POD, "p", "default")
    assert node.runtime.infos == {}
    events = await lab.client.list(EVENT, namespace="default")
    about = [e for e in events["items"] if e["involvedObject"]["name"] == "p"]
    assert {"Pulled", "Created", "Started", "Killing"} <= {e["reason"] for e in about}
    assert {e["source"]["component"] for e in about} == {"kubelet"}


async def test_deleted_with_force_the_containers_go_as_well(lab: Lab) -> None:
    node = await lab.node()
    await lab.pod()
    await lab.running()
    await lab.client.delete(POD, "p", namespace="default", grace_period=0)
    await lab.gone(POD, "p", "default")
    await _eventually(lambda: node.runtime.infos == {})


async def test_a_finalizer_holds_the_object_but_not_the_containers(lab: Lab) -> None:
    node = await lab.node()
    await lab.pod()
    await lab.running()
    await lab.client.patch(POD, "p", {"metadata": {"finalizers": ["example.com/hold"]}}, namespace="default")
    await lab.client.delete(POD, "p", namespace="default")
    await _eventually(lambda: node.runtime.infos == {})
    pod = await lab.client.get(POD, "p", namespace="default")
    assert pod["metadata"]["deletionTimestamp"]
    await lab.client.patch(POD, "p", {"metadata": {"finalizers": None}}, namespace="default")
    await lab.gone(POD, "p", "default")


async def test_only_what_pods_refer_to_reaches_the_node(lab: Lab) -> None:
    node = await lab.node()
    for name in ("used", "other"):
        await lab.client.create(CONFIG_MAP, {"metadata": {"name": name}, "data": {"k": "1"}}, namespace="default")
    await lab.client.create(SECRET, {"metadata": {"name": "s"}, "stringData": {"k": "x"}}, namespace="default")
    env = [
        {"name": "K", "valueFrom": {"configMapKeyRef": {"name": "used", "key": "k"}}},
        {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    ]
    c = {"name": "c", "image": "bb:1", "imagePullPolicy": "IfNotPresent", "env": env}
    made = await lab.pod(containers=[c])
    await lab.running()
    desired = node.agent.desired
    assert desired.get("ConfigMap", "default", "used")
    assert desired.get("ConfigMap", "default", "other") is None
    config = node.runtime.configs[f"{made['metadata']['uid']}_c_0"]
    assert {"K=1", "S=x"} <= set(config.env)
    assert any(e.startswith("KUBERNETES_SERVICE_HOST=") for e in config.env)
    await lab.client.patch(CONFIG_MAP, "used", {"data": {"k": "2"}}, namespace="default")
    await _eventually(lambda: (desired.get("ConfigMap", "default", "used") or {})["data"]["k"] == "2")
    kept = [p.read_text() for p in (node.config.state_dir / "desired").glob("*.json")]
    await _eventually(
        lambda: any('"used"' in p.read_text() for p in (node.config.state_dir / "desired").glob("*.json"))
    )
    assert not any('"kind":"Secret"' in text for text in kept), "secrets stay in memory"


async def test_a_config_map_that_comes_late_starts_the_container_at_once(lab: Lab) -> None:
    await lab.node()
    env = [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "late", "key": "k"}}}]
    await lab.pod(containers=[{"name": "c", "image": "bb:1", "imagePullPolicy": "IfNotPresent", "env": env}])
    waiting = await lab.until(POD, "p", lambda p: "CreateContainerConfigError" in str(p["status"]), namespace="default")
    assert waiting["status"]["phase"] == "Pending"
    await lab.client.create(CONFIG_MAP, {"metadata": {"name": "late"}, "data": {"k": "1"}}, namespace="default")
    began = time.monotonic()
    await lab.running()
    assert time.monotonic() - began < 5


async def test_services_become_variables(lab: Lab) -> None:
    node = await lab.node()
    spec = {"selector": {"a": "b"}, "ports": [{"name": "web", "port": 80}]}
    await lab.client.create(SERVICE, {"metadata": {"name": "my-svc"}, "spec": spec}, namespace="default")
    made = await lab.pod()
    await lab.running()
    env = node.runtime.configs[f"{made['metadata']['uid']}_c_0"].env
    assert "MY_SVC_SERVICE_PORT=80" in env


async def test_foreign_conditions_and_resources_stay(lab: Lab) -> None:
    node = await lab.node()
    gate = {"type": "example.com/gate", "status": "True"}
    await lab.pod(readinessGates=[{"conditionType": "example.com/gate"}])
    await lab.until(POD, "p", lambda p: condition(p, "ContainersReady") == "True", namespace="default")
    await lab.client.patch(
        POD, "p", {"status": {"conditions": [gate]}}, type="strategic", namespace="default", subresource="status"
    )
    await lab.running()
    extended = {"status": {"capacity": {"example.com/dongle": "3"}, "allocatable": {"example.com/dongle": "3"}}}
    await lab.client.patch(NODE, "node-1", extended, subresource="status")
    await lab.client.patch(NODE, "node-1", {"metadata": {"labels": {"mine": "yes"}}})
    await node.stop()
    node.start()
    await _eventually(node.agent.link.connected.is_set)
    found = await lab.client.get(NODE, "node-1")
    assert found["status"]["allocatable"]["example.com/dongle"] == "3"
    assert found["metadata"]["labels"]["mine"] == "yes"


async def test_tokens_are_bound_to_the_nodes_own_pods(lab: Lab) -> None:
    node = await lab.node()
    volume = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
    await lab.pod(volumes=[volume])
    await lab.running()
    token, expires = node.volumes.issued[0]
    assert token.count(".") == 2
    assert expires > time.time() + 300
    from podwright.agent.link.link import TokenError
    from podwright.agent.pods.ports import PodRef

    with pytest.raises(TokenError, match="does not run on node-1"):
        await node.agent.link.token(PodRef("default", "p", "another-uid"), "default", [], 600)


async def test_control_plane_restart_does_not_disturb_pods(lab: Lab) -> None:
    node = await lab.node()
    await lab.pod()
    await lab.running()
    ports = (lab.gateway.bootstrap_port, lab.gateway.node_port)
    await lab.stop_gateway()
    await _eventually(lambda: not node.agent.link.connected.is_set())
    node.runtime.exit(next(iter(node.runtime.infos)), 1)  # crashes while the control plane is away
    await _eventually(lambda: any(i.attempt == 1 for i in node.runtime.infos.values()))
    await lab.client.patch(POD, "p", {"metadata": {"labels": {"while": "away"}}}, namespace="default")
    await lab.start_gateway(*ports)
    await _eventually(node.agent.link.connected.is_set)
    pod = await lab.until(
        POD, "p", lambda p: p["status"]["containerStatuses"][0]["restartCount"] == 1, namespace="default"
    )
    assert pod["metadata"]["labels"] == {"while": "away"}
    assert [i.attempt for i in node.runtime.infos.values() if i.pid] == [1]


async def test_agent_restart_without_a_control_plane_goes_on(lab: Lab) -> None:
    node = await lab.node()
    await lab.pod()
    await lab.running()
    await _eventually(lambda: any(True for _ in (node.config.state_dir / "desired").glob("*.json")))
    await asyncio.sleep(0.5)
    ports = (lab.gateway.bootstrap_port, lab.gateway.node_port)
    await lab.stop_gateway()
    await node.stop()
    (container,) = node.runtime.infos
    node.start()
    await asyncio.sleep(0.5)
    assert list(node.runtime.infos) == [container]
    node.runtime.exit(container, 1)
    await _eventually(lambda: any(i.attempt == 1 for i in node.runtime.infos.values()))
    await lab.client.delete(POD, "p", namespace="default", grace_period=0)
    await lab.start_gateway(*ports)
    await _eventually(lambda: node.runtime.infos == {})


async def test_two_nodes_know_the_way_to_each_other(lab: Lab) -> None:
    one = await lab.node("node-1", "192.0.2.1", cidr="10.1.0.0/24")
    await lab.node("node-2", "192.0.2.2", cidr="10.1.1.0/24")
    await _eventually(lambda: bool(one.network.configs[-1].routes))
    route = one.network.configs[-1].routes[0]
    assert (route.node, route.pod_cidr, route.via) == ("node-2", "10.1.1.0/24", "192.0.2.2")


async def test_a_node_cannot_touch_pods_of_another(lab: Lab) -> None:
    await lab.node("node-1", "192.0.2.1")
    await lab.node("node-2", "192.0.2.2", cidr="10.1.1.0/24")
    made = await lab.pod(node="node-1")
    await lab.running()
    other = next(n for n in lab.nodes if n.name == "node-2")
    from podwright.agent.pods.ports import PodRef

    ref = PodRef("default", "p", made["metadata"]["uid"])
    other.agent._outbox.status(ref, {"phase": "Failed"})
    other.agent._outbox.gone(ref)
    await asyncio.sleep(0.5)
    pod = await lab.client.get(POD, "p", namespace="default")
    assert pod["status"]["phase"] == "Running"
    assert "deletionTimestamp" not in pod["metadata"]


async def test_certificate_is_renewed_with_itself(lab: Lab) -> None:
    node = await lab.node()
    identity = node.agent.link._identity
    before = await identity.get()
    after = await identity.join(before)
    assert after.certificate != before.certificate


async def test_a_deleted_node_stays_deleted_until_it_registers(lab: Lab) -> None:
    node = await lab.node()
    await lab.client.delete(NODE, "node-1")
    await lab.client.delete(LEASE, "node-1", namespace="kube-node-lease")
    await asyncio.sleep(0.6)  # three heartbeats
    for resource, namespace in ((NODE, None), (LEASE, "kube-node-lease")):
        with pytest.raises(ApiError):
            await lab.client.get(resource, "node-1", namespace=namespace)
    await node.stop()
    node.start()
    await lab.until(LEASE, "node-1", lambda _: True, namespace="kube-node-lease")


async def test_a_second_stream_of_a_node_replaces_the_first(lab: Lab) -> None:
    node = await lab.node()
    certificate = await node.agent.link._identity.get()
    async with grpc.aio.secure_channel(node.config.gateway, certificate.credentials()) as channel:
        call = rpc.NodeStub(channel).Sync()
        await call.write(pb.AgentMessage(hello=pb.Hello(node_json=node.agent.link._node_json())))
        first = await call.read()
        assert first.HasField("config")
        call.cancel()
    await _eventually(node.agent.link.connected.is_set)
    await lab.pod()
    await lab.running()


async def _eventually(test: object) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if test():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")
