"""Subresources through a whole server: scale, binding, eviction, tokens, parts of pods, logs."""

import base64
import json

import pytest
from api_client import DEPLOYMENTS, PODS, Answer, deployment, pod

from podwright.api.errors import service_unavailable
from podwright.apiserver.user import User
from podwright.client.transport import Request

SCALE = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d", "namespace": "ns"}}
TOKEN = "/api/v1/namespaces/ns/serviceaccounts/default/token"


@pytest.fixture
async def scaled(api):
    await api.create(DEPLOYMENTS, deployment("d", replicas=2))
    return api


async def test_a_scale_is_a_window_onto_the_workload(scaled):
    path = f"{DEPLOYMENTS}/d"
    scale = (await scaled.get(f"{path}/scale")).body
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale",
        {"replicas": 2},
        {"replicas": 0, "selector": "app=d"},
    )
    put = await scaled.put(f"{path}/scale", SCALE | {"spec": {"replicas": 5}})
    assert put.body["spec"] == {"replicas": 5}
    whole = (await scaled.get(path)).body
    assert (whole["spec"]["replicas"], whole["metadata"]["generation"]) == (5, 2)
    patched = await scaled.patch(f"{path}/scale", {"spec": {"replicas": 1}})
    assert patched.body["spec"] == {"replicas": 1}
    assert patched.body["metadata"]["resourceVersion"] == (await scaled.get(path)).body["metadata"]["resourceVersion"]
    assert (await scaled.put(f"{path}/scale", SCALE)).body["spec"] == {}
    by_json = [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    assert (await scaled.patch(f"{path}/scale", by_json, "json")).body["spec"] == {"replicas": 3}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (
            SCALE | {"spec": {"replicas": -1}},
            422,
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        (SCALE | {"metadata": {"name": "other"}}, 400, "the name of the object (other) does not match"),
        (SCALE | {"metadata": {"name": "d", "resourceVersion": "1"}}, 409, "the object has been modified"),
        (SCALE | {"metadata": {"name": "d", "uid": "other"}}, 409, "Precondition failed"),
        (deployment("d"), 400, "cannot be handled as a Scale"),
    ],
    ids=["negative", "name", "stale", "uid", "kind"],
)
async def test_scales_that_are_refused(scaled, body, status, words):
    answer = await scaled.put(f"{DEPLOYMENTS}/d/scale", body)
    assert answer.status == status
    assert words in answer.message
    assert (await scaled.get(f"{DEPLOYMENTS}/d")).body["spec"]["replicas"] == 2


async def test_scale_methods(scaled):
    assert (await scaled.delete(f"{DEPLOYMENTS}/d/scale")).status == 405
    assert (await scaled.get(f"{DEPLOYMENTS}/nope/scale")).status == 404
    dry = await scaled.put(f"{DEPLOYMENTS}/d/scale", SCALE | {"spec": {"replicas": 9}}, dryRun="All")
    assert dry.body["spec"] == {"replicas": 9}
    assert (await scaled.get(f"{DEPLOYMENTS}/d")).body["spec"]["replicas"] == 2


def binding(name="p", node="n1", **metadata):
    return {"metadata": {"name": name, **metadata}, "target": {"kind": "Node", "name": node}}


async def test_binding_assigns_a_node_once(api):
    await api.create(PODS, pod("p"))
    answer = await api.post(f"{PODS}/p/binding", binding(annotations={"a": "b"}))
    assert (answer.status, answer.body["status"]) == (201, "Success")
    found = (await api.get(f"{PODS}/p")).body
    assert (found["spec"]["nodeName"], found["metadata"]["annotations"]) == ("n1", {"a": "b"})
    conditions = {c["type"]: c["status"] for c in found["status"]["conditions"]}
    assert conditions["PodScheduled"] == "True"
    assert found["metadata"]["generation"] == 1
    again = await api.post(f"{PODS}/p/binding", binding(node="n2"))
    assert again.status == 409
    assert again.message.endswith('pod p is already assigned to node "n1"')


async def test_bindings_may_be_posted_to_their_collection(api):
    await api.create(PODS, pod("p"))
    assert (await api.post("/api/v1/namespaces/ns/bindings", binding())).status == 201
    nameless = await api.post("/api/v1/namespaces/ns/bindings", binding(name=""))
    assert (nameless.status, nameless.message) == (400, "Name parameter required.")
    assert (await api.get(f"{PODS}/p")).body["spec"]["nodeName"] == "n1"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (binding(name="other"), 400, "name in URL does not match name in Binding object"),
        (binding(node=""), 422, "target.name: Required value"),
        (binding() | {"target": {"kind": "Pod", "name": "x"}}, 422, 'supported values: "Node", "<empty>"'),
        (binding(uid="00000000"), 409, "Precondition failed: UID in precondition: 00000000"),
        (binding(resourceVersion="1"), 409, "Precondition failed: ResourceVersion in precondition: 1"),
        (binding(name=""), 400, "name in URL does not match name in Binding object"),
    ],
    ids=["name", "no node", "kind", "uid", "revision", "no name"],
)
async def test_bindings_that_are_refused(api, body, status, words):
    await api.create(PODS, pod("p"))
    answer = await api.post(f"{PODS}/p/binding", body)
    assert answer.status == status
    assert words in answer.message
    assert "nodeName" not in (await api.get(f"{PODS}/p")).body["spec"]


async def test_gated_and_leaving_pods_are_not_bound(api):
    await api.create(PODS, pod("g", schedulingGates=[{"name": "a.b/wait"}]))
    assert (await api.post(f"{PODS}/g/binding", binding("g"))).message.endswith("has non-empty .spec.schedulingGates")
    leaving = pod("l")
    leaving["metadata"]["finalizers"] = ["a.b/x"]
    await api.create(PODS, leaving)
    await api.delete(f"{PODS}/l")
    answer = await api.post(f"{PODS}/l/binding", binding("l"))
    assert answer.status == 409
    assert "is being deleted" in answer.message


async def test_eviction_is_a_delete(api):
    await api.create(PODS, pod("p"))
    path, body = f"{PODS}/p/eviction", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    assert (await api.post(path, body, dryRun="All")).status == 201
    assert (await api.get(f"{PODS}/p")).status == 200
    assert (await api.post(path, body | {"deleteOptions": {"preconditions": {"uid": "x"}}})).status == 409
    assert (await api.post(path, body)).status == 201
    assert (await api.get(f"{PODS}/p")).status == 404
    assert (await api.post(path, body)).status == 404


async def test_a_requested_token_is_one_that_authenticates(api):
    await api.create(PODS, pod("p"))
    uid = (await api.get(f"{PODS}/p")).body["metadata"]["uid"]
    reference = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": uid}
    answer = await api.post(TOKEN, {"spec": {"boundObjectRef": reference, "expirationSeconds": 700}})
    assert answer.status == 201, answer
    token = answer.body["status"]["token"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["exp"] - claims["iat"] == 700
    assert claims["kubernetes.io"]["pod"] == {"name": "p", "uid": uid}
    tokens = api.server.tokens
    assert tokens is not None
    user = tokens.user_of(token)
    assert isinstance(user, User)
    assert user.name == "system:serviceaccount:ns:default"
    await api.delete(f"{PODS}/p")
    assert tokens.user_of(token) is None


@pytest.mark.parametrize(
    ("spec", "status", "words"),
    [
        ({"expirationSeconds": 5}, 422, 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds'),
        ({"expirationSeconds": 0}, 422, "may not specify a duration less than 10 minutes"),
        ({"expirationSeconds": 1 << 33}, 422, "may not specify a duration larger than 2^32 seconds"),
        (
            {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "else"}},
            400,
            'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
        ),
        ({"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "none"}}, 404, 'pods "none" not found'),
        (
            {"boundObjectRef": {"kind": "ConfigMap", "apiVersion": "v1", "name": "x"}},
            400,
            "cannot bind token to object of type",
        ),
    ],
    ids=["short", "none", "long", "account", "missing", "kind"],
)
async def test_tokens_that_are_refused(api, spec, status, words):
    await api.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "other"}})
    await api.create(PODS, pod("else", serviceAccountName="other"))
    answer = await api.post(TOKEN, {"spec": spec})
    assert answer.status == status
    assert words in answer.message


@pytest.mark.parametrize(
    ("metadata", "status", "words"),
    [
        ({"name": "x"}, 422, 'metadata.name: Invalid value: "x": must match the service account name if specified'),
        ({"uid": "x"}, 409, "the UID in the token request (x) does not match the UID of the service account"),
    ],
    ids=["name", "uid"],
)
async def test_tokens_are_for_the_account_of_the_path(api, metadata, status, words):
    answer = await api.post(TOKEN, {"metadata": metadata, "spec": {}})
    assert (answer.status, words in answer.message) == (status, True)


async def test_a_token_bound_to_a_node(api):
    uid = (await api.create("/api/v1/nodes", {"metadata": {"name": "n"}}))["metadata"]["uid"]
    answer = await api.post(TOKEN, {"spec": {"boundObjectRef": {"kind": "Node", "apiVersion": "v1", "name": "n"}}})
    assert answer.status == 201, answer
    claims = json.loads(base64.urlsafe_b64decode(answer.body["status"]["token"].split(".")[1] + "=="))
    assert claims["kubernetes.io"]["node"] == {"name": "n", "uid": uid}


async def test_ephemeral_containers_and_nothing_else(api):
    await api.create(PODS, pod("p"))
    added = {"name": "dbg", "image": "busybox"}
    patch = {"spec": {"ephemeralContainers": [added], "activeDeadlineSeconds": 5}, "metadata": {"labels": {"z": "z"}}}
    answer = await api.patch(f"{PODS}/p/ephemeralcontainers", patch, "strategic")
    assert answer.status == 200, answer
    found = (await api.get(f"{PODS}/p")).body
    assert [c["name"] for c in found["spec"]["ephemeralContainers"]] == ["dbg"]
    assert "activeDeadlineSeconds" not in found["spec"]
    through_main = await api.patch(
        f"{PODS}/p", {"spec": {"ephemeralContainers": [added, {"name": "d2", "image": "b"}]}}
    )
    assert through_main.status == 422


async def test_what_is_said_beside_ephemeral_containers_is_owned_though_not_kept(api):
    await api.create(PODS, pod("p"))
    patch = {"metadata": {"labels": {"z": "z"}}, "spec": {"ephemeralContainers": [{"name": "dbg", "image": "i"}]}}
    answer = await api.patch(f"{PODS}/p/ephemeralcontainers", patch, "strategic")
    assert "labels" not in answer.body["metadata"]
    last = answer.body["metadata"]["managedFields"][-1]
    assert (last["subresource"], set(last["fieldsV1"])) == ("ephemeralcontainers", {"f:metadata", "f:spec"})


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["b", "a"], "containers may not be renamed or reordered on resize"),
        (["a", "z"], "containers may not be renamed or reordered on resize"),
        (["a"], "containers may not be added or removed on resize"),
    ],
    ids=["order", "name", "count"],
)
async def test_resize_knows_the_containers_by_their_place(api, wanted, words):
    await api.create(PODS, pod("p", containers=[{"name": name, "image": "i"} for name in "ab"]))
    containers = [{"name": name, "image": "i"} for name in wanted]
    answer = await api.patch(f"{PODS}/p/resize", {"spec": {"containers": containers}})
    assert (answer.status, words in answer.message) == (422, True)


async def test_resize_keeps_labels(api):
    await api.create(PODS, pod("p"))
    answer = await api.patch(f"{PODS}/p/resize", {"metadata": {"labels": {"z": "z"}}})
    assert (answer.status, "labels" in answer.body["metadata"]) == (200, False)


async def test_resize_changes_resources_and_nothing_else(api):
    resources = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
    await api.create(PODS, pod("p", containers=[{"name": "c", "image": "i", "resources": resources}]))
    patch = {"spec": {"containers": [{"name": "c", "image": "other", "resources": {"limits": {"cpu": "300m"}}}]}}
    assert (await api.patch(f"{PODS}/p/resize", patch, "strategic")).status == 200
    container = (await api.get(f"{PODS}/p")).body["spec"]["containers"][0]
    assert (container["image"], container["resources"]["limits"]) == ("i", {"cpu": "300m"})


class Streams:
    """The nodes' side of logs."""

    def __init__(self):
        self.asked = []

    async def logs(self, pod, options):
        self.asked.append((pod["metadata"]["name"], options))
        if options.previous:
            raise service_unavailable("the node is away")

        async def pieces():
            yield b"one\n"
            yield b"two\n"

        return pieces()


async def test_logs_come_from_the_node(api):
    streams = api.server.node_streams = Streams()
    await api.create(PODS, pod("p", nodeName="n1"))
    answer = await api.get(f"{PODS}/p/log", tailLines=2, follow="true")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (
        200,
        "one\ntwo\n",
        "text/plain; charset=utf-8",
    )
    name, options = streams.asked[0]
    assert (name, options.container, options.tail_lines, options.follow) == ("p", "c", 2, True)
    assert (await api.get(f"{PODS}/p/log", previous="1")).status == 503


async def test_logs_of_a_pod_without_a_node_or_a_way_to_it(api):
    await api.create(PODS, pod("p"))
    assert (await api.get(f"{PODS}/p/log")).status == 204
    assert (await api.get(f"{PODS}/p/log", container="zz")).message == "container zz is not valid for pod p"
    assert (await api.get(f"{PODS}/nope/log")).status == 404
    assert (await api.get(f"{PODS}/nope/log", tailLines=-1)).status == 422
    await api.create(PODS, pod("q", nodeName="n1"))
    assert (await api.get(f"{PODS}/q/log")).status == 503


async def test_interactive_streams_are_checked_before_they_begin(api):
    async def upgrade(name, kind, *query):
        found = await api.server.upgrade(Request("POST", f"{PODS}/{name}/{kind}", query), api.user)
        return Answer(found) if not isinstance(found, tuple) else found

    await api.create(PODS, pod("p"))
    assert (await upgrade("nope", "exec")).status == 404
    assert (await upgrade("p", "exec")).message == "pod p does not have a host assigned"
    assert (await upgrade("p", "exec", ("container", "zz"))).message == "container zz is not valid for pod p"
    await api.create(PODS, pod("q", nodeName="n1"))
    assert (await upgrade("q", "attach")).status == 503
    streams = api.server.node_streams = Streams()
    assert (await upgrade("q", "portforward"))[0] is streams
    refused = await api.server.upgrade(Request("POST", f"{PODS}/q/exec"), User("jane"))
    assert Answer(refused).status == 403


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (f"{PODS}/p/exec", True),
        (f"{PODS}/p/portforward", True),
        (f"{DEPLOYMENTS}/exec", False),
        ("/api/v1/namespaces/ns/configmaps/attach", False),
    ],
)
async def test_only_subresources_take_over_a_connection(api, path, is_one):
    assert api.server.is_upgrade(path) is is_one


async def test_finalizers_of_a_namespace_are_checked(api):
    path = "/api/v1/namespaces/ns"
    namespace = (await api.get(path)).body
    namespace["spec"]["finalizers"] = ["kubernetes", "no domain"]
    answer = await api.put(f"{path}/finalize", namespace)
    assert answer.status == 422
    assert "spec.finalizers[1]" in answer.message
    namespace["spec"]["finalizers"] = ["kubernetes", "a.b/c"]
    assert (await api.put(f"{path}/finalize", namespace)).body["spec"]["finalizers"] == ["kubernetes", "a.b/c"]


async def test_events_of_both_groups_are_refused_as_one_kind(api):
    events = "/apis/events.k8s.io/v1/namespaces/ns/events"
    answer = await api.post(events, {"metadata": {"name": "e"}})
    assert answer.status == 422
    assert answer.message.startswith('Event "e" is invalid')
    assert "group" not in answer.body["details"]
    assert (await api.get(f"{events}/e")).message == 'events "e" not found'
