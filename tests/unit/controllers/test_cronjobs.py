"""When CronJobs start Jobs, and which of them they clear away; when finished Jobs go by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ctl_builders import JSON, NOW, actions, at, creates, deletes, notes, patches
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.api.cron import parse
from podwright.controllers import job_expiry
from podwright.controllers.actions import NOTHING, Create, Delete, Failure
from podwright.controllers.cronjob import SCHEDULED_AT, due, job_name, reconcile
from podwright.controllers.meta import Whole, whole
from podwright.controllers.resources import JOBS

MINUTE = NOW.replace(second=0)  # 03:04, a minute that "* * * * *" is due in


def cron_job(*, status: JSON | None = None, meta: JSON | None = None, created: float = -60.0, **spec: Any) -> Whole:
    template = {"metadata": {"labels": {"l": "1"}, "annotations": {"n": "1"}}, "spec": {"template": {}}}
    metadata = {"name": "c", "namespace": "ns", "uid": "C", "generation": 1, "creationTimestamp": at(created)}
    base = {"schedule": "* * * * *", "concurrencyPolicy": "Allow", "jobTemplate": template, "suspend": False}
    return whole({"metadata": {**metadata, **(meta or {})}, "spec": {**base, **spec}, "status": status or {}})


def job(
    name: str,
    ended: str = "",
    *,
    owner: str = "C",
    ended_at: float = -5,
    started: float = -50,
    by_hand: bool = False,
    **spec: Any,
) -> Whole:
    owners = [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "c", "uid": owner, "controller": True}]
    metadata = {
        "name": name,
        "namespace": "ns",
        "uid": f"uid-{name}",
        "resourceVersion": "9",
        "ownerReferences": owners,
        "annotations": {} if by_hand else {"batch.kubernetes.io/cronjob-scheduled-timestamp": at(started)},
    }
    status: JSON = {"startTime": at(started)}
    if ended:
        status["conditions"] = [{"type": ended, "status": "True", "lastTransitionTime": at(ended_at)}]
    if ended == "Complete":
        status["completionTime"] = at(ended_at)
    return whole({"metadata": metadata, "spec": spec, "status": status})


def test_a_job_is_started_when_it_is_due() -> None:
    plan = reconcile(cron_job(), (), NOW)
    [made] = creates(plan)
    assert made["metadata"] == {
        "labels": {"l": "1"},
        "annotations": {"n": "1", SCHEDULED_AT: "2026-01-02T03:04:00Z"},
        "name": f"c-{int(MINUTE.timestamp()) // 60}",
        "namespace": "ns",
        "ownerReferences": [
            {
                "apiVersion": "batch/v1", "kind": "CronJob", "name": "c", "uid": "C", "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }  # fmt: skip
    assert patches(plan, "cronjobs", "status")["c"]["status"]["lastScheduleTime"] == "2026-01-02T03:04:00Z"
    assert notes(plan) == [("SuccessfulCreate", "Created job {name}")]
    assert plan.again == 55  # until 03:05


def test_a_time_has_one_job() -> None:
    seen = cron_job(status={"lastScheduleTime": "2026-01-02T03:04:00Z"})
    assert creates(reconcile(seen, (), NOW)) == []
    started = job(job_name(cron_job(), MINUTE))
    assert creates(reconcile(cron_job(), (started,), NOW)) == []


@pytest.mark.parametrize(
    ("spec", "meta"),
    [({"suspend": True}, {}), ({}, {"deletionTimestamp": at(5)}), ({"schedule": "0 5 * * *"}, {})],
    ids=["held", "going", "not-due"],
)
def test_when_nothing_is_started(spec: JSON, meta: JSON) -> None:
    assert creates(reconcile(cron_job(meta=meta, **spec), (), NOW)) == []


def test_only_the_latest_of_missed_times_is_caught_up_with() -> None:
    plan = reconcile(cron_job(created=-3600), (), NOW)
    assert [made["metadata"]["annotations"][SCHEDULED_AT] for made in creates(plan)] == ["2026-01-02T03:04:00Z"]
    assert "TooManyMissedTimes" not in dict(notes(plan))


def test_too_many_missed_times_are_told() -> None:
    plan = reconcile(cron_job(created=-86400), (), NOW)
    assert len(creates(plan)) == 1
    assert "TooManyMissedTimes" in dict(notes(plan))


def test_a_deadline_that_has_passed() -> None:
    late = cron_job(schedule="0 3 * * *", created=-3600, startingDeadlineSeconds=60)
    assert creates(reconcile(late, (), NOW)) == []
    in_time = cron_job(schedule="0 3 * * *", created=-3600, startingDeadlineSeconds=600)
    assert len(creates(reconcile(in_time, (), NOW))) == 1


RUNNING = job("old")


@pytest.mark.parametrize(
    ("policy", "started", "stopped"),
    [("Allow", 1, []), ("Forbid", 0, []), ("Replace", 1, ["old"])],
    ids=["allow", "forbid", "replace"],
)
def test_what_a_running_job_means(policy: str, started: int, stopped: list[str]) -> None:
    plan = reconcile(cron_job(concurrencyPolicy=policy), (RUNNING,), NOW)
    assert (len(creates(plan)), deletes(plan)) == (started, stopped)
    assert ("JobAlreadyActive" in dict(notes(plan))) == (policy == "Forbid")


def test_forbid_lets_the_next_one_start_when_the_last_has_ended() -> None:
    assert len(creates(reconcile(cron_job(concurrencyPolicy="Forbid"), (job("old", "Complete"),), NOW))) == 1


def test_the_oldest_ended_jobs_go() -> None:
    jobs = [job(f"s{n}", "Complete", started=-100 + n) for n in range(4)]
    jobs += [job(f"f{n}", "Failed", started=-100 + n) for n in range(3)]
    held = cron_job(suspend=True, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    plan = reconcile(held, tuple(jobs), NOW)
    assert sorted(deletes(plan)) == ["f0", "f1", "s0"]
    assert {a.propagation for a in actions(plan) if isinstance(a, Delete)} == {"Background"}


def test_the_status_names_what_runs_and_what_succeeded_last() -> None:
    jobs = (job("a"), job("b", "Complete", ended_at=-7), job("c", "Complete", ended_at=-9), job("x", owner="other"))
    plan = reconcile(cron_job(suspend=True), jobs, NOW)
    status = patches(plan, "cronjobs", "status")["c"]["status"]
    assert [entry["name"] for entry in status["active"]] == ["a"]
    assert status["lastSuccessfulTime"] == at(-7)


def test_a_job_started_by_hand_is_told_of_and_not_counted() -> None:
    jobs = (job("m", by_hand=True), job("n", "Complete", by_hand=True))
    plan = reconcile(cron_job(suspend=True, concurrencyPolicy="Forbid"), jobs, NOW)
    assert "active" not in patches(plan, "cronjobs", "status")["c"]["status"]
    text = "Saw a job that the controller did not create or forgot: m"
    assert [note for note in notes(plan) if note[0] == "UnexpectedJob"] == [("UnexpectedJob", text)]


def test_the_end_of_a_job_is_told_once() -> None:
    before = {"active": [{"name": "a", "uid": "uid-a"}, {"name": "b", "uid": "uid-b"}]}
    plan = reconcile(cron_job(suspend=True, status=before), (job("a", "Failed"),), NOW)
    assert [reason for reason, _ in notes(plan)] == ["SawCompletedJob", "MissingJob"]
    after = patches(plan, "cronjobs", "status")["c"]["status"]
    assert after["active"] == []
    assert notes(reconcile(cron_job(suspend=True, status=after), (job("a", "Failed"),), NOW)) == []


def test_a_zone_moves_the_times() -> None:
    east = cron_job(schedule="0 4 * * *", timeZone="Europe/Berlin", created=-3600)
    [made] = creates(reconcile(east, (), NOW))
    assert made["metadata"]["annotations"][SCHEDULED_AT] == "2026-01-02T04:00:00+01:00"


def test_an_unreadable_schedule_is_told() -> None:
    plan = reconcile(cron_job(schedule="x"), (), NOW)
    assert [reason for reason, _ in notes(plan)] == ["UnparseableSchedule"]


def test_a_failed_start_waits_for_its_time() -> None:
    failure = Failure(Create(JOBS, "ns", {}), "Forbidden", "no", NOW + timedelta(seconds=5), 1)
    assert creates(reconcile(cron_job(), (), NOW, failure)) == []
    assert len(creates(reconcile(cron_job(), (), NOW + timedelta(seconds=6), failure))) == 1


@settings(max_examples=30, deadline=None)
@given(
    schedule=st.sampled_from(["* * * * *", "*/7 3 * * *", "0 0 1 * *", "30 4 1,15 * 5", "@every 90s"]),
    back=st.integers(0, 40 * 24 * 3600),
)
def test_the_latest_due_time_agrees_with_walking_there(schedule: str, back: int) -> None:
    parsed = parse(schedule)
    now = datetime(2026, 3, 30, 3, 4, 5, tzinfo=UTC)
    earliest = now - timedelta(seconds=back if schedule != "* * * * *" else back // 10)
    moment, last, count = parsed.after(earliest), None, 0
    while moment is not None and moment <= now:
        last, count = moment, count + 1
        moment = parsed.after(moment)
    found = due(parsed, UTC, earliest, now)
    if schedule.startswith("@every") and count > 100:
        assert found.at is not None  # its times depend on where one begins to count
        assert found.at <= now
    else:
        assert (found.at, found.following) == (last, moment)
    assert found.missed <= max(count - 1, 0) or found.missed >= 100


def expiring(ended: str = "Complete", **more: Any) -> Whole:
    return job("j", ended, ttlSecondsAfterFinished=10, **more)


def test_a_finished_job_goes_in_time() -> None:
    assert job_expiry.reconcile(expiring(ended_at=-4), NOW).again == 6
    [gone] = job_expiry.reconcile(expiring("Failed", ended_at=-10), NOW).steps
    assert isinstance(gone, Delete)
    assert (gone.name, gone.version, gone.propagation) == ("j", "9", "Foreground")


@pytest.mark.parametrize("kept", [job("j", "Complete"), expiring("")], ids=["no-ttl", "running"])
def test_jobs_that_stay(kept: Whole) -> None:
    assert job_expiry.reconcile(kept, NOW) == NOTHING
