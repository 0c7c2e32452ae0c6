"""The rules of admission policies: what they are for, and expressions that compile."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.admission.expressions import checker
from podwright.apiserver.strategies.admission.matching import (
    FAILURE_POLICIES,
    default_match,
    validate_conditions,
    validate_constraints,
    validate_param_kind,
)
from podwright.apiserver.strategies.admission.mutation_warnings import mutation_warnings
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

_MOST_ANNOTATIONS = 20
_LONGEST_VALUE = 5 * 1024
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_REINVOCATIONS = ("IfNeeded", "Never")
_PATCHES = {"ApplyConfiguration": ("applyConfiguration", "jsonPatch"), "JSONPatch": ("jsonPatch", "applyConfiguration")}
_IDENTIFIER = re.compile("[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED = frozenset((
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
))  # fmt: skip


class _PolicyStrategy(Strategy):
    """What both kinds of policies share: generation counts changes of the spec."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")
    allow_unconditional_update: ClassVar[bool] = False
    bare_finalizers: ClassVar[bool] = True

    def default(self, obj: JSON) -> None:
        """Fill in what an expression that fails means, and selectors."""
        spec: JSON = obj.setdefault("spec", {})
        if spec.get("failurePolicy") is None:
            spec["failurePolicy"] = "Fail"
        default_match(spec.get("matchConstraints"))

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the spec."""
        changed = obj.get("spec") != old.get("spec")
        raise_generation(obj, old, changed=changed)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new policy."""
        return self._validate(obj, {})

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed policy; expressions it had are accepted again."""
        return self._validate(obj, old.get("spec") or {})

    def _validate(self, obj: JSON, before: JSON) -> Errors:
        raise NotImplementedError


class ValidatingPolicyStrategy(_PolicyStrategy):
    """Policies that refuse requests."""

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status, at generation 1."""
        super().prepare_create(obj, ctx)
        obj["status"] = {}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        super().prepare_update(obj, old, ctx)
        keep(obj, old, "status")

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with what was found in the expressions."""
        errors: Errors = []
        checking: JSON = (obj.get("status") or {}).get("typeChecking") or {}
        for index, warning in enumerate(checking.get("expressionWarnings") or ()):
            path = f"status.typeChecking.expressionWarnings[{index}]"
            for key in ("warning", "fieldRef"):
                if not (warning.get(key) or "").strip():
                    errors.append(field_errors.required(f"{path}.{key}"))
        return errors

    def _validate(self, obj: JSON, before: JSON) -> Errors:
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_frame(errors, spec, before)
        _validate_variables(errors, spec, before)
        validations, annotations = spec.get("validations") or (), spec.get("auditAnnotations") or ()
        if not validations and not annotations:
            detail = "validations or auditAnnotations must contain at least one item"
            errors.append(field_errors.required("spec.validations", detail))
            errors.append(field_errors.required("spec.auditAnnotations", detail))
        for index, validation in enumerate(validations):
            _validate_validation(errors, f"spec.validations[{index}]", validation, spec, before)
        _validate_annotations(errors, obj, annotations, before)
        return errors


class MutatingPolicyStrategy(_PolicyStrategy):
    """Policies that change objects."""

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Tell what looks wrong in mutations that are new."""
        if old is not None and old.get("spec") == obj.get("spec"):
            return []
        return mutation_warnings(obj["spec"], ctx.lookup)

    def _validate(self, obj: JSON, before: JSON) -> Errors:
        errors: Errors = []
        spec: JSON = obj.get("spec") or {}
        _validate_frame(errors, spec, before)
        _validate_variables(errors, spec, before)
        if not spec.get("mutations"):
            errors.append(field_errors.required("spec.mutations", "mutations must contain at least one item"))
        for index, mutation in enumerate(spec.get("mutations") or ()):
            _validate_mutation(errors, f"spec.mutations[{index}]", mutation, spec, before)
        formats.one_of(errors, "spec.reinvocationPolicy", spec.get("reinvocationPolicy"), _REINVOCATIONS)
        return errors


def _had(before: JSON, key: str, *fields: str) -> tuple[str, ...]:
    """The expressions that a list of the stored policy holds."""
    return tuple(entry.get(field) or "" for entry in before.get(key) or () for field in fields)


def _validate_frame(errors: Errors, spec: JSON, before: JSON) -> None:
    formats.one_of(errors, "spec.failurePolicy", spec.get("failurePolicy"), FAILURE_POLICIES)
    kind = spec.get("paramKind")
    if kind is not None:
        validate_param_kind(errors, "spec.paramKind", kind)
    validate_constraints(errors, "spec.matchConstraints", spec.get("matchConstraints"))
    known = _had(before, "matchConditions", "expression")
    check = checker("bool", params=kind is not None, known=known)
    validate_conditions(errors, "spec.matchConditions", spec.get("matchConditions") or (), check)


def _validate_variables(errors: Errors, spec: JSON, before: JSON) -> None:
    check = checker("", spec=spec, known=_had(before, "variables", "expression"))
    for index, variable in enumerate(spec.get("variables") or ()):
        path, name = f"spec.variables[{index}]", variable.get("name") or ""
        if not name.strip():
            errors.append(field_errors.required(f"{path}.name", "name is not specified"))
        elif not _IDENTIFIER.fullmatch(name) or name in _RESERVED:
            errors.append(field_errors.invalid(f"{path}.name", name, "name is not a valid CEL identifier"))
        expression = variable.get("expression") or ""
        if expression.strip():
            check(errors, f"{path}.expression", expression)
        else:
            errors.append(field_errors.required(f"{path}.expression", "expression is not specified"))


def _validate_validation(errors: Errors, path: str, validation: JSON, spec: JSON, before: JSON) -> None:
    known = _had(before, "validations", "expression", "messageExpression")
    expression, message = validation.get("expression") or "", validation.get("message") or ""
    if expression.strip():
        checker("bool", spec=spec, known=known)(errors, f"{path}.expression", expression)
    else:
        errors.append(field_errors.required(f"{path}.expression", "expression is not specified"))
    made = validation.get("messageExpression") or ""
    if made.strip():
        check = checker("string", spec=spec, authorizer=False, known=known)
        check(errors, f"{path}.messageExpression", made)
    elif made:
        errors.append(field_errors.invalid(f"{path}.messageExpression", made, "must be non-empty if specified"))
    if message and not message.strip():
        errors.append(field_errors.invalid(f"{path}.message", message, "message must be non-empty if specified"))
    elif re.search("[\n\r]", message.strip()):
        errors.append(field_errors.invalid(f"{path}.message", message, "message must not contain line breaks"))
    reason = validation.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.append(field_errors.not_supported(f"{path}.reason", reason, _REASONS))


def _validate_annotations(errors: Errors, obj: JSON, annotations: Sequence[JSON], before: JSON) -> None:
    path = "spec.auditAnnotations"
    if len(annotations) > _MOST_ANNOTATIONS:
        detail = f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"
        errors.append(field_errors.invalid(path, list(annotations), detail))
    known = _had(before, "auditAnnotations", "valueExpression")
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        where, key = f"{path}[{index}]", annotation.get("key") or ""
        name = obj["metadata"].get("name") or ""
        if name:
            formats.qualified_name(errors, f"{where}.key", f"{name}/{key}")
        else:
            errors.append(field_errors.invalid(f"{where}.key", key, "requires metadata.name be non-empty"))
        value = (annotation.get("valueExpression") or "").strip()
        if not value:
            errors.append(field_errors.required(f"{where}.valueExpression", "valueExpression is not specified"))
        elif len(value.encode()) > _LONGEST_VALUE:
            detail = f"must not exceed {_LONGEST_VALUE} bytes in length"
            errors.append(field_errors.required(f"{where}.valueExpression", detail))
        else:
            check = checker("string null_type", spec=obj["spec"], known=known)
            check(errors, f"{where}.valueExpression", value)
        if key in seen:
            errors.append(field_errors.duplicate(f"{where}.key", key))
        seen.add(key)


def _validate_mutation(errors: Errors, path: str, mutation: JSON, spec: JSON, before: JSON) -> None:
    kind = mutation.get("patchType") or ""
    formats.one_of(errors, f"{path}.patchType", kind, tuple(_PATCHES))
    if kind not in _PATCHES:
        return
    wanted, other = _PATCHES[kind]
    if mutation.get(other) is not None:
        detail = f"must not be specified when patchType is {kind}"
        errors.append(field_errors.forbidden(f"{path}.{other}", detail))
    patch = mutation.get(wanted)
    if patch is None:
        errors.append(field_errors.required(f"{path}.{wanted}", f"must be specified when patchType is {kind}"))
        return
    expression = patch.get("expression") or ""
    if not expression.strip():
        errors.append(field_errors.required(f"{path}.{wanted}.expression", "expression is not specified"))
        return
    known = [(entry.get(wanted) or {}).get("expression") or "" for entry in before.get("mutations") or ()]
    checker(kind, spec=spec, known=known)(errors, f"{path}.{wanted}.expression", expression)
