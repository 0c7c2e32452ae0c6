"""The rules of Jobs: a selector made by the system, few things that change later, ends that are final."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from podwright.api import field_errors, names
from podwright.api.batch.policies import PodFailurePolicy, SuccessPolicy
from podwright.api.field_errors import FieldError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import formats, meta, selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_form
from podwright.apiserver.strategies.job import status as job_status
from podwright.apiserver.strategies.job.spec import indexed, validate_job_spec
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.pod.spelling import spelled_spec, spelled_template
from podwright.apiserver.strategies.workload import workload_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

JOB_NAME, CONTROLLER_UID = "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid"
_FIXED: dict[str, type[Any] | None] = {
    "completionMode": None,
    "podFailurePolicy": PodFailurePolicy,
    "backoffLimitPerIndex": None,
    "managedBy": None,
    "successPolicy": SuccessPolicy,
}
"""What never changes -> the class of its structure, if it is one."""
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")
_IMMUTABLE = "field is immutable"


class JobStrategy(Strategy):
    """Jobs: their pods stay when they go, and generation counts changes of the spec."""

    default_propagation: ClassVar[str] = "Orphan"
    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = {
        "status.successful": lambda job: str((job.get("status") or {}).get("succeeded") or 0)
    }
    other_fields: ClassVar[str] = 'field label "{}" not supported for batchv1.Job'

    def default(self, obj: JSON) -> None:
        """Fill in one pod that may be tried seven times, and the template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        default_template(spec)
        if spec.get("completions") is None and spec.get("parallelism") is None:
            spec["completions"] = 1
        per_index = spec.get("backoffLimitPerIndex") is not None
        replaced = "Failed" if spec.get("podFailurePolicy") is not None else "TerminatingOrFailed"
        for name, value in (
            ("parallelism", 1),
            ("backoffLimit", formats.MAX_INT32 if per_index else 6),
            ("completionMode", "NonIndexed"),
            ("suspend", False),
            ("manualSelector", False),
            ("podReplacementPolicy", replaced),
        ):
            if spec.get(name) is None:
                spec[name] = value
        default_failure_policy(spec)
        labels = spec["template"]["metadata"].get("labels")
        if labels and not obj["metadata"].get("labels"):
            obj["metadata"]["labels"] = dict(labels)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status, at generation 1, with a selector that finds this Job's pods alone."""
        obj["status"] = {}
        set_generation(obj, 1)
        if not obj["spec"]["manualSelector"]:
            _generate_selector(obj)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the spec."""
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_generated(errors, obj, spec)
        validate_job_spec(errors, "spec", spec)
        completions = spec.get("completions") or 0
        if indexed(spec) and completions > 0:
            name = obj["metadata"].get("name") or ""
            last = f"{name}-{completions - 1}"
            if names.dns1123_label(last):
                detail = f"will not able to create pod with invalid DNS label: {last}"
                errors.append(field_errors.invalid("metadata.name", name, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed Job."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        errors += self.validate_create(obj, ctx)
        spec, before = obj.get("spec") or {}, old.get("spec") or {}
        validate_job_spec(errors, "spec", spec)  # clients see them of both checks the kind has
        _validate_completions(errors, spec, before)
        selectors.immutable(errors, "spec.selector", spec.get("selector"), before.get("selector"))
        _validate_template_kept(errors, spec.get("template") or {}, before.get("template") or {}, held=_held(old))
        for name, structure in _FIXED.items():
            value = spec.get(name)
            if value != before.get(name):
                shape = value if structure is None or value is None else internal_form(structure, value)
                errors.append(shown.ShownError("Invalid", f"spec.{name}", shown.compact(shape), _IMMUTABLE))
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return job_status.validate(obj, old)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a new name, of very large indexed Jobs, and of a template that may have changed."""
        return size_warnings(obj.get("spec") or {}) + workload_warnings(obj, old)


def default_failure_policy(spec: JSON) -> None:
    """Fill in the status that conditions of a pod failure policy are looked for with."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"


def size_warnings(spec: JSON) -> list[str]:
    """Warn of indexed Jobs whose status may outgrow an object."""
    if not indexed(spec) or (spec.get("completions") or 0) <= 10**5 or (spec.get("parallelism") or 0) <= 10**4:
        return []
    return [
        (
            "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
            "completedIndexes may grow too long to be tracked when a big number of indexes fail"
        )
    ]


def _generated_labels(obj: JSON) -> dict[str, str]:
    name, uid = obj["metadata"].get("name") or "", obj["metadata"].get("uid") or ""
    return {"controller-uid": uid, "job-name": name, CONTROLLER_UID: uid, JOB_NAME: name}


def _generate_selector(obj: JSON) -> None:
    """Label the pods with the Job's uid and name, and select them by the uid. What the author set is kept."""
    template: JSON = obj["spec"]["template"]
    metadata: JSON = template["metadata"]
    given: JSON = metadata.get("labels") or {}
    generated = _generated_labels(obj)
    metadata["labels"] = generated | given
    # The Job is found by the same labels as its pods, unless it has some of its own. A name that is no label is
    # refused for the pods' sake alone.
    own: JSON = obj["metadata"].get("labels") or {}
    if own == given and not names.label_value(generated[JOB_NAME]):
        obj["metadata"]["labels"] = dict(metadata["labels"])
    selector: JSON = obj["spec"].get("selector") or {}
    matched: JSON = selector.get("matchLabels") or {}
    obj["spec"]["selector"] = {**selector, "matchLabels": {CONTROLLER_UID: generated[CONTROLLER_UID]} | matched}


def _validate_generated(errors: Errors, obj: JSON, spec: JSON) -> None:
    """Check that a generated selector and its labels were not tampered with."""
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return
    labels: JSON = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    expected = _generated_labels(obj)
    for key, value in expected.items():
        where = f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            errors.append(field_errors.required(where, f"must be '{value}'"))
        elif labels[key] != value:
            text = shown.compact(dict(sorted(labels.items())))
            errors.append(shown.ShownError("Invalid", where, text, f"must be '{value}'"))
    try:
        fits = Selector.from_label_selector(selector).matches(expected)
    except SelectorError:
        return  # reported by the check of the spec
    if not fits:
        text = shown.selector(selector)
        errors.append(shown.ShownError("Invalid", "spec.selector", text, "`selector` not auto-generated"))


def _validate_completions(errors: Errors, spec: JSON, before: JSON) -> None:
    completions = spec.get("completions")
    if completions == before.get("completions"):
        return
    if not indexed(spec):
        errors.append(field_errors.invalid("spec.completions", completions, _IMMUTABLE))
    elif completions != spec.get("parallelism"):
        detail = "can only be modified in tandem with spec.parallelism"
        errors.append(field_errors.invalid("spec.completions", completions, detail))


def _held(old: JSON) -> bool:
    """Tell whether a Job's pods wait, and none is left of an earlier start."""
    status: JSON = old.get("status") or {}
    if not (old.get("spec") or {}).get("suspend") or status.get("active"):
        return False
    return not status.get("startTime") or job_status.has(status, "Suspended")


def _validate_template_kept(errors: Errors, template: JSON, before: JSON, *, held: bool) -> None:
    """Check that the template is the old one: of a held Job, where its pods will go and what they get may change."""
    pod: JSON = template.get("spec") or {}
    inside = False
    if held:
        before = _moved(before, template)
        inside = pod != before["spec"]
        before["spec"] = pod
    if template != before:
        text = shown.compact(spelled_template(template))
        errors.append(shown.ShownError("Invalid", "spec.template", text, _IMMUTABLE))
    if inside:
        text = shown.compact(spelled_spec(pod))
        errors.append(shown.ShownError("Invalid", "spec.template.spec", text, _IMMUTABLE))


def _moved(old: JSON, template: JSON) -> JSON:
    """The old template with what a held Job may change of it."""
    pod, old_pod = template.get("spec") or {}, dict(old.get("spec") or {})
    metadata: JSON = dict(old.get("metadata") or {})
    _take(metadata, template.get("metadata") or {}, ("labels", "annotations"))
    _take(old_pod, pod, _SCHEDULING)
    for kind in ("containers", "initContainers"):
        given, kept = pod.get(kind) or [], old_pod.get(kind) or []
        if kept and len(given) == len(kept):
            old_pod[kind] = [dict(container) for container in kept]
            for container, new in zip(old_pod[kind], given, strict=True):
                _take(container, new, ("resources",))
    affinity: JSON = dict(old_pod.get("affinity") or {})
    _take(affinity, pod.get("affinity") or {}, ("nodeAffinity",))
    old_pod["affinity"] = affinity
    if not affinity and pod.get("affinity") is None:
        del old_pod["affinity"]
    return {**old, "metadata": metadata, "spec": old_pod}


def _take(place: JSON, source: JSON, fields: tuple[str, ...]) -> None:
    for name in fields:
        if name in source:
            place[name] = source[name]
        else:
            place.pop(name, None)
