"""Create, update, patch: what is filled in, what is kept, what conflicts."""

import asyncio

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod


async def test_a_new_object_gets_an_identity(api):
    obj = await api.create(CM, configmap("x", k="v"))
    metadata = obj["metadata"]
    assert (obj["kind"], obj["apiVersion"], metadata["namespace"]) == ("ConfigMap", "v1", "ns")
    assert len(metadata["uid"]) == 36
    assert metadata["creationTimestamp"].endswith("Z")
    assert int(metadata["resourceVersion"]) > 1
    assert (await api.get(f"{CM}/x")).body == obj


async def test_what_the_server_owns_cannot_be_set(api):
    body = configmap("x")
    body["metadata"] |= {
        "uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "deletionTimestamp": "2001-01-01T00:00:00Z",
        "deletionGracePeriodSeconds": 5, "selfLink": "/x", "managedFields": [{"manager": "m"}],
    }  # fmt: skip
    metadata = (await api.create(CM, body))["metadata"]
    assert metadata["uid"] != "mine"
    assert metadata["creationTimestamp"] != "2001-01-01T00:00:00Z"
    assert not metadata.keys() & {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"}


async def test_kind_and_api_version_come_from_the_path(api):
    assert (await api.create(CM, {"metadata": {"name": "x"}}))["kind"] == "ConfigMap"


@pytest.mark.parametrize("body", ["null", "{}", '{"metadata":null}', '{"metadata":{"name":""}}'])
async def test_a_name_is_required(api, body):
    answer = await api.post(CM, body)
    assert answer.status == 422
    assert answer.message == 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'


async def test_generated_names(api):
    first = await api.create(CM, {"metadata": {"generateName": "gen-"}})
    second = await api.create(CM, {"metadata": {"generateName": "gen-"}})
    names = {o["metadata"]["name"] for o in (first, second)}
    assert len(names) == 2
    assert all(n.startswith("gen-") and len(n) == 9 for n in names)
    assert first["metadata"]["generateName"] == "gen-"
    long = await api.create(CM, {"metadata": {"generateName": "g" * 80}})
    assert len(long["metadata"]["name"]) == 63


async def test_a_taken_generated_name_is_drawn_again(api, monkeypatch):
    names = iter(["gen-aaaaa", "gen-aaaaa", "gen-bbbbb"])
    monkeypatch.setattr("podwright.apiserver.registry.metadata.generated_name", lambda prefix: next(names))
    await api.create(CM, {"metadata": {"generateName": "gen-"}})
    assert (await api.create(CM, {"metadata": {"generateName": "gen-"}}))["metadata"]["name"] == "gen-bbbbb"


async def test_a_name_is_taken_once(api):
    await api.create(CM, configmap("x"))
    for query in ({}, {"dryRun": "All"}):
        answer = await api.post(CM, configmap("x"), **query)
        assert (answer.status, answer.message) == (409, 'configmaps "x" already exists')


async def test_of_many_creators_one_wins(api):
    answers = await asyncio.gather(*(api.post(CM, configmap("x", n=str(i))) for i in range(20)))
    assert sorted(a.status for a in answers) == [201] + [409] * 19


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", CM, configmap("x") | {"metadata": {"name": "x", "namespace": "other"}}, 400,
         "the namespace of the provided object does not match the namespace sent on the request"),
        ("POST", CM, {"metadata": {"name": "x", "resourceVersion": "5"}}, 400,
         "resourceVersion should not be set on objects to be created"),
        ("POST", "/api/v1/namespaces/nope/configmaps", configmap("x"), 404, 'namespaces "nope" not found'),
        ("POST", CM, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, 400,
         ('Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): '
          "unknown conversion")),
        ("POST", CM, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "*"}}, 400,
         'Secret in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 0'),
        ("POST", CM, {"apiVersion": "v1", "kind": "SecretList", "metadata": {}}, 400,
         ('SecretList in version "v1" cannot be handled as a ConfigMap: converting (v1.SecretList) to '
          "(core.ConfigMap): unknown conversion")),
        ("PUT", f"{CM}/own", {"metadata": {"name": "own", "resourceVersion": "99999999999999999999"}}, 400,
         'strconv.ParseUint: parsing "99999999999999999999": value out of range'),
        ("PUT", f"{CM}/own", configmap("other"), 400,
         "the name of the object (other) does not match the name on the URL (own)"),
        ("PUT", f"{CM}/own", {"metadata": {}}, 400,
         "the name of the object (own based on URL) was undeterminable: name must be provided"),
        ("PUT", f"{CM}/nope", configmap("nope"), 404, 'configmaps "nope" not found'),
        ("POST", f"{CM}/own", configmap("own"), 405, "the server does not allow this method on the requested resource"),
        ("PUT", CM, configmap("own"), 405, "the server does not allow this method on the requested resource"),
        ("DELETE", "/api/v1/configmaps", None, 405, "the server does not allow this method on the requested resource"),
        ("GET", "/api/v1/nope", None, 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/pods/x", None, 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/namespaces/ns/nodes", None, 404, "the server could not find the requested resource"),
        ("GET", f"{CM}/own/status", None, 404, "the server could not find the requested resource"),
        ("GET", f"{CM}/own/a/b", None, 404, "the server could not find the requested resource"),
    ],
)  # fmt: skip
async def test_refusals(api, method, path, body, status, message):
    await api.create(CM, configmap("own"))
    answer = await api.send(method, path, body)
    assert (answer.status, answer.message) == (status, message)


async def test_options_that_a_request_cannot_have(api):
    await api.create(CM, configmap("own"))
    answer = await api.get(f"{CM}/own", export="1")
    assert (answer.status, "the export parameter" in answer.message) == (400, True)
    assert (await api.get(f"{CM}/own", export="false")).status == 200
    answer = await api.get(f"{CM}/own", timeout="5")
    text = 'invalid timeout specified in the request URL - time: missing unit in duration "5"'
    assert (answer.status, answer.message) == (400, text)
    answer = await api.get("/api/v1/namespaces/ns/pods/x/proxy/", dryRun="All")
    assert (answer.status, answer.message) == (400, "dryRun is not supported")


async def test_an_update_is_bound_to_the_revision_it_names(api):
    old = await api.create(CM, configmap("x", k="1"))
    new = (await api.put(f"{CM}/x", old | {"data": {"k": "2"}})).body
    assert int(new["metadata"]["resourceVersion"]) > int(old["metadata"]["resourceVersion"])
    stale = await api.put(f"{CM}/x", old | {"data": {"k": "3"}})
    assert (stale.status, stale.body["reason"]) == (409, "Conflict")
    assert (await api.get(f"{CM}/x")).body["data"] == {"k": "2"}


async def test_an_update_without_revision_is_unconditional(api):
    await api.create(CM, configmap("x", k="1"))
    answer = await api.put(f"{CM}/x", configmap("x", k="2"))
    assert (answer.status, answer.body["data"]) == (200, {"k": "2"})


async def test_an_update_that_changes_nothing_makes_no_revision(api):
    old = await api.create(CM, configmap("x", k="1"))
    for answer in (
        await api.put(f"{CM}/x", configmap("x", k="1")),
        await api.patch(f"{CM}/x", {"data": {"k": "1"}}),
        await api.patch(f"{CM}/x", {}),
    ):
        assert answer.body == old


async def test_an_update_keeps_identity(api):
    old = await api.create(CM, configmap("x"))
    new = (await api.put(f"{CM}/x", configmap("x", k="2"))).body
    for key in ("uid", "creationTimestamp", "namespace"):
        assert new["metadata"][key] == old["metadata"][key]
    wrong = configmap("x")
    wrong["metadata"]["uid"] = "00000000-0000-0000-0000-000000000000"
    assert (await api.put(f"{CM}/x", wrong)).status == 409
    answer = await api.patch(f"{CM}/x", {"metadata": {"uid": "other"}})
    assert answer.status == 422
    assert "metadata.uid: Invalid value" in answer.message


async def test_some_kinds_need_a_revision_and_may_be_created_by_put(api):
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l"
    created = await api.put(path, lease)
    assert created.status == 201
    answer = await api.put(path, lease | {"spec": {"holderIdentity": "you"}})
    assert answer.status == 422
    assert "metadata.resourceVersion: Invalid value: 0: must be specified for an update" in answer.message
    assert (await api.put(path, created.body | {"spec": {"holderIdentity": "you"}})).status == 200


async def test_generation_counts_changes_of_the_spec_only(api):
    obj = await api.create(DEPLOYMENTS, deployment("d"))
    assert obj["metadata"]["generation"] == 1
    path = f"{DEPLOYMENTS}/d"
    assert (await api.patch(path, {"metadata": {"labels": {"a": "b"}}})).body["metadata"]["generation"] == 1
    assert (await api.patch(path, {"spec": {"minReadySeconds": 5}})).body["metadata"]["generation"] == 2
    assert (await api.patch(f"{path}/status", {"status": {"replicas": 1}})).body["metadata"]["generation"] == 2
    assert (await api.patch(path, {"metadata": {"generation": 77}})).body["metadata"]["generation"] == 2


async def test_status_and_the_rest_are_written_by_different_doors(api):
    await api.create(DEPLOYMENTS, deployment("d") | {"status": {"replicas": 9}})
    path = f"{DEPLOYMENTS}/d"
    through_main = await api.patch(path, {"spec": {"paused": True}, "status": {"replicas": 5}})
    assert through_main.body["status"].get("replicas", 0) == 0
    change = {"spec": {"paused": False}, "status": {"replicas": 1}, "metadata": {"labels": {"x": "y"}}}
    through_status = await api.patch(f"{path}/status", change)
    assert through_status.body["spec"]["paused"] is True
    assert through_status.body["status"]["replicas"] == 1
    assert "x" not in through_status.body["metadata"].get("labels", {})
    assert (await api.get(f"{path}/status")).body == (await api.get(path)).body


@pytest.mark.parametrize(
    ("kind", "patch", "data"),
    [
        ("merge", {"data": {"b": None, "c": "3"}}, {"a": "1", "c": "3"}),
        ("strategic", {"data": {"$patch": "replace", "z": "9"}}, {"z": "9"}),
        ("json", [{"op": "remove", "path": "/data/b"}, {"op": "add", "path": "/data/c", "value": "3"}],
         {"a": "1", "c": "3"}),
    ],
    ids=str,
)  # fmt: skip
async def test_patch_types(api, kind, patch, data):
    await api.create(CM, configmap("x", a="1", b="2"))
    answer = await api.patch(f"{CM}/x", patch, kind)
    assert (answer.status, answer.body["data"]) == (200, data)


async def test_a_strategic_patch_merges_lists_by_key(api):
    await api.create(DEPLOYMENTS, deployment("d"))
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "new", "image": "i"}]}}}}
    answer = await api.patch(f"{DEPLOYMENTS}/d", patch, "strategic")
    assert {c["name"] for c in answer.body["spec"]["template"]["spec"]["containers"]} == {"c", "new"}


@pytest.mark.parametrize(
    ("kind", "body", "status", "words"),
    [
        ("json", "[", 400, "error decoding patch: unexpected end of JSON input"),
        ("json", "{}", 400, "error decoding patch: json: cannot unmarshal object"),
        ("json", '[{"op":"test","path":"/data/a","value":"no"}]', 422, "the server rejected our request"),
        ("json", '[{"op":"replace","path":"/kind","value":"Secret"}]', 422, "illegal base64 data at input byte 0"),
        ("json", '[{"op":"replace","path":"/kind","value":"Pod"}]', 422, "converting (v1.Pod) to (core.ConfigMap)"),
        (
            "json",
            '[{"op":"replace","path":"/kind","value":5}]',
            422,
            "number into Go struct field .kind of type string",
        ),
        ("json", '[{"op":"replace","path":"/apiVersion","value":"v2"}]', 422, 'registered for version "v2"'),
        ("json", '[{"op":"remove","path":"/apiVersion"}]', 400, "was undeterminable: name must be provided"),
        ("json", '[{"op":5,"path":"/a"}]', 400, "number into Go struct field jsonPatchOp.op of type string"),
        ("json", '[{"op":null,"path":"/a"}]', 422, "the server rejected our request"),
        ("json", "[null]", 422, "the server rejected our request"),
        ("json", '["x"]', 400, "error decoding patch: an operation is an object"),
        ("json", '[["op","add"]]', 400, "error decoding patch: an operation is an object"),
        ("json", '[5,{"op":"test","op":"add"}]', 400, "error decoding patch: an operation is an object"),
        ("merge", "null", 400, "Invalid JSON Patch"),
        ("merge", '"x"', 400, "error decoding patch: json: cannot unmarshal string"),
        ("merge", '{"data":{"a":5}}', 422, "json: cannot unmarshal number into Go struct field ConfigMap.data"),
        ("merge", '{"metadata":{"name":null}}', 400, "was undeterminable: name must be provided"),
        ("merge", '{"metadata":{"namespace":"other"}}', 400, "does not match the namespace sent on the request"),
        ("merge", '{"metadata":{"labels":{"a":"b c"}}}', 422, "metadata.labels: Invalid value"),
        ("merge", "[]", 400, "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ("strategic", "{", 400, "unexpected end of JSON input"),
    ],
)
async def test_patches_that_are_refused(api, kind, body, status, words):
    await api.create(CM, configmap("x", a="1"))
    answer = await api.patch(f"{CM}/x", body, kind)
    assert answer.status == status
    assert words in answer.message


@pytest.mark.parametrize("content_type", ["application/json", "application/yaml", "application/apply-patch+cbor", ""])
async def test_other_patch_types_are_415(api, content_type):
    await api.create(CM, configmap("x"))
    answer = await api.send("PATCH", f"{CM}/x", "{}", headers={"content-type": content_type})
    assert (answer.status, answer.message) == (415, "415: Unsupported Media Type")


async def test_a_patch_may_be_bound_to_a_revision(api):
    old = await api.create(CM, configmap("x", k="1"))
    await api.patch(f"{CM}/x", {"data": {"k": "2"}})
    stale = {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}, "data": {"k": "3"}}
    assert (await api.patch(f"{CM}/x", stale)).status == 409


async def test_concurrent_patches_all_count(api):
    await api.create(CM, configmap("x"))
    answers = await asyncio.gather(*(api.patch(f"{CM}/x", {"data": {f"k{i}": "v"}}) for i in range(30)))
    assert {a.status for a in answers} == {200}
    assert len((await api.get(f"{CM}/x")).body["data"]) == 30


async def test_dry_run_answers_and_stores_nothing(api):
    created = await api.post(CM, configmap("x"), dryRun="All")
    assert created.status == 201
    assert "resourceVersion" not in created.body["metadata"]
    assert created.body["metadata"]["uid"]
    assert (await api.get(f"{CM}/x")).status == 404
    old = await api.create(CM, configmap("x", k="1"))
    for answer in (
        await api.put(f"{CM}/x", configmap("x", k="2"), dryRun="All"),
        await api.patch(f"{CM}/x", {"data": {"k": "2"}}, dryRun="All"),
    ):
        assert answer.body["data"] == {"k": "2"}
        assert answer.body["metadata"]["resourceVersion"] == old["metadata"]["resourceVersion"]
    assert (await api.delete(f"{CM}/x", dryRun="All")).status == 200
    assert (await api.get(f"{CM}/x")).body == old


UNKNOWN = '{"metadata":{"name":"x","nope":1},"data":{"a":"1","a":"2"},"other":{}}'
WARNINGS = ('unknown field "metadata.nope"', 'duplicate field "data.a"', 'unknown field "other"')


async def test_field_validation(api):
    ignored = await api.post(CM, UNKNOWN, fieldValidation="Ignore", dryRun="All")
    assert (ignored.status, ignored.warnings) == (201, ())
    for query in ({}, {"fieldValidation": "Warn"}):
        warned = await api.post(CM, UNKNOWN, dryRun="All", **query)
        assert warned.status == 201
        assert set(warned.warnings) == set(WARNINGS)
        assert "other" not in warned.body
    strict = await api.post(CM, UNKNOWN, fieldValidation="Strict")
    assert strict.status == 400
    assert all(w in strict.message for w in ("strict decoding error: ", *WARNINGS))


async def test_field_validation_of_a_patch(api):
    await api.create(CM, configmap("x"))
    warned = await api.patch(f"{CM}/x", '{"nope":1,"data":{"a":"1","a":"2"}}')
    assert set(warned.warnings) == {'unknown field "nope"', 'duplicate field "data.a"'}
    strict = await api.patch(f"{CM}/x", {"nope": 1}, fieldValidation="Strict")
    assert strict.status == 422
    assert 'strict decoding error: unknown field "nope"' in strict.message


@pytest.mark.parametrize(
    ("patch", "warnings"),
    [
        ("null", ()),
        ("[]", ()),
        ('[{"op":"remove","path":"/kind"}]', ()),
        ('[{"op":"add","op":"test","path":"/data/a","value":"1","x":1}]',
         ('json patch duplicate field "[0].op"', 'json patch unknown field "[0].x"')),
        ('[{"op":"test","path":"/data","value":{"a":"2","a":"1"}}]', ('json patch duplicate field "[0].value.a"',)),
    ],
)  # fmt: skip
async def test_json_patches_that_are_odd(api, patch, warnings):
    await api.create(CM, configmap("x", a="1"))
    answer = await api.patch(f"{CM}/x", patch, "json")
    assert (answer.status, answer.warnings) == (200, warnings)
    assert (answer.body["kind"], answer.body["data"]) == ("ConfigMap", {"a": "1"})


async def test_of_several_yaml_documents_the_first_counts(api):
    text = "kind: ConfigMap\nmetadata:\n  name: x\n---\nkind: ConfigMap\nmetadata:\n  name: y\n"
    created = await api.send("POST", CM, text, headers={"content-type": "application/yaml"})
    assert (created.status, created.body["metadata"]["name"]) == (201, "x")
    listed = await api.send("POST", CM, "- a\n", headers={"content-type": "application/yaml"})
    assert listed.status == 400
    assert "json parse error: json: cannot unmarshal array" in listed.message


async def test_repeated_keys_of_yaml_are_warned_of_line_by_line(api):
    text = "kind: ConfigMap\nmetadata:\n  name: x\n  name: x\nnope: 1\ndata:\n  a: '1'\n  a: '2'\n"
    created = await api.send("POST", CM, text, headers={"content-type": "application/yaml"})
    lines = ('line 4: key "name" already set in map', 'line 8: key "a" already set in map')
    assert (created.status, created.warnings) == (201, (*lines, 'unknown field "nope"'))


async def test_yaml_bodies_and_answers(api):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: '1'\n"
    created = await api.send("POST", CM, text, headers={"content-type": "application/yaml"})
    assert (created.status, created.body["data"]) == (201, {"a": "1"})
    shown = await api.send("GET", f"{CM}/x", headers={"accept": "application/yaml"})
    assert shown.headers["content-type"] == "application/yaml"
    assert "kind: ConfigMap\n" in shown.body
    assert (await api.send("POST", CM, text, headers={"content-type": "text/plain"})).status == 415


async def test_warnings_of_a_kind_and_of_a_deprecated_resource(api):
    answer = await api.post(PODS, pod("p", nodeSelector={"beta.kubernetes.io/os": "linux"}))
    assert any("beta.kubernetes.io/os" in w for w in answer.warnings)
    answer = await api.get("/api/v1/namespaces/default/endpoints")
    assert answer.warnings == ("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",)


async def test_two_groups_show_the_same_events(api):
    event = {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "namespace": "ns"},
        "message": "m",
        "reason": "R",
    }
    await api.create("/api/v1/namespaces/ns/events", event)
    path = "/apis/events.k8s.io/v1/namespaces/ns/events"
    shown = (await api.get(f"{path}/e")).body
    assert (shown["apiVersion"], shown["note"], shown["regarding"]["kind"]) == ("events.k8s.io/v1", "m", "Pod")
    changed = await api.patch(f"{path}/e", {"metadata": {"labels": {"a": "b"}}})
    assert changed.status == 200, changed
    core = (await api.get("/api/v1/namespaces/ns/events/e")).body
    assert (core["apiVersion"], core["message"], core["metadata"]["labels"]) == ("v1", "m", {"a": "b"})
    assert (await api.get(path)).body["items"][0]["note"] == "m"


async def test_mappings_under_a_repeated_key_are_one(api):
    body = b'{"metadata":{"name":"twice"},"data":{"a":"1","a":"2","b":"1"},"data":{"b":"3"}}'
    assert (await api.post(CM, body)).body["data"] == {"a": "2", "b": "3"}
    wrong = b'{"metadata":{"name":"wrong"},"data":{"a":[]},"data":{"b":"3"}}'
    assert (await api.post(CM, wrong)).status == 400
    assert (await api.post(CM, body, fieldValidation="Strict")).status == 400


@pytest.mark.parametrize(
    ("kind", "body", "value", "why"),
    [
        ("strategic", {"data": {"a": 5}}, "map[data:map[a:5]]", "cannot convert int64 to string"),
        ("strategic", {"data": "x"}, "map[data:x]", "cannot restore map from string"),
        ("merge", {"data": {"b": 5}}, '"data":{"a":"1","b":5}', "cannot unmarshal number"),
        ("json", [{"op": "add", "path": "/data/0", "value": 5}], '"data":{"0":5,"a":"1"}', "cannot unmarshal number"),
    ],
)
async def test_a_patch_that_makes_no_object_is_shown(api, kind, body, value, why):
    """The patch itself where it works on values; else the document, untouched parts as they were written."""
    made = await api.create(CM, configmap("x", a="1"))
    answer = await api.patch(f"{CM}/x", body, kind)
    assert (answer.status, answer.body["reason"]) == (422, "Invalid")
    cause = answer.body["details"]["causes"][0]
    assert cause["field"] == "patch"
    text = cause["message"].replace('\\"', '"')
    assert value in text
    assert why in text
    if kind != "strategic":
        metadata = '"metadata":{"name":"x","namespace":"ns","uid":"' + made["metadata"]["uid"]
        assert metadata in text


async def test_a_strategic_patch_may_replace_all_but_what_the_object_is(api):
    await api.create(CM, {**configmap("cm", a="1"), "metadata": {"name": "cm", "labels": {"a": "b"}}})
    change = {"$patch": "replace", "metadata": {"name": "cm"}, "data": {"z": "1"}}
    answer = await api.patch(f"{CM}/cm", change, "strategic")
    assert answer.status == 200, answer
    assert answer.body["data"] == {"z": "1"}
    assert "labels" not in answer.body["metadata"]


async def test_a_json_patch_of_nothing_changes_nothing(api):
    before = await api.create(CM, configmap("cm", a="1"))
    answer = await api.patch(f"{CM}/cm", b"null", "json")
    assert (answer.status, answer.body) == (200, before)


async def test_an_owner_named_twice_is_kept_once(api):
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "u"}
    other = {**owner, "name": "y"}
    path = "/api/v1/namespaces/ns/configmaps"
    made = await api.post(path, {"metadata": {"name": "owned", "ownerReferences": [owner, other, owner, owner]}})
    assert made.body["metadata"]["ownerReferences"] == [owner, other]
    (warning,) = made.warnings
    assert warning.startswith(".metadata.ownerReferences contains duplicate entries; API server dedups")
    assert warning.endswith("duplicate UID(s) observed: u, u")
    put = await api.put(f"{path}/owned", {"metadata": {"name": "owned", "ownerReferences": [other, other]}})
    assert put.body["metadata"]["ownerReferences"] == [other]
    patch = [{"op": "add", "path": "/metadata/ownerReferences/-", "value": other}]
    patched = await api.patch(f"{path}/owned", patch, "json")
    assert patched.body["metadata"]["ownerReferences"] == [other]
    assert "entries after mutating admission happens; API server" in patched.warnings[0]
    again = await api.post(path, {"metadata": {"name": "other", "ownerReferences": [owner, other]}})
    assert (len(again.body["metadata"]["ownerReferences"]), again.warnings) == (2, ())
