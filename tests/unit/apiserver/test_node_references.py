"""Which objects lead to a node: each way a pod can name something, and the index against a dumb one."""

import random
from types import SimpleNamespace

import orjson
import pytest

from podwright.apiserver.admission.node_labels import forbidden_labels
from podwright.apiserver.authorization.references import References
from podwright.apiserver.cache.resource_cache import ResourceCache
from podwright.apiserver.pod_references import references, volume_secrets

KINDS = {
    "pods": ("", "Pod"),
    "persistentvolumes": ("", "PersistentVolume"),
    "volumeattachments": ("storage.k8s.io", "VolumeAttachment"),
    "resourceslices": ("resource.k8s.io", "ResourceSlice"),
}


def fields_of_a_pod():
    return {"spec.nodeName": lambda obj: obj["spec"].get("nodeName") or ""}


class Caches:
    """The caches, written as the feed writes them."""

    def __init__(self, window=16):
        self.revision = 0
        self.caches = {
            plural: ResourceCache(f"/registry/{plural}/", kind, f"{group}/v1" if group else "v1",
                                  namespaced=plural == "pods", fields=fields_of_a_pod, window=window)
            for plural, (group, kind) in KINDS.items()
        }  # fmt: skip
        self.references = References(
            {(KINDS[p][0], "v1", p): SimpleNamespace(cache=cache) for p, cache in self.caches.items()}
        )

    def put(self, plural, name, spec, **metadata):
        cache, (group, kind) = self.caches[plural], KINDS[plural]
        self.revision += 1
        place = {"namespace": "ns"} if plural == "pods" else {}
        obj = {"kind": kind, "apiVersion": f"{group}/v1" if group else "v1"}
        obj |= {"metadata": {"name": name, **place, **metadata}, "spec": spec}
        cache.apply(self._key(plural, name), orjson.dumps(obj), self.revision, set())

    def drop(self, plural, name):
        self.revision += 1
        self.caches[plural].apply(self._key(plural, name), None, self.revision, set())

    def _key(self, plural, name):
        return f"{self.caches[plural].prefix}{'ns/' if plural == 'pods' else ''}{name}"


NAMES = [
    pytest.param({"serviceAccountName": "x"}, "serviceaccounts", id="account"),
    pytest.param({"imagePullSecrets": [{"name": "x"}]}, "secrets", id="pull"),
    pytest.param({"containers": [{"envFrom": [{"secretRef": {"name": "x"}}]}]}, "secrets", id="envFrom"),
    pytest.param({"containers": [{"envFrom": [{"configMapRef": {"name": "x"}}]}]}, "configmaps", id="envFrom map"),
    pytest.param({"initContainers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "x"}}}]}]}, "secrets", id="env"),
    pytest.param({"ephemeralContainers": [{"env": [{"valueFrom": {"configMapKeyRef": {"name": "x"}}}]}]}, "configmaps",
                 id="env map"),
    pytest.param({"volumes": [{"secret": {"secretName": "x"}}]}, "secrets", id="secret"),
    pytest.param({"volumes": [{"configMap": {"name": "x"}}]}, "configmaps", id="configmap"),
    pytest.param({"volumes": [{"projected": {"sources": [{"secret": {"name": "x"}}]}}]}, "secrets", id="projected"),
    pytest.param({"volumes": [{"azureFile": {"secretName": "x"}}]}, "secrets", id="azureFile"),
    pytest.param({"volumes": [{"csi": {"nodePublishSecretRef": {"name": "x"}}}]}, "secrets", id="csi"),
    pytest.param({"volumes": [{"rbd": {"secretRef": {"name": "x"}}}]}, "secrets", id="rbd"),
    pytest.param({"volumes": [{"persistentVolumeClaim": {"claimName": "x"}}]}, "persistentvolumeclaims", id="claim"),
    pytest.param({"resourceClaims": [{"name": "c", "resourceClaimName": "x"}]}, "resourceclaims", id="devices"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "plural"), NAMES)
def test_a_pod_names(spec, plural):
    assert references({"metadata": {"name": "p"}, "spec": spec}) == {(plural, "x")}


def test_a_pod_names_what_is_made_for_it():
    spec = {"volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {}}}],
            "resourceClaims": [{"name": "c", "resourceClaimTemplateName": "t"}]}  # fmt: skip
    status = {
        "resourceClaimStatuses": [{"name": "c", "resourceClaimName": "made"}],
        "extendedResourceClaimStatus": {"resourceClaimName": "more"},
    }
    pod = {"metadata": {"name": "p"}, "spec": spec, "status": status}
    assert references(pod) == {
        ("persistentvolumeclaims", "p-v"),
        ("resourceclaims", "made"),
        ("resourceclaims", "more"),
    }
    assert ("resourceclaims", "t") not in references({**pod, "status": {}})


def test_a_volume_names_only_what_nodes_read():
    csi = {f"{which}SecretRef": {"namespace": "s", "name": which}
           for which in ("nodePublish", "nodeStage", "nodeExpand", "controllerPublish", "controllerExpand")}  # fmt: skip
    assert volume_secrets({"spec": {"csi": csi}}) == {("s", "nodePublish"), ("s", "nodeStage"), ("s", "nodeExpand")}
    bound = {"claimRef": {"namespace": "ns", "name": "c"}, "azureFile": {"secretName": "a"}}
    assert volume_secrets({"spec": bound}) == {("ns", "a")}


def test_a_mirror_pod_leads_nowhere():
    caches = Caches()
    spec = {"nodeName": "n", "imagePullSecrets": [{"name": "x"}]}
    caches.put("pods", "p", spec, annotations={"kubernetes.io/config.mirror": ""})
    assert caches.references.lead("n", "pods", "ns", "p")
    assert not caches.references.lead("n", "secrets", "ns", "x")


def dumb(world, node, plural, name):
    """Look at everything there is."""
    if plural in {"volumeattachments", "resourceslices"}:
        return world.get((plural, name), {}).get("nodeName") == node
    here = [(n, spec) for (p, n), spec in world.items() if p == "pods" and spec.get("nodeName") == node]
    if plural == "pods":
        return any(n == name for n, _ in here)
    named = {(p, n) for _, spec in here for p, n in references({"metadata": {"name": ""}, "spec": spec})}
    volumes = {}
    for (p, n), spec in world.items():
        if p == "persistentvolumes" and ("persistentvolumeclaims", spec.get("claimRef", {}).get("name")) in named:
            volumes[n] = {secret for _, secret in volume_secrets({"spec": spec})}
    if plural == "persistentvolumes":
        return name in volumes
    return (plural, name) in named or (plural == "secrets" and any(name in found for found in volumes.values()))


def some_pod(rng):
    spec = {"imagePullSecrets": [{"name": rng.choice("ab")}], "volumes": [
        {"persistentVolumeClaim": {"claimName": rng.choice("ab")}}, {"configMap": {"name": rng.choice("ab")}}]}  # fmt: skip
    return spec | ({"nodeName": rng.choice(("n1", "n2"))} if rng.random() < 0.7 else {})


def some_volume(rng):
    spec = {"csi": {"nodeStageSecretRef": {"namespace": "ns", "name": rng.choice("abc")}}}
    return spec | ({"claimRef": {"namespace": "ns", "name": rng.choice("ab")}} if rng.random() < 0.8 else {})


@pytest.mark.parametrize("seed", range(30))
def test_the_index_agrees_with_a_look_at_everything(seed):
    rng, caches, world = random.Random(seed), Caches(window=8), {}
    makers = {"pods": some_pod, "persistentvolumes": some_volume}
    asked = ("secrets", "configmaps", "persistentvolumeclaims", "pods", "persistentvolumes", *list(KINDS)[2:])
    for _ in range(60):
        for _ in range(rng.choice((1, 1, 1, 3, 20))):  # sometimes more than the window holds
            plural, name = rng.choice(list(KINDS)), rng.choice("abc")
            if rng.random() < 0.3:
                world.pop((plural, name), None)
                caches.drop(plural, name)
            else:
                made = makers.get(plural, lambda r: {"nodeName": r.choice(("n1", "n2"))})(rng)
                world[plural, name] = made
                caches.put(plural, name, made)
        for plural in asked:
            where = "ns" if plural not in {"persistentvolumes", *list(KINDS)[2:]} else ""
            for name in "abc":
                for node in ("n1", "n2"):
                    found = caches.references.lead(node, plural, where, name)
                    assert found == dumb(world, node, plural, name), (plural, name, node, world)


LABELS = [
    ({"a": "b"}, {}, []),
    ({"example.com/a": "b"}, {}, []),
    ({"kubernetes.io/hostname": "n", "topology.kubernetes.io/zone": "z"}, {}, []),
    ({"x.node.kubernetes.io/y": "", "kubelet.kubernetes.io/y": ""}, {}, []),
    ({"node-role.kubernetes.io/x": ""}, {}, ["node-role.kubernetes.io/x"]),
    ({"k8s.io/x": "", "a.k8s.io/x": ""}, {}, ["a.k8s.io/x", "k8s.io/x"]),
    ({"node-restriction.kubernetes.io/x": ""}, {}, ["node-restriction.kubernetes.io/x"]),
    ({}, {"node-restriction.kubernetes.io/x": ""}, ["node-restriction.kubernetes.io/x"]),
    ({"k8s.io/x": "1"}, {"k8s.io/x": "1"}, []),
    ({"notkubernetes.io/x": ""}, {}, []),
]


@pytest.mark.parametrize(("new", "old", "found"), LABELS, ids=str)
def test_labels_that_a_node_may_not_write(new, old, found):
    assert forbidden_labels(new, old) == found
