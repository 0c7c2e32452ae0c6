"""ReplicationControllers, CronJobs and finished Jobs against the real API server."""

from __future__ import annotations

import pytest
from control_plane import EVENTS, PODS, eventually

from podwright.api.resources import find

pytestmark = pytest.mark.looptime
CRON_JOBS, JOBS, RCS = find("cronjobs", "batch"), find("jobs", "batch"), find("replicationcontrollers")
POD = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}


@pytest.fixture
async def running(plane):
    plane.controllers()
    return plane


async def listed(plane, resource):
    return (await plane.client.list(resource, namespace="default"))["items"]


async def finish(plane, job, kind="Complete"):
    """Say that a Job has ended, as its controller would."""
    now = plane.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
    conditions = [{"type": t, "status": "True", "lastTransitionTime": now} for t in (first, kind)]
    status = {"startTime": now, "conditions": conditions}
    if kind == "Complete":
        status["completionTime"] = now
    await plane.client.patch(
        JOBS, job["metadata"]["name"], {"status": status}, namespace="default", subresource="status"
    )


async def test_a_replication_controller_keeps_its_pods(running):
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    await running.client.create(
        RCS, {"metadata": {"name": "rc"}, "spec": {"replicas": 2, "template": template}}, namespace="default"
    )

    async def two():
        found = await listed(running, PODS)
        return found if len(found) == 2 else None

    first, second = await eventually(two)
    assert first["metadata"]["ownerReferences"][0]["kind"] == "ReplicationController"
    # One that does not match any more is let go and replaced; it is not taken away.
    await running.client.patch(
        PODS, second["metadata"]["name"], {"metadata": {"labels": {"app": "b"}}}, namespace="default"
    )

    async def three():
        found = await listed(running, PODS)
        free = [p for p in found if not p["metadata"].get("ownerReferences")]
        return len(found) == 3 and [p["metadata"]["name"] for p in free] == [second["metadata"]["name"]]

    assert await eventually(three)


async def test_a_cron_job_starts_jobs_and_clears_them_away(running):
    spec = {
        "schedule": "* * * * *", "successfulJobsHistoryLimit": 1, "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": {"template": {"spec": POD}}},
    }  # fmt: skip
    await running.client.create(CRON_JOBS, {"metadata": {"name": "c"}, "spec": spec}, namespace="default")
    seen: list[str] = []
    for _ in range(3):

        async def started():
            fresh = [j for j in await listed(running, JOBS) if j["metadata"]["name"] not in seen]
            active = (await running.get(CRON_JOBS, "c"))["status"].get("active") or ()
            known = fresh and fresh[0]["metadata"]["uid"] in [entry["uid"] for entry in active]
            return fresh[0] if known else None

        job = await eventually(started, 130)
        seen.append(job["metadata"]["name"])
        assert job["metadata"]["ownerReferences"][0]["kind"] == "CronJob"
        await finish(running, job)
    assert len(set(seen)) == 3

    async def cleared():
        left = [j["metadata"]["name"] for j in await listed(running, JOBS)]
        return left == seen[-1:] or (len(left) == 2 and seen[-1] in left)

    assert await eventually(cleared, 130)
    cron = await running.get(CRON_JOBS, "c")
    assert cron["status"]["lastScheduleTime"]
    assert cron["status"]["lastSuccessfulTime"]

    async def told():
        return {"SuccessfulCreate", "SawCompletedJob"} <= {e["reason"] for e in await listed(running, EVENTS)}

    assert await eventually(told)


async def test_a_finished_job_expires(running):
    body = {"metadata": {"name": "j"}, "spec": {"ttlSecondsAfterFinished": 5, "template": {"spec": POD}}}
    job = await running.client.create(JOBS, body, namespace="default")
    await finish(running, job)

    async def gone():
        return not await listed(running, JOBS)

    assert await eventually(gone, 30)
