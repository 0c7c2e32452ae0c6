"""The gate in front of a real server: headers, queues, refusals, what it shows of itself, and objects that come back."""

import asyncio

import pytest
from api_client import configmap, until
from https_server import serving

from podwright.store.giving_way import GivingWay
from podwright.store.sqlite import SqliteStore

CM = "/api/v1/namespaces/default/configmaps"
GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1"
LEVEL, SCHEMA = f"{GROUP}/prioritylevelconfigurations", f"{GROUP}/flowschemas"
UIDS = ("x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid")


async def rights(https):
    """Let jane do anything."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    jane = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}
    body = {"metadata": {"name": "jane"}, "roleRef": role, "subjects": [jane]}
    await https.api.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body)


async def one_seat(https, response, **limited):
    """Give jane's changes of configmaps a level with one seat."""
    await rights(https)
    spec = {
        "type": "Limited",
        "limited": {"nominalConcurrencyShares": 0, "borrowingLimitPercent": 0, "limitResponse": response, **limited},
    }
    level = await https.api.create(LEVEL, {"metadata": {"name": "narrow"}, "spec": spec})
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "namespaces": ["*"]}
    rules = [{"subjects": [{"kind": "User", "user": {"name": "jane"}}], "resourceRules": [rule]}]
    spec = {"priorityLevelConfiguration": {"name": "narrow"}, "matchingPrecedence": 50, "rules": rules}
    schema = await https.api.create(SCHEMA, {"metadata": {"name": "narrow"}, "spec": spec})
    await https.api.create(CM, configmap("c"))
    return schema["metadata"]["uid"], level["metadata"]["uid"]


@pytest.fixture
def held(monkeypatch):
    """Reads of configmaps that end when they are told to."""
    from podwright.apiserver.registry import objects

    go, begun, real = asyncio.Semaphore(0), [], objects.get_item

    async def get_item(registry, call):
        if call.user.name == "jane":
            begun.append(call.name)
            await go.acquire()
        return await real(registry, call)

    monkeypatch.setattr(objects, "get_item", get_item)
    return go, begun


async def get(session, path=f"{CM}/c"):
    async with session.get(path) as answer:
        return answer.status, dict(answer.headers), await answer.text()


async def test_every_answer_names_its_flow_schema_and_level(https):
    schemas = {o["metadata"]["uid"]: o["metadata"]["name"] for o in (await https.api.get(SCHEMA)).body["items"]}
    levels = {o["metadata"]["uid"]: o["metadata"]["name"] for o in (await https.api.get(LEVEL)).body["items"]}
    found = []
    for token, path in (
        ("tok", CM),
        ("plain", CM),
        ("plain", "/healthz"),
        ("", "/api"),
        ("tok", f"{CM}?watch=1&timeoutSeconds=1"),
    ):
        async with https.session(token) as session, session.get(path) as answer:
            found.append((schemas[answer.headers[UIDS[0]]], levels[answer.headers[UIDS[1]]]))
    default = ("global-default", "global-default")
    assert found == [("exempt", "exempt"), default, ("probes", "exempt"), default, ("exempt", "exempt")]


async def test_one_runs_the_next_waits_and_the_third_is_told_to_come_back(https, held):
    go, begun = held
    queuing = {"queues": 1, "handSize": 1, "queueLengthLimit": 1}
    uids = await one_seat(https, {"type": "Queue", "queuing": queuing})
    async with https.session("plain") as session, asyncio.timeout(20):
        first = asyncio.create_task(get(session))
        await until(lambda: begun)
        second = asyncio.create_task(get(session))
        await until(lambda: sum(1 for _ in https.server.gate.waiting()))
        status, headers, text = await get(session)
        headers = {name.lower(): value for name, value in headers.items()}
        assert (status, headers["retry-after"]) == (429, "1")
        assert tuple(headers[name] for name in UIDS) == uids
        assert '"reason":"TooManyRequests"' in text
        assert len(begun) == 1

        requests = (await https.api.get("/debug/api_priority_and_fairness/dump_requests", includeRequestDetails=1)).body
        cells = [[cell.strip() for cell in line.split(",")] for line in requests.splitlines()]
        rows = [dict(zip(cells[0], row, strict=True)) for row in cells[1:] if row[0] == "narrow"]
        assert [(r["QueueIndex"], r["RequestIndexInQueue"], r["UserName"], r["Verb"]) for r in rows] == [
            ("-1", "-1", "jane", "get"),
            ("0", "0", "jane", "get"),
        ]
        assert rows[0]["StartTime"]
        assert not rows[1]["StartTime"]
        levels = (await https.api.get("/debug/api_priority_and_fairness/dump_priority_levels")).body
        narrow = next(line for line in levels.splitlines() if line.startswith("narrow"))
        assert [cell.strip() for cell in narrow.split(",")] == [
            "narrow",
            "1",
            "false",
            "false",
            "1",
            "1",
            "1",
            "1",
            "0",
            "0",
        ]
        queues = (await https.api.get("/debug/api_priority_and_fairness/dump_queues")).body
        assert any(line.startswith("narrow,") for line in queues.splitlines())
        metrics = (await https.api.get("/metrics")).body
        labels = 'flow_schema="narrow",priority_level="narrow"'
        for line in (
            f"apiserver_flowcontrol_dispatched_requests_total{{{labels}}} 1",
            f'apiserver_flowcontrol_rejected_requests_total{{{labels},reason="queue-full"}} 1',
            f"apiserver_flowcontrol_current_inqueue_requests{{{labels}}} 1",
            f"apiserver_flowcontrol_request_concurrency_in_use{{{labels}}} 1",
        ):
            assert f"{line}\n" in metrics
        go.release()
        go.release()
        assert [(await task)[0] for task in (first, second)] == [200, 200]
        metrics = (await https.api.get("/metrics")).body
        assert f'apiserver_flowcontrol_request_wait_duration_seconds_count{{execute="true",{labels}}} 2\n' in metrics


async def test_a_level_that_rejects_does_so_at_once(https, held):
    go, begun = held
    await one_seat(https, {"type": "Reject"})
    async with https.session("plain") as session, asyncio.timeout(20):
        first = asyncio.create_task(get(session))
        await until(lambda: begun)
        assert (await get(session))[0] == 429
        go.release()
        assert (await first)[0] == 200


async def test_who_waits_too_long_is_told_to_come_back(pki, signing_key, tmp_path, held):
    go, begun = held
    async with serving(pki, signing_key, tmp_path, request_seconds=2.0) as https, https.session("plain") as session:
        await one_seat(https, {"type": "Queue", "queuing": {}})
        first = asyncio.create_task(get(session))
        await until(lambda: begun)
        async with asyncio.timeout(20):
            assert (await get(session))[0] == 429
        go.release()
        assert (await first)[0] == 200
        assert not list(https.server.gate.waiting())


async def test_a_client_that_goes_while_it_waits_frees_its_place(https, held):
    go, begun = held
    await one_seat(https, {"type": "Queue", "queuing": {"queues": 1, "handSize": 1, "queueLengthLimit": 1}})
    gate = https.server.gate
    async with https.session("plain") as session, asyncio.timeout(20):
        first = asyncio.create_task(get(session))
        await until(lambda: begun)
        async with https.session("plain") as other:
            second = asyncio.create_task(get(other))
            await until(lambda: list(gate.waiting()))
            second.cancel()
        await until(lambda: not list(gate.waiting()))
        third = asyncio.create_task(get(session))
        await until(lambda: list(gate.waiting()))
        go.release()
        go.release()
        assert [(await task)[0] for task in (first, third)] == [200, 200]
    assert not gate.seats.levels["narrow"].running


async def test_a_watch_keeps_no_seat(https):
    async with https.session("plain") as session:
        await rights(https)
        async with session.get(f"{CM}?watch=1") as watch:
            await until(lambda: not list(https.server.gate.running()))
            await https.api.create(CM, configmap("seen"))
            while b"seen" not in await watch.content.readline():
                pass


async def test_unknown_tables_are_no_page(https):
    assert (await https.api.get("/debug/api_priority_and_fairness/nothing")).status == 404


async def test_what_every_cluster_has_comes_back_unless_a_user_keeps_it(api):
    from podwright.apiserver.fairness.keeping import keep

    async def change(path, **patch):
        await api.send("PATCH", path, patch, headers={"content-type": "application/merge-patch+json"})

    annotation = {"annotations": {"apf.kubernetes.io/autoupdate-spec": "false"}}
    await keep(api.transport)
    for name in ("catch-all", "probes"):
        assert (await api.send("DELETE", f"{SCHEMA}/{name}")).status == 200
    await change(f"{LEVEL}/workload-low", spec={"limited": {"nominalConcurrencyShares": 7}})
    await change(f"{LEVEL}/workload-high", metadata=annotation, spec={"limited": {"nominalConcurrencyShares": 7}})
    await change(f"{SCHEMA}/exempt", metadata=annotation)
    await keep(api.transport)
    assert (await api.get(f"{SCHEMA}/probes")).body["spec"]["matchingPrecedence"] == 2
    assert (await api.get(f"{SCHEMA}/catch-all")).status == 200
    assert (await api.get(f"{LEVEL}/workload-low")).body["spec"]["limited"]["nominalConcurrencyShares"] == 100
    assert (await api.get(f"{LEVEL}/workload-high")).body["spec"]["limited"]["nominalConcurrencyShares"] == 7
    restored = (await api.get(f"{SCHEMA}/exempt")).body["metadata"]["annotations"]
    assert restored == {"apf.kubernetes.io/autoupdate-spec": "true"}


async def test_writes_of_several_clients_to_a_file_are_told_apart(pki, signing_key, tmp_path, monkeypatch):
    """How soon a commit gets its turn beside the requests of others depends on whose writes it is for."""
    whose, real = [], GivingWay.handed_over

    def note(way, of):
        whose.append(of)
        real(way, of)

    monkeypatch.setattr(GivingWay, "handed_over", note)
    store = await SqliteStore.open(tmp_path / "state.db")
    async with serving(pki, signing_key, tmp_path, store=store) as https:
        await rights(https)
        whose.clear()

        async def write(token):
            async with https.session(token) as session:
                for number in range(3):
                    async with session.post(CM, json=configmap(f"{token}-{number}")) as answer:
                        assert answer.status == 201, await answer.text()

        await asyncio.gather(write("tok"), write("plain"))
        found = set(whose)
    assert len(whose) == 6
    assert len(found) == 2
    assert None not in found
