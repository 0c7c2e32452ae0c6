"""The suite's group of admission and conversion webhooks, with the program behind a URL instead of in a pod."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from api_client import CM, PODS, Api, configmap, pod
from configured import GROUP, MUTATING, VALIDATING, Hooked
from convertible import at, convert, places, store_as, v1, v2
from hook_server import ALLOW, HookFiles, HookServer, deny, hook, patch, rule
from steps import good, names
from widgets import DEFINITIONS, WIDGETS, definition, established, version, widget

from podwright.client.transport import Request

STAGES = [{"op": "add", "path": f"/data/mutation-stage-{n}", "value": "yes"} for n in (1, 2)]
PUTS = rule("configmaps", operations=("CREATE",), groups=("",), versions=("v1",))
BOTH = pytest.mark.parametrize("path", [MUTATING, VALIDATING], ids=["mutating", "validating"])


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> HookFiles:
    return HookFiles(tmp_path_factory.mktemp("hooks"))


@pytest.fixture
async def hooks(files: HookFiles) -> AsyncIterator[HookServer]:
    """The program."""
    made = HookServer(files)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def server(api: Api) -> Hooked:
    return Hooked(api.server)


def refused(request):
    """Deny what has a certain key, as the suite's program does."""
    data = (request["object"] or {}).get("data") or {}
    return deny("the object holds offending data") if data.get("webhook-e2e-test") == "disallow" else ALLOW


async def test_webhook_resources_stand_in_discovery(server: Hooked) -> None:
    groups = good(await server.get("/apis"))["groups"]
    group = next(each for each in groups if each["name"] == "admissionregistration.k8s.io")
    assert "admissionregistration.k8s.io/v1" in [each["groupVersion"] for each in group["versions"]]
    assert good(await server.get("/apis/admissionregistration.k8s.io"))["preferredVersion"]["version"] == "v1"
    resources = [each["name"] for each in good(await server.get(GROUP))["resources"]]
    assert {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} <= set(resources)


async def test_pods_and_configmaps_are_denied(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/pods"] = lambda r: (
        deny("the pod holds an unwanted container") if "no" in str(r["object"]) else ALLOW
    )
    hooks.answers["/configmaps"] = refused
    exempt = {"matchExpressions": [{"key": "skip-webhook", "operator": "NotIn", "values": ["yes"]}]}
    await server.validating(
        "deny",
        hook("pods", hooks.config("/pods"), rule("pods", operations=("CREATE",)), namespaceSelector=exempt),
        hook(
            "configmaps",
            hooks.config("/configmaps"),
            rule("configmaps", operations=("CREATE", "UPDATE", "DELETE")),
            namespaceSelector=exempt,
        ),
    )
    answer = await server.post(PODS, pod("no", labels={"no": "no"}))
    assert "the pod holds an unwanted container" in answer.message
    answer = await server.post(CM, configmap("c", **{"webhook-e2e-test": "disallow"}))
    assert "denied the request: the object holds offending data" in answer.message
    await server.create(CM, configmap("allowed", a="b"))
    bad = {"webhook-e2e-test": "disallow"}
    for answer in (
        await server.put(f"{CM}/allowed", configmap("allowed", **bad)),
        await server.patch(f"{CM}/allowed", {"data": bad}),
    ):
        assert "offending data" in answer.message
    await server.create("/api/v1/namespaces", {"metadata": {"name": "exempt", "labels": {"skip-webhook": "yes"}}})
    await server.create("/api/v1/namespaces/exempt/configmaps", configmap("c", **bad))


async def test_attaching_to_a_pod_is_denied(server: Hooked, hooks: HookServer) -> None:
    await server.create(PODS, pod("to-be-attached"))
    hooks.answers["/"] = deny("attaching to pod 'to-be-attached' is not allowed")
    await server.validating("attach", hook("attach", hooks.config(), rule("pods/attach", operations=("CONNECT",))))
    request = Request("POST", f"{PODS}/to-be-attached/attach", (("container", "c"), ("stdin", "true")))
    answer = await server.server.upgrade(request, server.user)
    assert answer.status == 400
    assert b"attaching to pod 'to-be-attached' is not allowed" in answer.body
    assert hooks.requests()[0]["object"]["kind"] == "PodAttachOptions"


async def test_custom_resources_are_denied_at_every_step(server: Hooked, hooks: HookServer) -> None:
    await established(server, definition())

    def judge(request):
        held = (request["object"] or request["oldObject"])["spec"].get("color")
        return deny("the custom resource holds unwanted data") if held == "green" else ALLOW

    hooks.answers["/"] = judge
    every = rule("widgets", operations=("CREATE", "UPDATE", "DELETE"), groups=("example.com",))
    await server.validating("custom", hook("custom", hooks.config(), every))
    refusal = 'admission webhook "custom.example.com" denied the request: the custom resource holds unwanted data'
    assert (await server.post(WIDGETS, widget("w", color="green"))).message == refusal
    await server.create(WIDGETS, widget("w", color="red"))
    assert (await server.patch(f"{WIDGETS}/w", {"spec": {"color": "green"}})).message == refusal
    hooks.answers["/"] = deny("the custom resource holds unwanted data")
    assert (await server.delete(f"{WIDGETS}/w")).message == refusal
    hooks.answers["/"] = judge
    assert (await server.delete(f"{WIDGETS}/w")).status == 200


async def test_what_fails_closed_refuses_unconditionally(server: Hooked, hooks: HookServer) -> None:
    gone = {"url": "https://127.0.0.1:1/none", "caBundle": hooks.bundle}
    await server.validating("closed", hook("closed", gone, PUTS, failurePolicy="Fail"))
    answer = await server.post(CM, configmap("c"))
    assert (answer.status, answer.body["reason"]) == (500, "InternalError")


async def test_a_configmap_is_changed_by_one_after_the_other(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/first"] = patch(STAGES[0])
    hooks.answers["/second"] = lambda r: patch(STAGES[1]) if "mutation-stage-1" in r["object"]["data"] else ALLOW
    await server.mutating("m", hook("a", hooks.config("/first"), PUTS), hook("b", hooks.config("/second"), PUTS))
    made = await server.create(CM, configmap("c", **{"mutation-start": "yes"}))
    assert made["data"] == {"mutation-start": "yes", "mutation-stage-1": "yes", "mutation-stage-2": "yes"}


async def test_a_pod_is_changed_and_completed_afterwards(server: Hooked, hooks: HookServer) -> None:
    extra = {"name": "webhook-added-init-container", "image": "webhook-added-image"}
    hooks.answers["/"] = patch({"op": "add", "path": "/spec/initContainers", "value": [extra]})
    await server.mutating("m", hook("m", hooks.config(), rule("pods", operations=("CREATE",))))
    added = (await server.create(PODS, pod("p")))["spec"]["initContainers"]
    assert [each["name"] for each in added] == ["webhook-added-init-container"]
    assert added[0]["terminationMessagePolicy"] == "File"


async def test_webhooks_can_neither_change_nor_keep_configurations(server: Hooked, hooks: HookServer) -> None:
    about = rule(
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
        operations=("CREATE", "UPDATE", "DELETE"),
        groups=("admissionregistration.k8s.io",),
    )
    hooks.answers |= {
        "/keep": deny("stays"),
        "/label": patch({"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}),
    }
    await server.validating("keeper", hook("keeper", hooks.config("/keep"), about))
    await server.mutating("labeller", hook("labeller", hooks.config("/label"), about))
    made = [
        await server.validating("v", hook("v", hooks.config())),
        await server.mutating("m", hook("m", hooks.config())),
    ]
    assert all("labels" not in each["metadata"] for each in made)
    for path, name in ((VALIDATING, "v"), (MUTATING, "m")):
        assert (await server.delete(f"{path}/{name}")).status == 200
    assert hooks.asked == []


async def test_custom_resources_are_changed(server: Hooked, hooks: HookServer) -> None:
    await established(server, definition())
    hooks.answers["/first"] = patch({"op": "add", "path": "/spec/color", "value": "green"})
    hooks.answers["/second"] = lambda r: (
        patch({"op": "add", "path": "/spec/size", "value": 7}) if r["object"]["spec"]["color"] == "green" else ALLOW
    )
    every = rule("widgets", operations=("CREATE", "UPDATE"), groups=("example.com",))
    await server.mutating("m", hook("a", hooks.config("/first"), every), hook("b", hooks.config("/second"), every))
    assert (await server.create(WIDGETS, widget("w")))["spec"] | {"size": 7, "color": "green"} == (
        good(await server.get(f"{WIDGETS}/w"))["spec"]
    )


async def test_changes_that_the_schema_does_not_know_are_pruned(server: Hooked, hooks: HookServer) -> None:
    await established(server, definition())
    hooks.answers["/"] = patch(
        {"op": "add", "path": "/spec/size", "value": 7}, {"op": "add", "path": "/spec/unknown", "value": "x"}
    )
    await server.mutating("m", hook("m", hooks.config(), rule("widgets", operations=("CREATE",))))
    made = (await server.create(WIDGETS, widget("w")))["spec"]
    assert made["size"] == 7
    assert "unknown" not in made


async def test_custom_resources_are_changed_whichever_version_is_stored(server: Hooked, hooks: HookServer) -> None:
    crd = definition("widgets", "Widget", version("v1"), version("v2", storage=False))
    await established(server, crd)
    hooks.answers["/"] = patch({"op": "add", "path": "/spec/size", "value": 7})
    every = rule("widgets", operations=("CREATE", "UPDATE"), groups=("example.com",), versions=("v1",))
    await server.mutating("m", hook("m", hooks.config(), every))
    assert (await server.create(WIDGETS, widget("a")))["spec"]["size"] == 7
    for each in crd["spec"]["versions"]:
        each["storage"] = each["name"] == "v2"
    found = good(await server.get(f"{DEFINITIONS}/widgets.example.com"))
    good(await server.put(f"{DEFINITIONS}/widgets.example.com", {**found, "spec": {**found["spec"], **crd["spec"]}}))
    path = WIDGETS.replace("/v1/", "/v2/")
    changed = good(await server.patch(f"{path}/a", {"spec": {"size": 8, "pat": "z"}}))
    assert (changed["apiVersion"], changed["spec"]["size"], changed["spec"]["pat"]) == ("example.com/v2", 7, "z")
    assert (await server.create(path, widget("b", of_version="v2")))["spec"]["size"] == 7


async def test_definitions_are_denied(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/"] = lambda r: (
        deny("the definition is not wanted") if "deny" in (r["object"]["metadata"].get("labels") or {}) else ALLOW
    )
    about = rule("customresourcedefinitions", operations=("CREATE",), groups=("apiextensions.k8s.io",))
    await server.validating("v", hook("v", hooks.config(), about))
    wanted = definition()
    wanted["metadata"]["labels"] = {"deny": "x"}
    assert "the definition is not wanted" in (await server.post(DEFINITIONS, wanted)).message
    await established(server, definition())


async def test_the_time_limit_is_kept(server: Hooked, hooks: HookServer) -> None:
    may_answer = asyncio.Event()

    async def slow(_):
        await may_answer.wait()
        return ALLOW

    hooks.answers["/"] = slow
    await server.validating("v", hook("slow", hooks.config(), PUTS, timeoutSeconds=1, failurePolicy="Fail"))
    answer = await server.post(CM, configmap("c"))
    assert answer.status == 500
    assert "context deadline exceeded" in answer.message
    await server.delete(f"{VALIDATING}/v")
    await server.validating("v", hook("slow", hooks.config(), PUTS, timeoutSeconds=1, failurePolicy="Ignore"))
    await server.create(CM, configmap("ignored"))
    await server.delete(f"{VALIDATING}/v")
    may_answer.set()
    made = await server.validating("v", hook("slow", hooks.config(), PUTS, failurePolicy="Fail"))
    assert made["webhooks"][0]["timeoutSeconds"] == 10
    await server.create(CM, configmap("in-time"))


async def test_a_validating_configuration_is_updated_and_patched(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/"] = refused
    bad = configmap("c", **{"webhook-e2e-test": "disallow"})
    made = await server.validating("v", hook("v", hooks.config(), PUTS))
    assert (await server.post(CM, bad)).status == 400
    made["webhooks"][0]["rules"][0]["operations"] = ["UPDATE"]
    good(await server.put(f"{VALIDATING}/v", made))
    await server.create(CM, bad)
    await server.delete(f"{CM}/c")
    change = [{"op": "replace", "path": "/webhooks/0/rules/0/operations", "value": ["CREATE"]}]
    good(await server.patch(f"{VALIDATING}/v", change, "json"))
    assert (await server.post(CM, bad)).status == 400


async def test_a_mutating_configuration_is_updated_and_patched(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/"] = patch(STAGES[0])
    made = await server.mutating("m", hook("m", hooks.config(), PUTS))
    made["webhooks"][0]["rules"][0]["operations"] = ["UPDATE"]
    good(await server.put(f"{MUTATING}/m", made))
    assert (await server.create(CM, configmap("a", x="y")))["data"] == {"x": "y"}
    change = [{"op": "replace", "path": "/webhooks/0/rules/0/operations", "value": ["CREATE"]}]
    good(await server.patch(f"{MUTATING}/m", change, "json"))
    assert (await server.create(CM, configmap("b", x="y")))["data"] == {"x": "y", "mutation-stage-1": "yes"}


@BOTH
async def test_configurations_are_listed_and_deleted_together(server: Hooked, hooks: HookServer, path: str) -> None:
    hooks.answers["/"] = lambda r: patch(STAGES[0]) if path == MUTATING else deny("no")
    for number in range(3):
        metadata = {"name": f"w{number}", "labels": {"list": "me"}}
        await server.create(path, {"metadata": metadata, "webhooks": [hook(f"w{number}", hooks.config(), PUTS)]})
    assert names(good(await server.get(path, labelSelector="list=me"))) == ["w0", "w1", "w2"]
    answer = await server.post(CM, configmap("c", x="y"))
    assert answer.status == (201 if path == MUTATING else 400)
    assert path == VALIDATING or "mutation-stage-1" in answer.body["data"]
    good(await server.delete(path, labelSelector="list=me"))
    assert (await server.create(CM, configmap("d", x="y")))["data"] == {"x": "y"}


@BOTH
async def test_match_conditions_are_created_and_updated(server: Hooked, hooks: HookServer, path: str) -> None:
    first = {"name": "expression-1", "expression": "object.metadata.namespace == 'ns'"}
    body = {"metadata": {"name": "w"}, "webhooks": [hook("w", hooks.config(), PUTS, matchConditions=[first])]}
    made = await server.create(path, body)
    assert made["webhooks"][0]["matchConditions"] == [first]
    second = {"name": "expression-2", "expression": "object.metadata.name != 'x'"}
    made["webhooks"][0]["matchConditions"] = [first, second]
    assert good(await server.put(f"{path}/w", made))["webhooks"][0]["matchConditions"] == [first, second]


@BOTH
async def test_match_conditions_that_do_not_compile_are_refused(server: Hooked, hooks: HookServer, path: str) -> None:
    wrong = [{"name": "invalid", "expression": "... [] bad expression"}]
    body = {"metadata": {"name": "w"}, "webhooks": [hook("w", hooks.config(), PUTS, matchConditions=wrong)]}
    answer = await server.post(path, body)
    assert answer.status == 422
    assert "compilation failed" in answer.message


async def test_everything_but_what_is_to_be_skipped_is_changed(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/"] = patch(STAGES[0])
    skip = [{"name": "skip-me", "expression": "object.metadata.name != 'skip-me'"}]
    await server.mutating("m", hook("m", hooks.config(), PUTS, matchConditions=skip))
    assert (await server.create(CM, configmap("skip-me", x="y")))["data"] == {"x": "y"}
    assert "mutation-stage-1" in (await server.create(CM, configmap("other", x="y")))["data"]


# -- conversion


async def test_a_custom_resource_is_converted(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/convert"] = convert
    await established(server, places(hooks.config("/convert")))
    await server.create(at("v1"), v1("cr", "host", "8080"))
    found = good(await server.get(at("v2", "cr")))
    assert (found["apiVersion"], found["hostPort"]) == ("example.com/v2", "host:8080")


async def test_a_list_of_objects_stored_in_two_versions_is_converted(server: Hooked, hooks: HookServer) -> None:
    hooks.answers["/convert"] = convert
    await established(server, places(hooks.config("/convert")))
    await server.create(at("v1"), v1("cr-1"))
    await store_as(server, "v2")
    await server.create(at("v2"), v2("cr-2"))
    for each in ("v1", "v2"):
        listed = good(await server.get(at(each)))
        assert (names(listed), {item["apiVersion"] for item in listed["items"]}) == (
            ["cr-1", "cr-2"],
            {f"example.com/{each}"},
        )


async def test_custom_resources_are_listed_and_watched_by_fields_of_each_version(
    server: Hooked, hooks: HookServer
) -> None:
    hooks.answers["/convert"] = convert
    await established(server, places(hooks.config("/convert")))
    watches = [
        await server.watch(at("v1"), fieldSelector="host=one"),
        await server.watch(at("v2"), fieldSelector="hostPort=one:80"),
    ]
    await server.create(at("v1"), v1("a", "one", "80"))
    await server.create(at("v1"), v1("b", "one", "8080"))
    await server.create(at("v2"), v2("c", "two:80"))
    assert names(good(await server.get(at("v1"), fieldSelector="host=one"))) == ["a", "b"]
    assert names(good(await server.get(at("v1"), fieldSelector="host=one,port=80"))) == ["a"]
    assert names(good(await server.get(at("v2"), fieldSelector="hostPort=two:80"))) == ["c"]
    assert await watches[0].names(2) == [("ADDED", "a"), ("ADDED", "b")]
    assert await watches[1].names(1) == [("ADDED", "a")]
    await server.delete(at("v2", "a"))
    assert await watches[0].names(1) == [("DELETED", "a")]
    assert await watches[1].names(1) == [("DELETED", "a")]
    for watch in watches:
        await watch.close()
