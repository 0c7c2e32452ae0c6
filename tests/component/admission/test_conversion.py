"""Definitions whose versions a webhook converts: every way to read and to write in each, and what goes wrong."""

import json

import pytest
from api_client import until
from convertible import NAME, at, convert, converted, places, store_as, v1, v2
from hook_server import Hang, Raw, Reset, deny, hook, patch, rule
from widgets import DEFINITIONS, established


@pytest.fixture
async def served(api, hooks):
    """The definition, stored in v1."""
    hooks.answers["/convert"] = convert
    await established(api, places(hooks.config("/convert")))
    return api


async def test_an_object_is_shown_in_every_version(served, hooks):
    made = await served.create(at("v1"), v1("a"))
    assert hooks.asked == []  # nothing to convert yet
    found = (await served.get(at("v2", "a"))).body
    assert (found["apiVersion"], found["hostPort"]) == ("example.com/v2", "h:80")
    assert "host" not in found
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
    request = hooks.requests()[0]
    assert request["desiredAPIVersion"] == "example.com/v2"
    assert [obj["metadata"]["name"] for obj in request["objects"]] == ["a"]
    assert hooks.asked[0][1]["apiVersion"] == "apiextensions.k8s.io/v1"
    await served.get(at("v2", "a"))
    assert len(hooks.asked) == 1  # an answer is remembered until the object changes


async def test_an_object_is_written_in_every_version(served):
    made = await served.create(at("v2"), v2("a"))
    assert made["hostPort"] == "h:80"
    assert (await served.get(at("v1", "a"))).body["host"] == "h"
    changed = await served.put(at("v2", "a"), {**made, "hostPort": "other:81"})
    assert (changed.status, changed.body["hostPort"], changed.body["metadata"]["generation"]) == (200, "other:81", 2)
    patched = await served.patch(at("v1", "a"), {"port": "82"})
    assert (patched.status, patched.body["port"]) == (200, "82")
    assert (await served.get(at("v2", "a"))).body["hostPort"] == "other:82"
    scaled = await served.patch(at("v2", "a") + "/scale", {"spec": {"replicas": 3}})
    assert (scaled.status, scaled.body["spec"]) == (200, {"replicas": 3})
    assert (await served.delete(at("v2", "a"))).status == 200
    assert (await served.get(at("v1", "a"))).status == 404


async def test_a_list_is_converted_in_one_question(served, hooks):
    for name in ("a", "b", "c"):
        await served.create(at("v1"), v1(name))
    found = (await served.get(at("v2"))).body
    assert (found["apiVersion"], found["kind"]) == ("example.com/v2", "PlaceList")
    assert [(item["metadata"]["name"], item["hostPort"]) for item in found["items"]] == [
        ("a", "h:80"),
        ("b", "h:80"),
        ("c", "h:80"),
    ]
    assert [len(request["objects"]) for request in hooks.requests()] == [3]
    page = (await served.get(at("v2"), limit=2)).body
    assert (len(page["items"]), page["metadata"]["remainingItemCount"]) == (2, 1)


async def test_objects_of_both_versions_in_one_list(served, hooks):
    await served.create(at("v1"), v1("old"))
    await store_as(served, "v2")
    await served.create(at("v2"), v2("new", "n:1"))
    hooks.asked.clear()
    items = (await served.get(at("v2"))).body["items"]
    assert {item["metadata"]["name"]: item["hostPort"] for item in items} == {"old": "h:80", "new": "n:1"}
    items = (await served.get(at("v1"))).body["items"]
    assert {item["metadata"]["name"]: item["host"] for item in items} == {"old": "h", "new": "n"}
    asked = [[obj["metadata"]["name"] for obj in request["objects"]] for request in hooks.requests()]
    assert asked == [["old"], ["new"]]  # only what is not in the wanted version
    await served.patch(at("v1", "old"), {"metadata": {"labels": {"a": "b"}}})  # any write stores it in the new version
    item = served.server.registry.endpoints["example.com", "v2", "places"].get("ns", "old")
    assert (item.origin, item.object()["hostPort"]) == ("", "h:80")


async def test_a_server_that_starts_does_not_wait_for_the_webhook(served, hooks):
    from api_client import Api, running

    await served.create(at("v1"), v1("old"))
    await store_as(served, "v2")
    hooks.answers["/convert"] = Reset
    async with running(store=served.server.store) as again:
        api = Api(again)
        assert (await api.get(at("v2", "old"))).status == 500
        assert (await api.get(at("v1", "old"))).body["host"] == "h"  # it is stored so
        hooks.answers["/convert"] = convert
        assert (await api.get(at("v2", "old"))).body["hostPort"] == "h:80"


async def test_a_watch_shows_its_version(served):
    await served.create(at("v1"), v1("a"))
    watch = await served.watch(at("v2"), resourceVersion="0")
    kind, obj = await watch.next()
    assert (kind, obj["hostPort"]) == ("ADDED", "h:80")
    await served.patch(at("v1", "a"), {"port": "81"})
    kind, obj = await watch.next()
    assert (kind, obj["hostPort"], obj["apiVersion"]) == ("MODIFIED", "h:81", "example.com/v2")
    await served.create(at("v2"), v2("b", "b:1"))
    assert (await watch.next())[1]["hostPort"] == "b:1"
    deleted = await served.delete(at("v1", "a"))
    assert deleted.status == 200
    kind, obj = await watch.next()
    assert (kind, obj["hostPort"]) == ("DELETED", "h:81")


async def test_a_watch_that_begins_with_what_is_there(served):
    for name in ("a", "b"):
        await served.create(at("v1"), v1(name))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    watch = await served.watch(at("v2"), **query)
    assert await watch.names(3) == [("ADDED", "a"), ("ADDED", "b"), ("BOOKMARK", "")]
    await served.create(at("v2"), v2("c"))
    assert await watch.names(1) == [("ADDED", "c")]


async def test_a_watch_begins_with_more_objects_than_it_may_lag_behind(served):
    served.server.registry.watch_buffer = 4
    for number in range(10):
        await served.create(at("v1"), v1(f"a{number}"))
    watch = await served.watch(at("v2"), resourceVersion="0")
    assert await watch.names(10) == [("ADDED", f"a{number}") for number in range(10)]
    await served.create(at("v1"), v1("b"))
    assert await watch.names(1) == [("ADDED", "b")]


async def test_a_watch_of_the_past_and_of_a_past_that_is_gone(served):
    made = await served.create(at("v1"), v1("a"))
    await served.patch(at("v1", "a"), {"port": "81"})
    watch = await served.watch(at("v2"), resourceVersion=made["metadata"]["resourceVersion"])
    assert (await watch.next())[1]["hostPort"] == "h:81"
    gone = await served.watch(at("v2"), resourceVersion="1")
    kind, obj = await gone.next()
    assert (kind, obj["code"]) == ("ERROR", 410)
    assert await gone.next() is None


async def test_a_watch_ends_with_an_error_when_conversion_fails(served, hooks):
    watch = await served.watch(at("v2"))
    hooks.answers["/convert"] = Reset
    await served.create(at("v1"), v1("a"))
    kind, obj = await watch.next()
    assert (kind, obj["code"]) == ("ERROR", 500)
    assert obj["message"].startswith("conversion webhook for example.com/v1, Kind=Place failed: ")
    assert await watch.next() is None


async def test_each_version_selects_by_its_own_fields(served):
    await served.create(at("v1"), v1("a", "x", "1"))
    await served.create(at("v1"), v1("b", "y", "1"))
    for version, selector, names in (
        ("v1", "host=x", ["a"]),
        ("v1", "port=1", ["a", "b"]),
        ("v2", "hostPort=x:1", ["a"]),
        ("v2", "hostPort!=x:1", ["b"]),
        ("v2", "metadata.name=b", ["b"]),
        ("v2", "metadata.name!=b", ["a"]),
    ):
        items = (await served.get(at(version), fieldSelector=selector)).body["items"]
        assert [item["metadata"]["name"] for item in items] == names, selector
    assert (await served.get(at("v2"), fieldSelector="host=x")).status == 400
    watch = await served.watch(at("v2"), fieldSelector="hostPort=x:1", resourceVersion="0")
    assert await watch.names(1) == [("ADDED", "a")]
    await served.patch(at("v1", "a"), {"port": "2"})
    assert await watch.names(1) == [("DELETED", "a")]
    await served.patch(at("v1", "b"), {"host": "x"})
    assert await watch.names(1) == [("ADDED", "b")]


async def test_tables_show_the_columns_of_the_version(served):
    await served.create(at("v1"), v1("a"))
    table = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    answer = await served.send("GET", at("v2"), headers=table)
    assert [column["name"] for column in answer.body["columnDefinitions"]] == ["Name", "of v2"]
    assert answer.body["rows"][0]["cells"] == ["a", "h:80"]


async def test_who_owns_which_fields_is_kept_in_each_version(served):
    await served.create(at("v1"), v1("a"), fieldManager="one")
    answer = await served.patch(at("v2", "a"), {"hostPort": "h:81"}, fieldManager="two")
    assert answer.status == 200
    owners = {each["manager"]: each for each in answer.body["metadata"]["managedFields"]}
    assert owners["two"]["apiVersion"] == "example.com/v2"
    assert owners["two"]["fieldsV1"] == {"f:hostPort": {}}
    assert "f:port" not in owners["one"]["fieldsV1"]  # it is another's now, also as v1 calls it
    assert "f:host" in owners["one"]["fieldsV1"]


async def test_an_object_is_applied_in_another_version(served):
    headers = {"content-type": "application/apply-patch+yaml"}
    await served.create(at("v1"), v1("a"), fieldManager="one")
    conflict = await served.send("PATCH", at("v2", "a"), v2("a", "h:81"), headers=headers, fieldManager="two")
    assert conflict.status == 409
    forced = await served.send(
        "PATCH", at("v2", "a"), v2("a", "h:81"), headers=headers, fieldManager="two", force="true"
    )
    assert (forced.status, forced.body["hostPort"]) == (200, "h:81")
    made = await served.send("PATCH", at("v2", "new"), v2("new"), headers=headers, fieldManager="two")
    assert made.status == 201
    assert (await served.get(at("v1", "new"))).body["port"] == "80"


async def test_a_webhook_that_names_another_version_is_shown_that_one(served, hooks):
    hooks.answers["/judge"] = patch({"op": "replace", "path": "/hostPort", "value": "changed:1"})
    hooks.answers["/look"] = {"allowed": True}
    named = rule("places", groups=("example.com",), versions=("v2",))
    await served.mutating("m", hook("m", hooks.config("/judge"), named))
    await served.validating("v", hook("v", hooks.config("/look"), named))
    made = await served.create(at("v1"), v1("a"))
    assert (made["host"], made["port"]) == ("changed", "1")
    assert hooks.requests("/judge")[0]["object"]["hostPort"] == "h:80"
    assert hooks.requests("/look")[0]["object"]["hostPort"] == "changed:1"
    assert (await served.patch(at("v1", "a"), {"port": "2"})).body["host"] == "changed"
    assert hooks.requests("/judge")[-1]["oldObject"]["hostPort"] == "changed:1"


async def test_a_collection_is_deleted_in_another_version(served):
    for name in ("a", "b"):
        await served.create(at("v1"), v1(name))
    answer = await served.delete(at("v2"), fieldSelector="hostPort=h:80")
    assert [item["hostPort"] for item in answer.body["items"]] == ["h:80", "h:80"]
    assert (await served.get(at("v1"))).body["items"] == []


async def test_the_past_is_converted_too(served):
    made = await served.create(at("v1"), v1("a"))
    revision = made["metadata"]["resourceVersion"]
    await served.patch(at("v1", "a"), {"port": "81"})
    assert (await served.get(at("v2", "a"), atRevision=revision)).body["hostPort"] == "h:80"
    found = await served.get(at("v2"), atRevision=revision, fieldSelector="hostPort=h:80")
    assert [item["hostPort"] for item in found.body["items"]] == ["h:80"]


async def test_dry_runs_store_nothing(served):
    answer = await served.post(at("v2"), v2("a"), dryRun="All")
    assert (answer.status, answer.body["hostPort"]) == (201, "h:80")
    assert (await served.get(at("v1", "a"))).status == 404


def success(request, *objects, **result):
    """An answer with these objects."""
    return {"result": {"status": "Success", **result}, "convertedObjects": list(objects)}


def first(request, **changes):
    return {**converted(request["objects"][0], request["desiredAPIVersion"]), **changes}


def renamed(request, **changes):
    obj = first(request)
    return {**obj, "metadata": {**obj["metadata"], **changes}}


LIES = [
    pytest.param(Reset, "failed: Post ", id="dies"),
    pytest.param(Raw(b"nonsense\r\n\r\n"), "malformed HTTP response", id="garbage"),
    pytest.param(lambda r: {"response": None}, "expected webhook response of apiextensions.k8s.io/v1", id="no review"),
    pytest.param(lambda r: {"uid": "x", **success(r)}, 'expected response.uid="', id="means another"),
    pytest.param(lambda r: {"result": {"status": "Failure", "message": "cannot"}}, "failed: cannot", id="cannot"),
    pytest.param(lambda r: {"result": {}}, "response.result.status was '', not 'Success'", id="says nothing"),
    pytest.param(success, "returned 0 objects, expected 1", id="nothing"),
    pytest.param(lambda r: success(r, first(r), first(r)), "returned 2 objects, expected 1", id="too many"),
    pytest.param(lambda r: success(r, 3), "it is no object", id="a number"),
    pytest.param(
        lambda r: success(r, r["objects"][0]), "invalid groupVersion (expected example.com/v2", id="as it was"
    ),
    pytest.param(lambda r: success(r, first(r, kind="Pod")), "invalid kind (expected Place", id="another kind"),
    pytest.param(lambda r: success(r, first(r, metadata=None)), "missing metadata", id="no metadata"),
    pytest.param(lambda r: success(r, renamed(r, name="b")), "must have the same name: a != b", id="another name"),
    pytest.param(
        lambda r: success(r, renamed(r, namespace="b")), "must have the same namespace: ns != b", id="elsewhere"
    ),
    pytest.param(lambda r: success(r, renamed(r, uid="b")), "must have the same UID: ", id="another"),
    pytest.param(
        lambda r: success(r, renamed(r, labels={"a": 1})), "metadata.labels[a] must be a string", id="odd label"
    ),
    pytest.param(
        lambda r: success(r, renamed(r, labels={"a b": ""})), "metadata.labels: Invalid value", id="bad label"
    ),
    pytest.param(lambda r: success(r, renamed(r, annotations=[])), "metadata.annotations is no object", id="odd notes"),
]


@pytest.mark.parametrize(("answer", "words"), LIES)
async def test_conversions_that_cannot_be_used(served, hooks, answer, words):
    await served.create(at("v1"), v1("a"))
    hooks.answers["/convert"] = answer
    for found in (await served.get(at("v2", "a")), await served.get(at("v2"))):
        assert found.status == 500
        assert found.message.startswith("conversion webhook for example.com/v1, Kind=Place ")
        assert words in found.message
    assert (await served.get(at("v1", "a"))).status == 200
    hooks.answers["/convert"] = convert
    assert (await served.get(at("v2", "a"))).status == 200


async def test_of_metadata_only_labels_and_annotations_are_the_webhooks(served, hooks):
    made = await served.create(
        at("v1"), {**v1("a"), "metadata": {"name": "a", "labels": {"x": "y"}, "finalizers": ["e.com/f"]}}
    )
    hooks.answers["/convert"] = lambda r: success(
        r, renamed(r, labels={"new": "1"}, annotations={"n": "1"}, finalizers=None, generation=99, resourceVersion="1")
    )
    metadata = (await served.get(at("v2", "a"))).body["metadata"]
    assert (metadata["labels"], metadata["annotations"]) == ({"new": "1"}, {"n": "1"})
    for key in ("finalizers", "generation", "resourceVersion", "creationTimestamp"):
        assert metadata[key] == made["metadata"][key]


async def test_what_the_version_does_not_know_is_dropped(served, hooks):
    await served.create(at("v1"), v1("a"))
    hooks.answers["/convert"] = lambda r: success(r, first(r, extra="x"))
    assert "extra" not in (await served.get(at("v2", "a"))).body


async def test_another_webhook_converts_anew(served, hooks):
    await served.create(at("v1"), v1("a"))
    await served.get(at("v2", "a"))
    hooks.answers["/other"] = lambda r: success(r, first(r, hostPort="other"))
    crd = (await served.get(f"{DEFINITIONS}/{NAME}")).body
    crd["spec"]["conversion"]["webhook"]["clientConfig"] = hooks.config("/other")
    before = served.server.registry.generation
    assert (await served.put(f"{DEFINITIONS}/{NAME}", crd)).status == 200
    await until(lambda: served.server.registry.generation > before)
    assert (await served.get(at("v2", "a"))).body["hostPort"] == "other"


async def test_conversions_are_counted(served, hooks):
    await served.create(at("v1"), v1("a"))
    for answer in (Reset, success, convert):
        hooks.answers["/convert"] = answer
        await served.get(at("v2", "a"))
    text = served.server.render_metrics().decode()
    name = "apiserver_conversion_webhook_request_total"
    assert f'{name}{{result="success",failure_type=""}} 1\n' in text
    for failure in ("call_failure", "malformed_response_failure"):
        assert f'{name}{{result="failure",failure_type="conversion_webhook_{failure}"}} 1\n' in text


async def test_older_reviews(api, hooks):
    crd = places(hooks.config("/convert"))
    crd["spec"]["conversion"]["webhook"]["conversionReviewVersions"] = ["v1beta1", "v1"]
    await established(api, crd)
    hooks.answers["/convert"] = lambda r: {"response": convert(r)}  # such answers repeat nothing
    await api.create(at("v1"), v1("a"))
    assert (await api.get(at("v2", "a"))).body["hostPort"] == "h:80"
    assert hooks.asked[0][1]["apiVersion"] == "apiextensions.k8s.io/v1beta1"


async def test_a_definition_goes_although_its_webhook_does_not_answer(served, hooks):
    await served.create(at("v1"), v1("a"))
    hooks.answers["/convert"] = Hang
    assert (await served.delete(f"{DEFINITIONS}/{NAME}")).status == 200
    await until(lambda: ("example.com", "v1", "places") not in served.server.registry.endpoints)
    assert json.dumps(hooks.requests()) == "[]"


async def test_a_definition_goes_although_a_webhook_wants_to_keep_its_objects(served, hooks):
    await served.create(at("v1"), v1("a"))
    hooks.answers["/keep"] = deny("stays")
    await served.validating("v", hook("v", hooks.config("/keep"), rule("*/*", operations=("DELETE", "UPDATE"))))
    assert (await served.delete(at("v1", "a"))).status == 400
    hooks.answers["/keep"] = lambda r: deny("stays") if r["kind"]["kind"] == "Place" else {"allowed": True}
    assert (await served.delete(f"{DEFINITIONS}/{NAME}")).status == 200
    await until(lambda: ("example.com", "v1", "places") not in served.server.registry.endpoints)


async def test_a_watcher_that_goes_away_leaves_nothing_behind(served, hooks):
    hooks.answers["/convert"] = Hang
    await served.create(at("v1"), v1("a"))
    watch = await served.watch(at("v2"), resourceVersion="0")
    await until(lambda: hooks.asked)
    await watch.close()
    await until(lambda: hooks.open == 0)
    cache = served.server.registry.endpoints["example.com", "v1", "places"].cache
    assert cache.watchers == 0
