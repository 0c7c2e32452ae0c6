"""Definitions of kinds: their life, their discovery, what is published of them, and fields nobody declared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from api_client import Answer, Api
from steps import expect, good, names, seen
from widgets import DEFINITIONS, GROUP, WIDGETS, definition, established, version, widget

JSON = dict[str, Any]
PATH = f"{DEFINITIONS}/widgets.{GROUP}"
AGGREGATED = {"accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
APPLY = {"content-type": "application/apply-patch+yaml"}


async def test_definitions_are_discovered(api: Api) -> None:
    groups = {group["name"]: group for group in good(await api.get("/apis"))["groups"]}
    served = {"groupVersion": "apiextensions.k8s.io/v1", "version": "v1"}
    assert served in groups["apiextensions.k8s.io"]["versions"]
    assert served in good(await api.get("/apis/apiextensions.k8s.io"))["versions"]
    resources = good(await api.get("/apis/apiextensions.k8s.io/v1"))["resources"]
    assert "customresourcedefinitions" in [resource["name"] for resource in resources]


async def test_a_defined_kind_is_discovered(api: Api) -> None:
    await established(api, definition())
    found = good(await api.send("GET", "/apis", headers=AGGREGATED))
    [group] = [item for item in found["items"] if item["metadata"]["name"] == GROUP]
    assert [(v["version"], [r["resource"] for r in v["resources"]]) for v in group["versions"]] == [("v1", ["widgets"])]


async def test_definitions_live(api: Api) -> None:
    for plural, kind in (("widgets", "Widget"), ("gadgets", "Gadget")):
        body = definition(plural, kind)
        body["metadata"]["labels"] = {"walk": "on"}
        await established(api, body)
    assert names(good(await api.get(DEFINITIONS, labelSelector="walk=on"))) == [f"gadgets.{GROUP}", f"widgets.{GROUP}"]
    good(await api.delete(PATH))
    await until(lambda: api.get(PATH), lambda answer: answer.status == 404)
    good(await api.delete(DEFINITIONS, labelSelector="walk=on"))
    await seen(api, DEFINITIONS, lambda body: not body["items"], labelSelector="walk=on")


async def test_the_status_of_a_definition_is_written(api: Api) -> None:
    await established(api, definition())
    found = good(await api.get(f"{PATH}/status"))
    found["status"]["conditions"].append({"type": "Updated", "status": "True", "reason": "R", "message": "m"})
    updated = good(await api.put(f"{PATH}/status", found))
    assert "Updated" in [c["type"] for c in updated["status"]["conditions"]]
    conditions = [*updated["status"]["conditions"], {"type": "Patched", "status": "True", "reason": "R", "message": ""}]
    patched = good(await api.patch(f"{PATH}/status", {"status": {"conditions": conditions}}))
    assert [c["type"] for c in patched["status"]["conditions"]][-2:] == ["Updated", "Patched"]


async def test_objects_of_a_definition_are_watched(api: Api) -> None:
    await established(api, definition())
    watches = {name: await api.watch(WIDGETS, fieldSelector=f"metadata.name={name}") for name in ("a", "b")}
    for name, watch in watches.items():
        await api.create(WIDGETS, widget(name, size=1))
        await expect(watch, "ADDED")
    for name, watch in watches.items():
        good(await api.patch(f"{WIDGETS}/{name}", {"metadata": {"annotations": {"patched": "true"}}}))
        await expect(watch, "MODIFIED", patched="true")
    for name, watch in watches.items():
        good(await api.delete(f"{WIDGETS}/{name}"))
        await expect(watch, "DELETED")


# -- what is published


async def published(api: Api, wanted: set[str], unwanted: set[str] = frozenset()) -> JSON:
    """Wait until the document has these definitions and none of those."""
    answer = await until(
        lambda: api.get("/openapi/v2"),
        lambda a: wanted <= a.body["definitions"].keys() and unwanted.isdisjoint(a.body["definitions"]),
    )
    return answer.body["definitions"]


async def test_several_definitions_are_published(api: Api) -> None:
    older = {"storage": False}
    await established(api, definition("widgets", "Widget", version("v1"), version("v2", **older)))
    await established(api, definition("gadgets", "Gadget"))
    other = definition("gizmos", "Gizmo")
    other["spec"]["group"], other["metadata"]["name"] = "other.example.org", "gizmos.other.example.org"
    await established(api, other)
    shown = await published(
        api,
        {"com.example.v1.Widget", "com.example.v2.Widget", "com.example.v1.Gadget", "org.example.other.v1.Gizmo"},
    )
    spec = shown["com.example.v1.Widget"]["properties"]["spec"]
    assert spec["properties"]["size"]["maximum"] == 100
    kind = {"group": "other.example.org", "kind": "Gizmo", "version": "v1"}
    assert shown["org.example.other.v1.Gizmo"]["x-kubernetes-group-version-kind"] == [kind]


async def test_a_version_that_is_renamed_or_no_longer_served(api: Api) -> None:
    body = definition("widgets", "Widget", version("v1"), version("v2", storage=False))
    await established(api, body)
    before = await published(api, {"com.example.v1.Widget", "com.example.v2.Widget"})
    renamed = [version("v1"), version("v3", storage=False)]
    good(await api.patch(PATH, {"spec": {"versions": renamed}}))
    after = await published(api, {"com.example.v1.Widget", "com.example.v3.Widget"}, {"com.example.v2.Widget"})
    assert after["com.example.v1.Widget"] == before["com.example.v1.Widget"]
    good(await api.patch(PATH, {"spec": {"versions": [version("v1"), version("v3", storage=False, served=False)]}}))
    last = await published(api, {"com.example.v1.Widget"}, {"com.example.v3.Widget"})
    assert last["com.example.v1.Widget"] == before["com.example.v1.Widget"]


# -- fields nobody declared

FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
EMBEDDING = {
    **FREE,
    "properties": {
        "foo": {"type": "string"},
        "template": {
            "type": "object", "x-kubernetes-embedded-resource": True,
            "properties": {"metadata": {"type": "object", "properties": {"name": {"type": "string"}}}},
        },
    },
}  # fmt: skip
VALID = "spec: {size: 3, color: green}"
UNKNOWN_METADATA = """
spec:
  foo: x
  template: {apiVersion: foo/v1, kind: Sub, metadata: {name: s, unknownSub: x}}
"""


@pytest.mark.parametrize(
    ("schema", "metadata", "rest", "problems"),
    [
        pytest.param(None, "", VALID, (), id="valid"),
        pytest.param(FREE, "", "spec: {unknown: x, size: 3}", (), id="no schema"),
        pytest.param(
            None, "", f"{VALID}\nunknownField: x", ('.unknownField: field not declared in schema',), id="extra"
        ),
        pytest.param(
            EMBEDDING, ", unknownMeta: x", UNKNOWN_METADATA,
            ('.metadata.unknownMeta: field not declared in schema',), id="unknown metadata",
        ),
        pytest.param(
            FREE, "", "spec: {foo: a, foo: b, unknown: c}", ('line 4: key "foo" already set in map',), id="repeated"
        ),
    ],
)  # fmt: skip
async def test_applied_objects(api: Api, schema: JSON | None, metadata: str, rest: str, problems: tuple[str]) -> None:
    await established(api, definition("widgets", "Widget", version("v1", schema)))
    text = f"apiVersion: {GROUP}/v1\nkind: Widget\nmetadata: {{name: w, finalizers: [example.com/f]{metadata}}}\n{rest}"
    asked = {"fieldManager": "m", "fieldValidation": "Strict"}
    answer = await api.send("PATCH", f"{WIDGETS}/w", text, headers=APPLY, **asked)
    if not problems:
        assert good(answer, 201)["metadata"]["managedFields"][0]["manager"] == "m"
        return
    assert answer.status in {400, 422}, answer
    assert [problem for problem in problems if problem not in answer.message] == [], answer


async def test_posted_objects_with_unknown_metadata(api: Api) -> None:
    await established(api, definition("widgets", "Widget", version("v1", EMBEDDING)))
    body = widget("w", foo="x", template={"apiVersion": "v1", "kind": "S", "metadata": {"name": "s", "unknownSub": 1}})
    body["metadata"]["unknownMeta"] = "x"
    answer = await api.post(WIDGETS, body, fieldValidation="Strict")
    assert answer.status == 400
    for field in ("metadata.unknownMeta", "spec.template.metadata.unknownSub"):
        assert f'unknown field "{field}"' in answer.message


async def until(ask: Callable[[], Any], holds: Callable[[Answer], Any]) -> Answer:
    """Ask again until the answer is as wanted."""
    async with asyncio.timeout(10):
        while not holds(answer := await ask()):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.02)
    return answer
