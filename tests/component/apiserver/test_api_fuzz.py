"""Whatever a body holds, the answer is an object or a refusal: never a failure of ours."""

import copy
import json
import random

import pytest
from api_client import PATCHES, deployment

NS = "/namespaces/default"
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
CONTAINER = {
    "name": "c",
    "image": "i",
    "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, {"name": "B", "value": "1"}],
    "envFrom": [{"configMapRef": {"name": "x"}}],
    "ports": [{"containerPort": 80, "hostPort": 80, "protocol": "TCP", "name": "p"}],
    "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2"}},
    "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
    "lifecycle": {"preStop": {"exec": {"command": ["x"]}}},
    "volumeMounts": [{"name": "v", "mountPath": "/x"}],
    "securityContext": {"runAsUser": 1, "capabilities": {"add": ["X"]}},
}
POD_SPEC = {
    "containers": [CONTAINER],
    "initContainers": [{"name": "i", "image": "i", "restartPolicy": "Always"}],
    "volumes": [
        {"name": "v", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "w", "projected": {"sources": [{"configMap": {"name": "c", "items": [{"key": "a", "path": "b"}]}}]}},
        {"name": "h", "hostPath": {"path": "/x", "type": "Directory"}},
    ],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]
            }
        }
    },
    "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1}],
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "x", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {}}}
    ],
    "dnsConfig": {"nameservers": ["1.1.1.1"], "options": [{"name": "ndots", "value": "2"}]},
    "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a"]}],
    "securityContext": {"fsGroup": 1, "sysctls": [{"name": "a.b", "value": "1"}]},
    "nodeSelector": {"a": "b"},
}
PORTS = [{"port": 80, "nodePort": 30080, "targetPort": "x", "name": "a"}]
SEEDS = {
    f"/api/v1{NS}/pods": {"metadata": {"labels": {"a": "b"}, "finalizers": ["a.b/c"]}, "spec": POD_SPEC},
    f"/apis/apps/v1{NS}/deployments": deployment("x"),
    f"/api/v1{NS}/services": {
        "spec": {"type": "NodePort", "ports": PORTS, "selector": {"a": "b"}, "sessionAffinity": "ClientIP"}
    },
    f"/api/v1{NS}/configmaps": {"data": {"a": "b"}, "binaryData": {"x": "eA=="}, "immutable": True},
    f"/api/v1{NS}/secrets": {"data": {"a": "Yg=="}, "stringData": {"c": "d"}, "type": "Opaque"},
    f"/api/v1{NS}/endpoints": {"subsets": [{"addresses": [{"ip": "1.2.3.4"}], "ports": [{"port": 80}]}]},
    f"/apis/events.k8s.io/v1{NS}/events": {
        "regarding": {"kind": "Pod", "namespace": "default"}, "note": "m", "eventTime": "2026-01-02T03:04:05.000000Z",
        "reportingController": "a.b/c", "reportingInstance": "x", "action": "a", "reason": "r", "type": "Normal",
    },
    f"/apis/coordination.k8s.io/v1{NS}/leases": {
        "spec": {"holderIdentity": "x", "leaseDurationSeconds": 5, "renewTime": "2026-01-02T03:04:05.000000Z"}
    },
    f"/apis/discovery.k8s.io/v1{NS}/endpointslices": {
        "addressType": "IPv4", "endpoints": [{"addresses": ["1.2.3.4"]}], "ports": [{"name": "a", "port": 80}]
    },
    "/apis/scheduling.k8s.io/v1/priorityclasses": {"value": 5, "preemptionPolicy": "Never"},
    "/api/v1/namespaces": {"spec": {"finalizers": ["a.b/c"]}},
    "/api/v1/nodes": {"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}, "status": {"capacity": {"cpu": "1"}}},
}  # fmt: skip
JUNK = (
    None, 0, -1, 1.5, 10**12, 10**19, "", "x", "a b", "\0", "ü", "1Gi", "-1", "9" * 400, [], {}, [None], [{}],
    {"a": None}, {"": ""}, [[]], True, False, "2026-01-02T03:04:05Z", ["x", "x"], {"name": "x"}, "0", "None",
)  # fmt: skip


def places(value, path=()):
    """Paths of everything inside a document."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def spoiled(document, rng):
    """A copy with one to three places deleted, doubled or replaced."""
    document = copy.deepcopy(document)
    for _ in range(rng.choice((1, 1, 2, 3))):
        found = [p for p in places(document) if p not in {("metadata",), ("metadata", "name")}]
        if not found:
            break
        *way, last = rng.choice(found)
        holder = document
        for key in way:
            holder = holder[key]
        chance = rng.random()
        if chance < 0.15 and isinstance(holder, dict):
            del holder[last]
        elif chance < 0.25 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        else:
            holder[last] = copy.deepcopy(rng.choice(JUNK))
    return document


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.rpartition("/")[2])
async def test_spoiled_bodies(api, path):
    await api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    rng = random.Random(f"7{path}")
    seed = {"metadata": {}} | SEEDS[path]
    seed = seed | {"metadata": seed["metadata"] | {"name": "seed"}}
    first = await api.post(path, seed)
    assert first.status == 201, first
    for i in range(25):
        body = spoiled(seed, rng)
        named = copy.deepcopy(body)
        if isinstance(named.get("metadata"), dict):
            named["metadata"]["name"] = f"n{i}"
        for method, where, sent, kind in (
            ("POST", path, named, ""),
            ("PUT", f"{path}/seed", body, ""),
            ("PATCH", f"{path}/seed", body, "merge"),
            ("PATCH", f"{path}/seed", body, "strategic"),
        ):
            headers = {"content-type": PATCHES[kind]} if kind else {}
            dry = {"dryRun": "All"} if rng.random() < 0.7 else {}
            answer = await api.send(method, where, json.dumps(sent), headers=headers, **dry)
            assert answer.status < 500, (method, where, sent, answer)
    assert (await api.send("GET", path, headers=TABLE)).status == 200
