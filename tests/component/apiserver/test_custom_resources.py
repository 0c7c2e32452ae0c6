"""Kinds that clients define, through a whole server: definitions, their objects, versions and ends."""

import asyncio
import json

import pytest
from api_client import Api, running
from widgets import DEFINITIONS, GROUP, JSON, SPEC, WIDGETS, condition, definition, established, version, widget

from podwright.apiserver.cache.item import Item
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.store.memory import MemoryStore

TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
SVR = "some validation rules were not checked"


@pytest.fixture
async def widgets(api: Api) -> Api:
    """A server on which Widgets are defined."""
    await established(api, definition(shortNames=["wd"], categories=["all"]))
    return api


async def becomes(ask, holds) -> None:
    """Ask again until the answer is as wanted, as clients do that cannot watch it."""
    async with asyncio.timeout(10):
        while not holds(await ask()):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.02)


async def gone(api: Api, path: str) -> None:
    await becomes(lambda: api.get(path), lambda answer: answer.status == 404)


# -- definitions


async def test_a_definition_is_completed_and_accepted(api: Api) -> None:
    created = await api.create(DEFINITIONS, definition())
    assert created["spec"]["names"] == {
        "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList",
    }  # fmt: skip
    assert created["spec"]["conversion"] == {"strategy": "None"}
    assert created["status"] == {
        "conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": ["v1"],
    }  # fmt: skip
    found = await condition(api, f"widgets.{GROUP}", "Established", "True")
    assert [(c["type"], c["status"], c["reason"]) for c in found["status"]["conditions"]] == [
        ("NamesAccepted", "True", "NoConflicts"),
        ("Established", "True", "InitialNamesAccepted"),
    ]
    assert found["status"]["acceptedNames"] == found["spec"]["names"]
    assert (await api.get(WIDGETS)).body["kind"] == "WidgetList"  # served as soon as it says so


async def test_it_is_discovered_in_both_forms(widgets: Api) -> None:
    group = (await widgets.get(f"/apis/{GROUP}")).body
    assert group["preferredVersion"] == {"groupVersion": f"{GROUP}/v1", "version": "v1"}
    rows = (await widgets.get(f"/apis/{GROUP}/v1")).body["resources"]
    assert [row["name"] for row in rows] == ["widgets", "widgets/status", "widgets/scale"]
    assert (rows[0]["shortNames"], rows[0]["categories"]) == (["wd"], ["all"])
    accept = {"accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
    whole = (await widgets.send("GET", "/apis", headers=accept)).body
    mine = next(g for g in whole["items"] if g["metadata"]["name"] == GROUP)
    assert [v["version"] for v in mine["versions"]] == ["v1"]


async def test_a_change_of_one_definition_is_not_a_reason_to_read_all_others(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(8):
        await established(api, definition(f"things{i}", f"Thing{i}"))
    read: list[str] = []
    original = Endpoint.object

    def counted(endpoint: Endpoint, item: Item) -> dict:
        if endpoint.resource.plural == "customresourcedefinitions":
            read.append(item.name)
        return original(endpoint, item)

    monkeypatch.setattr(Endpoint, "object", counted)
    await established(api, definition("more", "More"))
    await becomes(lambda: api.get(f"/apis/{GROUP}/v1/namespaces/ns/more"), lambda answer: answer.status == 200)
    assert {name for name in read if not name.startswith("more")} == set()


async def test_taken_names_are_not_served_until_they_are_free(widgets: Api) -> None:
    second = definition("gadgets", "Gadget", shortNames=["wd"])
    await widgets.create(DEFINITIONS, second)
    found = await condition(widgets, f"gadgets.{GROUP}", "NamesAccepted", "False")
    assert found["status"]["conditions"][0]["reason"] == "ShortNamesConflict"
    assert found["status"]["conditions"][0]["message"] == '"wd" is already in use'
    missing = await widgets.get(f"/apis/{GROUP}/v1/namespaces/ns/gadgets")
    assert (missing.status, missing.body) == (404, "404 page not found\n")
    answer = await widgets.patch(f"{DEFINITIONS}/gadgets.{GROUP}", {"spec": {"names": {"shortNames": ["gd"]}}})
    assert answer.status == 200
    await condition(widgets, f"gadgets.{GROUP}", "Established", "True")
    assert (await widgets.get(f"/apis/{GROUP}/v1/namespaces/ns/gadgets")).status == 200


async def test_definitions_survive_a_restart(signing_key) -> None:
    store = MemoryStore()
    async with running(store, service_account_key_file=signing_key) as server:
        first = Api(server)
        await first.create("/api/v1/namespaces", {"metadata": {"name": "ns"}})
        await established(first, definition())
        await first.create(WIDGETS, widget("w", size=5))
        await first.close()
    async with running(store, service_account_key_file=signing_key) as server:
        assert (await Api(server).get(f"{WIDGETS}/w")).body["spec"]["size"] == 5
    await store.close()


async def test_the_end_of_a_definition_waits_for_its_objects(widgets: Api) -> None:
    await widgets.create(WIDGETS, {**widget("held"), "metadata": {"name": "held", "finalizers": ["bare"]}})
    await widgets.create(WIDGETS, widget("free"))
    name = f"widgets.{GROUP}"
    marked = await widgets.delete(f"{DEFINITIONS}/{name}")
    assert marked.body["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert marked.body["status"]["conditions"][-1]["reason"] == "InstanceDeletionPending"
    await gone(widgets, f"{WIDGETS}/free")
    await becomes(lambda: widgets.post(WIDGETS, widget("late")), lambda answer: answer.status == 403)
    why = f'widgets.{GROUP} "late" is forbidden: create not allowed while custom resource definition is terminating'
    assert (await widgets.post(WIDGETS, widget("late"))).message == why
    apply = {"content-type": "application/apply-patch+yaml"}
    applied = await widgets.send("PATCH", f"{WIDGETS}/late", widget("late"), headers=apply, fieldManager="m")
    assert (applied.status, applied.message) == (403, why)
    told = {r["name"]: r["verbs"] for r in (await widgets.get(f"/apis/{GROUP}/v1")).body["resources"]}
    assert told["widgets"] == ["delete", "deletecollection", "get", "list", "watch"]
    assert (await widgets.get(f"{WIDGETS}/held")).body["metadata"]["deletionTimestamp"]
    await becomes(
        lambda: widgets.get(f"{DEFINITIONS}/{name}"),
        lambda answer: answer.body["status"]["conditions"][-1]["reason"] == "InstanceDeletionInProgress",
    )
    assert (await widgets.delete(f"{WIDGETS}/held")).status == 200
    assert (await widgets.patch(f"{WIDGETS}/held", {"metadata": {"finalizers": None}})).status == 200
    await gone(widgets, f"{DEFINITIONS}/{name}")
    assert (await widgets.get(f"/apis/{GROUP}")).status == 404


# -- objects


async def test_objects_are_pruned_defaulted_and_warned_about(widgets: Api) -> None:
    body = {**widget("w", size=5, zzz=1, nul=None, pat=None, free={"any": [1, None]}), "other": 1}
    answer = await widgets.post(WIDGETS, body)
    assert answer.warnings == ('unknown field "other"', 'unknown field "spec.zzz"')
    assert answer.body["spec"] == {
        "size": 5, "color": "red", "replicas": 1, "nested": {"a": "deep"}, "nul": None, "free": {"any": [1, None]},
    }  # fmt: skip
    assert (await widgets.get(f"{WIDGETS}/w")).body == answer.body


STRICT = [
    pytest.param('"zzz":1', "", 'unknown field "spec.zzz"', id="unknown"),
    pytest.param('"size":1,"size":2', "", 'duplicate field "spec.size"', id="repeated"),
    pytest.param('"size":1', '"nope":1', 'unknown field "metadata.nope"', id="metadata"),
    pytest.param(
        '"template":{"apiVersion":"v1","kind":"X","metadata":{"name":"a","deep":1}}', "",
        'unknown field "spec.template.metadata.deep"', id="embedded metadata",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "metadata", "problem"), STRICT)
async def test_strict_bodies(widgets: Api, spec: str, metadata: str, problem: str) -> None:
    more = f",{metadata}" if metadata else ""
    body = f'{{"apiVersion":"{GROUP}/v1","kind":"Widget","metadata":{{"name":"w"{more}}},"spec":{{{spec}}}}}'
    answer = await widgets.post(WIDGETS, body, fieldValidation="Strict")
    assert answer.status == 400
    assert answer.message.endswith(f"strict decoding error: {problem}")
    assert (await widgets.post(WIDGETS, body, fieldValidation="Ignore")).warnings == ()


REFUSED = [
    pytest.param({"size": "5"}, 'spec.size in body must be of type integer: "string"', id="type"),
    pytest.param({"size": 0}, "spec.size in body should be greater than or equal to 1", id="bound"),
    pytest.param({"color": "pink"}, 'supported values: "red", "green"', id="enum"),
    pytest.param({"pat": "A"}, "spec.pat in body should match '^[a-z]+$'", id="pattern"),
    pytest.param({"ios": True}, 'spec.ios in body must be of type integer,string: "boolean"', id="either"),
    pytest.param({"set": ["a", "a"]}, 'spec.set[1]: Duplicate value: "a"', id="set"),
    pytest.param({"template": {"a": 1}}, "spec.template.kind: Required value", id="embedded"),
]


@pytest.mark.parametrize(("spec", "problem"), REFUSED)
async def test_what_the_schema_forbids(widgets: Api, spec, problem: str) -> None:
    answer = await widgets.post(WIDGETS, widget("w", **spec))
    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    assert problem in answer.message
    assert answer.body["details"]["kind"] == "Widget"


BODIES = [
    pytest.param({"metadata": {"name": "w"}}, 400, "Object 'Kind' is missing", id="no kind"),
    pytest.param({**widget("w"), "kind": "Gadget"}, 422, "must be Widget", id="another kind"),
    pytest.param(
        {**widget("w"), "apiVersion": f"{GROUP}/v9"}, 400, "does not match the expected API version", id="version"
    ),
    pytest.param({**widget("w"), "metadata": {"labels": {"a": 1}}}, 400, "ObjectMeta.labels of type string", id="meta"),
]


@pytest.mark.parametrize(("body", "status", "problem"), BODIES)
async def test_bodies_that_are_no_widgets(widgets: Api, body, status: int, problem: str) -> None:
    answer = await widgets.post(WIDGETS, body)
    assert answer.status == status
    assert problem in answer.message


MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
READ = (
    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
    "application/merge-patch+json, application/apply-patch+yaml"
)
NO_VERB = f'{{}} is not supported on resources of kind "widgets.{GROUP}"'
ALL = f"/apis/{GROUP}/v1/widgets"
WRONG = [
    pytest.param("PATCH", f"{WIDGETS}/w", STRATEGIC, 415, READ, id="strategic merge"),
    pytest.param("PATCH", f"{WIDGETS}/w/status", STRATEGIC, 415, READ, id="of a status"),
    pytest.param("PATCH", f"{WIDGETS}/w/scale", STRATEGIC, 415, READ, id="of a scale"),
    pytest.param("PATCH", f"{WIDGETS}/w", "text/plain", 415, READ, id="text"),
    pytest.param("PATCH", WIDGETS, MERGE, 400, "name must be provided", id="patch of a collection"),
    pytest.param("PUT", WIDGETS, "application/json", 400, "name must be provided", id="put of a collection"),
    pytest.param("POST", f"{WIDGETS}/w/status", "application/json", 405, NO_VERB.format("create"), id="post"),
    pytest.param("DELETE", f"{WIDGETS}/w/scale", "application/json", 405, NO_VERB.format("delete"), id="delete"),
    pytest.param("POST", ALL, "application/json", 404, "", id="create in no namespace"),
    pytest.param("DELETE", ALL, "application/json", 404, "", id="delete in all namespaces"),
]


@pytest.mark.parametrize(("method", "path", "content_type", "status", "message"), WRONG)
async def test_what_is_not_served_of_a_kind(
    widgets: Api, method: str, path: str, content_type: str, status: int, message: str
) -> None:
    await widgets.create(WIDGETS, widget("w", size=5))
    answer = await widgets.send(method, path, {}, headers={"content-type": content_type})
    assert answer.status == status
    if message:
        assert answer.message == message
    if status == 405:
        assert answer.body["details"] == {"group": GROUP, "kind": "widgets"}


async def test_updates_need_a_revision_and_count_generations(widgets: Api) -> None:
    made = await widgets.create(WIDGETS, widget("w", size=5))
    path = f"{WIDGETS}/w"
    without = {**made, "metadata": {"name": "w"}}
    assert "must be specified for an update" in (await widgets.put(path, without)).message
    changed = await widgets.put(path, {**made, "spec": {"size": 6}, "status": {"phase": "ignored"}})
    assert changed.body["metadata"]["generation"] == 2
    assert "status" not in changed.body
    labelled = await widgets.patch(path, {"metadata": {"labels": {"a": "b"}}})
    assert labelled.body["metadata"]["generation"] == 2
    assert (await widgets.patch(path, {"spec": {}}, "strategic")).status == 415


async def test_status_and_scale_are_windows(widgets: Api) -> None:
    await widgets.create(WIDGETS, widget("w", size=5))
    path = f"{WIDGETS}/w"
    written = await widgets.patch(
        f"{path}/status",
        {"spec": {"size": 9}, "metadata": {"labels": {"a": "b"}}, "status": {"replicas": 3, "selector": "a=b"}},
    )
    assert written.body["spec"]["size"] == 5
    assert "labels" not in written.body["metadata"]
    assert written.body["status"] == {"replicas": 3, "selector": "a=b"}
    scale = (await widgets.get(f"{path}/scale")).body
    assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 3, "selector": "a=b"})
    assert (await widgets.patch(f"{path}/scale", {"spec": {"replicas": 4}})).body["spec"] == {"replicas": 4}
    assert (await widgets.get(path)).body["spec"]["replicas"] == 4
    bad = await widgets.patch(f"{path}/scale", {"spec": {"replicas": -2}})
    assert ".spec.replicas: Invalid value: -2: should be a non-negative integer" in bad.message
    assert (await widgets.get(f"{path}/nope")).message == f'widgets.{GROUP} "w" not found'


async def test_tables_and_selectable_fields(widgets: Api) -> None:
    await widgets.create(WIDGETS, widget("a", size=5, color="green"))
    await widgets.create(WIDGETS, widget("b", size=6))
    table = (await widgets.send("GET", WIDGETS, headers=TABLE)).body
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Size", "Age"]
    assert [row["cells"][:2] for row in table["rows"]] == [["a", 5], ["b", 6]]
    found = (await widgets.get(WIDGETS, fieldSelector="spec.color=green")).body
    assert [item["metadata"]["name"] for item in found["items"]] == ["a"]
    assert (await widgets.get(WIDGETS, fieldSelector="spec.size=5")).status == 400
    watch = await widgets.watch(WIDGETS, fieldSelector="spec.color=green", resourceVersion="0")
    assert await watch.names(1) == [("ADDED", "a")]
    await widgets.patch(f"{WIDGETS}/b", {"spec": {"color": "green"}})
    await widgets.patch(f"{WIDGETS}/a", {"spec": {"color": None}})
    assert await watch.names(2) == [("ADDED", "b"), ("DELETED", "a")]


async def test_custom_resources_have_no_protobuf(widgets: Api) -> None:
    kind = "application/vnd.kubernetes.protobuf"
    assert (await widgets.send("GET", WIDGETS, headers={"accept": kind})).status == 406
    assert (await widgets.send("POST", WIDGETS, b"k8s\0", headers={"content-type": kind})).status == 415
    assert (await widgets.send("GET", WIDGETS, headers={"accept": f"{kind},application/json"})).status == 200
    await widgets.create(WIDGETS, widget("p"))
    metadata = f"{kind};as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    told = await widgets.send("GET", f"{WIDGETS}/p", headers={"accept": metadata})
    assert (told.status, told.headers["content-type"]) == (200, kind)


async def test_a_refused_patch_shows_the_object_with_sorted_keys(widgets: Api) -> None:
    await widgets.create(WIDGETS, widget("w", size=5))
    answer = await widgets.patch(f"{WIDGETS}/w", {"spec": {"zzz": 1}}, fieldValidation="Strict")
    assert answer.status == 422
    text = answer.body["details"]["causes"][0]["message"].removeprefix("Invalid value: ")
    shown = json.loads(json.JSONDecoder().raw_decode(text)[0])
    assert shown["spec"]["zzz"] == 1
    assert json.dumps(shown) == json.dumps(shown, sort_keys=True)


# -- changes of definitions


async def test_what_a_later_rule_forbids_may_stay_as_it_is(widgets: Api) -> None:
    await widgets.create(WIDGETS, widget("w", size=5))
    tighter = {**SPEC, "properties": {**SPEC["properties"], "size": {"type": "integer", "maximum": 4}}}
    crd = definition("widgets", "Widget", version("v1", tighter))
    answer = await widgets.patch(f"{DEFINITIONS}/widgets.{GROUP}", {"spec": {"versions": crd["spec"]["versions"]}})
    assert answer.body["metadata"]["generation"] == 2
    await becomes(lambda: widgets.post(WIDGETS, widget("x", size=5), dryRun="All"), lambda a: a.status == 422)
    assert (await widgets.patch(f"{WIDGETS}/w", {"spec": {"color": "green"}})).status == 200
    assert (await widgets.patch(f"{WIDGETS}/w", {"spec": {"size": 6}})).status == 422


async def test_defaults_apply_to_what_is_stored_already(widgets: Api) -> None:
    await widgets.create(WIDGETS, widget("w", size=5))
    wider = {**SPEC, "properties": {**SPEC["properties"], "late": {"type": "string", "default": "here"}}}
    crd = definition("widgets", "Widget", version("v1", wider))
    await widgets.patch(f"{DEFINITIONS}/widgets.{GROUP}", {"spec": {"versions": crd["spec"]["versions"]}})
    await becomes(lambda: widgets.get(f"{WIDGETS}/w"), lambda answer: answer.body["spec"].get("late") == "here")


def only(name: str, **more) -> dict:
    spec = {"type": "object", "properties": {"a": {"type": "string"}, f"{name}only": {"type": "string"}}}
    return version(name, spec, **more)


async def test_versions_are_views_of_one_store(api: Api) -> None:
    crd = definition(
        "multis", "Multi", only("v1"), only("v2", storage=False),
        only("v1beta1", storage=False, deprecated=True), only("v3", storage=False, served=False),
    )  # fmt: skip
    await established(api, crd)
    at = f"/apis/{GROUP}/{{}}/namespaces/ns/multis"
    made = await api.create(at.format("v2"), widget("m", "Multi", "v2", a="1", v2only="x"))
    assert (made["apiVersion"], made["spec"]) == (f"{GROUP}/v2", {"a": "1"})  # what v1 does not know is not kept
    watch = await api.watch(at.format("v2"), resourceVersion=made["metadata"]["resourceVersion"])
    await api.patch(f"{at.format('v1')}/m", {"spec": {"v1only": "y"}})
    event = await watch.next()
    assert event is not None
    assert (event[1]["apiVersion"], event[1]["spec"]) == (f"{GROUP}/v2", {"a": "1"})
    old = await api.get(f"{at.format('v1beta1')}/m")
    assert old.warnings == (f"{GROUP}/v1beta1 Multi is deprecated; use {GROUP}/v2 Multi",)
    listed = (await api.get(at.format("v1beta1"))).body
    assert (listed["kind"], listed["items"][0]["spec"]) == ("MultiList", {"a": "1"})
    assert (await api.get(f"{at.format('v3')}/m")).body == "404 page not found\n"
    names = [v["version"] for v in (await api.get(f"/apis/{GROUP}")).body["versions"]]
    assert names == ["v2", "v1", "v1beta1"]


async def test_versions_that_a_webhook_converts_are_not_shown_unconverted(api: Api) -> None:
    """Nobody answers there: what is in the stored version is shown, and nothing else."""
    crd = definition("multis", "Multi", only("v1"), only("v2", storage=False))
    config = {"clientConfig": {"url": "https://127.0.0.1:1/convert"}, "conversionReviewVersions": ["v1"]}
    crd["spec"]["conversion"] = {"strategy": "Webhook", "webhook": config}
    await established(api, crd)
    at = f"/apis/{GROUP}/{{}}/namespaces/ns/multis"
    assert ((await api.get(at.format("v1"))).status, (await api.get(at.format("v2"))).status) == (200, 200)
    await api.create(at.format("v1"), widget("m", "Multi"))
    refused = [await api.get(at.format("v2")), await api.get(at.format("v2") + "/m")]
    refused.append(await api.post(at.format("v2"), widget("n", "Multi", "v2")))
    for answer in refused:
        assert answer.status == 500
        assert answer.message.startswith(f"conversion webhook for {GROUP}/v")
        assert "connection refused" in answer.message
    assert (await api.get(at.format("v1"))).status == 200


# -- rules in the Common Expression Language

RULED = {
    "type": "object",
    "x-kubernetes-validations": [
        {"rule": "self.size <= self.max", "message": "too large"},
        {"rule": "!has(oldSelf.frozen) || self.size == oldSelf.size", "reason": "FieldValueForbidden",
         "fieldPath": ".size", "messageExpression": "oldSelf.max > 3 ? 'is frozen' : 'was frozen'"},
    ],
    "properties": {
        "size": {"type": "integer"},
        "max": {"type": "integer", "maximum": 99, "default": 9},
        "frozen": {"type": "boolean"},
        "once": {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "fixed"}]},
    },
}  # fmt: skip


async def test_rules_are_asked_about_objects_and_changes(api: Api) -> None:
    await established(api, definition("widgets", "Widget", version("v1", RULED)))
    refused = await api.post(WIDGETS, widget("w", size=10))
    assert refused.message.endswith("is invalid: spec: Invalid value: too large")
    await api.create(WIDGETS, widget("w", size=5, once="a", frozen=True))
    changed = await api.patch(f"{WIDGETS}/w", {"spec": {"size": 6}})
    assert changed.body["details"]["causes"] == [
        {"reason": "FieldValueForbidden", "message": "Forbidden: is frozen", "field": "spec.size"}
    ]
    assert 'spec.once: Invalid value: "b": fixed' in (await api.patch(f"{WIDGETS}/w", {"spec": {"once": "b"}})).message
    assert SVR in (await api.post(WIDGETS, widget("x", size="5"))).message
    whole = await api.post(WIDGETS, widget("x", size=5.0))
    why = "invalid data, expected int, got float64 evaluating rule: too large"
    assert whole.message.endswith(f'is invalid: spec: Invalid value: "object": {why}')


RULES = [
    pytest.param({"rule": "self.nope"}, "undefined field 'nope'", id="field"),
    pytest.param({"rule": "self.size"}, "must evaluate to a bool", id="type"),
    pytest.param({"rule": "true", "optionalOldSelf": True}, "may not be set if oldSelf is not used", id="old"),
    pytest.param({"rule": " "}, "rule is not specified", id="empty"),
    pytest.param({"rule": "true", "messageExpression": "'at ' + string(self.size)"}, "exceeds budget", id="cost"),
]


@pytest.mark.parametrize(("rule", "problem"), RULES)
async def test_bad_rules_are_refused_with_their_definition(api: Api, rule, problem: str) -> None:
    spec = {"type": "object", "properties": {"size": {"type": "integer"}}, "x-kubernetes-validations": [rule]}
    answer = await api.post(DEFINITIONS, definition("widgets", "Widget", version("v1", spec)))
    assert answer.status == 422
    assert problem in answer.message


# -- what clients are told of a kind


async def test_openapi_shows_the_schema_in_both_dialects(widgets: Api) -> None:
    name = "com.example.v1.Widget"
    old = (await widgets.get("/openapi/v2")).body["definitions"][name]
    new = (await widgets.get(f"/openapi/v3/apis/{GROUP}/v1")).body["components"]["schemas"][name]
    assert new["properties"]["spec"]["properties"]["nul"] == {"type": "string", "nullable": True}
    assert old["properties"]["spec"]["properties"]["nul"] == {}  # readers of version 2 know no nulls
    assert old["properties"]["spec"]["properties"]["free"] == {"x-kubernetes-preserve-unknown-fields": True}
    assert old["properties"]["spec"]["properties"]["size"] == SPEC["properties"]["size"]
    kind = [{"group": GROUP, "kind": "Widget", "version": "v1"}]
    assert old["x-kubernetes-group-version-kind"] == new["x-kubernetes-group-version-kind"] == kind
    await widgets.delete(f"{DEFINITIONS}/widgets.{GROUP}")
    await gone(widgets, f"/apis/{GROUP}")
    assert name not in (await widgets.get("/openapi/v2")).body["definitions"]


async def test_a_stored_version_must_stay(api: Api) -> None:
    await established(api, definition("multis", "Multi", only("v1"), only("v2", storage=False)))
    path = f"{DEFINITIONS}/multis.{GROUP}"
    refused = await api.patch(path, {"spec": {"versions": [only("v2")]}})
    assert "status.storedVersions[0]" in refused.message
    moved = await api.patch(path, {"spec": {"versions": [only("v1", storage=False), only("v2")]}})
    assert moved.body["status"]["storedVersions"] == ["v1", "v2"]
    shrunk = await api.patch(f"{path}/status", {"status": {"storedVersions": ["v2"]}})
    assert shrunk.body["status"]["storedVersions"] == ["v2"]


FIXED = [
    pytest.param({"group": "x.test"}, "spec.group", id="group"),
    pytest.param({"scope": "Cluster"}, "spec.scope", id="scope"),
    pytest.param({"names": {"kind": "Gizmo"}}, "spec.names.kind", id="kind"),
]


@pytest.mark.parametrize(("change", "path"), FIXED)
async def test_what_cannot_change(widgets: Api, change, path: str) -> None:
    answer = await widgets.patch(f"{DEFINITIONS}/widgets.{GROUP}", {"spec": change})
    assert answer.status == 422
    assert f"{path}: Invalid value" in answer.message
    assert "field is immutable" in answer.message


async def test_what_a_later_condition_forbids_is_warned_about_while_it_stays(api: Api) -> None:
    size: JSON = {"type": "integer"}
    spec = {"type": "object", "properties": {"size": size, "note": {"type": "string"}, "list": LIST}}
    await established(api, definition("widgets", "Widget", version("v1", spec)))
    await api.create(WIDGETS, widget("w", size=9, list=[{"k": "a"}]))
    size["x-kubernetes-validations"] = [{"rule": "self < 5", "message": "too large"}]
    await api.patch(f"{DEFINITIONS}/widgets.{GROUP}", {"spec": {"versions": [version("v1", spec)]}})
    await becomes(lambda: api.post(WIDGETS, widget("x", size=9)), lambda answer: answer.status == 422)
    kept = await api.patch(f"{WIDGETS}/w", {"spec": {"note": "n"}})
    assert (kept.status, kept.warnings) == (200, ("spec.size: Invalid value: 9: too large",))
    assert (await api.patch(f"{WIDGETS}/w", {"spec": {"size": 8}})).message.endswith("Invalid value: 8: too large")
    twice = await api.post(WIDGETS, widget("y", size=1, list=[{"k": "a", "v": 1}]))
    assert twice.message.endswith("is invalid: spec.list[0].v: Duplicate value")


LIST = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"k": {"type": "string"}, "v": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "!has(self.v)", "fieldPath": ".v", "reason": "FieldValueDuplicate"}],
    },
    "maxItems": 9,
}
