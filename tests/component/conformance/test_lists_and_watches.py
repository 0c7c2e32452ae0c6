"""Pages of long lists, and watches that are taken up where others ended."""

from __future__ import annotations

import asyncio
import random

from api_client import CM, Api, configmap
from steps import NS, good, names

TEMPLATES = f"{NS}/podtemplates"
COUNT = 400
EVERY = [f"template-{i:04}" for i in range(COUNT)]


async def many(api: Api) -> None:
    spec = {"containers": [{"name": "c", "image": "i:1"}]}
    bodies = [{"metadata": {"name": name}, "template": {"spec": spec}} for name in EVERY]
    for i in range(0, COUNT, 20):
        await asyncio.gather(*(api.create(TEMPLATES, body) for body in bodies[i : i + 20]))


async def test_pages_of_any_size_make_the_whole(api: Api) -> None:
    await many(api)
    drawn = random.Random(7)
    for _ in range(3):
        found, version, query = [], None, {}
        while True:
            limit = drawn.randint(1, COUNT // 10)
            page = good(await api.get(TEMPLATES, limit=limit, **query))
            found += names(page)
            version = version or page["metadata"]["resourceVersion"]
            assert page["metadata"]["resourceVersion"] == version
            assert len(page["items"]) <= limit
            token = page["metadata"].get("continue")
            assert page["metadata"].get("remainingItemCount") == (COUNT - len(found) if token else None)
            if not token:
                break
            query = {"continue": token}
        assert found == EVERY
    assert names(good(await api.get(TEMPLATES, limit=COUNT + 1))) == EVERY


async def test_a_list_goes_on_after_its_revision_was_forgotten(api: Api) -> None:
    await many(api)
    page = good(await api.get(TEMPLATES, limit=40))
    found, first = names(page), page["metadata"]["resourceVersion"]
    await api.create(CM, configmap("later"))
    store = api.server.store
    await store.compact(await store.current_revision())
    expired = await api.get(TEMPLATES, limit=40, **{"continue": page["metadata"]["continue"]})
    assert (expired.status, expired.body["reason"]) == (410, "Expired")
    token = expired.body["metadata"]["continue"]
    versions = set()
    while token:
        page = good(await api.get(TEMPLATES, limit=40, **{"continue": token}))
        found += names(page)
        versions.add(page["metadata"]["resourceVersion"])
        token = page["metadata"].get("continue")
        assert page["metadata"].get("remainingItemCount") == (COUNT - len(found) if token else None)
    assert found == EVERY
    assert len(versions) == 1
    assert first not in versions


async def test_a_watch_is_taken_up_where_another_ended(api: Api) -> None:
    before = await api.watch(CM, labelSelector="walk=on")
    await api.create(CM, {"metadata": {"name": "x", "labels": {"walk": "on"}}})
    good(await api.patch(f"{CM}/x", {"data": {"n": "1"}}))
    assert await before.names(2) == [("ADDED", "x"), ("MODIFIED", "x")]
    version = good(await api.get(f"{CM}/x"))["metadata"]["resourceVersion"]
    await before.close()
    good(await api.patch(f"{CM}/x", {"data": {"n": "2"}}))
    good(await api.delete(f"{CM}/x"))
    after = await api.watch(CM, labelSelector="walk=on", resourceVersion=version)
    assert await after.names(2) == [("MODIFIED", "x"), ("DELETED", "x")]


async def test_an_object_that_is_not_chosen_any_more_is_deleted_to_a_watch(api: Api) -> None:
    watch = await api.watch(CM, labelSelector="walk=on")
    await api.create(CM, {"metadata": {"name": "x", "labels": {"walk": "on"}}})
    good(await api.patch(f"{CM}/x", {"metadata": {"labels": {"walk": "off"}}}))
    good(await api.patch(f"{CM}/x", {"data": {"unseen": "1"}}))
    good(await api.patch(f"{CM}/x", {"metadata": {"labels": {"walk": "on"}}}))
    good(await api.patch(f"{CM}/x", {"data": {"seen": "2"}}))
    good(await api.delete(f"{CM}/x"))
    kinds = [kind for kind, _ in await watch.names(5)]
    assert kinds == ["ADDED", "DELETED", "ADDED", "MODIFIED", "DELETED"]
