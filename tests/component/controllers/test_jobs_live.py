"""ReplicationControllers, CronJobs and Jobs against the real API server."""

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


async def end(plane, pod, phase="Succeeded"):
    """Say that a pod has ended, as its node would."""
    name = pod["metadata"]["name"]
    await plane.client.patch(PODS, name, {"status": {"phase": phase}}, namespace="default", subresource="status")


async def finish(plane, job):
    """Have the pods of a Job succeed."""

    async def its_pods():
        pods = await listed(plane, PODS)
        return [
            p for p in pods if job["metadata"]["uid"] in [o["uid"] for o in p["metadata"].get("ownerReferences") or ()]
        ]

    for pod in await eventually(its_pods):
        await end(plane, pod)


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


async def job_pods(plane, phase=""):
    found = [p for p in await listed(plane, PODS) if p["metadata"].get("labels", {}).get("job-name") == "j"]
    return [p for p in found if not phase or p["status"]["phase"] == phase]


async def test_a_job_runs_to_its_end(running):
    spec = {"completions": 3, "parallelism": 2, "template": {"spec": POD}}
    await running.client.create(JOBS, {"metadata": {"name": "j"}, "spec": spec}, namespace="default")
    for done in range(3):

        async def waiting(done=done):
            pods = await job_pods(running, "Pending")
            return pods if len(pods) == min(2, 3 - done) else None

        pods = await eventually(waiting)
        assert all("batch.kubernetes.io/job-tracking" in p["metadata"]["finalizers"] for p in pods)
        await end(running, pods[0])

    async def complete():
        status = (await running.get(JOBS, "j"))["status"]
        return status if status.get("completionTime") else None

    status = await eventually(complete)
    assert (status["succeeded"], status["uncountedTerminatedPods"]) == (3, {})
    assert [c["type"] for c in status["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    pods = await job_pods(running)
    assert len(pods) == 3
    assert not any(p["metadata"].get("finalizers") for p in pods)

    async def told():
        events = [e for e in await listed(running, EVENTS) if e["involvedObject"].get("name") == "j"]
        made = sum(e.get("count") or 1 for e in events if e["reason"] == "SuccessfulCreate")
        return made == 3 and "Completed" in {e["reason"] for e in events}

    assert await eventually(told)


async def test_a_job_fails_and_leaves_nothing_running(running):
    spec = {"backoffLimit": 0, "parallelism": 2, "completions": 2, "template": {"spec": POD}}
    await running.client.create(JOBS, {"metadata": {"name": "j"}, "spec": spec}, namespace="default")

    async def two():
        pods = await job_pods(running)
        return pods if len(pods) == 2 else None

    await end(running, (await eventually(two))[0], "Failed")

    async def failed():
        conditions = (await running.get(JOBS, "j"))["status"].get("conditions") or ()
        return {c["type"]: c for c in conditions}.get("Failed")

    assert (await eventually(failed))["reason"] == "BackoffLimitExceeded"
    assert [p["status"]["phase"] for p in await job_pods(running)] == ["Failed"]


async def test_the_pods_of_a_deleted_job_go(running):
    spec = {"completions": 2, "parallelism": 2, "template": {"spec": POD}}
    await running.client.create(JOBS, {"metadata": {"name": "j"}, "spec": spec}, namespace="default")

    async def two():
        return len(await job_pods(running)) == 2

    await eventually(two)
    await running.client.delete(JOBS, "j", namespace="default", propagation="Background")

    async def gone():
        return not await job_pods(running)

    assert await eventually(gone)
