"""Lists: selectors, chunks, revisions, and the forms they can be had in."""

import pytest
from api_client import CM, PODS, configmap, pod

from podwright.apiserver.registry.continuing import INCONSISTENT, Token

TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
PARTIAL = {"accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}


def names(answer):
    assert answer.status == 200, answer
    return [i["metadata"]["name"] for i in answer.body["items"]]


@pytest.fixture
async def five(api):
    for i in range(5):
        obj = configmap(f"c{i}")
        obj["metadata"]["labels"] = {"n": str(i), "par": "odd" if i % 2 else "even"}
        await api.create(CM, obj)
    return api


async def test_items_are_in_order_and_carry_no_type(five):
    answer = await five.get(CM)
    assert names(answer) == ["c0", "c1", "c2", "c3", "c4"]
    assert (answer.body["kind"], answer.body["apiVersion"]) == ("ConfigMapList", "v1")
    assert not answer.body["items"][0].keys() & {"kind", "apiVersion"}
    assert answer.body["items"][2]["metadata"] == (await five.get(f"{CM}/c2")).body["metadata"]


async def test_a_list_shows_every_write_before_it(api):
    for i in range(20):
        await api.create(CM, configmap(f"x{i}"))
        assert len(names(await api.get(CM))) == i + 1


async def test_a_list_of_a_missing_namespace_is_empty(api):
    answer = await api.get("/api/v1/namespaces/nope/pods")
    assert answer.body["items"] == []
    told = await api.send("GET", "/api/v1/namespaces/nope/pods", headers=PARTIAL)
    assert told.body["items"] is None
    assert int(answer.body["metadata"]["resourceVersion"]) > 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"labelSelector": "n=1"}, "1"),
        ({"labelSelector": "par=even,n!=2"}, "04"),
        ({"labelSelector": "n in (1,2)"}, "12"),
        ({"labelSelector": "!n"}, ""),
        ({"fieldSelector": "metadata.name=c3"}, "3"),
        ({"fieldSelector": "metadata.name!=c3"}, "0124"),
        ({"fieldSelector": "metadata.namespace=ns"}, "01234"),
        ({"fieldSelector": "metadata.namespace=other"}, ""),
        ({"fieldSelector": "metadata.name=c1,metadata.name=c2"}, ""),
        ({"fieldSelector": "metadata.name="}, ""),
        ({"fieldSelector": "metadata.name=c1", "labelSelector": "par=even"}, ""),
    ],
    ids=str,
)
async def test_selectors(five, query, expected):
    assert names(await five.get(CM, **query)) == [f"c{n}" for n in expected]


async def test_selectors_of_a_kind(api):
    await api.create(PODS, pod("a", nodeName="n1"))
    await api.create(PODS, pod("b"))
    assert names(await api.get(PODS, fieldSelector="spec.nodeName=n1")) == ["a"]
    assert names(await api.get(PODS, fieldSelector="spec.nodeName=")) == ["b"]
    assert names(await api.get(PODS, fieldSelector="spec.nodeName!=n1,status.phase=Pending")) == ["b"]


@pytest.mark.parametrize(
    ("path", "field", "words"),
    [
        (f"{PODS}", "metadata.labels", "field label not supported: metadata.labels"),
        ("/api/v1/nodes", "metadata.namespace", "field label not supported: metadata.namespace"),
        ("/api/v1/persistentvolumes", "name", '"name" is not a known field selector'),
        ("/api/v1/persistentvolumeclaims", "name", '"name" is not a known field selector'),
        ("/apis/batch/v1/jobs", "status.active", 'field label "status.active" not supported for batchv1.Job'),
        ("/apis/resource.k8s.io/v1/resourceslices", "spec.pool.name",
         "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.pool.name"),
    ],
)  # fmt: skip
async def test_fields_that_do_not_select(api, path, field, words):
    answer = await api.get(path, fieldSelector=f"{field}=x")
    assert answer.status == 400
    assert words in answer.message


@pytest.mark.parametrize(
    ("selector", "found"), [("metadata.namespace=", True), ("metadata.namespace=x", False),
                            ("metadata.namespace!=x", True), ("metadata.namespace!=", False)]
)  # fmt: skip
async def test_objects_without_a_namespace_have_an_empty_one(api, selector, found):
    await api.create("/apis/storage.k8s.io/v1/storageclasses", {"metadata": {"name": "c"}, "provisioner": "p"})
    listed = await api.get("/apis/storage.k8s.io/v1/storageclasses", fieldSelector=selector)
    assert ("c" in names(listed)) is found


@pytest.mark.parametrize("selector", ["metadata.name=a,metadata.name=b", "metadata.name=", "metadata.namespace=x"])
async def test_what_contradicts_itself_selects_and_deletes_nothing(api, selector):
    path = "/apis/storage.k8s.io/v1/storageclasses"
    await api.create(path, {"metadata": {"name": "a"}, "provisioner": "p"})
    for query in ({}, {"limit": 1}):
        assert names(await api.get(path, fieldSelector=selector, **query)) == []
    assert names(await api.delete(path, fieldSelector=selector)) == []
    assert (await api.get(f"{path}/a")).status == 200


async def test_controllers_are_selected_by_their_replicas(api):
    path = "/api/v1/namespaces/ns/replicationcontrollers"
    await api.create(path, {"metadata": {"name": "rc"}, "spec": {"replicas": 0, "selector": {"a": "b"}, "template": {
        "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}})  # fmt: skip
    assert names(await api.get(path, fieldSelector="status.replicas=0")) == ["rc"]
    assert names(await api.get(path, fieldSelector="status.replicas=1")) == []


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"labelSelector": "a b"}, 400, "unable to parse requirement"),
        (
            {"fieldSelector": "data.x=y"},
            400,
            'is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ({"fieldSelector": "!metadata.name"}, 400, "invalid selector"),
        ({"resourceVersion": "abc"}, 400, "invalid resource version"),
        ({"resourceVersionMatch": "Exact"}, 422, "forbidden unless resourceVersion is provided"),
        ({"resourceVersion": "99999999"}, 504, "Too large resource version: 99999999"),
        ({"continue": "abc"}, 400, "invalid continue token"),
    ],
    ids=str,
)
async def test_lists_that_are_refused(api, query, status, words):
    answer = await api.get(CM, **query)
    assert answer.status == status
    assert words in answer.message
    if status == 504:
        assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (CM, '"a.b" is not a known field selector: only "metadata.name", "metadata.namespace"'),
        (PODS, "field label not supported: a.b"),
        ("/apis/batch/v1/jobs", 'field label "a.b" not supported for batchv1.Job'),
        (
            "/apis/resource.k8s.io/v1/resourceslices",
            "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: a.b",
        ),
    ],
    ids=["of-none", "of-some", "jobs", "slices"],
)
async def test_fields_that_nothing_is_selected_by(api, path, words):
    answer = await api.get(path, fieldSelector="a.b=c")
    assert (answer.status, answer.message) == (400, words)


async def test_replication_controllers_are_selected_by_what_they_have(api):
    path = "/api/v1/namespaces/ns/replicationcontrollers"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    await api.create(path, {"metadata": {"name": "r"}, "spec": {"template": template}})
    assert names(await api.get(path, fieldSelector="status.replicas=0")) == ["r"]
    assert names(await api.get(path, fieldSelector="status.replicas=1")) == []


async def test_chunks_show_the_state_of_the_first(five):
    first = await five.get(CM, limit=2)
    metadata = first.body["metadata"]
    assert (names(first), metadata["remainingItemCount"]) == (["c0", "c1"], 3)
    await five.create(CM, configmap("c1-new"))
    await five.patch(f"{CM}/c2", {"data": {"changed": "yes"}})
    await five.delete(f"{CM}/c3")
    second = await five.get(CM, limit=2, **{"continue": metadata["continue"]})
    assert (names(second), second.body["metadata"]["remainingItemCount"]) == (["c2", "c3"], 1)
    assert second.body["metadata"]["resourceVersion"] == metadata["resourceVersion"]
    assert "changed" not in second.body["items"][0].get("data", {})
    third = await five.get(CM, limit=2, **{"continue": second.body["metadata"]["continue"]})
    assert names(third) == ["c4"]
    assert not third.body["metadata"].keys() & {"continue", "remainingItemCount"}


async def test_chunks_over_all_namespaces(five):
    for namespace in ("a", "a-b"):
        await five.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        await five.create(f"/api/v1/namespaces/{namespace}/configmaps", configmap("z"))
    found, query = [], {}
    while True:
        answer = await five.get("/api/v1/configmaps", limit=2, **query)
        found += [(i["metadata"]["namespace"], i["metadata"]["name"]) for i in answer.body["items"]]
        token = answer.body["metadata"].get("continue")
        if not token:
            break
        query = {"continue": token}
        await five.patch(f"{CM}/c0", {"data": {"n": str(len(found))}})  # later pages come from history
    own = ("kube-system", "kube-apiserver-legacy-service-account-token-tracking")
    assert found == [("a-b", "z"), ("a", "z"), own, *(("ns", f"c{i}") for i in range(5))]


async def test_a_selector_hides_how_many_remain(five):
    metadata = (await five.get(CM, limit=1, labelSelector="par=even")).body["metadata"]
    assert "continue" in metadata
    assert "remainingItemCount" not in metadata


async def test_an_expired_token_brings_one_for_an_inconsistent_rest(five):
    token = (await five.get(CM, limit=2)).body["metadata"]["continue"]
    await five.delete(f"{CM}/c3")
    store = five.server.store
    await store.compact(await store.current_revision())
    answer = await five.get(CM, limit=2, **{"continue": token})
    assert (answer.status, answer.body["reason"]) == (410, "Expired")
    rest = await five.get(CM, limit=2, **{"continue": answer.body["metadata"]["continue"]})
    assert names(rest) == ["c2", "c4"]


async def test_an_inconsistent_token_goes_on_with_the_newest(five):
    token = Token(INCONSISTENT, "ns/c1").encode()
    await five.delete(f"{CM}/c3")
    assert names(await five.get(CM, **{"continue": token})) == ["c2", "c4"]


async def test_a_token_goes_with_version_0_which_knows_no_limit_and_with_no_other(five):
    metadata = (await five.get(CM, limit=2)).body["metadata"]
    await five.delete(f"{CM}/c3")
    rest = await five.get(CM, limit=1, resourceVersion=0, **{"continue": metadata["continue"]})
    assert names(rest) == ["c2", "c3", "c4"]
    other = await five.get(CM, resourceVersion=metadata["resourceVersion"], **{"continue": metadata["continue"]})
    assert (other.status, other.message) == (400, "specifying resource version is not allowed when using continue")


async def test_exact_and_not_older_than(five):
    before = (await five.get(CM)).body["metadata"]["resourceVersion"]
    await five.delete(f"{CM}/c0")
    everything, rest = ["c0", "c1", "c2", "c3", "c4"], ["c1", "c2", "c3", "c4"]
    exact = await five.get(CM, resourceVersion=before, resourceVersionMatch="Exact")
    assert (names(exact), exact.body["metadata"]["resourceVersion"]) == (everything, before)
    assert names(await five.get(CM, resourceVersion=before, limit=10)) == everything
    assert names(await five.get(CM, resourceVersion=before)) == rest
    assert names(await five.get(CM, resourceVersion=before, resourceVersionMatch="NotOlderThan", limit=2)) == rest[:2]
    assert names(await five.get(CM, resourceVersion="0")) == rest
    assert names(await five.get(CM, resourceVersion="0", limit=1)) == rest


async def test_a_revision_that_was_compacted_is_gone(five):
    before = (await five.get(CM)).body["metadata"]["resourceVersion"]
    await five.delete(f"{CM}/c0")
    await five.server.store.compact(await five.server.store.current_revision())
    answer = await five.get(CM, resourceVersion=before, resourceVersionMatch="Exact")
    assert (answer.status, answer.message) == (410, "The resourceVersion for the provided list is too old.")


async def test_a_get_can_ask_for_a_revision(five):
    revision = (await five.get(CM)).body["metadata"]["resourceVersion"]
    assert (await five.get(f"{CM}/c0", resourceVersion=revision)).status == 200
    assert (await five.get(f"{CM}/c0", resourceVersion="0")).status == 200
    assert (await five.get(f"{CM}/c0", resourceVersion="99999999")).status == 504
    assert (await five.get(f"{CM}/c0", resourceVersion="abc")).status == 400


async def test_what_stands_beside_the_cells(five):
    older = {"accept": "application/json;as=Table;v=v1beta1;g=meta.k8s.io"}
    table = (await five.send("GET", CM, headers=older, limit=1)).body
    assert table["apiVersion"] == table["rows"][0]["object"]["apiVersion"] == "meta.k8s.io/v1beta1"
    whole = (await five.send("GET", CM, headers=TABLE, limit=1, includeObject="Object")).body
    assert whole["rows"][0]["object"]["kind"] == "ConfigMap"
    refused = await five.send("POST", CM, configmap("new"), headers=TABLE, includeObject="Nope")
    assert refused.status == 400
    assert refused.message.startswith('Unable to convert to Table as requested: includeObject: Invalid value: "Nope": ')
    assert (await five.get(f"{CM}/new")).status == 404
    assert (await five.get(CM, includeObject="Nope")).status == 200


async def test_tables(five):
    answer = await five.send("GET", CM, headers=TABLE)
    assert (answer.body["kind"], answer.body["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [c["name"] for c in answer.body["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert [r["cells"][0] for r in answer.body["rows"]] == ["c0", "c1", "c2", "c3", "c4"]
    assert answer.body["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    chunk = await five.send("GET", CM, headers=TABLE, limit=2, includeObject="None")
    assert chunk.body["metadata"]["remainingItemCount"] == 3
    assert chunk.body["rows"][0]["object"] is None
    single = await five.send("GET", f"{CM}/c1", headers=TABLE)
    assert [r["cells"][0] for r in single.body["rows"]] == ["c1"]
    assert (await five.send("DELETE", f"{CM}/c1", headers=TABLE)).body["kind"] == "Status"


async def test_metadata_only(five):
    whole = (await five.get(CM)).body
    answer = await five.send("GET", CM, headers=PARTIAL)
    assert answer.body["kind"] == "PartialObjectMetadataList"
    assert [i["metadata"] for i in answer.body["items"]] == [i["metadata"] for i in whole["items"]]
    assert "data" not in answer.body["items"][0]
    single = {"accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
    assert set((await five.send("GET", f"{CM}/c1", headers=single)).body) == {"kind", "apiVersion", "metadata"}


@pytest.mark.parametrize(
    ("method", "path", "taken", "message"),
    [
        ("GET", CM, "PartialObjectMetadata", "PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)"),
        ("GET", f"{CM}/c1", "PartialObjectMetadataList",
         "PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)"),
        ("DELETE", f"{CM}/c1", "PartialObjectMetadataList",
         "PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)"),
        ("GET", "/apis/events.k8s.io/v1/events", "PartialObjectMetadata",
         "PartialObjectMetadata, but the requested object is a list (*core.EventList)"),
        ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "PartialObjectMetadata",
         "PartialObjectMetadata, but the requested object is a list (*rbac.ClusterRoleList)"),
    ],
    ids=["list", "object", "delete", "events", "group"],
)  # fmt: skip
async def test_metadata_of_one_where_many_are_and_the_other_way_round(five, method, path, taken, message):
    headers = {"accept": f"application/json;as={taken};v=v1;g=meta.k8s.io,application/json"}
    answer = await five.send(method, path, headers=headers)
    assert (answer.status, answer.body["reason"]) == (406, "NotAcceptable")
    assert answer.body["message"] == f"you requested {message}"
    assert len(names(await five.get(CM))) == 5


async def test_deleting_a_collection(five):
    answer = await five.delete(CM, labelSelector="par=odd")
    assert names(answer) == ["c1", "c3"]
    assert names(await five.get(CM)) == ["c0", "c2", "c4"]
    assert names(await five.delete(CM, dryRun="All")) == ["c0", "c2", "c4"]
    assert len(names(await five.get(CM))) == 3
    chunk = await five.delete(CM, limit=2)
    assert names(chunk) == ["c0", "c2"]
    assert chunk.body["metadata"]["continue"]
    assert names(await five.delete(CM)) == ["c4"]
    assert names(await five.delete("/api/v1/namespaces/nope/configmaps")) == []
