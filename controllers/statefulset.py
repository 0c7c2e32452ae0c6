"""StatefulSets: pods with names and claims of their own, made in order, ended in the opposite order.

One look decides one step: the first pod that is missing, failed, not ready yet or of the wrong template says what
happens and what has to wait. With podManagementPolicy Parallel making and ending wait for nobody; replacing pods of an
older template goes from the last to the first all the same. It must never have two pods of one name, nor make a pod
while the one before it is still ending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from podwright.api.labels import Selector
from podwright.controllers.actions import Batch, Create, Delete, Failure, Note, Patch, Plan, Step, Tell
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Bare, Whole
from podwright.controllers.ownership import adoption, claim, release
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PODS, STATEFUL_SETS
from podwright.controllers.rollout import scaled
from podwright.controllers.stateful_pods import (
    Slots,
    claim_names,
    claim_owners,
    missing_claims,
    name_of,
    new_pod,
    ordinal_of,
    owner_of,
    renaming,
    slots_of,
)
from podwright.controllers.template_revisions import HASH, Current, History, template_of

JSON = dict[str, Any]

HISTORY: Final = History("StatefulSet", "controller.kubernetes.io/hash")


@dataclass(frozen=True, slots=True)
class Observed:
    """What a StatefulSet is decided from; `claims` by name, those of its namespace that are of its pods."""

    pods: tuple[PodView, ...]
    revisions: tuple[Whole, ...]
    claims: Mapping[str, Bare] = field(default_factory=dict[str, Bare])


@dataclass(frozen=True, slots=True)
class _Versions:
    """The templates that pods may be of: `old` is the one before the rollout that is going on."""

    new: str
    old: str
    old_template: JSON


@dataclass(slots=True)
class _Set:
    """One look at a set."""

    sts: Whole
    slots: Slots
    pods: dict[int, PodView]
    claims: Mapping[str, Bare]
    versions: _Versions
    now: datetime
    waits: list[float] = field(default_factory=list[float])

    @property
    def ordered(self) -> bool:
        """Whether pods wait for each other."""
        return self.sts.spec.get("podManagementPolicy") != "Parallel"

    def available(self, pod: PodView) -> bool:
        """Whether a pod has been ready for long enough; notes when that will be."""
        since = pod.available_at(self.sts.spec.get("minReadySeconds") or 0) if healthy(pod) else None
        if since is None:
            return False
        left = (since - self.now).total_seconds()
        if left > 0:
            self.waits.append(left)
        return left <= 0


def healthy(pod: PodView) -> bool:
    """Whether a pod runs, is ready, and stays."""
    return pod.phase == "Running" and pod.ready and pod.meta.deleted is None


def reconcile(sts: Whole, observed: Observed, now: datetime, failure: Failure | None = None) -> Plan:
    """Return the next step, and the status as it is."""
    claimed = claim(sts.meta, Selector.from_label_selector(sts.spec.get("selector")), observed.pods)
    steps: list[Step] = [release(PODS, pod.meta, sts.meta.uid) for pod in claimed.released]
    named = {pod.meta.name: n for pod in claimed.owned if (n := ordinal_of(sts.meta, pod.meta.name)) is not None}
    steps += [adoption(PODS, pod.meta, owner_of(sts)) for pod in claimed.adopted if pod.meta.name in named]
    revision = HISTORY.current(sts, observed.revisions)
    if revision.steps and sts.meta.deleted is None:
        return Plan((*steps, *revision.steps))
    pods = {named[pod.meta.name]: pod for pod in claimed.owned if pod.meta.name in named}
    versions = _versions(sts, observed.revisions, revision)
    look = _Set(sts, slots_of(sts), pods, observed.claims, versions, now)
    held_up = failure is not None and failure.waits(now, sts.meta.generation)
    if sts.meta.deleted is None:
        steps += _upkeep(look)
        if not held_up:
            steps += _progress(look)
    difference = merge_diff(sts.status, _status(look))
    if difference:
        body = {"metadata": {"uid": sts.meta.uid}, "status": difference}
        steps.insert(0, Patch(STATEFUL_SETS, sts.meta.namespace, sts.meta.name, body, subresource="status"))
    if sts.meta.deleted is None:
        used = {pod.meta.labels.get(HASH, "").rpartition("-")[2] for pod in pods.values()}
        used |= {revision.hash, versions.old.rpartition("-")[2]}
        steps += HISTORY.surplus(sts, observed.revisions, used)
    return Plan(tuple(steps), min(look.waits, default=None))


def _versions(sts: Whole, revisions: Sequence[Whole], new: Current) -> _Versions:
    before = sts.status.get("currentRevision")
    found = next((r for r in revisions if r.meta.name == before), None)
    template: JSON = sts.spec.get("template") or {}
    return _Versions(
        new.name, new.name if found is None else found.meta.name, template_of(found) if found else template
    )


def _upkeep(look: _Set) -> list[Step]:
    """What pods should carry and who should own their claims, whatever else goes on."""
    steps: list[Step] = []
    for ordinal, pod in sorted(look.pods.items()):
        if pod.meta.deleted is None:
            renamed = renaming(look.sts.meta, pod, ordinal)
            steps += [renamed] if renamed is not None else []
            steps += claim_owners(look.sts, pod, ordinal, look.claims)
    return steps


def _progress(look: _Set) -> list[Step]:
    """The next step: fill, else shrink, else replace."""
    steps, waiting = _fill(look)
    if steps or (waiting and look.ordered):
        return steps
    steps, waiting = _shrink(look)
    if steps or (waiting and look.ordered):
        return steps
    return _replace(look)


def _fill(look: _Set) -> tuple[list[Step], bool]:
    """Make what is missing, in order; and whether something is still on its way."""
    steps: list[Step] = []
    made: list[Create] = []
    waiting = False
    for ordinal in look.slots:
        pod = look.pods.get(ordinal)
        if pod is None:
            if _claims_end(look, ordinal):
                waiting = True
            else:
                steps += missing_claims(look.sts, ordinal, look.claims)
                made.append(_creation(look, ordinal))
        elif pod.finished and pod.meta.deleted is None:
            steps += _recreation(look, pod)
        elif look.available(pod):
            continue
        else:
            waiting = True
        if look.ordered:
            break
    if made:
        steps.append(Batch(tuple(made), slow_start=True))
    return steps, waiting


def _claims_end(look: _Set, ordinal: int) -> bool:
    """Whether a claim of an earlier pod is still being deleted: a new pod must not hang on it."""
    found = [look.claims.get(name) for name in claim_names(look.sts, ordinal)]
    return any(each is not None and each.meta.deleted is not None for each in found)


def _creation(look: _Set, ordinal: int) -> Create:
    sts, versions = look.sts, look.versions
    rolling: JSON = (sts.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    kept = _rolls(sts) and ordinal < look.slots.start + (rolling.get("partition") or 0)
    template = versions.old_template if kept else sts.spec.get("template") or {}
    body = new_pod(sts, template, ordinal, versions.old if kept else versions.new)
    where = f"Pod {name_of(sts.meta, ordinal)} in StatefulSet {sts.meta.name}"
    return Create(
        PODS, sts.meta.namespace, body, Note("SuccessfulCreate", f"Create {where} successful"),
        Note("FailedCreate", f"Create {where} failed error: {{error}}", "Warning"),
    )  # fmt: skip


def _recreation(look: _Set, pod: PodView) -> list[Step]:
    text = f"StatefulSet {look.sts.meta.key} is recreating {pod.phase.lower()} Pod {pod.meta.name}"
    reason = "RecreatingFailedPod" if pod.phase == "Failed" else "RecreatingTerminatedPod"
    return [Tell(Note(reason, text, "Warning" if pod.phase == "Failed" else "Normal")), _deletion(look, pod)]


def _shrink(look: _Set) -> tuple[list[Step], bool]:
    """End what is too much, the last first; and whether something is still ending."""
    surplus = sorted((n for n in look.pods if n not in look.slots), reverse=True)
    sick = next((n for n, pod in sorted(look.pods.items()) if not healthy(pod)), None)
    steps: list[Step] = []
    waiting = False
    for ordinal in surplus:
        pod = look.pods[ordinal]
        if pod.meta.deleted is not None:
            waiting = True
        elif look.ordered and not healthy(pod) and sick != ordinal:
            return steps, True  # one that is not well goes only when no earlier one is unwell too
        else:
            steps.append(_deletion(look, pod))
        if look.ordered:
            break
    return steps, waiting


def _replace(look: _Set) -> list[Step]:
    """End pods of an older template, the last first, as far as others are not missing already."""
    sts = look.sts
    if not _rolls(sts):
        return []
    rolling: JSON = (sts.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    first = look.slots.start + (rolling.get("partition") or 0)
    allowed = 1
    if rolling.get("maxUnavailable") is not None:
        allowed = max(scaled(rolling["maxUnavailable"], look.slots.count, up=False), 1)
    pods = {ordinal: look.pods.get(ordinal) for ordinal in look.slots}
    missing = sum(pod is None or not look.available(pod) for pod in pods.values())
    ending = sum(pod is None or pod.meta.deleted is not None for pod in pods.values())
    steps: list[Step] = []
    for ordinal in reversed(range(first, look.slots.start + look.slots.count)):
        pod = pods[ordinal]
        if pod is None or pod.meta.deleted is not None or pod.meta.labels.get(HASH) == look.versions.new:
            continue
        sound = look.available(pod)
        if ending == allowed or (sound and missing >= allowed):
            break
        ending, missing = ending + 1, missing + sound
        steps.append(_deletion(look, pod))
    return steps


def _rolls(sts: Whole) -> bool:
    return (sts.spec.get("updateStrategy") or {}).get("type") != "OnDelete"


def _deletion(look: _Set, pod: PodView) -> Delete:
    where = f"Pod {pod.meta.name} in StatefulSet {look.sts.meta.name}"
    return Delete(
        PODS, pod.meta.namespace, pod.meta.name, pod.meta.uid,
        done=Note("SuccessfulDelete", f"Delete {where} successful"),
        failed=Note("FailedDelete", f"Delete {where} failed error: {{error}}", "Warning"),
    )  # fmt: skip


def _status(look: _Set) -> JSON:
    """The numbers; a rollout that reached all pods makes its template the one to go on from."""
    sts, versions, pods = look.sts, look.versions, list(look.pods.values())
    ready = sum(pod.phase == "Running" and pod.ready for pod in pods)
    staying = [pod.meta.labels.get(HASH) for pod in pods if pod.meta.deleted is None]
    updated, current, old = staying.count(versions.new), staying.count(versions.old), versions.old
    if _rolls(sts) and updated == ready == len(pods) == look.slots.count:
        old, current = versions.new, updated
    numbers = {
        "observedGeneration": max(sts.meta.generation, sts.status.get("observedGeneration") or 0),
        "readyReplicas": ready, "currentReplicas": current, "updatedReplicas": updated,
    }  # fmt: skip
    status: JSON = {name: value for name, value in numbers.items() if value}
    if sts.status.get("conditions"):
        status["conditions"] = sts.status["conditions"]
    return {
        "replicas": len(pods), "currentRevision": old, "updateRevision": versions.new, **status,
        "collisionCount": sts.status.get("collisionCount") or 0,
        "availableReplicas": sum(look.available(pod) for pod in pods),
    }  # fmt: skip
