"""What may change in a pod that exists: images, deadline, tolerations, gates, and little else.

Each function compares the new object with the old one and lists what must not have changed. None may modify
either: the old one is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import shown
from podwright.apiserver.strategies.formats import MAX_INT32, Errors
from podwright.apiserver.strategies.pod import affinity, annotation_rules
from podwright.apiserver.strategies.pod.containers import validate_image_padding
from podwright.apiserver.strategies.pod.spelling import lines, spelled_container, spelled_spec, spelled_terms

JSON = dict[str, Any]

_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
    " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
    " previously negative)"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def validate_change(pod: JSON, old: JSON) -> Errors:
    """List what an update of a pod changed that it may not; the spec itself has been checked already."""
    errors: Errors = []
    new_notes, old_notes = pod["metadata"].get("annotations"), old["metadata"].get("annotations")
    if new_notes or old_notes:
        annotation_rules.validate_change(errors, "metadata.annotations", new_notes, old_notes)
        annotation_rules.validate(errors, "metadata.annotations", new_notes, pod.get("spec") or {})
    spec: JSON = pod.get("spec") or {}
    before: JSON = old.get("spec") or {}
    if spec == before:
        return errors
    for kind in ("containers", "initContainers"):
        if not _validate_images(errors, f"spec.{kind}", spec.get(kind) or (), before.get(kind) or ()):
            return errors
    if not _validate_deadline(errors, spec, before):
        return errors
    _validate_tolerations(errors, spec, before)
    _validate_gates(errors, spec, before)
    masked = _mask(errors, spec, before)
    if masked != before:
        changes = difference(spelled_spec(before), spelled_spec(masked))
        detail = f"pod updates may not change fields other than {_UPDATABLE}\n{changes}"
        errors.append(field_errors.forbidden("spec", detail))
    return errors


def validate_ephemeral_change(pod: JSON, old: JSON) -> Errors:
    """List what an update of ephemeral containers changed that it may not: they are added, never changed."""
    errors: Errors = []
    new_notes, old_notes = pod["metadata"].get("annotations"), old["metadata"].get("annotations")
    annotation_rules.validate_change(errors, "metadata.annotations", new_notes, old_notes)
    if annotation_rules.MIRROR in (old_notes or {}):
        return [field_errors.forbidden("[]", "static pods do not support ephemeral containers")]
    where = "spec.ephemeralContainers"
    current = {item.get("name"): item for item in (pod.get("spec") or {}).get("ephemeralContainers") or ()}
    for container in (old.get("spec") or {}).get("ephemeralContainers") or ():
        name = container.get("name") or ""
        found = current.get(name)
        if found is None:
            detail = f'existing ephemeral containers "{name}" may not be removed\n'
            errors.append(field_errors.forbidden(where, detail))
        elif found != container:
            changes = difference(spelled_container(container), spelled_container(found))
            detail = f'existing ephemeral containers "{name}" may not be changed\n{changes}'
            errors.append(field_errors.forbidden(where, detail))
    return errors


def difference(old: JSON, new: JSON) -> str:
    """Return a unified diff of two values as indented JSON, without a header."""
    import difflib

    changes = list(difflib.unified_diff(lines(old), lines(new), lineterm=""))[2:]
    return "".join(f"{line}\n" for line in changes)


def _validate_images(errors: Errors, path: str, containers: Sequence[JSON], before: Sequence[JSON]) -> bool:
    if len(containers) != len(before):
        errors.append(field_errors.forbidden(path, "pod updates may not add or remove containers"))
        return False
    for index, container in enumerate(containers):
        if not container.get("image"):
            errors.append(field_errors.required(f"{path}[{index}].image"))
        validate_image_padding(errors, f"{path}[{index}]", container)
    return True


def _validate_deadline(errors: Errors, spec: JSON, before: JSON) -> bool:
    deadline, earlier = spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds")
    where = "spec.activeDeadlineSeconds"
    if deadline is None:
        if earlier is not None:
            detail = "must not update from a positive integer to nil value"
            errors.append(field_errors.invalid(where, None, detail))
        return True
    if not 0 <= deadline <= MAX_INT32:
        detail = f"must be between 0 and {MAX_INT32}, inclusive"
        errors.append(field_errors.invalid(where, deadline, detail))
        return False
    if earlier is not None and earlier < deadline:
        errors.append(field_errors.invalid(where, deadline, "must be less than or equal to previous value"))
        return False
    return True


def _validate_tolerations(errors: Errors, spec: JSON, before: JSON) -> None:
    tolerations: list[JSON] = spec.get("tolerations") or []
    kept = [_without_seconds(toleration) for toleration in tolerations]
    for toleration in before.get("tolerations") or ():
        if _without_seconds(toleration) not in kept:
            detail = "existing toleration can not be modified except its tolerationSeconds"
            errors.append(field_errors.forbidden("spec.tolerations", detail))
            return
    affinity.validate_tolerations(errors, "spec.tolerations", tolerations)


def _without_seconds(toleration: JSON) -> JSON:
    return {name: value for name, value in toleration.items() if name != "tolerationSeconds"}


def _validate_gates(errors: Errors, spec: JSON, before: JSON) -> None:
    known = {gate.get("name") for gate in before.get("schedulingGates") or ()}
    for index, gate in enumerate(spec.get("schedulingGates") or ()):
        name = gate.get("name") or ""
        if name not in known:
            detail = f"only deletion is allowed, but found new scheduling gate '{name}'"
            errors.append(field_errors.forbidden(f"spec.schedulingGates[{index}].name", detail))


def _mask(errors: Errors, spec: JSON, before: JSON) -> JSON:
    """Return the new spec with everything that may change set back; what then still differs may not."""
    masked = dict(spec)
    for kind in ("containers", "initContainers"):
        if spec.get(kind):
            masked[kind] = [_restore(new, old, "image") for new, old in zip(spec[kind], before[kind], strict=True)]
    for name in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
        masked = _restore(masked, before, name)
    if (before.get("terminationGracePeriodSeconds") or 0) < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        masked = _restore(masked, before, "terminationGracePeriodSeconds")
    if before.get("schedulingGates"):
        masked = _mask_placement(errors, masked, before)
    return masked


def _restore(new: JSON, old: JSON, name: str) -> JSON:
    if new.get(name) == old.get(name):
        return new
    changed = {**new, name: old.get(name)}
    if old.get(name) is None:
        del changed[name]
    return changed


def _mask_placement(errors: Errors, masked: JSON, before: JSON) -> JSON:
    """While a pod is gated, its placement may be narrowed."""
    selector, earlier = masked.get("nodeSelector") or {}, before.get("nodeSelector") or {}
    if any(selector.get(key) != value for key, value in earlier.items()):
        detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        errors.append(field_errors.invalid("spec.nodeSelector", selector, detail))
    masked = _restore(masked, before, "nodeSelector")
    new_affinity: JSON = masked.get("affinity") or {}
    old_affinity: JSON = before.get("affinity") or {}
    node, old_node = new_affinity.get("nodeAffinity"), old_affinity.get("nodeAffinity")
    if node == old_node:
        return masked
    _validate_narrowing(errors, node or {}, old_node or {})
    restored = _restore(new_affinity, old_affinity, "nodeAffinity")
    if before.get("affinity") is None and not restored:
        return _restore(masked, before, "affinity")
    return {**masked, "affinity": restored}


def _validate_narrowing(errors: Errors, node: JSON, old_node: JSON) -> None:
    old_terms: list[JSON] = (old_node.get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    terms: list[JSON] = (node.get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    where = f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
    if not old_terms:
        return
    if len(terms) != len(old_terms):
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        errors.append(shown.ShownError("Invalid", where, shown.compact(spelled_terms(terms)), detail))
        return
    for index, (term, old_term) in enumerate(zip(terms, old_terms, strict=True)):
        if not _only_adds(term, old_term):
            detail = "only additions are allowed (no mutations or deletions)"
            text = shown.compact(spelled_terms((term,))[0])
            errors.append(shown.ShownError("Invalid", f"{where}[{index}]", text, detail))


def _only_adds(term: JSON, old_term: JSON) -> bool:
    lists = ("matchExpressions", "matchFields")
    if not any(old_term.get(name) for name in lists):
        return not any(term.get(name) for name in lists)
    return all((term.get(name) or [])[: len(old_term.get(name) or [])] == (old_term.get(name) or []) for name in lists)
