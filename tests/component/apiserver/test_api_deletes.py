"""Deletion: at once, after a grace period, after finalizers; and what goes with namespaces."""

import asyncio

import pytest
from api_client import CM, DEPLOYMENTS, PODS, configmap, deployment, pod


async def bound(api, name, **spec):
    """A pod on a node, running."""
    await api.create(PODS, pod(name, nodeName="n1", **spec))
    await api.patch(f"{PODS}/{name}/status", {"status": {"phase": "Running"}})


async def test_most_kinds_answer_a_status(api):
    uid = (await api.create(CM, configmap("x")))["metadata"]["uid"]
    answer = await api.delete(f"{CM}/x")
    assert answer.body == {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": "x", "kind": "configmaps", "uid": uid},
    }  # fmt: skip
    assert (await api.get(f"{CM}/x")).status == 404
    assert (await api.delete(f"{CM}/x")).status == 404


async def test_some_kinds_answer_the_object(api):
    await api.create("/api/v1/namespaces/ns/serviceaccounts", {"metadata": {"name": "sa"}})
    answer = await api.delete("/api/v1/namespaces/ns/serviceaccounts/sa")
    assert (answer.body["kind"], answer.body["metadata"]["name"]) == ("ServiceAccount", "sa")
    assert "deletionTimestamp" not in answer.body["metadata"]


async def test_a_pod_without_a_node_goes_at_once(api):
    await api.create(PODS, pod("p"))
    answer = await api.delete(f"{PODS}/p")
    assert answer.body["metadata"]["deletionGracePeriodSeconds"] == 0
    assert (await api.get(f"{PODS}/p")).status == 404


async def test_a_running_pod_is_given_time(api):
    await bound(api, "p")
    first = (await api.delete(f"{PODS}/p")).body["metadata"]
    assert first["deletionGracePeriodSeconds"] == 30
    assert first["generation"] == 2
    shorter = (await api.delete(f"{PODS}/p", gracePeriodSeconds=5)).body["metadata"]
    assert shorter["deletionGracePeriodSeconds"] == 5
    assert shorter["deletionTimestamp"] < first["deletionTimestamp"]
    longer = (await api.delete(f"{PODS}/p", gracePeriodSeconds=500)).body["metadata"]
    assert longer == shorter
    assert (await api.patch(f"{PODS}/p", {"metadata": {"labels": {"still": "changeable"}}})).status == 200
    assert (await api.delete(f"{PODS}/p", gracePeriodSeconds=0)).status == 200
    assert (await api.get(f"{PODS}/p")).status == 404


async def test_finalizers_keep_an_object_until_the_last_goes(api):
    await api.create(CM, configmap("x") | {"metadata": {"name": "x", "finalizers": ["a.b/one", "a.b/two"]}})
    marked = (await api.delete(f"{CM}/x")).body
    assert marked["metadata"]["finalizers"] == ["a.b/one", "a.b/two"]
    assert marked["metadata"]["deletionTimestamp"]
    again = (await api.delete(f"{CM}/x")).body
    assert again["metadata"]["resourceVersion"] == marked["metadata"]["resourceVersion"]
    added = await api.patch(f"{CM}/x", {"metadata": {"finalizers": ["a.b/one", "a.b/two", "a.b/three"]}})
    assert added.status == 422
    assert "no new finalizers can be added if the object is being deleted" in added.message
    assert (await api.patch(f"{CM}/x", {"metadata": {"finalizers": ["a.b/two"]}})).status == 200
    assert (await api.get(f"{CM}/x")).status == 200
    watch = await api.watch(CM, resourceVersion=(await api.get(CM)).body["metadata"]["resourceVersion"])
    last = await api.patch(f"{CM}/x", {"metadata": {"finalizers": None}})
    assert last.status == 200
    assert "finalizers" not in last.body["metadata"]
    assert (await api.get(f"{CM}/x")).status == 404
    assert await watch.names(1) == [("DELETED", "x")]


async def test_a_pod_with_finalizers_and_grace_needs_both_to_end(api):
    body = pod("p", nodeName="n1")
    body["metadata"]["finalizers"] = ["a.b/one"]
    await api.create(PODS, body)
    await api.patch(f"{PODS}/p/status", {"status": {"phase": "Running"}})
    await api.delete(f"{PODS}/p")
    assert (await api.patch(f"{PODS}/p", {"metadata": {"finalizers": []}})).status == 200
    assert (await api.get(f"{PODS}/p")).status == 200, "the node has not said that it stopped"
    assert (await api.delete(f"{PODS}/p", gracePeriodSeconds=0)).status == 200
    assert (await api.get(f"{PODS}/p")).status == 404


@pytest.mark.parametrize(("policy", "finalizer"), [("Orphan", "orphan"), ("Foreground", "foregroundDeletion")])
async def test_propagation_is_left_to_the_garbage_collector(api, policy, finalizer):
    await api.create(DEPLOYMENTS, deployment("d"))
    answer = await api.delete(f"{DEPLOYMENTS}/d", propagationPolicy=policy)
    assert answer.body["metadata"]["finalizers"] == [finalizer]
    assert (await api.get(f"{DEPLOYMENTS}/d")).status == 200
    assert (await api.patch(f"{DEPLOYMENTS}/d", {"metadata": {"finalizers": []}})).status == 200
    assert (await api.get(f"{DEPLOYMENTS}/d")).status == 404


@pytest.mark.parametrize(
    ("finalizers", "orphan", "status"),
    [(["a.b/x"], "false", 202), ([], "false", 200), ([], "true", 200), (["a.b/x"], None, 200)],
    ids=["waits", "goes-at-once", "orphans", "unsaid"],
)
async def test_the_old_way_to_delete_dependents_tells_whether_the_object_is_gone(api, finalizers, orphan, status):
    await api.create(CM, {"metadata": {"name": "x", "finalizers": finalizers}})
    query = {} if orphan is None else {"orphanDependents": orphan}
    assert (await api.delete(f"{CM}/x", **query)).status == status


async def test_preconditions(api):
    metadata = (await api.create(CM, configmap("x")))["metadata"]
    wrong = await api.delete(f"{CM}/x", {"preconditions": {"uid": "other"}})
    assert (wrong.status, wrong.body["reason"]) == (409, "Conflict")
    assert f"the UID in the precondition (other) does not match the UID in record ({metadata['uid']})" in wrong.message
    assert (await api.delete(f"{CM}/x", {"preconditions": {"resourceVersion": "1"}})).status == 409
    right = {"preconditions": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}}
    assert (await api.delete(f"{CM}/x", right)).status == 200


async def test_conditions_in_the_query(api):
    made = await api.create(CM, configmap("x"))
    assert (await api.delete(f"{CM}/x", uid="other")).status == 409
    assert (await api.delete(f"{CM}/x", resourceVersion="1")).status == 409
    right = {name: made["metadata"][name] for name in ("uid", "resourceVersion")}
    assert (await api.delete(f"{CM}/x", **right)).status == 200


async def test_a_body_even_an_empty_one_hides_the_query(api):
    await api.create(CM, configmap("x"))
    assert (await api.delete(f"{CM}/x", {}, dryRun="All")).status == 200
    assert (await api.get(f"{CM}/x")).status == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        ('{"apiVersion":"v1","kind":"Pod"}', 400, 'no kind "Pod" is registered for version "v1"'),
        (
            '{"gracePeriodSeconds":"5"}',
            400,
            "string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
        ),
        ('{"dryRun":[5]}', 400, "number into Go struct field DeleteOptions.dryRun of type string"),
        ('{"preconditions":{"uid":5}}', 400, "into Go struct field Preconditions.preconditions.uid of type types.UID"),
        ('{"propagationPolicy":"Nope"}', 422, "propagationPolicy: Unsupported value"),
        ('{"preconditions":[]}', 400, "cannot unmarshal array"),
    ],
)
async def test_delete_options_that_are_refused(api, body, status, words):
    await api.create(CM, configmap("x"))
    answer = await api.delete(f"{CM}/x", body)
    assert answer.status == status
    assert words in answer.message
    assert (await api.get(f"{CM}/x")).status == 200


async def test_of_many_deleters_one_wins(api):
    await api.create(CM, configmap("x"))
    answers = await asyncio.gather(*(api.delete(f"{CM}/x") for _ in range(10)))
    assert sorted(a.status for a in answers) == [200] + [404] * 9


@pytest.mark.parametrize(("field", "label"), [("uid", "UID"), ("resourceVersion", "ResourceVersion")])
async def test_preconditions_of_namespaces_are_told_as_those_of_writes(api, field, label):
    found = (await api.create("/api/v1/namespaces", {"metadata": {"name": "n"}}))["metadata"][field]
    answer = await api.delete("/api/v1/namespaces/n", {"preconditions": {field: "1"}})
    why = f"Precondition failed: {label} in precondition: 1, {label} in object meta: {found}"
    assert (answer.status, answer.message) == (409, f'Operation cannot be fulfilled on namespaces "n": {why}')


async def test_a_namespace_goes_in_two_steps(api):
    first = await api.delete("/api/v1/namespaces/ns")
    assert (first.status, first.body["status"]["phase"]) == (200, "Terminating")
    again = await api.delete("/api/v1/namespaces/ns")
    assert (again.status, again.body) == (200, first.body)
    refused = await api.post(CM, configmap("x"))
    assert refused.status == 403
    assert "because it is being terminated" in refused.message
    finalize = {"metadata": {"name": "ns"}, "spec": {"finalizers": []}}
    assert (await api.put("/api/v1/namespaces/ns/finalize", finalize)).status == 200
    assert (await api.get("/api/v1/namespaces/ns")).status == 404


async def test_a_namespace_waits_for_every_finalizer(api):
    path = "/api/v1/namespaces/ns"
    wanted = {"metadata": {"name": "ns"}, "spec": {"finalizers": ["kubernetes", "a.b/x"]}}
    assert (await api.put(f"{path}/finalize", wanted)).body["spec"]["finalizers"] == ["kubernetes", "a.b/x"]
    ignored = await api.patch(path, {"spec": {"finalizers": []}})
    assert ignored.body["spec"]["finalizers"] == ["kubernetes", "a.b/x"], "the main resource does not change them"
    await api.delete(path)
    assert (await api.put(f"{path}/finalize", wanted | {"spec": {"finalizers": ["a.b/x"]}})).status == 200
    assert (await api.get(path)).status == 200
    assert (await api.put(f"{path}/finalize", wanted | {"spec": {}})).status == 200
    assert (await api.get(path)).status == 404


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "kube-node-lease"])
async def test_system_namespaces_stay(api, name):
    answer = await api.delete(f"/api/v1/namespaces/{name}")
    assert (answer.status, answer.message) == (
        403,
        f'namespaces "{name}" is forbidden: this namespace may not be deleted',
    )


async def test_watchers_see_a_grace_period_end(api):
    await bound(api, "p")
    await api.delete(f"{PODS}/p")
    watch = await api.watch(PODS, resourceVersion=(await api.get(PODS)).body["metadata"]["resourceVersion"])
    await api.delete(f"{PODS}/p", gracePeriodSeconds=0)
    seen = [await watch.next() for _ in range(2)]
    assert [(kind, pod["metadata"]["deletionGracePeriodSeconds"]) for kind, pod in seen] == [
        ("MODIFIED", 0),
        ("DELETED", 0),
    ]
