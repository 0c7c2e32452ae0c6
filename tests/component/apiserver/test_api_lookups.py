"""Admission sees the newest state of what it looks up, however often it has looked before."""

from api_client import pod

PODS = "/api/v1/namespaces/ns/pods"
ACCOUNT = "/api/v1/namespaces/ns/serviceaccounts/default"
CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"


async def test_changes_of_accounts_and_classes_show_in_the_next_pod(api):
    first = (await api.create(PODS, pod("a")))["spec"]
    assert first["priority"] == 0
    assert "imagePullSecrets" not in first
    await api.patch(ACCOUNT, {"imagePullSecrets": [{"name": "s"}], "automountServiceAccountToken": False})
    await api.create(CLASSES, {"metadata": {"name": "high"}, "value": 7, "globalDefault": True})
    second = (await api.create(PODS, pod("b")))["spec"]
    assert second["imagePullSecrets"] == [{"name": "s"}]
    assert "volumes" not in second
    assert (second["priority"], second["priorityClassName"]) == (7, "high")
    await api.delete(f"{CLASSES}/high")
    third = (await api.create(PODS, pod("c")))["spec"]
    assert third["priority"] == 0
    await api.delete(ACCOUNT)
    refused = await api.post(PODS, pod("d"))
    assert refused.status == 403


async def test_alike_pods_differ_in_their_metadata_alone(api):
    one = await api.create(PODS, pod("a"))
    two = await api.create(PODS, pod("b"))
    assert one["spec"] == two["spec"]
    assert one["metadata"]["uid"] != two["metadata"]["uid"]


async def records(api, change):
    """The managedFields after a change, without times."""
    assert (await api.patch(f"{PODS}/p", change)).status == 200
    found = (await api.get(f"{PODS}/p")).body["metadata"].get("managedFields", [])
    return [(r["manager"], r["operation"], sorted(r["fieldsV1"])) for r in found]


async def test_a_patch_that_does_not_speak_of_records_keeps_them_up(api):
    await api.create(PODS, pod("p"))
    before = await records(api, {"metadata": {"annotations": {"a": "b"}}})
    assert before
    assert "f:metadata" in before[0][2]
    assert await records(api, {"metadata": {"labels": {"x": "y"}}}) == before
    assert await records(api, {"metadata": {"managedFields": [{}]}}) == []
    assert await records(api, {"metadata": {"annotations": {"a": "c"}}}) == []
