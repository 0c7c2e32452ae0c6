"""What a due time means while a Job of the last one runs, over minutes of virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from api_client import Api
from steps import good

JSON = dict[str, Any]
pytestmark = pytest.mark.looptime
BATCH = "/apis/batch/v1/namespaces/ns"
POD = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}


@pytest.mark.parametrize(
    ("spec", "running", "began"),
    [
        pytest.param({"suspend": True}, 0, 0, id="suspended"),
        pytest.param({"concurrencyPolicy": "Allow"}, 3, 3, id="side by side"),
        pytest.param({"concurrencyPolicy": "Forbid"}, 1, 1, id="one"),
        pytest.param({"concurrencyPolicy": "Replace"}, 1, 3, id="the newest"),
    ],
)
async def test_due_times(whole: Api, spec: JSON, running: int, began: int) -> None:
    job = {"spec": {"template": {"spec": POD}}}
    body = {"metadata": {"name": "c"}, "spec": {"schedule": "*/1 * * * ?", "jobTemplate": job, **spec}}
    await whole.create(f"{BATCH}/cronjobs", body)
    seen: set[str] = set()
    for _ in range(60 * 3 + 20):
        await asyncio.sleep(1)
        jobs = good(await whole.get(f"{BATCH}/jobs"))["items"]
        seen |= {item["metadata"]["uid"] for item in jobs}
    assert len([item for item in jobs if "deletionTimestamp" not in item["metadata"]]) == running
    assert len(seen) == began
    found = good(await whole.get(f"{BATCH}/cronjobs/c"))
    assert len(found["status"].get("active") or ()) == running
