"""Jobs: pods that are to succeed so many times, some of them side by side, until enough did or too many failed.

Each look counts the pods (`job_tally`), decides whether that settles the Job (`job_verdict`), and otherwise makes or
deletes pods. Decisions stand in the status before anything follows from them: first SuccessCriteriaMet or
FailureTarget, and Complete or Failed only when no pod is left running and all are counted. It must never remove a
pod's finalizer before the status that counts the pod is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from podwright.api.labels import Selector
from podwright.api.times import format_time
from podwright.controllers import conditions, job_indexes
from podwright.controllers.actions import NOTHING, Action, Batch, Create, Delete, Failure, Note, Patch, Plan, Step, Tell
from podwright.controllers.job_pod import new_pods
from podwright.controllers.job_tally import Tally, indexed, tally, waits_for_failure
from podwright.controllers.job_verdict import Verdict, decide, decided, seconds_left
from podwright.controllers.job_work import FINALIZER
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Meta, Whole
from podwright.controllers.ownership import adoption, claim, controller_owner, release
from podwright.controllers.pod_ranking import doomed
from podwright.controllers.pod_view import PodView
from podwright.controllers.replicaset import BURST
from podwright.controllers.resources import JOBS, PODS

JSON = dict[str, Any]

_OURS: Final = "kubernetes.io/job-controller"
_FIRST_DELAY: Final = 10.0  # seconds from a failure to the next try, doubled with each
_LONGEST_DELAY: Final = 600.0
_FIRST = {"Complete": "SuccessCriteriaMet", "Failed": "FailureTarget"}


def reconcile(job: Whole, pods: Sequence[PodView], now: datetime, failure: Failure | None = None) -> Plan:
    """Return what a Job needs next. `pods` are its own and those of its namespace without a controller."""
    if job.spec.get("managedBy") not in (None, _OURS):
        return NOTHING
    claimed = claim(job.meta, Selector.from_label_selector(job.spec.get("selector")), pods)
    steps: list[Step] = [release(PODS, pod.meta, job.meta.uid) for pod in claimed.released]
    owner = controller_owner("batch/v1", "Job", job.meta)
    steps += [adoption(PODS, pod.meta, owner) for pod in claimed.adopted]
    if job.meta.deleted is not None:
        return Plan((*steps, *strays(pod for pod in claimed.owned if pod.finished or pod.meta.deleted is not None)))
    if _finished(job):
        return Plan((*steps, *_after_the_end(job, claimed.owned)))
    count = tally(job, claimed.owned)
    before = decided(job)
    verdict = before or decide(job, count, now)
    if verdict is not None:
        steps += [_deletion(pod) for pod in count.active]
        status, told = _settling(job, count, verdict, now)
        return Plan((*steps, *_report(job, status, told), *strays(count.let_go)))
    status = _numbers(job, count)
    told: list[Note] = []
    if job.spec.get("suspend"):
        _say_suspended(job, status, now, told, suspended=True)
        steps += [step for pod in count.active for step in (_let_go(pod.meta), _deletion(pod))]
        return Plan((*steps, *_report(job, status, told), *strays(count.let_go)))
    if not job.status.get("startTime"):
        status["startTime"] = format_time(now)
    _say_suspended(job, status, now, told, suspended=False)
    held_up = failure is not None and failure.waits(now, job.meta.generation)
    changes, wait = ((), None) if held_up or count.let_go else _changes(job, count, claimed.owned, now)
    if changes and job.status.get("startTime"):
        return Plan((*steps, *changes))  # their events bring the next look, which reports
    left = seconds_left(job, now)
    waits = [seconds for seconds in (wait, left) if seconds is not None]
    if changes:
        status["active"] = len(count.active) + _made(changes)
        return Plan((*steps, *changes, *_report(job, status, told)), min(waits, default=None))
    return Plan((*steps, *_report(job, status, told), *strays(count.let_go)), min(waits, default=None))


def strays(pods: Iterable[PodView]) -> tuple[Batch, ...]:
    """Let pods go that need not be tracked any more."""
    found = tuple(_let_go(pod.meta) for pod in pods if FINALIZER in pod.meta.finalizers)
    return (Batch(found),) if found else ()


def _finished(job: Whole) -> bool:
    listed: list[JSON] = job.status.get("conditions") or []
    return any(c.get("type") in {"Complete", "Failed"} and c.get("status") == "True" for c in listed)


def _after_the_end(job: Whole, owned: Sequence[PodView]) -> list[Step]:
    """Nothing of a finished Job runs on or stays tracked."""
    steps: list[Step] = [*strays(owned), *(_deletion(pod) for pod in owned if pod.active)]
    ending = sum(pod.terminating for pod in owned)
    if job.status.get("terminating") not in (None, ending):
        steps += _report(job, {**job.status, "terminating": ending}, ())
    return steps


def _let_go(meta: Meta) -> Patch:
    body = {"metadata": {"uid": meta.uid, "$deleteFromPrimitiveList/finalizers": [FINALIZER]}}
    return Patch(PODS, meta.namespace, meta.name, body, form="strategic")


def _deletion(pod: PodView) -> Delete:
    return Delete(
        PODS, pod.meta.namespace, pod.meta.name, pod.meta.uid,
        done=Note("SuccessfulDelete", "Deleted pod: {name}"),
        failed=Note("FailedDelete", "Error deleting: {error}", "Warning"),
    )  # fmt: skip


def _changes(
    job: Whole, count: Tally, owned: Sequence[PodView], now: datetime
) -> tuple[tuple[Batch, ...], float | None]:
    """The pods to make or delete, or how long to wait before making them."""
    parallelism = job.spec.get("parallelism")
    most = 1 if parallelism is None else parallelism
    completions = job.spec.get("completions")
    if completions is None:
        wanted = len(count.active) if count.succeeded else most
    else:
        wanted = max(min(completions - count.succeeded - len(count.failed_indexes), most), 0)
    surplus = len(count.active) - wanted
    if surplus > 0:
        chosen = doomed(count.active, count.active, min(surplus, BURST))
        let_go = Batch(tuple(_let_go(pod.meta) for pod in chosen))  # it has not failed: it was one too many
        return (let_go, Batch(tuple(_deletion(pod) for pod in chosen))), None
    if waits_for_failure(job):
        surplus += count.terminating
    if surplus >= 0:
        return (), None
    wait = _delay(owned, now)
    if wait > 0:
        return (), wait
    made = tuple(
        Create(
            PODS, job.meta.namespace, body,
            Note("SuccessfulCreate", "Created pod: {name}"), Note("FailedCreate", "Error creating: {error}", "Warning"),
        )
        for body in new_pods(job, count, owned, min(-surplus, BURST))
    )  # fmt: skip
    return ((Batch(made, slow_start=True),) if made else ()), None


def _made(changes: Iterable[Batch]) -> int:
    return sum(isinstance(action, Create) for batch in changes for action in batch.actions)


def _delay(owned: Sequence[PodView], now: datetime) -> float:
    """Seconds until the next pod may be made: failures since the last success slow a Job down."""
    ends = [(pod.work.ended or pod.meta.created, pod.phase) for pod in owned if pod.work is not None and pod.finished]
    failures = sorted(moment for moment, phase in ends if moment is not None and phase == "Failed")
    success = max((moment for moment, phase in ends if moment is not None and phase == "Succeeded"), default=None)
    recent = [moment for moment in failures if success is None or moment > success]
    if not recent:
        return 0.0
    delay = min(_FIRST_DELAY * 2 ** min(len(recent) - 1, 16), _LONGEST_DELAY)
    return (recent[-1] + timedelta(seconds=delay) - now).total_seconds()


def _numbers(job: Whole, count: Tally) -> JSON:
    good, bad = count.counted
    numbers = {"active": len(count.active), "succeeded": good, "failed": bad}
    status: JSON = {**{key: value for key, value in numbers.items() if value}}
    status |= {"ready": count.ready, "terminating": count.terminating, "uncountedTerminatedPods": count.uncounted}
    for key in ("startTime", "conditions"):
        if job.status.get(key):
            status[key] = job.status[key]
    if indexed(job) and count.completed:
        status["completedIndexes"] = job_indexes.write(count.completed)
    if job.spec.get("backoffLimitPerIndex") is not None:
        status["failedIndexes"] = job_indexes.write(count.failed_indexes)
    return status


def _settling(job: Whole, count: Tally, verdict: Verdict, now: datetime) -> tuple[JSON, list[Note]]:
    """The status of a decided Job: the first condition at once, the last when no pod is left and all are counted."""
    status = _numbers(job, count)
    status.pop("active", None)  # what still ran is being deleted
    listed: list[JSON] = job.status.get("conditions") or []
    listed = _put(listed, _FIRST[verdict.kind], verdict, now)
    told: list[Note] = []
    if not count.active and not count.terminating and not count.let_go and count.settled:
        listed = _put(listed, verdict.kind, verdict, now)
        if verdict.kind == "Complete":
            status["completionTime"] = format_time(now)
            told.append(Note("Completed", "Job completed"))
        else:
            told.append(Note(verdict.reason, verdict.message, "Warning"))
    status["conditions"] = listed
    return status, told


def _put(listed: list[JSON], kind: str, verdict: Verdict, now: datetime) -> list[JSON]:
    if conditions.find(listed, kind) is not None:
        return listed
    new = {"type": kind, "status": "True", "reason": verdict.reason, "message": verdict.message}
    return [*listed, {**new, "lastProbeTime": format_time(now), "lastTransitionTime": format_time(now)}]


def _say_suspended(job: Whole, status: JSON, now: datetime, told: list[Note], *, suspended: bool) -> None:
    listed: list[JSON] = job.status.get("conditions") or []
    current = conditions.find(listed, "Suspended")
    if suspended is (current is not None and current.get("status") == "True"):
        return
    word = "Suspended" if suspended else "Resumed"
    new: JSON = {"type": "Suspended", "status": "True" if suspended else "False"}
    new |= {"reason": f"Job{word}", "message": f"Job {word.lower()}"}
    listed = conditions.without(listed, "Suspended")
    stamp = format_time(now)
    status["conditions"] = [*listed, {**new, "lastProbeTime": stamp, "lastTransitionTime": stamp}]
    told.append(Note(word, f"Job {word.lower()}"))
    if not suspended:
        status["startTime"] = stamp


def _report(job: Whole, status: JSON, told: Iterable[Note]) -> list[Action]:
    difference = merge_diff(job.status, status)
    if not difference:
        return []
    body = {"metadata": {"uid": job.meta.uid}, "status": difference}
    patch = Patch(JOBS, job.meta.namespace, job.meta.name, body, subresource="status")
    return [patch, *(Tell(note) for note in told)]
