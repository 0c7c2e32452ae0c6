"""A node with its own credential: it sees what its pods need and writes what is its own, on every path."""

import pytest
from api_client import PODS, Api, configmap, pod

from podwright.apiserver.user import AUTHENTICATED, NODES, User

N1 = User("system:node:n1", groups=(NODES, AUTHENTICATED))
CORE = "/api/v1/namespaces/ns"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
CSI = "/apis/storage.k8s.io/v1/csinodes"
OTHERS = "no relationship found between node 'n1' and this object"
MIRROR = "kubernetes.io/config.mirror"


def secret(name):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}


def node(name, **labels):
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def lease(name):
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}}


def csi_node(name):
    return {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": name}, "spec": {"drivers": []}}


def using(name, node_name, *secrets, **spec):
    """A pod on a node that names Secrets."""
    volumes = [{"name": f"v{i}", "secret": {"secretName": s}} for i, s in enumerate(secrets)]
    return pod(name, nodeName=node_name, automountServiceAccountToken=False, volumes=volumes, **spec)


async def world(api: Api) -> Api:
    """Two nodes, a pod on each with a Secret of its own; returns the first node."""
    for name in ("n1", "n2"):
        await api.create("/api/v1/nodes", node(name))
        await api.create(LEASES, lease(name))
        await api.create(CSI, csi_node(name))
    for name in ("mine", "theirs", "nobodys"):
        await api.create(f"{CORE}/secrets", secret(name))
        await api.create(f"{CORE}/configmaps", configmap(name))
        await api.create(f"{CORE}/serviceaccounts", {"metadata": {"name": name}})
    await api.create(PODS, using("a", "n1", "mine", serviceAccountName="mine"))
    await api.create(PODS, using("b", "n2", "theirs", serviceAccountName="theirs"))
    await api.create(PODS, using("c", None, "nobodys"))
    return api.as_user(N1)


READS = [
    ("GET", f"{CORE}/secrets/mine", {}, 200),
    ("GET", f"{CORE}/secrets", {"fieldSelector": "metadata.name=mine"}, 200),
    ("GET", f"{CORE}/secrets/theirs", {}, 403),
    ("GET", f"{CORE}/secrets/nobodys", {}, 403),
    ("GET", f"{CORE}/secrets/none", {}, 403),
    ("GET", f"{CORE}/secrets", {}, 403),
    ("GET", "/api/v1/secrets", {}, 403),
    ("GET", "/api/v1/secrets", {"fieldSelector": "metadata.name=mine"}, 403),
    ("DELETE", f"{CORE}/secrets/mine", {}, 403),
    ("DELETE", f"{CORE}/secrets", {"fieldSelector": "metadata.name=mine"}, 403),
    ("GET", f"{CORE}/configmaps/mine", {}, 403),
    ("GET", f"{CORE}/pods/a", {}, 200),
    ("GET", f"{CORE}/pods/b", {}, 403),
    ("GET", f"{CORE}/pods/a/log", {}, 403),
    ("GET", "/api/v1/pods", {"fieldSelector": "spec.nodeName=n1"}, 200),
    ("GET", "/api/v1/pods", {"fieldSelector": "spec.nodeName=n2"}, 403),
    ("GET", "/api/v1/pods", {"fieldSelector": "spec.nodeName!=n2"}, 403),
    ("GET", "/api/v1/pods", {}, 403),
    ("DELETE", f"{CORE}/pods", {"fieldSelector": "spec.nodeName=n1"}, 403),
    ("GET", "/api/v1/nodes/n1", {}, 200),
    ("GET", "/api/v1/nodes", {"fieldSelector": "metadata.name=n1"}, 200),
    ("GET", "/api/v1/nodes/n2", {}, 403),
    ("GET", "/api/v1/nodes", {}, 403),
    ("GET", f"{LEASES}/n1", {}, 200),
    ("GET", f"{LEASES}/n2", {}, 403),
    ("GET", LEASES, {}, 403),
    ("GET", f"{CSI}/n1", {}, 200),
    ("GET", f"{CSI}/n2", {}, 403),
    ("GET", "/api/v1/services", {}, 200),
    ("GET", "/apis/node.k8s.io/v1/runtimeclasses", {}, 200),
    ("GET", "/apis/apps/v1/deployments", {}, 403),
    ("DELETE", "/api/v1/nodes/n1", {}, 403),
    ("GET", "/metrics", {}, 403),
    ("GET", "/api", {}, 200),
]


async def test_a_node_reads_what_its_pods_need(api: Api) -> None:
    n1 = await world(api)
    for method, path, query, status in READS:
        answer = await n1.send(method, path, **query)
        assert answer.status == status, (method, path, query, answer)
    assert (await n1.get(f"{CORE}/secrets/theirs")).message.endswith(f": {OTHERS}")
    watch = await n1.watch("/api/v1/pods", fieldSelector="spec.nodeName=n1")
    assert await watch.names(1) == [("ADDED", "a")]
    await n1.close()


async def test_what_leads_to_a_node_changes_with_its_pods(api: Api) -> None:
    n1 = await world(api)
    path = f"{CORE}/secrets/nobodys"
    assert (await n1.get(path)).status == 403
    binding = {"metadata": {"name": "c"}, "target": {"kind": "Node", "name": "n1"}}
    await api.create(f"{PODS}/c/binding", binding)
    assert (await n1.get(path)).status == 200
    await api.delete(f"{PODS}/c", {"gracePeriodSeconds": 0})
    assert (await n1.get(path)).status == 403


async def test_volumes_lead_to_a_node_through_their_claims(api: Api) -> None:
    n1 = await world(api)
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    await api.create(PODS, pod("d", nodeName="n1", automountServiceAccountToken=False, volumes=volumes))
    size = {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"]}
    await api.create(f"{CORE}/persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": size})
    driver = {"driver": "x.io", "volumeHandle": "h", "nodePublishSecretRef": {"name": "nobodys", "namespace": "ns"}}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "csi": driver}
    await api.create("/api/v1/persistentvolumes", {"metadata": {"name": "pv"}, "spec": spec})
    paths = ("/api/v1/persistentvolumes/pv", f"{CORE}/secrets/nobodys")
    assert [(await n1.get(path)).status for path in paths] == [403, 403]
    assert (await n1.get(f"{CORE}/persistentvolumeclaims/data")).status == 200
    reference = {"claimRef": {"namespace": "ns", "name": "data", "kind": "PersistentVolumeClaim", "apiVersion": "v1"}}
    await api.patch("/api/v1/persistentvolumes/pv", {"spec": reference})
    assert [(await n1.get(path)).status for path in paths] == [200, 200]
    status = f"{CORE}/persistentvolumeclaims/data/status"
    assert (await n1.patch(status, {"status": {"capacity": {"storage": "2Gi"}}})).status == 200
    assert (await n1.patch(status, {"status": {"phase": "Lost"}})).status == 403
    assert (await n1.patch(status, {"metadata": {"labels": {"a": "b"}}})).status in {200, 403}
    assert "labels" not in (await api.get(f"{CORE}/persistentvolumeclaims/data")).body["metadata"]


MINE = "can only access node lease with the same name as the requesting node"
WRITES = [
    pytest.param("PATCH", "/api/v1/nodes/n1", {"metadata": {"labels": {"my": "own"}}}, "", id="own label"),
    pytest.param("PATCH", "/api/v1/nodes/n1", {"metadata": {"labels": {"kubernetes.io/hostname": "h"}}}, "", id="name"),
    pytest.param("PATCH", "/api/v1/nodes/n1", {"metadata": {"labels": {"node-role.kubernetes.io/x": ""}}},
                 "is not allowed to modify labels: node-role.kubernetes.io/x", id="role"),
    pytest.param("PATCH", "/api/v1/nodes/n1", {"metadata": {"labels": {"a.node-restriction.kubernetes.io/x": ""}}},
                 "is not allowed to modify labels: a.node-restriction.kubernetes.io/x", id="restricted label"),
    pytest.param("PATCH", "/api/v1/nodes/n1/status", {"metadata": {"labels": {"x.k8s.io/y": ""}}},
                 "is not allowed to modify labels: x.k8s.io/y", id="label by status"),
    pytest.param("PATCH", "/api/v1/nodes/n1", {"spec": {"taints": []}}, 'node "n1" is not allowed to modify taints',
                 id="taints"),
    pytest.param("PATCH", "/api/v1/nodes/n1",
                 {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n2", "uid": "u"}]}},
                 'node "n1" is not allowed to modify ownerReferences', id="owners"),
    pytest.param("PATCH", "/api/v1/nodes/n1", {"spec": {"unschedulable": True}}, "", id="cordon"),
    pytest.param("PATCH", "/api/v1/nodes/n1/status", {"status": {"phase": "Running"}}, "", id="own status"),
    pytest.param("PATCH", "/api/v1/nodes/n2", {"metadata": {"labels": {"my": "own"}}},
                 'node "n1" is not allowed to modify node "n2"', id="another node"),
    pytest.param("PATCH", "/api/v1/nodes/n2/status", {"status": {"phase": "Running"}},
                 'node "n1" is not allowed to modify node "n2"', id="another node's status"),
    pytest.param("POST", "/api/v1/nodes", node("n3"), 'node "n1" is not allowed to modify node "n3"', id="new node"),
    pytest.param("PATCH", f"{LEASES}/n1", {"spec": {"holderIdentity": "n1"}}, "", id="own lease"),
    pytest.param("PATCH", f"{LEASES}/n2", {"spec": {"holderIdentity": "n1"}}, MINE, id="another lease"),
    pytest.param("POST", LEASES, lease("n3"), MINE, id="new lease"),
    pytest.param("POST", LEASES.replace("kube-node-lease", "ns"), lease("n1"),
                 'can only access leases in the "kube-node-lease" system namespace', id="lease elsewhere"),
    pytest.param("POST", CSI, csi_node("n3"), "can only access CSINode with the same name as the requesting node",
                 id="new csinode"),
    pytest.param("PATCH", f"{PODS}/a/status", {"status": {"phase": "Running"}}, "", id="pod status"),
    pytest.param("PATCH", f"{PODS}/b/status", {"status": {"phase": "Failed"}},
                 'node "n1" can only update pod status for pods with spec.nodeName set to itself', id="another's status"),
    pytest.param("PATCH", f"{PODS}/a/status", {"metadata": {"labels": {"a": "b"}}},
                 'node "n1" cannot update labels through pod status', id="pod labels"),
    pytest.param("PATCH", f"{PODS}/a", {"metadata": {"labels": {"a": "b"}}}, "cannot patch resource", id="pod itself"),
    pytest.param("PATCH", f"{PODS}/a/ephemeralcontainers", {"spec": {}}, "cannot patch resource", id="pod's containers"),
    pytest.param("DELETE", f"{PODS}/b", None, 'node "n1" can only delete pods with spec.nodeName set to itself',
                 id="another's pod"),
    pytest.param("DELETE", f"{PODS}/a", None, "", id="own pod"),
    pytest.param("POST", f"{PODS}/b/eviction", {"metadata": {"name": "b"}},
                 "node n1 can only evict pods with spec.nodeName set to itself", id="evict another's"),
    pytest.param("POST", f"{PODS}/a/eviction", {"metadata": {"name": "a"}}, "", id="evict own"),
    pytest.param("POST", f"{PODS}/c/binding", {"metadata": {"name": "c"}, "target": {"kind": "Node", "name": "n1"}},
                 "cannot create resource", id="bind"),
    pytest.param("POST", PODS, pod("m", nodeName="n1"),
                 f'pod does not have "{MIRROR}" annotation, node "n1" can only create mirror pods', id="plain pod"),
    pytest.param("POST", f"{CORE}/secrets", secret("s"), "cannot create resource", id="secret"),
    pytest.param("POST", f"{CORE}/events", {"metadata": {"name": "e"}, "reason": "r", "involvedObject":
                 {"kind": "Pod", "namespace": "ns", "name": "a"}}, "", id="event"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "why"), WRITES)
async def test_a_node_writes_what_is_its_own(api: Api, method, path, body, why) -> None:
    n1 = await world(api)
    send = n1.patch(path, body) if method == "PATCH" else n1.send(method, path, body)
    answer = await send
    if why:
        assert (answer.status, why in answer.message) == (403, True), answer
    else:
        assert answer.status in {200, 201}, answer


def mirror(node_name="n1", owner="n1", uid="", *, controller=True, **spec):
    made = pod("m", nodeName=node_name, **spec)
    made["metadata"]["annotations"] = {MIRROR: "x"}
    made["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Node", "name": owner, "uid": uid, "controller": controller}
    ]
    return made


MIRRORS = [
    pytest.param({}, "", id="own"),
    pytest.param({"node_name": "n2"}, "only create pods with spec.nodeName set to itself", id="elsewhere"),
    pytest.param({"owner": "n2"}, "only create pods with an owner reference set to itself", id="another's"),
    pytest.param({"controller": False}, "with a controller owner reference set to itself", id="no controller"),
    pytest.param({"uid": "other"}, "node n1 UID mismatch: expected other got", id="another uid"),
    pytest.param({"serviceAccountName": "mine"}, "a mirror pod may not reference service accounts", id="account"),
    pytest.param({"volumes": [{"name": "v", "secret": {"secretName": "theirs"}}]},
                 "a mirror pod may not reference secrets", id="secret"),
    pytest.param({"imagePullSecrets": [{"name": "theirs"}]}, "a mirror pod may not reference secrets", id="pull"),
    pytest.param({"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "theirs"}}]}}]},
                 "can not create pods that reference configmaps", id="configmap"),
    pytest.param({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "theirs"}}]},
                 "can not create pods that reference persistentvolumeclaims", id="claim"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "why"), MIRRORS)
async def test_mirror_pods_are_a_nodes_own_and_name_nothing(api: Api, wrong, why) -> None:
    n1 = await world(api)
    own = (await n1.get("/api/v1/nodes/n1")).body["metadata"]["uid"]
    answer = await n1.post(PODS, mirror(**{"uid": own, **wrong}))
    if not why:
        assert answer.status == 201, answer
        assert (await n1.delete(f"{PODS}/m")).status == 200
    else:
        assert (answer.status, why in answer.message) == (403, True), answer


async def test_tokens_are_for_a_nodes_own_pods(api: Api) -> None:
    n1 = await world(api)
    sources = [{"serviceAccountToken": {"path": "t", "audience": "vault"}}]
    volumes = [{"name": "v", "projected": {"sources": sources}}]
    mine = await api.create(PODS, pod("t", nodeName="n1", serviceAccountName="mine", volumes=volumes))
    theirs = (await api.get(f"{PODS}/b")).body

    def bound(to, **more):
        reference = {"apiVersion": "v1", "kind": "Pod", "name": to["metadata"]["name"], "uid": to["metadata"]["uid"]}
        return {"spec": {"boundObjectRef": {**reference, **more}}}

    where = f"{CORE}/serviceaccounts/mine/token"
    for path, body, why in (
        (where, bound(mine), ""),
        (where, {"spec": {**bound(mine)["spec"], "audiences": ["vault"]}}, ""),
        (where, {"spec": {**bound(mine)["spec"], "audiences": ["bank"]}}, 'audience "bank" not found in pod spec'),
        (where, {"spec": {**bound(mine)["spec"], "audiences": ["vault", "bank"]}}, "only request 0 or 1 audiences"),
        (where, {"spec": {}}, "node requested token not bound to a pod"),
        (where, bound(mine, uid=""), "without a uid"),
        (where, bound(mine, uid="other"), "does not match the UID in record"),
        (where, bound(theirs), "node requested token bound to a pod scheduled on a different node"),
        (f"{CORE}/serviceaccounts/theirs/token", bound(theirs), OTHERS),
        (f"{CORE}/serviceaccounts/nobodys/token", bound(mine), OTHERS),
    ):
        answer = await n1.post(path, body)
        assert (answer.status, answer.status == 201 or why in answer.message) == (403 if why else 201, True), answer


async def test_a_name_or_a_group_alone_is_no_node(api: Api) -> None:
    await world(api)
    for user in (User("system:node:n1", groups=(AUTHENTICATED,)), User("n1", groups=(NODES, AUTHENTICATED))):
        assert (await api.as_user(user).get(f"{CORE}/secrets/mine")).status == 403
    nameless = api.as_user(User("system:node:", groups=(NODES, AUTHENTICATED)))
    assert (await nameless.get("/api/v1/services")).status == 403


async def test_what_a_node_may_do_is_not_all_listed(api: Api) -> None:
    n1 = await world(api)
    answer = await n1.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": "ns"}})
    status = answer.body["status"]
    assert (status["incomplete"], bool(status["evaluationError"])) == (True, True)
    for selector, allowed in (
        ({"rawSelector": "spec.nodeName=n1"}, True),
        ({"rawSelector": "spec.nodeName=n2"}, False),
        ({"requirements": [{"key": "spec.nodeName", "operator": "In", "values": ["n1"]}]}, True),
    ):
        asked = {"verb": "list", "resource": "pods", "fieldSelector": selector}
        body = {"spec": {"user": N1.name, "groups": list(N1.groups), "resourceAttributes": asked}}
        answer = await api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        assert answer.body["status"]["allowed"] is allowed, selector


async def test_a_certificate_makes_a_node(https, pki) -> None:
    await https.api.create("/api/v1/nodes", node("n1"))
    await https.api.create("/api/v1/nodes", node("n2"))
    own = pki.client("system:node:n1", NODES)
    async with https.session(token="", certificate=own) as session:
        for path, status in (("/api/v1/nodes/n1", 200), ("/api/v1/nodes/n2", 403), ("/api/v1/secrets", 403)):
            async with session.get(path) as answer:
                assert answer.status == status, path
        body = {"metadata": {"labels": {"node-role.kubernetes.io/master": ""}}}
        async with session.patch("/api/v1/nodes/n1", json=body,
                                 headers={"content-type": "application/merge-patch+json"}) as answer:  # fmt: skip
            assert answer.status == 403
