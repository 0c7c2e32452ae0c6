"""Health answers, metrics and the access log."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from podwright.apiserver import health
from podwright.apiserver.access_log import QUEUE_LINES, AccessLog
from podwright.apiserver.cache.feed import Feed
from podwright.apiserver.metrics import Metrics
from podwright.apiserver.options import Query
from podwright.apiserver.routes import resolve
from podwright.store.memory import MemoryStore


async def fine():
    pass


async def broken():
    msg = "secret reason"
    raise RuntimeError(msg)


async def ask(path, checks, *pairs):
    answer = await health.answer("readyz", path, checks, Query(pairs))
    assert answer is not None
    return answer.status, answer.body.decode()


async def test_health_in_short_and_at_length():
    checks = {"ping": fine, "store": fine}
    assert await ask("/readyz", checks) == (200, "ok")
    assert await ask("/readyz", checks, ("verbose", "")) == (200, "[+]ping ok\n[+]store ok\nreadyz check passed\n")
    assert await ask("/readyz/ping", checks) == (200, "ok")
    assert await health.answer("readyz", "/readyz/nope", checks, Query()) is None
    assert await health.answer("readyz", "/readyz/", checks, Query()) is None


async def test_a_failing_check_fails_the_whole_without_telling_why():
    status, body = await ask("/readyz", {"ping": fine, "store": broken})
    assert status == 500
    assert body == "[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n"


async def test_checks_can_be_left_out():
    checks = {"ping": fine, "store": broken}
    status, body = await ask("/readyz", checks, ("verbose", "1"), ("exclude", "store"), ("exclude", "nope"))
    assert status == 200
    assert "[+]store excluded: ok\n" in body
    assert 'warn: some health checks cannot be excluded: no matches for "nope"\n' in body


async def test_probes_may_call_the_store_etcd():
    good, bad = {"ping": fine, "store": fine}, {"ping": fine, "store": broken}
    for name in ("healthz", "livez"):
        for checks, code in ((good, 200), (bad, 500)):
            answer = await health.answer(name, f"/{name}/etcd", checks, Query())
            assert answer is not None
            assert answer.status == code
        without = await health.answer(name, f"/{name}", bad, Query((("exclude", "etcd"),)))
        assert without is not None
        assert without.status == 200
    assert await health.answer("readyz", "/readyz/etcd", good, Query()) is None


async def test_metrics_count_by_what_was_asked():
    metrics = Metrics()
    target = resolve("GET", "/api/v1/namespaces/a/pods/x")
    for _ in range(3):
        metrics.observe(target, 200, 0.003, known=True)
    metrics.observe(resolve("GET", "/api/v1/namespaces/a/made-up-by-client"), 404, 0.1, known=False)
    text = metrics.render(Feed(MemoryStore()), ()).decode()
    labels = 'verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource"'
    assert f'apiserver_request_total{{{labels},code="200"}} 3\n' in text
    assert f'apiserver_request_duration_seconds_bucket{{{labels},le="0.002"}} 0\n' in text
    assert f'apiserver_request_duration_seconds_bucket{{{labels},le="0.005"}} 3\n' in text
    assert f'apiserver_request_duration_seconds_bucket{{{labels},le="+Inf"}} 3\n' in text
    assert f"apiserver_request_duration_seconds_count{{{labels}}} 3\n" in text
    assert "made-up" not in text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "apiserver_current_inflight_requests",
    } <= names


async def test_labels_of_kinds_that_come_and_go_have_an_end():
    metrics = Metrics()
    for i in range(10_100):
        metrics.observe(resolve("GET", f"/apis/example.com/v1/kinds{i}"), 200, 0.001, known=True)
    text = metrics.render(Feed(MemoryStore()), ()).decode()
    counted = [line for line in text.splitlines() if line.startswith("apiserver_request_total{")]
    assert len(counted) <= 10_001
    assert sum(int(line.rpartition(" ")[2]) for line in counted) == 10_100


async def test_the_access_log_is_json_lines(tmp_path):
    path = tmp_path / "logs" / "access.log"
    log = AccessLog(path, lambda: None)
    log.start()
    when = datetime(2026, 1, 2, tzinfo=UTC)
    log.add(when, "jane", "GET", "/api/v1/pods?limit=1", 200, 0.001, 42)
    log.add(when, "joe", "POST", "/api", 405, 0.002, 7)
    await log.stop()
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert first == {
        "time": "2026-01-02T00:00:00+00:00", "user": "jane", "method": "GET", "path": "/api/v1/pods?limit=1",
        "code": 200, "seconds": 0.001, "bytes": 42,
    }  # fmt: skip
    assert second["user"] == "joe"


async def test_a_full_queue_drops_and_counts(tmp_path):
    dropped = []
    log = AccessLog(tmp_path / "access.log", lambda: dropped.append(1))
    for _ in range(QUEUE_LINES + 3):
        log.add(datetime(2026, 1, 2, tzinfo=UTC), "u", "GET", "/", 200, 0.0, 0)
    assert len(dropped) == 3


async def test_a_log_that_cannot_be_opened_is_told_at_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        AccessLog(tmp_path / "file" / "access.log", lambda: None).start()
    await asyncio.sleep(0)
