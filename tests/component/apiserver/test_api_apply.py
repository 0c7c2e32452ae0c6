"""Field ownership and server-side apply, as clients see them."""

import asyncio

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod
from widgets import WIDGETS, definition, established, widget

APPLY = {"content-type": "application/apply-patch+yaml"}


async def apply(api, path, body, manager="one", **query):
    return await api.send("PATCH", path, body, headers=APPLY, fieldManager=manager, **query)


def owners(obj):
    """(manager, operation, subresource) -> set."""
    return {
        (e["manager"], e["operation"], e.get("subresource", "")): e["fieldsV1"]
        for e in obj["metadata"].get("managedFields", ())
    }


async def test_every_write_notes_its_manager(api):
    made = await api.create(CM, configmap("x", k="v"), fieldManager="maker")
    (entry,) = made["metadata"]["managedFields"]
    assert entry == {
        "manager": "maker", "operation": "Update", "apiVersion": "v1", "time": made["metadata"]["creationTimestamp"],
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:k": {}}},
    }  # fmt: skip
    patched = (await api.patch(f"{CM}/x", {"data": {"k": "w"}}, fieldManager="patcher")).body
    assert owners(patched) == {
        ("maker", "Update", ""): {"f:data": {}}, ("patcher", "Update", ""): {"f:data": {"f:k": {}}},
    }  # fmt: skip
    put = (await api.put(f"{CM}/x", configmap("x", k="z"), fieldManager="putter")).body
    assert owners(put)["putter", "Update", ""] == {"f:data": {"f:k": {}}}
    assert ("patcher", "Update", "") not in owners(put)


@pytest.mark.parametrize(
    ("agent", "manager"),
    [("my-agent/v1.2 (linux) x", "my-agent"), ("", "unknown"), ("a\x01b/1", "ab"), ("é" * 100, "é" * 64)],
)
async def test_without_a_manager_the_program_is_named(api, agent, manager):
    answer = await api.send("POST", CM, configmap("x", k="v"), headers={"user-agent": agent})
    assert {key[0] for key in owners(answer.body)} == {manager}


async def test_status_writers_own_status_and_others_do_not(api):
    await api.create(PODS, pod("p"), fieldManager="maker")
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    answer = await api.patch(
        f"{PODS}/p/status", {"spec": {"priority": 5}, "status": status}, "strategic", fieldManager="node"
    )
    found = owners(answer.body)
    assert set(found) == {("maker", "Update", ""), ("node", "Update", "status")}
    assert found["node", "Update", "status"] == {
        "f:status": {"f:conditions": {".": {}, 'k:{"type":"Ready"}': {
            ".": {}, "f:lastProbeTime": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {}}}}
    }  # fmt: skip
    spec = found["maker", "Update", ""]["f:spec"]
    assert spec["f:containers"]['k:{"name":"c"}']["f:image"] == {}
    assert not spec.keys() & {"f:nodeName", "f:volumes", "f:tolerations", "f:serviceAccountName"}
    answer = await api.patch(f"{PODS}/p", {"status": {"reason": "x"}}, fieldManager="other")
    assert answer.body == (await api.get(f"{PODS}/p")).body
    assert owners(answer.body) == found


async def test_a_write_that_changes_nothing_keeps_revision_and_times(api):
    made = await api.create(CM, configmap("x", k="v"), fieldManager="maker")
    for manager in ("maker", "other"):
        assert (await api.patch(f"{CM}/x", {"data": {"k": "v"}}, fieldManager=manager)).body == made


async def test_records_that_clients_send(api):
    made = await api.create(CM, configmap("x", k="v"), fieldManager="maker")
    entry = made["metadata"]["managedFields"][0]
    mine = {**entry, "manager": "mine", "fieldsV1": {"f:data": {"f:k": {}}}}
    put = (await api.put(f"{CM}/x", configmap("x", k="v") | {"metadata": {"name": "x", "managedFields": [mine]}})).body
    assert owners(put) == {("mine", "Update", ""): {"f:data": {"f:k": {}}}}
    bad = {"metadata": {"managedFields": [{**entry, "operation": "Nope"}]}}
    assert owners((await api.patch(f"{CM}/x", bad)).body) == owners(put)
    for reset in ([{}], []):
        answer = await api.patch(f"{CM}/x", {"metadata": {"managedFields": reset}})
        assert "managedFields" not in answer.body["metadata"]
        assert "managedFields" not in (await api.patch(f"{CM}/x", {"data": {"n": "1"}})).body["metadata"]
        await api.put(f"{CM}/x", configmap("x", k="v") | {"metadata": {"name": "x", "managedFields": [mine]}})


async def test_a_deployment_scaled(api):
    await api.create(DEPLOYMENTS, deployment("d"), fieldManager="maker")
    scale = {"metadata": {"name": "d", "namespace": "ns"}, "spec": {"replicas": 3}}
    assert (await api.put(f"{DEPLOYMENTS}/d/scale", scale, fieldManager="scaler")).status == 200
    found = owners((await api.get(f"{DEPLOYMENTS}/d")).body)
    assert found["scaler", "Update", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in found["maker", "Update", ""]["f:spec"]
    config = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "d"}, "spec": {"replicas": 4}}
    refused = await apply(api, f"{DEPLOYMENTS}/d/scale", config, "two")
    assert (refused.status, refused.message) == (
        409,
        'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
    )
    assert (await apply(api, f"{DEPLOYMENTS}/d/scale", config, "two", force="true")).body["spec"] == {"replicas": 4}
    assert ("two", "Apply", "scale") in owners((await api.get(f"{DEPLOYMENTS}/d")).body)
    down = await api.put(f"{DEPLOYMENTS}/d/scale", scale | {"spec": {"replicas": 0}}, fieldManager="scaler")
    assert down.status == 200
    assert set(owners((await api.get(f"{DEPLOYMENTS}/d")).body)) == {("maker", "Update", "")}


async def test_applying_makes_changes_and_takes_away(api):
    made = await apply(api, f"{CM}/a", configmap("a", k="1", l="2"))
    assert made.status == 201
    assert owners(made.body) == {("one", "Apply", ""): {"f:data": {"f:k": {}, "f:l": {}}}}
    assert (await apply(api, f"{CM}/a", configmap("a", k="1", l="2"))).body == made.body
    other = await apply(api, f"{CM}/a", configmap("a", m="3"), "two")
    assert (other.status, other.body["data"]) == (200, {"k": "1", "l": "2", "m": "3"})
    assert (await apply(api, f"{CM}/a", configmap("a", k="1"))).body["data"] == {"k": "1", "m": "3"}
    refused = await apply(api, f"{CM}/a", configmap("a", m="9"))
    assert refused.body["details"] == {
        "causes": [{"reason": "FieldManagerConflict", "message": 'conflict with "two"', "field": ".data.m"}]
    }
    forced = await apply(api, f"{CM}/a", configmap("a", m="9"), force="true")
    assert forced.body["data"] == {"m": "9"}
    assert owners(forced.body) == {("one", "Apply", ""): {"f:data": {"f:m": {}}}}


async def test_sharing_changes_owners_and_no_time(api):
    await apply(api, f"{CM}/a", configmap("a", k="1"))
    shared = (await apply(api, f"{CM}/a", configmap("a", k="1"), "two")).body
    assert {e["manager"]: "time" in e for e in shared["metadata"]["managedFields"]} == {"one": True, "two": False}


async def test_yaml_and_json_say_the_same(api):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: '1'\n"
    made = await apply(api, f"{CM}/a", text)
    assert made.status == 201
    assert (await apply(api, f"{CM}/a", configmap("a", k="1"))).body == made.body


async def test_defaults_are_nobody_s_and_can_be_taken(api):
    made = (await apply(api, f"{DEPLOYMENTS}/d", deployment("d"))).body
    assert made["spec"]["revisionHistoryLimit"] == 10
    assert "f:revisionHistoryLimit" not in owners(made)["one", "Apply", ""]["f:spec"]
    part = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"revisionHistoryLimit": 3},
    }
    taken = (await apply(api, f"{DEPLOYMENTS}/d", part, "two")).body
    assert taken["spec"]["revisionHistoryLimit"] == 3
    part["spec"] = {}
    assert (await apply(api, f"{DEPLOYMENTS}/d", part, "two")).body["spec"]["revisionHistoryLimit"] == 10


async def test_quantities_are_compared_by_value(api):
    body = pod("q", containers=[{"name": "c", "image": "i", "resources": {"limits": {"cpu": "1000m"}}}])
    first = await apply(api, f"{PODS}/q", body)
    assert (await apply(api, f"{PODS}/q", body)).body == first.body
    body["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "1"
    assert (await apply(api, f"{PODS}/q", body, "two")).status == 200


async def test_an_object_without_records_was_somebody_s(api):
    await api.create(CM, configmap("a", k="1"))
    await api.patch(f"{CM}/a", {"metadata": {"managedFields": [{}]}})
    refused = await apply(api, f"{CM}/a", configmap("a", k="2"))
    assert refused.message == 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k'
    taken = await apply(api, f"{CM}/a", configmap("a", k="1"))
    assert set(owners(taken.body)) == {("before-first-apply", "Update", ""), ("one", "Apply", "")}


async def test_from_client_side_apply_to_server_side(api):
    import json

    body = configmap("a", k="1")
    text = json.dumps(body)
    body["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": text}
    await api.create(CM, body, fieldManager="kubectl-client-side-apply")
    changed = await apply(api, f"{CM}/a", configmap("a", k="2"), "kubectl")
    assert (changed.status, changed.body["data"]) == (200, {"k": "2"})
    kept = changed.body["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    assert json.loads(kept)["data"] == {"k": "2"}
    await api.patch(f"{CM}/a", {"data": {"k": "3"}}, fieldManager="someone")
    assert (await apply(api, f"{CM}/a", configmap("a", k="4"), "kubectl")).status == 409


async def test_dry_runs_leave_nothing(api):
    assert (await apply(api, f"{CM}/a", configmap("a", k="1"), dryRun="All")).status == 201
    assert (await api.get(f"{CM}/a")).status == 404
    await apply(api, f"{CM}/a", configmap("a", k="1"))
    before = (await api.get(f"{CM}/a")).body
    assert (await apply(api, f"{CM}/a", configmap("a", k="2"), dryRun="All")).body["data"] == {"k": "2"}
    assert (await api.get(f"{CM}/a")).body == before


async def test_a_revision_may_be_demanded(api):
    made = (await apply(api, f"{CM}/a", configmap("a", k="1"))).body
    body = configmap("a", k="2")
    body["metadata"]["resourceVersion"] = "1"
    assert (await apply(api, f"{CM}/a", body)).status == 409
    body["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"]
    assert (await apply(api, f"{CM}/a", body)).status == 200


async def test_appliers_at_once_lose_nothing(api):
    bodies = [(f"m{i}", configmap("a", **{f"k{i}": str(i)})) for i in range(12)]
    answers = await asyncio.gather(*(apply(api, f"{CM}/a", body, manager) for manager, body in bodies))
    assert {a.status for a in answers} <= {200, 201, 409}
    again = await asyncio.gather(*(apply(api, f"{CM}/a", body, manager) for manager, body in bodies))
    assert {a.status for a in again} == {200}
    assert len((await api.get(f"{CM}/a")).body["data"]) == 12


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"kind": "ConfigMap", "metadata": {"name": "a"}}, 400, "invalid object type: /, Kind=ConfigMap"),
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}, 400, "invalid object type: /v1, Kind=Secret"),
        ({"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "a"}}, 400, "invalid object type: /v2, Kind=ConfigMap"),
        (configmap("b"), 400, "the name of the object (b) does not match the name on the URL (a)"),
        (configmap("a") | {"metadata": {"name": "a", "namespace": "other"}}, 400,
         "the namespace of the provided object does not match the namespace sent on the request"),
        (configmap("a") | {"metadata": {"name": "a", "managedFields": []}}, 400, "metadata.managedFields must be nil"),
        (configmap("a") | {"nope": 5}, 400,
         "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .nope: field not declared in schema"),
        (configmap("a", k=5), 400,
         "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected string, got 5"),
        (configmap("a") | {"metadata": []}, 400,
         "failed to create typed patch object (/; /v1, Kind=ConfigMap): .metadata: expected map, got []"),
        ("{", 400, "error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content"),
        (
            "[]",
            400,
            ("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go "
             "value of type map[string]interface {}"),
        ),
        ("", 400, "invalid object type: /, Kind="),
        (b"\xff\xfe\x00", 400, None),
    ],
)  # fmt: skip
async def test_applies_that_are_refused(api, body, status, message):
    answer = await apply(api, f"{CM}/a", body)
    assert answer.status == status, answer
    assert message is None or answer.message == message


async def test_fields_given_twice(api):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: b\n  a: c\n"
    warned = await apply(api, f"{CM}/a", text)
    assert (warned.status, warned.warnings) == (201, ('line 7: key "a" already set in map',))
    assert (await apply(api, f"{CM}/a", text, fieldValidation="Ignore")).warnings == ()
    strict = await apply(api, f"{CM}/a", text, fieldValidation="Strict")
    assert (strict.status, strict.message.splitlines()[0]) == (
        400, "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:",
    )  # fmt: skip


async def test_an_applied_uid_must_be_that_of_the_object(api):
    body = configmap("a", k="1")
    body["metadata"]["uid"] = "11111111-1111-1111-1111-111111111111"
    answer = await apply(api, f"{CM}/a", body)
    assert answer.status == 409
    assert "no existing object was found" in answer.message


async def test_applying_through_a_pod_s_windows(api):
    await apply(api, f"{PODS}/p", pod("p"))
    body = pod("p", ephemeralContainers=[{"name": "e", "image": "i", "terminationMessagePolicy": "File"}])
    del body["spec"]["containers"]
    answer = await apply(api, f"{PODS}/p/ephemeralcontainers", body, "debugger")
    assert answer.status == 200, answer
    assert (
        'k:{"name":"e"}'
        in owners(answer.body)["debugger", "Apply", "ephemeralcontainers"]["f:spec"]["f:ephemeralContainers"]
    )
    assert (
        await apply(api, f"{PODS}/q/status", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "q"}})
    ).status == 404


async def test_records_in_another_group_s_version(api):
    event = {
        "metadata": {"name": "e", "namespace": "ns"}, "regarding": {"kind": "Pod", "namespace": "ns", "name": "p"},
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "a.b/c", "reportingInstance": "i",
        "action": "a", "reason": "r", "note": "n", "type": "Normal",
    }  # fmt: skip
    made = await api.create("/apis/events.k8s.io/v1/namespaces/ns/events", event, fieldManager="maker")
    assert "f:note" in owners(made)["maker", "Update", ""]
    patched = (await api.patch("/api/v1/namespaces/ns/events/e", {"message": "m"}, fieldManager="other")).body
    assert owners(patched)["other", "Update", ""] == {"f:message": {}}
    assert "f:note" not in owners(patched)["maker", "Update", ""]
    assert {e["manager"]: e["apiVersion"] for e in patched["metadata"]["managedFields"]} == {
        "maker": "events.k8s.io/v1", "other": "v1",
    }  # fmt: skip


async def test_items_without_their_key_are_refused_as_such(api):
    body = deployment("d")
    del body["spec"]["template"]["spec"]["containers"][0]["name"]
    answer = await apply(api, f"{DEPLOYMENTS}/d", body)
    assert (answer.status, answer.body["details"]["causes"][0]["field"]) == (
        422,
        "spec.template.spec.containers[0].name",
    )


async def test_questions_and_their_askers(api):
    body = {"spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}}}
    asked = await api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body, fieldManager="me")
    assert owners(asked.body)["me", "Update", ""] == {
        "f:spec": {"f:nonResourceAttributes": {".": {}, "f:path": {}, "f:verb": {}}}
    }
    token = await api.post("/api/v1/namespaces/ns/serviceaccounts/default/token", {"spec": {}}, fieldManager="me")
    assert owners(token.body) == {("me", "Update", "token"): {"f:spec": {"f:expirationSeconds": {}}}}


async def test_what_the_server_makes_itself_is_the_server_s(api):
    space = (await api.get("/api/v1/namespaces/kube-system")).body
    assert {key[0] for key in owners(space)} == {"kube-apiserver"}


async def test_a_client_s_kind_is_owned_by_its_schema(api):
    await established(api, definition())
    made = (await apply(api, f"{WIDGETS}/w", widget("w", size=5))).body
    assert owners(made) == {("one", "Apply", ""): {"f:spec": {"f:size": {}}}}
    refused = await apply(api, f"{WIDGETS}/w", widget("w", size=6), "two")
    assert refused.message == 'Apply failed with 1 conflict: conflict with "one": .spec.size'
    status = {"metadata": {"labels": {"a": "b"}}, "status": {"phase": "Up"}}
    answer = await api.patch(f"{WIDGETS}/w/status", status, fieldManager="operator")
    assert owners(answer.body)["operator", "Update", "status"].keys() == {"f:status"}
