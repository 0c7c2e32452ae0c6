"""The rules of pods, as the registry sees them: hooks only, each a few calls into the modules beside it."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from podwright.api import names
from podwright.api.apply.masks import Mask, hiding
from podwright.api.field_errors import FieldError
from podwright.api.times import format_time
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.pod import annotation_rules, resize, status, update, validate
from podwright.apiserver.strategies.pod.defaults import default_pod, default_status
from podwright.apiserver.strategies.pod.judging import is_complete, judge
from podwright.apiserver.strategies.pod.label_keys import merge_label_keys
from podwright.apiserver.strategies.pod.qos import qos_class
from podwright.apiserver.strategies.pod.selectable import FIELDS
from podwright.apiserver.strategies.pod.warnings import name_warnings
from podwright.apiserver.strategies.pod.windows import containers
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, set_generation

_GATED = "Scheduling is blocked due to non-empty scheduling gates"
_FINISHED = ("Succeeded", "Failed")


class PodStrategy(Strategy):
    """Pods: a spec that hardly ever changes, a status written by the node, deletion that waits for it."""

    returns_object_on_delete: ClassVar[bool] = True
    masks: ClassVar[Mapping[str, Mask]] = {
        "": hiding("status"),
        "status": hiding("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"),
    }
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = FIELDS

    def default(self, obj: JSON) -> None:
        """Fill in what the API documents as defaults."""
        annotation_rules.drop_init_containers(obj["metadata"])
        if is_complete(obj):
            default_status(obj)
        else:
            default_pod(obj)
        status.sync_pod_ips(obj)
        spec = obj["spec"]
        if spec["terminationGracePeriodSeconds"] < 0:
            spec["terminationGracePeriodSeconds"] = 1

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start a pod as Pending, generation 1."""
        set_generation(obj, 1)
        spec = obj["spec"]
        merge_label_keys(obj)
        _app_armor_fields(obj)
        fresh: JSON = {"phase": "Pending"}
        if spec.get("schedulingGates"):
            fresh["conditions"] = [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "lastProbeTime": None,
                    "lastTransitionTime": format_time(ctx.now),
                    "reason": "SchedulingGated",
                    "message": _GATED,
                }
            ]
        fresh["qosClass"] = qos_class(spec)
        obj["status"] = fresh

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep what the written subresource does not own, and count changes of the spec."""
        keep(obj, old, "status")
        if ctx.subresource == "resize":
            resize.reset(obj, old)
        elif ctx.subresource == "ephemeralcontainers":
            _only_ephemeral(obj, old)
        generation = old["metadata"].get("generation") or 0
        set_generation(obj, generation + (obj.get("spec") != old.get("spec")))

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the spec; labels and annotations go through, for nodes write them with the status."""
        keep(obj, old, *((set(obj) | set(old)) - {"status", "metadata", "apiVersion", "kind"}))
        fresh: JSON = obj.get("status") or {}
        obj["status"] = fresh
        before: JSON = old.get("status") or {}
        if not fresh.get("qosClass") and before.get("qosClass"):
            fresh["qosClass"] = before["qosClass"]
        if not fresh.get("observedGeneration") and before.get("observedGeneration"):
            fresh["observedGeneration"] = before["observedGeneration"]
        _keep_generations(fresh, before)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new pod."""
        return list(judge(obj).errors)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed pod, by the rules of the subresource it came through."""
        good = ctx.metadata_good
        repeated = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain, good=good)
        if not ctx.subresource and obj.get("spec") == old.get("spec") and not repeated:
            return update.validate_change(obj, old)
        checked = validate.validate_pod(obj)
        if ctx.subresource == "resize":
            return [*repeated, *checked, *resize.validate(obj, old)]
        if ctx.subresource == "ephemeralcontainers":
            return [*repeated, *checked, *update.validate_ephemeral_change(obj, old)]
        return [*repeated, *checked, *update.validate_change(obj, old)]

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return status.validate_status_change(obj, old)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return warnings of new pods; changes come mostly from programs."""
        if old is not None or ctx.subresource:
            return []
        judgement = judge(obj)
        return [*judgement.profile_warnings, *name_warnings(obj["metadata"]), *judgement.spec_warnings]

    def graceful_delete(self, obj: JSON, options: JSON, ctx: WriteContext) -> int | None:
        """Return the seconds the node has to stop the pod: none if it never ran there or has ended."""
        spec: JSON = obj.get("spec") or {}
        grace = options.get("gracePeriodSeconds")
        if grace is None:
            grace = spec.get("terminationGracePeriodSeconds") or 0
        if not spec.get("nodeName") or (obj.get("status") or {}).get("phase") in _FINISHED:
            return 0
        return max(grace, 1) if grace < 0 else grace


def _keep_generations(fresh: JSON, before: JSON) -> None:
    """Give conditions that do not say which generation they are of the one that the stored ones of their type say."""
    stored: list[JSON] = before.get("conditions") or []
    sent: list[JSON] = fresh.get("conditions") or []
    if not any("observedGeneration" in condition for condition in stored):
        return
    if all(condition.get("observedGeneration") for condition in sent):
        return
    said: dict[str, list[int]] = {}
    for condition in stored:
        said.setdefault(condition.get("type") or "", []).append(condition.get("observedGeneration") or 0)
    kept: list[JSON] = []
    for condition in sent:
        generations = said.get(condition.get("type") or "")
        old = generations.pop(0) if generations else 0
        if old and not condition.get("observedGeneration"):
            kept.append({**condition, "observedGeneration": old})
        else:
            kept.append(condition)
    fresh["conditions"] = kept


def _only_ephemeral(obj: JSON, old: JSON) -> None:
    sent = (obj.get("spec") or {}).get("ephemeralContainers")
    obj["spec"] = {name: value for name, value in (old.get("spec") or {}).items() if name != "ephemeralContainers"}
    if sent:
        obj["spec"]["ephemeralContainers"] = sent
    metadata, before = obj["metadata"], old["metadata"]
    keep(metadata, before, "labels", "annotations", "finalizers", "ownerReferences")


def _app_armor_fields(obj: JSON) -> None:
    """Give containers the profile that an old annotation asks for."""
    notes = obj["metadata"].get("annotations")
    spec = obj["spec"]
    if not notes or (spec.get("os") or {}).get("name") == "windows":
        return
    whole = (spec.get("securityContext") or {}).get("appArmorProfile")
    for _, container in containers("spec", spec):
        said = notes.get(f"{annotation_rules.APP_ARMOR}{container.get('name') or ''}")
        context: JSON = container.get("securityContext") or {}
        if said is None or context.get("appArmorProfile") is not None:
            continue
        meant = annotation_rules.app_armor_field(said)
        if meant is not None and meant != whole:
            container["securityContext"] = {**context, "appArmorProfile": meant}
