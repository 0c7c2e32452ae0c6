"""DaemonSets: one pod on each node that the template allows, replaced node by node when the template changes.

Pods are bound to their node by affinity and placed by the scheduler. Without surge a node's old pod is deleted and
the new one made when it has ended; with surge the new one comes first. It must never make a second pod for a node
whose first is still on its way out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from podwright.api.labels import Selector
from podwright.controllers.actions import Batch, Create, Delete, Failure, Note, Patch, Plan, Step, Tell
from podwright.controllers.daemon_nodes import Place, pinned, place, tolerated
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import adoption, claim, controller_owner, release
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import DAEMON_SETS, PODS
from podwright.controllers.rollout import scaled
from podwright.controllers.template_revisions import HASH, History

JSON = dict[str, Any]

HISTORY: Final = History("DaemonSet", HASH)
TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"
_BURST: Final = 250
_SETTLE: Final = 10.0  # seconds a pod that ended stays, so that one that cannot run is not made in a loop
_EARLY = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Observed:
    """What a DaemonSet is decided from."""

    nodes: tuple[Whole, ...]
    pods: tuple[PodView, ...]
    revisions: tuple[Whole, ...]


@dataclass(slots=True)
class _Changes:
    make: list[str]  # nodes
    delete: list[PodView]
    told: list[Note]
    wait: float | None = None


def reconcile(ds: Whole, observed: Observed, now: datetime, failure: Failure | None = None) -> Plan:
    """Return the pods to make and delete, or else the status to report."""
    claimed = claim(ds.meta, Selector.from_label_selector(ds.spec.get("selector")), observed.pods)
    steps: list[Step] = [release(PODS, pod.meta, ds.meta.uid) for pod in claimed.released]
    owner = controller_owner("apps/v1", "DaemonSet", ds.meta)
    steps += [adoption(PODS, pod.meta, owner) for pod in claimed.adopted]
    if ds.meta.deleted is not None:
        return Plan(tuple(steps))
    revision = HISTORY.current(ds, observed.revisions)
    if revision.steps:
        return Plan((*steps, *revision.steps))
    places = [place((ds.spec.get("template") or {}).get("spec") or {}, node) for node in observed.nodes]
    by_node = _by_node(claimed.owned)
    changes = _manage(places, by_node, now, surging=_surge(ds, 1) > 0)
    if not changes.make and not changes.delete:
        _roll(ds, places, by_node, revision.hash, changes, now)
    held_up = failure is not None and failure.waits(now, ds.meta.generation)
    if not held_up and (changes.make or changes.delete):
        steps += [Tell(note) for note in changes.told]
        if changes.delete:
            steps.append(Batch(tuple(_deletion(pod) for pod in changes.delete[:_BURST])))
        if changes.make:
            made = tuple(_creation(ds, node, revision.hash) for node in changes.make[:_BURST])
            steps.append(Batch(made, slow_start=True))
        return Plan(tuple(steps))
    status, wait = _status(ds, places, by_node, revision.hash, now)
    difference = merge_diff(ds.status, status)
    if difference:
        body = {"metadata": {"uid": ds.meta.uid}, "status": difference}
        steps.append(Patch(DAEMON_SETS, ds.meta.namespace, ds.meta.name, body, subresource="status"))
    used = {pod.meta.labels.get(HASH, "") for pod in claimed.owned} | {revision.hash}
    steps += HISTORY.surplus(ds, observed.revisions, used)
    return Plan(tuple(steps), min((w for w in (wait, changes.wait) if w is not None), default=None))


def _by_node(pods: Iterable[PodView]) -> Mapping[str, list[PodView]]:
    """Pods by the node they run on or are for, the oldest first; those that have ended and go do not count."""
    found: dict[str, list[PodView]] = defaultdict(list)
    for pod in sorted(pods, key=lambda pod: (pod.meta.created or _EARLY, pod.meta.name)):
        node = pod.node or pod.pinned
        if node and not (pod.finished and pod.meta.deleted is not None):
            found[node].append(pod)
    return found


def _manage(places: Sequence[Place], by_node: Mapping[str, list[PodView]], now: datetime, *, surging: bool) -> _Changes:
    """Pods that are missing, too many, where they must not be, or have ended."""
    changes = _Changes([], [], [])
    known = {each.name for each in places}
    for each in places:
        pods = by_node.get(each.name) or []
        if each.wanted and not pods:
            changes.make.append(each.name)
        elif not each.allowed:
            changes.delete += [pod for pod in pods if pod.meta.deleted is None]
        else:
            running = [pod for pod in pods if pod.active]
            _clear(each.name, pods, changes, now)
            if not surging:
                changes.delete += running[1:]
    for node, pods in by_node.items():
        if node not in known:  # its pods for it that were never bound; others are collected with the node
            changes.delete += [pod for pod in pods if not pod.node and pod.meta.deleted is None]
    return changes


def _clear(node: str, pods: Iterable[PodView], changes: _Changes, now: datetime) -> None:
    for pod in pods:
        if not pod.finished or pod.meta.deleted is not None:
            continue
        left = _SETTLE - (now - (pod.meta.created or _EARLY)).total_seconds()
        if left > 0:
            changes.wait = min(left, changes.wait or left)
            continue
        word, verb = ("Failed", "kill") if pod.phase == "Failed" else ("Succeeded", "delete")
        text = f"Found {word.lower()} daemon pod {pod.meta.key} on node {node}, will try to {verb} it"
        changes.told.append(Note(f"{word}DaemonPod", text, "Warning" if word == "Failed" else "Normal"))
        changes.delete.append(pod)


def _roll(
    ds: Whole, places: Sequence[Place], by_node: Mapping[str, list[PodView]], current: str, changes: _Changes,
    now: datetime,
) -> None:  # fmt: skip
    """Replace pods of older templates, no more at a time than may be missing or may be there twice."""
    if (ds.spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return
    wanted = [each for each in places if each.wanted]
    surge, unavailable = _surge(ds, len(wanted)), _unavailable(ds, len(wanted))
    seconds = ds.spec.get("minReadySeconds") or 0
    missing, doubled = 0, 0
    ready_to_go: list[PodView] = []
    to_surge: list[str] = []
    for each in wanted:
        pods = by_node.get(each.name) or []
        new = next((p for p in pods if p.meta.labels.get(HASH) == current), None)
        old = next((p for p in pods if p.meta.labels.get(HASH) != current and p.meta.deleted is None), None)
        if new is not None and old is not None:
            doubled += 1
            if _available(new, seconds, now):
                changes.delete.append(old)
        elif old is None:
            missing += new is None or not _available(new, seconds, now)
        elif surge:
            to_surge.append(each.name)
        elif _available(old, seconds, now):
            ready_to_go.append(old)
        else:
            missing += 1
            changes.delete.append(old)  # it is of no use anyway
    changes.make += to_surge[: max(surge - doubled, 0)]
    changes.delete += ready_to_go[: max(unavailable - missing, 0)]


def _surge(ds: Whole, nodes: int) -> int:
    return _share(ds, "maxSurge", 0, nodes)


def _unavailable(ds: Whole, nodes: int) -> int:
    count = _share(ds, "maxUnavailable", 1, nodes)
    return count if count or _surge(ds, nodes) else 1


def _share(ds: Whole, field: str, default: int, nodes: int) -> int:
    value = ((ds.spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get(field)
    return scaled(default if value is None else value, nodes, up=True)


def _available(pod: PodView, seconds: int, now: datetime) -> bool:
    since = pod.available_at(seconds)
    return since is not None and (not seconds or since <= now)


def _status(
    ds: Whole, places: Sequence[Place], by_node: Mapping[str, list[PodView]], current: str, now: datetime
) -> tuple[JSON, float | None]:
    """The numbers, and when one of them changes by time alone."""
    seconds = ds.spec.get("minReadySeconds") or 0
    found = dict.fromkeys(("desired", "current", "wrong", "ready", "available", "updated"), 0)
    waits: list[float] = []
    for each in places:
        pods = by_node.get(each.name) or []
        found["desired"] += each.wanted
        if not each.wanted:
            found["wrong"] += bool(pods)
            continue
        found["current"] += bool(pods)
        found["ready"] += any(pod.ready for pod in pods)
        found["available"] += any(_available(pod, seconds, now) for pod in pods)
        found["updated"] += any(pod.meta.labels.get(HASH) == current for pod in pods)
        ends = [end for pod in pods if (end := pod.available_at(seconds)) is not None and end > now]
        waits += [(end - now).total_seconds() for end in ends]
    status: JSON = {
        "currentNumberScheduled": found["current"], "numberMisscheduled": found["wrong"],
        "desiredNumberScheduled": found["desired"], "numberReady": found["ready"],
    }  # fmt: skip
    numbers = {
        "observedGeneration": ds.meta.generation, "updatedNumberScheduled": found["updated"],
        "numberAvailable": found["available"], "numberUnavailable": found["desired"] - found["available"],
        "collisionCount": ds.status.get("collisionCount"),
    }  # fmt: skip
    status |= {key: value for key, value in numbers.items() if value}
    if ds.status.get("conditions"):
        status["conditions"] = ds.status["conditions"]
    return status, min(waits, default=None)


def new_pod(ds: Whole, node: str, revision: str) -> JSON:
    """Return the pod for one node."""
    template: JSON = ds.spec.get("template") or {}
    given: JSON = template.get("metadata") or {}
    meta: JSON = {key: given[key] for key in ("annotations", "finalizers") if given.get(key)}
    generation = ds.annotations.get(TEMPLATE_GENERATION) or str(ds.meta.generation)
    meta["labels"] = {**(given.get("labels") or {}), HASH: revision, "pod-template-generation": generation}
    meta |= {"generateName": f"{ds.meta.name}-", "namespace": ds.meta.namespace}
    meta["ownerReferences"] = [controller_owner("apps/v1", "DaemonSet", ds.meta).reference()]
    spec: JSON = template.get("spec") or {}
    spec = {**spec, "affinity": pinned(spec, node), "tolerations": tolerated(spec)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _creation(ds: Whole, node: str, revision: str) -> Create:
    return Create(
        PODS, ds.meta.namespace, new_pod(ds, node, revision),
        Note("SuccessfulCreate", "Created pod: {name}"), Note("FailedCreate", "Error creating: {error}", "Warning"),
    )  # fmt: skip


def _deletion(pod: PodView) -> Delete:
    return Delete(
        PODS, pod.meta.namespace, pod.meta.name, pod.meta.uid,
        done=Note("SuccessfulDelete", "Deleted pod: {name}"),
        failed=Note("FailedDelete", "Error deleting: {error}", "Warning"),
    )  # fmt: skip
