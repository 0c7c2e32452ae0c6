"""The seam for what clients configure: where a part is asked, what it is shown, and what becomes of what it does."""

import copy
import json

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod
from widgets import WIDGETS, definition, established, widget

from podwright.api.errors import ApiError, forbidden
from podwright.apiserver.admission.chain import Chain
from podwright.apiserver.admission.dynamic import BaseDynamic
from podwright.apiserver.admission.plugins import built_in_plugins
from podwright.client.transport import Request


class Part(BaseDynamic):
    """Notes what it is asked; changes and refuses as a test says."""

    def __init__(self):
        self.seen = []
        self.change = None
        self.refuse = ""
        self.only = ""
        self.closed = False

    def concerns(self, attributes):
        return not self.only or attributes.resource.plural == self.only

    async def mutate(self, attributes):
        self._note("mutate", attributes)
        if self.change is not None and attributes.obj is not None:
            wanted = copy.deepcopy(attributes.obj)
            self.change(wanted)
            attributes.take(wanted)

    async def validate(self, attributes):
        self._note("validate", attributes)
        if self.refuse:
            raise forbidden(attributes.resource.qualified, attributes.name, self.refuse)

    async def close(self):
        self.closed = True

    def _note(self, step, attributes):
        self.seen.append((step, attributes.operation, attributes.subresource, attributes.kind.kind, attributes.name))
        self.last = attributes

    def asked(self):
        """What was asked since the last look, validation alone."""
        found = [each[1:] for each in self.seen if each[0] == "validate"]
        self.seen.clear()
        return found


@pytest.fixture
def part(api):
    """The only dynamic part of the server."""
    registry = api.server.registry
    made = Part()
    registry.admission = Chain(built_in_plugins(registry.roles, None), (made,))
    return made


async def test_every_write_is_asked_about(api, part):
    await api.create(CM, configmap("c"))
    await api.put(f"{CM}/c", configmap("c", a="1"))
    await api.patch(f"{CM}/c", {"data": {"a": "2"}})
    await api.delete(f"{CM}/c")
    assert part.asked() == [
        ("CREATE", "", "ConfigMap", "c"),
        ("UPDATE", "", "ConfigMap", "c"),
        ("UPDATE", "", "ConfigMap", "c"),
        ("DELETE", "", "ConfigMap", "c"),
    ]


async def test_an_update_that_changes_nothing_is_asked_about_too(api, part):
    await api.create(CM, configmap("c"))
    part.change = lambda obj: obj["metadata"].update(labels={"a": "b"})
    answer = await api.put(f"{CM}/c", configmap("c"))
    assert answer.body["metadata"]["labels"] == {"a": "b"}


async def test_subresources_are_asked_about_as_what_they_are(api, part):
    await api.create(PODS, pod("p"))
    await api.create(DEPLOYMENTS, deployment("d"))
    part.asked()
    await api.patch(f"{PODS}/p/status", {"status": {"message": "m"}})
    await api.put(f"{DEPLOYMENTS}/d/scale", {"metadata": {"name": "d"}, "spec": {"replicas": 3}})
    await api.post(f"{PODS}/p/binding", {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}})
    await api.post("/api/v1/namespaces/ns/serviceaccounts/default/token", {"spec": {}})
    await api.post(f"{PODS}/p/eviction", {"metadata": {"name": "p"}})
    assert part.asked() == [
        ("UPDATE", "status", "Pod", "p"),
        ("UPDATE", "scale", "Scale", "d"),
        ("CREATE", "binding", "Binding", "p"),
        ("CREATE", "token", "TokenRequest", "default"),
        ("CREATE", "eviction", "Eviction", "p"),
    ]


async def test_a_scale_can_be_changed_and_the_workload_follows(api, part):
    await api.create(DEPLOYMENTS, deployment("d"))
    part.change = lambda obj: obj["spec"].update(replicas=7)
    answer = await api.put(f"{DEPLOYMENTS}/d/scale", {"metadata": {"name": "d"}, "spec": {"replicas": 3}})
    assert answer.body["spec"] == {"replicas": 7}
    found = (await api.get(f"{DEPLOYMENTS}/d")).body
    assert (found["spec"]["replicas"], found["metadata"]["generation"]) == (7, 2)


async def test_each_object_of_a_collection_is_asked_about(api, part):
    for name in ("a", "b"):
        await api.create(CM, configmap(name))
    part.asked()
    await api.delete(CM)
    assert sorted(part.asked()) == [("DELETE", "", "ConfigMap", "a"), ("DELETE", "", "ConfigMap", "b")]


async def test_questions_are_asked_about(api, part):
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    await api.create(path, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})
    assert part.asked() == [("CREATE", "", "SelfSubjectAccessReview", "")]


async def test_custom_resources_and_their_definitions_are_asked_about(api, part):
    await established(api, definition())
    assert ("CREATE", "", "CustomResourceDefinition", "widgets.example.com") in part.asked()
    await api.create(WIDGETS, widget("w"))
    assert part.asked() == [("CREATE", "", "Widget", "w")]


@pytest.mark.parametrize(
    ("path", "kind", "obj"),
    [
        pytest.param("pods/p/proxy/a/b", "PodProxyOptions", {"path": "/a/b"}, id="pod"),
        pytest.param("services/s:80/proxy/", "ServiceProxyOptions", {"path": "/"}, id="service"),
    ],
)
async def test_a_request_that_is_passed_on_is_asked_about(api, part, path, kind, obj):
    part.refuse = "no"
    answer = await api.get(f"/api/v1/namespaces/ns/{path}")
    assert (answer.status, answer.message.rpartition(": ")[2]) == (403, "no")
    assert part.last.obj == {"kind": kind, "apiVersion": "v1", **obj}
    assert part.asked() == [("CONNECT", "proxy", kind, path.split("/")[1])]


async def test_what_is_shown_of_a_write(api, part):
    await api.create(CM, configmap("c", a="1"), dryRun="All", fieldManager="me")
    seen = part.last
    assert (seen.ctx.user.name, seen.ctx.dry_run, seen.ctx.namespace) == ("admin", True, "ns")
    assert seen.options.manager == "me"
    assert seen.old is None
    await api.create(CM, configmap("c", a="1"))
    await api.put(f"{CM}/c", configmap("c", a="2"))
    assert (part.last.old["data"], part.last.obj["data"]) == ({"a": "1"}, {"a": "2"})
    await api.delete(f"{CM}/c", gracePeriodSeconds=3)
    assert part.last.obj is None
    assert (part.last.old["data"], part.last.options.grace) == ({"a": "2"}, 3)


async def test_changes_are_completed_and_judged_like_what_the_client_sent(api, part):
    part.only = "pods"
    part.change = lambda obj: obj["spec"].update(initContainers=[{"name": "i", "image": "registry.local/i:1"}])
    made = await api.create(PODS, pod("p"))
    assert made["spec"]["initContainers"][0]["terminationMessagePath"] == "/dev/termination-log"
    part.change = lambda obj: obj["spec"].update(restartPolicy="Sometimes")
    assert (await api.post(PODS, pod("q"))).status == 422
    part.change = lambda obj: obj["spec"].update(containers="none")
    assert (await api.post(PODS, pod("q"))).status == 422
    part.change = lambda obj: obj.update(kind="ConfigMap")
    assert (await api.post(PODS, pod("q"))).status == 400


async def test_identity_stays_the_servers(api, part):
    part.change = lambda obj: obj["metadata"].update(
        uid="mine", creationTimestamp="2001-01-01T00:00:00Z", labels={"a": "b"}
    )
    made = (await api.create(CM, configmap("c")))["metadata"]
    assert made["labels"] == {"a": "b"}
    assert made["uid"] != "mine"
    assert not made["creationTimestamp"].startswith("2001")
    part.change = lambda obj: obj["metadata"].update(namespace="default")
    assert (await api.post(CM, configmap("d"))).status == 400
    part.change = lambda obj: obj["metadata"].update(name="other")
    assert (await api.put(f"{CM}/c", configmap("c", a="1"))).status == 400


async def test_after_a_change_built_in_parts_are_asked_again(api, part):
    part.only = "pods"
    part.change = lambda obj: obj["spec"].pop("tolerations", None)
    made = await api.create(PODS, pod("p"))
    assert "tolerations" not in made["spec"]  # the second pass takes away again what was added in between
    assert [each[0] for each in part.seen] == ["mutate", "mutate", "validate"]


async def test_a_status_write_changes_nothing_but_the_status(api, part):
    await api.create(PODS, pod("p"))
    part.change = lambda obj: (obj["status"].update(message="m"), obj["spec"].update(activeDeadlineSeconds=5))
    found = (await api.patch(f"{PODS}/p/status", {"status": {"reason": "r"}})).body
    assert (found["status"]["message"], found["status"]["reason"]) == ("m", "r")
    assert "activeDeadlineSeconds" not in found["spec"]


async def test_a_refused_write_is_not_stored(api, part):
    await api.create(CM, configmap("c", a="1"))
    part.refuse = "never"
    assert (await api.post(CM, configmap("d"))).status == 403
    assert (await api.put(f"{CM}/c", configmap("c", a="2"))).status == 403
    assert (await api.delete(f"{CM}/c")).status == 403
    part.refuse = ""
    assert (await api.get(f"{CM}/d")).status == 404
    assert (await api.get(f"{CM}/c")).body["data"] == {"a": "1"}


async def test_a_part_is_asked_again_about_what_came_between(api, part):
    await api.create(CM, configmap("c"))
    seen = []

    async def validate(attributes):
        seen.append(dict(attributes.old.get("data") or {}))
        if len(seen) == 1:  # somebody else writes while this one is being judged
            part.only = "none"
            await api.patch(f"{CM}/c", {"data": {"b": "1"}})
            part.only = ""

    part.validate = validate
    assert (await api.patch(f"{CM}/c", {"data": {"a": "1"}})).body["data"] == {"a": "1", "b": "1"}
    assert seen == [{}, {"b": "1"}]


async def test_warnings_reach_the_client(api, part):
    async def validate(attributes):
        attributes.warnings.append("careful")

    part.validate = validate
    assert (await api.post(CM, configmap("c"))).warnings == ("careful",)


async def test_parts_end_with_the_server(api, part):
    await api.server.registry.admission.close()
    assert part.closed


async def test_whoever_is_not_concerned_is_not_asked(api, part):
    part.only = "secrets"
    await api.create(CM, configmap("c"))
    assert part.seen == []


async def test_a_refusal_of_an_exec(api, part):
    part.refuse = "no shells"
    query = (("command", "sh"), ("command", "-c"), ("stdin", "true"), ("container", "c"))
    answer = await api.server.upgrade(Request("GET", f"{PODS}/p/exec", query), api.user)
    assert ApiError.from_status(json.loads(answer.body)).code == 403
    assert part.last.obj == {
        "kind": "PodExecOptions",
        "apiVersion": "v1",
        "stdin": True,
        "container": "c",
        "command": ["sh", "-c"],
    }
