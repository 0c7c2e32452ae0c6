"""What holds for every kind, through a whole server: one life of an object for each row of the resource table.

A row that has no entry in `minimal_manifests` fails here.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_client import Api
from minimal_manifests import CREATE_ONLY, MINIMAL, manifest, name_of

from podwright.api.model import check, prune
from podwright.api.resources import RESOURCES, Resource

JSON = dict[str, Any]
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
ROWS = [row for row in RESOURCES if row.versioned not in CREATE_ONLY]
rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.versioned)


def having(subresource: str) -> Any:
    chosen = [row for row in ROWS if subresource in row.subresources]
    return pytest.mark.parametrize("row", chosen, ids=lambda row: row.versioned)


async def made(api: Api, row: Resource, letter: str = "x", **labels: str) -> tuple[str, JSON]:
    collection, name = row.path("ns"), name_of(row, letter)
    return f"{collection}/{name}", await api.create(collection, manifest(row, name, labels))


def test_every_row_has_a_minimal_manifest() -> None:
    missing = [row.versioned for row in ROWS if row.versioned not in MINIMAL]
    assert not missing


@rows
async def test_it_is_created_once_and_read_back(api: Api, row: Resource) -> None:
    path, created = await made(api, row)
    assert (created["kind"], created["apiVersion"]) == (row.kind, row.api_version)
    assert created["metadata"]["uid"]
    assert created["metadata"].get("namespace") == ("ns" if row.namespaced else None)
    assert (await api.get(path)).body == created
    assert (await api.post(row.path("ns"), manifest(row, name_of(row)))).status == 409
    listed = (await api.get(row.path("ns"))).body
    assert (listed["kind"], listed["apiVersion"]) == (f"{row.kind}List", row.api_version)
    items = [item for item in listed["items"] if item["metadata"]["name"] == name_of(row)]
    bare = {name: value for name, value in created.items() if name not in {"kind", "apiVersion"}}
    assert items == [bare]
    assert "kind" not in items[0]


@rows
async def test_a_rehearsal_leaves_nothing(api: Api, row: Resource) -> None:
    answer = await api.post(row.path("ns"), manifest(row, name_of(row)), dryRun="All")
    assert answer.status == 201, answer
    assert (await api.get(row.path("ns", name_of(row)))).status == 404


@rows
async def test_putting_back_what_was_read_changes_nothing(api: Api, row: Resource) -> None:
    path, created = await made(api, row)
    answer = await api.put(path, created)
    assert answer.status == 200, answer
    assert answer.body == created


CONDITIONAL = frozenset((
    "customresourcedefinitions", "apiservices", "runtimeclasses", "leases", "poddisruptionbudgets",
    "validatingwebhookconfigurations", "mutatingwebhookconfigurations", "validatingadmissionpolicies",
    "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
    "csidrivers", "csinodes", "csistoragecapacities", "volumeattachments",
))  # fmt: skip
BORN_BY_PUT = frozenset((
    "endpoints", "events", "leases", "limitranges", "runtimeclasses", "services",
    "roles", "clusterroles", "rolebindings", "clusterrolebindings",
))  # fmt: skip


@rows
async def test_which_kinds_ask_for_a_revision(api: Api, row: Resource) -> None:
    path, created = await made(api, row)
    blind = {**created, "metadata": {k: v for k, v in created["metadata"].items() if k != "resourceVersion"}}
    refused = row.plural in CONDITIONAL
    for answer in (await api.put(path, blind), await api.patch(path, {"metadata": {"resourceVersion": None}})):
        assert answer.status == (422 if refused else 200), answer
        if refused:
            why = "metadata.resourceVersion: Invalid value: 0: must be specified for an update"
            assert answer.message == f'{row.qualified} "{name_of(row)}" is invalid: {why}'


@rows
async def test_which_kinds_are_created_by_put(api: Api, row: Resource) -> None:
    answer = await api.put(row.path("ns", name_of(row)), manifest(row, name_of(row)))
    assert answer.status == (201 if row.plural in BORN_BY_PUT else 404), answer


@rows
async def test_changes_are_seen_by_all(api: Api, row: Resource) -> None:
    path, created = await made(api, row, old="1")
    version = created["metadata"]["resourceVersion"]
    watch = await api.watch(row.path("ns"), resourceVersion=version, fieldSelector=f"metadata.name={name_of(row)}")
    merged = await api.patch(path, {"metadata": {"labels": {"old": None, "new": "1"}}})
    given = {name: value for name, value in created["metadata"]["labels"].items() if name != "old"}
    assert (merged.status, merged.body["metadata"]["labels"]) == (200, given | {"new": "1"}), merged
    strategic = await api.patch(path, {"metadata": {"annotations": {"a": "b"}}}, "strategic")
    assert strategic.body["metadata"]["annotations"]["a"] == "b", strategic
    by_json = [{"op": "add", "path": "/metadata/labels/json", "value": "1"}]
    assert (await api.patch(path, by_json, "json")).body["metadata"]["labels"]["json"] == "1"
    stale = await api.put(path, created)
    assert (stale.status, stale.body["reason"]) == (409, "Conflict"), stale
    for _ in range(3):
        kind, seen = await watch.next()
        assert (kind, seen["kind"], seen["apiVersion"]) == ("MODIFIED", row.kind, row.api_version)
    assert seen == (await api.get(path)).body


@rows
async def test_what_is_stored_is_pruned_already(api: Api, row: Resource) -> None:
    """Patches do not look again at what they leave alone: that must have the form that looking would give it."""
    path, created = await made(api, row)
    found = [created, (await api.patch(path, {"metadata": {"labels": {"new": "1"}}})).body]
    if "status" in row.subresources:
        found.append((await api.put(f"{path}/status", found[-1])).body)
    for obj in found:
        pruned = prune(row.cls, obj)
        assert pruned == obj
        assert not check(row.cls, obj)


@rows
async def test_unknown_fields_are_refused_or_left_out(api: Api, row: Resource) -> None:
    body = manifest(row, name_of(row)) | {"nonsense": 1}
    strict = await api.post(row.path("ns"), body, fieldValidation="Strict")
    assert (strict.status, "nonsense" in strict.message) == (400, True), strict
    warned = await api.post(row.path("ns"), body, fieldValidation="Warn")
    assert warned.status == 201
    assert any("nonsense" in text for text in warned.warnings)
    assert "nonsense" not in warned.body


@rows
async def test_it_is_shown_as_a_table(api: Api, row: Resource) -> None:
    path, _ = await made(api, row)
    table = (await api.send("GET", path, headers=TABLE)).body
    assert table["kind"] == "Table"
    columns = table["columnDefinitions"]
    assert columns
    assert all(column["description"].endswith(".") for column in columns)
    [only] = table["rows"]
    assert len(only["cells"]) == len(columns)
    assert name_of(row) in only["cells"] or row.kind == "Event"


@rows
async def test_it_goes(api: Api, row: Resource) -> None:
    path, created = await made(api, row)
    watch = await api.watch(row.path("ns"), resourceVersion=created["metadata"]["resourceVersion"])
    answer = await api.delete(path, propagationPolicy="Background", gracePeriodSeconds="0")
    assert answer.status == 200, answer
    if row.kind == "Namespace":
        assert answer.body["status"]["phase"] == "Terminating"  # its controller empties it first
        return
    if "finalizers" in created["metadata"]:
        assert answer.body["metadata"]["deletionTimestamp"]  # whoever protects it lets it go
        assert (await watch.next())[0] == "MODIFIED"
        assert (await api.patch(path, {"metadata": {"finalizers": None}})).status == 200
    if row.qualified == "pods":
        assert (await watch.next())[0] == "MODIFIED"  # what has a grace period is seen to end, be it at once
    kind, last = await watch.next()
    assert (kind, last["metadata"]["name"]) == ("DELETED", name_of(row))
    assert (await api.get(path)).status == 404


@pytest.mark.parametrize("row", [row for row in ROWS if "deletecollection" in row.verbs], ids=lambda row: row.versioned)
async def test_a_selection_goes_together(api: Api, row: Resource) -> None:
    for letter, label in (("a", "1"), ("b", "1"), ("c", "2")):
        await made(api, row, letter, group=label)
    answer = await api.delete(
        row.path("ns"), labelSelector="group=1", propagationPolicy="Background", gracePeriodSeconds="0"
    )
    assert answer.status == 200, answer
    items = (await api.get(row.path("ns"), labelSelector="group")).body["items"]
    left = [item for item in items if "deletionTimestamp" not in item["metadata"]]  # protected ones are on their way
    assert [item["metadata"]["name"] for item in left] == [name_of(row, "c")]


@having("status")
async def test_its_status_is_a_door_of_its_own(api: Api, row: Resource) -> None:
    path, created = await made(api, row)
    assert (await api.get(f"{path}/status")).body == created
    assert (await api.put(f"{path}/status", created)).body == created
    other: JSON = json.loads(json.dumps(created))
    other["metadata"]["annotations"] = {"by": "status"}
    other["metadata"]["finalizers"] = ["example.com/f"]
    through_status = await api.put(f"{path}/status", other)
    assert through_status.status == 200, through_status
    finalizers = through_status.body["metadata"].get("finalizers")
    assert finalizers == created["metadata"].get("finalizers") or row.kind == "Namespace"
    assert through_status.body.get("spec") == created.get("spec")
    assert through_status.body["metadata"].get("generation") == created["metadata"].get("generation")


@having("scale")
async def test_it_is_scaled(api: Api, row: Resource) -> None:
    path, _ = await made(api, row)
    scale = (await api.get(f"{path}/scale")).body
    scale["spec"]["replicas"] = 3
    assert (await api.put(f"{path}/scale", scale)).body["spec"] == {"replicas": 3}
    assert (await api.get(path)).body["spec"]["replicas"] == 3
    assert (await api.get(f"{path}/scale")).body["status"]["selector"]
