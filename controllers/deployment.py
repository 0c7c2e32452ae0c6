"""Deployments: one ReplicaSet per pod template, and replicas moved from the old ones to the new one.

`reconcile` looks at a Deployment and its ReplicaSets and says what to write next. It is called again after every
change, so each look does only what can be done now: make the new ReplicaSet, grow it, shrink old ones, clean up,
report. Rolling back is nothing special: the template changes back and the old ReplicaSet becomes the new one again.
It must never touch pods: that is the ReplicaSets' work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from podwright.api.labels import Selector
from podwright.controllers import deployment_status as report
from podwright.controllers import revisions
from podwright.controllers.actions import NOTHING, Create, Delete, Failure, Note, Patch, Plan, Step, Tell
from podwright.controllers.deployment_status import Rollout, replicas_of
from podwright.controllers.merge_diff import merge_diff
from podwright.controllers.meta import Whole
from podwright.controllers.ownership import adoption, claim, controller_owner, release
from podwright.controllers.resources import DEPLOYMENTS, REPLICA_SETS
from podwright.controllers.rollout import Limits, Share, Size, limits, new_size, shrink_old, spread
from podwright.controllers.template_hash import LABEL, same_template, template_hash

JSON = dict[str, Any]

_EVER = datetime.min.replace(tzinfo=UTC)
_KEEP_ALL = 2**31 - 1
_RECREATE = "Recreate"


@dataclass(frozen=True, slots=True)
class Observed:
    """What surrounds a Deployment: its namespace's ReplicaSets, and (for Recreate) which of them still have pods."""

    replica_sets: tuple[Whole, ...]
    running: frozenset[str] = frozenset()  # uids of ReplicaSets that still have unfinished pods


def reconcile(deployment: Whole, observed: Observed, now: datetime, failure: Failure | None = None) -> Plan:
    """Return what to do next. Writing nothing twice is up to the caller, who waits until its writes are visible."""
    if selects_everything(deployment):
        return _refuse(deployment)
    selector = Selector.from_label_selector(deployment.spec.get("selector"))
    claimed = claim(deployment.meta, selector, observed.replica_sets)
    steps: list[Step] = [release(REPLICA_SETS, rs.meta, deployment.meta.uid) for rs in claimed.released]
    owner = controller_owner("apps/v1", "Deployment", deployment.meta)
    steps += [adoption(REPLICA_SETS, rs.meta, owner) for rs in claimed.adopted]
    look = _Look(deployment, claimed.owned, observed.running, now)
    if deployment.meta.deleted is not None:
        look.report_counts()
    else:
        look.conditions = report.paused_conditions(deployment, now)
        if failure is not None and failure.waits(now, deployment.meta.generation) and look.concerned_by(failure):
            look.report_failure(failure)
        else:
            look.work()
    return look.plan(steps)


def selects_everything(deployment: Whole) -> bool:
    """Tell whether the selector is empty: such a Deployment would take every pod there is."""
    selector = deployment.spec.get("selector") or {}
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def _refuse(deployment: Whole) -> Plan:
    """Say that the selector is empty, once for each generation."""
    meta = deployment.meta
    if (deployment.status.get("observedGeneration") or 0) >= meta.generation:
        return NOTHING
    text = "This deployment is selecting all pods. A non-empty selector is required."
    seen = {"metadata": {"uid": meta.uid}, "status": {"observedGeneration": meta.generation}}
    return Plan((
        Tell(Note("SelectingAll", text, "Warning")),
        Patch(DEPLOYMENTS, meta.namespace, meta.name, seen, subresource="status"),
    ))  # fmt: skip


class _Look:
    """One look at one Deployment; collects steps."""

    def __init__(self, deployment: Whole, owned: Sequence[Whole], running: frozenset[str], now: datetime) -> None:
        self.deployment = deployment
        self.now = now
        self.running = running
        self.conditions: list[JSON] = deployment.status.get("conditions") or []
        self.steps: list[Step] = []
        self.annotations: dict[str, str] = {}
        self.status: JSON = {}
        self.replicas = replicas_of(deployment)
        self.recreate = (deployment.spec.get("strategy") or {}).get("type") == _RECREATE
        self.bounds = _bounds(deployment, self.replicas, self.recreate)
        oldest_first = sorted(owned, key=lambda rs: (rs.meta.created or _EVER, rs.meta.name))
        self.new = next((rs for rs in oldest_first if same_template(_template(rs), _template(deployment))), None)
        self.old = tuple(rs for rs in oldest_first if rs is not self.new)
        # What the ReplicaSets ask for once the steps so far are done.
        self.sizes = {rs.meta.uid: replicas_of(rs) for rs in owned}

    # The three ways to go.

    def work(self) -> None:
        """Scale, or take the rollout one step further."""
        if self.deployment.spec.get("paused") or self._scaled_meanwhile():
            self._adopt_revision()
            self._scale()
            if self.deployment.spec.get("paused"):
                self._clean_up()
            self.report_counts()
        elif self.recreate:
            self._recreate()
        else:
            self._roll()

    def report_counts(self) -> None:
        """Report without judging progress."""
        self.status = report.counts(self._rollout(), self.conditions, self.now)

    def report_progress(self) -> None:
        """Report counts and how the rollout goes."""
        self.status = report.rolled(self._rollout(), self.conditions, self.now)

    def concerned_by(self, failure: Failure) -> bool:
        """Tell whether trying again now would run into the same failure."""
        if not isinstance(failure.action, Create):
            return True
        return self.new is None and failure.action.body["metadata"]["name"] == self._name()

    def report_failure(self, failure: Failure) -> None:
        """Say that the new ReplicaSet could not be made; a name that is taken is not used again."""
        if isinstance(failure.action, Create):
            if failure.reason == "AlreadyExists":
                self.report_counts()
                self.status["collisionCount"] = (self.deployment.status.get("collisionCount") or 0) + 1
                return
            if report.has_deadline(self.deployment):
                text = f'Failed to create new replica set "{self._name()}": {failure.message}'
                new = report.condition(report.PROGRESSING, "False", "ReplicaSetCreateError", text, self.now)
                self.conditions = report.with_condition(self.conditions, new)
        self.report_counts()

    def plan(self, first: list[Step]) -> Plan:
        """Return everything to be written, the Deployment itself last."""
        steps = [*first, *self.steps]
        meta = self.deployment.meta
        changed = {k: v for k, v in self.annotations.items() if self.deployment.annotations.get(k) != v}
        difference = merge_diff(self.deployment.status, self.status)
        if changed or difference:
            # Annotations go with the status: written to the object itself they would raise its generation.
            body: JSON = {"metadata": {"uid": meta.uid}}
            if changed:
                body["metadata"]["annotations"] = changed
            if difference:
                body["status"] = difference
            steps.append(Patch(DEPLOYMENTS, meta.namespace, meta.name, body, subresource="status"))
        return Plan(tuple(steps), report.deadline_left(self.deployment, self.status, self.now))

    # Rolling.

    def _roll(self) -> None:
        self._adopt_revision()
        if self._make_new() or self._grow_new() or self._shrink_old():
            self.report_progress()
            return
        if report.complete(self.deployment, self.deployment.status):
            self._clean_up()
        self.report_progress()

    def _recreate(self) -> None:
        self._adopt_revision()
        active = [rs for rs in self.old if replicas_of(rs) > 0]
        for rs in active:
            self._resize(rs, 0)
        if not active and not self._old_pods_run():
            if not self._make_new():
                self._grow_new()
            if report.complete(self.deployment, self.deployment.status):
                self._clean_up()
        self.report_progress()

    def _old_pods_run(self) -> bool:
        return any((rs.status.get("replicas") or 0) > 0 or rs.meta.uid in self.running for rs in self.old)

    def _make_new(self) -> bool:
        """Create the ReplicaSet of the current template unless it exists; returns whether it is created."""
        if self.new is not None:
            return False
        meta = self.deployment.meta
        template = _template(self.deployment)
        suffix, name = self._suffix(), self._name()
        wanted = revisions.next_revision(self.old)
        size = self.replicas if self.recreate else new_size(self.replicas, self.bounds, 0, self._total())
        labels = {**((template.get("metadata") or {}).get("labels") or {}), LABEL: suffix}
        body: JSON = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": meta.namespace,
                "labels": labels,
                "annotations": {
                    **revisions.for_new_replica_set(self.deployment.annotations, {}, wanted),
                    **revisions.sizes(self.replicas, self.bounds.surge),
                },
                "ownerReferences": [controller_owner("apps/v1", "Deployment", meta).reference()],
            },
            "spec": {
                "replicas": size,
                "selector": _with_hash(self.deployment.spec["selector"], suffix),
                "template": {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}},
            },
        }
        if self.deployment.spec.get("minReadySeconds"):
            body["spec"]["minReadySeconds"] = self.deployment.spec["minReadySeconds"]
        self.steps.append(Create(REPLICA_SETS, meta.namespace, body, _scaled_note(name, 0, size), _failed_note(name)))
        self.annotations[revisions.REVISION] = str(wanted)
        self._note_progress("NewReplicaSetCreated", f'Created new replica set "{name}"')
        return True

    def _adopt_revision(self) -> None:
        """Make an existing ReplicaSet the newest: its revision, the Deployment's annotations, minReadySeconds."""
        if self.new is None:
            return
        wanted = revisions.next_revision(self.old)
        changes = revisions.for_new_replica_set(self.deployment.annotations, self.new.annotations, wanted)
        patch: JSON = {"metadata": {"annotations": changes}} if changes else {}
        ready = self.deployment.spec.get("minReadySeconds") or 0
        if (self.new.spec.get("minReadySeconds") or 0) != ready:
            patch["spec"] = {"minReadySeconds": ready}
        if patch:
            self.steps.append(Patch(REPLICA_SETS, self.new.meta.namespace, self.new.meta.name, patch))
        after = {**self.new.annotations, **changes}
        if revisions.REVISION in after:
            self.annotations[revisions.REVISION] = after[revisions.REVISION]
        if report.find(self.conditions, report.PROGRESSING) is None:
            self._note_progress("FoundNewReplicaSet", f'Found new replica set "{self.new.meta.name}"')

    def _grow_new(self) -> bool:
        assert self.new is not None
        have = replicas_of(self.new)
        if self.recreate:
            return self._resize(self.new, self.replicas)
        return have != self.replicas and self._resize(
            self.new, new_size(self.replicas, self.bounds, have, self._total())
        )

    def _shrink_old(self) -> bool:
        assert self.new is not None
        sizes = shrink_old(self.replicas, self.bounds, _size(self.new), [_size(rs) for rs in self.old])
        for rs in self.old:
            if rs.meta.uid in sizes:
                self._resize(rs, sizes[rs.meta.uid])
        return bool(sizes)

    # Scaling.

    def _scaled_meanwhile(self) -> bool:
        """Tell whether spec.replicas changed since the active ReplicaSets were last sized."""
        return any(
            (desired := revisions.number(rs.annotations, revisions.DESIRED)) is not None and desired != self.replicas
            for rs in self._all()
            if replicas_of(rs) > 0
        )

    def _scale(self) -> None:
        active = [rs for rs in self._all() if replicas_of(rs) > 0]
        if len(active) <= 1:
            only = active[0] if active else self.new or _latest(self.old)
            if only is not None:
                self._resize(only, self.replicas)
        elif self._saturated():
            for rs in self.old:
                if replicas_of(rs) > 0:
                    self._resize(rs, 0)
        elif not self.recreate:
            self._spread(active)

    def _saturated(self) -> bool:
        if self.new is None or replicas_of(self.new) != self.replicas:
            return False
        desired = revisions.number(self.new.annotations, revisions.DESIRED)
        return desired == self.replicas and (self.new.status.get("availableReplicas") or 0) == self.replicas

    def _spread(self, active: list[Whole]) -> None:
        growing = self.replicas + self.bounds.surge > self._total() and self.replicas > 0
        oldest_first = sorted(active, key=lambda rs: (rs.meta.created or _EVER, rs.meta.name), reverse=growing)
        order = sorted(oldest_first, key=lambda rs: -replicas_of(rs))
        fallback = self.deployment.status.get("replicas") or self.replicas or 1
        shares = [
            Share(rs.meta.uid, replicas_of(rs), revisions.number(rs.annotations, revisions.MAXIMUM) or fallback)
            for rs in order
        ]
        sizes = spread(self.replicas, self.bounds.surge, shares)
        for rs in order:
            self._resize(rs, sizes[rs.meta.uid])

    def _resize(self, rs: Whole, size: int) -> bool:
        """Ask a ReplicaSet for another size, and note for which Deployment size; returns whether anything changes."""
        have = replicas_of(rs)
        marks = revisions.sizes(self.replicas, self.bounds.surge)
        changed = {name: value for name, value in marks.items() if rs.annotations.get(name) != value}
        if have == size and not changed:
            return False
        patch: JSON = {"metadata": {"annotations": changed}} if changed else {}
        if have != size:
            patch["spec"] = {"replicas": size}
        self.sizes[rs.meta.uid] = size
        done = _scaled_note(rs.meta.name, have, size)
        self.steps.append(Patch(REPLICA_SETS, rs.meta.namespace, rs.meta.name, patch, done=done))
        return True

    def _clean_up(self) -> None:
        """Delete old ReplicaSets beyond the history limit, the lowest revisions first."""
        limit = self.deployment.spec.get("revisionHistoryLimit")
        if limit is None or limit == _KEEP_ALL:
            return
        alive = [rs for rs in self.old if rs.meta.deleted is None]
        alive.sort(key=lambda rs: revisions.revision(rs.annotations))
        for rs in alive[: max(0, len(alive) - limit)]:
            idle = not replicas_of(rs) and not rs.status.get("replicas")
            if idle and (rs.status.get("observedGeneration") or 0) >= rs.meta.generation:
                self.steps.append(Delete(REPLICA_SETS, rs.meta.namespace, rs.meta.name, rs.meta.uid))

    # Small things.

    def _suffix(self) -> str:
        return template_hash(_template(self.deployment), self.deployment.status.get("collisionCount"))

    def _name(self) -> str:
        return f"{self.deployment.meta.name}-{self._suffix()}"

    def _note_progress(self, reason: str, message: str) -> None:
        if report.has_deadline(self.deployment):
            new = report.condition(report.PROGRESSING, "True", reason, message, self.now)
            self.conditions = report.with_condition(self.conditions, new)

    def _rollout(self) -> Rollout:
        least = self.replicas - self.bounds.unavailable
        return Rollout(self.deployment, self.new, self.old, least)

    def _all(self) -> tuple[Whole, ...]:
        return (*self.old, self.new) if self.new is not None else self.old

    def _total(self) -> int:
        return sum(self.sizes.values())


def _bounds(deployment: Whole, replicas: int, recreate: bool) -> Limits:
    if recreate:
        return Limits(0, 0)
    rolling: JSON = (deployment.spec.get("strategy") or {}).get("rollingUpdate") or {}
    surge, unavailable = rolling.get("maxSurge"), rolling.get("maxUnavailable")
    return limits("25%" if surge is None else surge, "25%" if unavailable is None else unavailable, replicas)


def _template(obj: Whole) -> JSON:
    return obj.spec.get("template") or {}


def _with_hash(selector: JSON, suffix: str) -> JSON:
    return {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), LABEL: suffix}}


def _size(rs: Whole) -> Size:
    return Size(rs.meta.uid, replicas_of(rs), rs.status.get("availableReplicas") or 0)


def _latest(old: Sequence[Whole]) -> Whole | None:
    return max(old, key=lambda rs: (rs.meta.created or _EVER, rs.meta.name), default=None)


def _scaled_note(name: str, have: int, size: int) -> Note | None:
    if have == size:
        return None
    direction = "up" if size > have else "down"
    return Note("ScalingReplicaSet", f"Scaled {direction} replica set {name} from {have} to {size}")


def _failed_note(name: str) -> Note:
    return Note("ReplicaSetCreateError", f'Failed to create new replica set "{name}": {{error}}', "Warning")
