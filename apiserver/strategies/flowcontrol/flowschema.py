"""The rules of FlowSchemas: who does what, with which precedence, on which level."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.flowcontrol.flowschema import FlowSchemaSpec
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.flowcontrol import status as flow_status
from podwright.apiserver.strategies.flowcontrol.mandatory import MANDATORY_SCHEMAS
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

_LAST: Final = 10000
_METHODS: Final = ("ByNamespace", "ByUser")
_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_SUBJECTS: Final = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
_NAMESPACE: Final = "each member of this list must be '*' or a DNS-1123 label; "


class FlowSchemaStrategy(Strategy):
    """Flow schemas; those that the server cannot do without keep their spec."""

    beside_status: ClassVar[tuple[str, ...]] = ("labels", "annotations")

    def default(self, obj: JSON) -> None:
        """Fill in the middle precedence."""
        spec: JSON = obj.setdefault("spec", {})
        if not spec.get("matchingPrecedence"):
            spec["matchingPrecedence"] = 1000

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without status, at generation 1."""
        obj["status"] = {}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a schema."""
        errors: Errors = []
        name, spec = obj["metadata"].get("name") or "", obj.get("spec") or {}
        _validate_precedence(errors, name, spec["matchingPrecedence"])
        method: JSON | None = spec.get("distinguisherMethod")
        if method is not None and method.get("type") not in _METHODS:
            text = shown.compact({"Type": method.get("type") or ""})
            detail = f'supported values: "{_METHODS[0]}", "{_METHODS[1]}"'
            errors.append(shown.ShownError("NotSupported", "spec.distinguisherMethod.type", text, detail))
        level = (spec.get("priorityLevelConfiguration") or {}).get("name") or ""
        where = "spec.priorityLevelConfiguration.name"
        if level:
            formats.dns_subdomain(errors, where, level)
        else:
            errors.append(field_errors.required(where, "must reference a priority level"))
        for index, rule in enumerate(spec.get("rules") or ()):
            _validate_rule(errors, f"spec.rules[{index}]", rule)
        fixed = MANDATORY_SCHEMAS.get(name)
        if fixed is not None and spec != fixed:
            text, detail = internal_text(FlowSchemaSpec, spec), f"spec of '{name}' must equal the fixed value"
            errors.append(shown.ShownError("Invalid", "spec", text, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed schema."""
        errors = meta.repeated_on_update(
            obj, old, changes=0, creations=1, namespaced=False, name_rule=names.dns1123_subdomain
        )
        return errors + self.validate_create(obj, ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        return flow_status.validate(obj.get("status") or {})


def _validate_precedence(errors: Errors, name: str, precedence: int) -> None:
    where = "spec.matchingPrecedence"
    if precedence <= 0:
        errors.append(field_errors.invalid(where, precedence, "must be a positive value"))
    if precedence > _LAST:
        errors.append(field_errors.invalid(where, precedence, f"must not be greater than {_LAST}"))
    if precedence == 1 and name != "exempt":
        detail = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.append(field_errors.invalid(where, precedence, detail))


def _validate_rule(errors: Errors, path: str, rule: JSON) -> None:
    subjects: list[JSON] = rule.get("subjects") or []
    if not subjects:
        errors.append(field_errors.required(f"{path}.subjects", "subjects must contain at least one value"))
    for index, subject in enumerate(subjects):
        _validate_subject(errors, f"{path}.subjects[{index}]", subject)
    resources, others = rule.get("resourceRules") or (), rule.get("nonResourceRules") or ()
    if not resources and not others:
        detail = "at least one of resourceRules and nonResourceRules has to be non-empty"
        errors.append(field_errors.required(path, detail))
    for index, inner in enumerate(resources):
        _validate_resource_rule(errors, f"{path}.resourceRules[{index}]", inner)
    for index, inner in enumerate(others):
        _validate_path_rule(errors, f"{path}.nonResourceRules[{index}]", inner)


def _validate_subject(errors: Errors, path: str, subject: JSON) -> None:
    kind = subject.get("kind") or ""
    own = _SUBJECTS.get(kind)
    if own is None:
        errors.append(field_errors.not_supported(f"{path}.kind", kind, tuple(_SUBJECTS)))
        return
    content: JSON | None = subject.get(own)
    if content is None:
        detail = f"{own} is required when subject kind is '{kind}'"
        errors.append(field_errors.required(f"{path}.{own}", detail))
    else:
        _validate_subject_name(errors, f"{path}.{own}", kind, content)
    for other_kind, field in reversed(_SUBJECTS.items()):
        if field != own and subject.get(field) is not None:
            detail = f"{field} is forbidden when subject kind is not '{other_kind}'"
            errors.append(field_errors.forbidden(f"{path}.{field}", detail))


def _validate_subject_name(errors: Errors, path: str, kind: str, content: JSON) -> None:
    name = content.get("name") or ""
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    elif kind == "ServiceAccount" and name != "*":
        formats.dns_subdomain(errors, f"{path}.name", name)
    if kind != "ServiceAccount":
        return
    namespace = content.get("namespace") or ""
    if namespace:
        formats.dns_label(errors, f"{path}.namespace", namespace)
    else:
        errors.append(field_errors.required(f"{path}.namespace", "must specify namespace for service account"))


def _validate_verbs(errors: Errors, path: str, verbs: Sequence[str]) -> None:
    if not verbs:
        errors.append(field_errors.required(path, "verbs must contain at least one value"))
    elif "*" in verbs:
        _alone(errors, path, verbs, "verbs")
    elif not set(verbs) <= set(_VERBS):
        errors.append(field_errors.not_supported(path, list(verbs), _VERBS))


def _alone(errors: Errors, path: str, values: Sequence[str], words: str) -> None:
    if len(values) > 1 and "*" in values:
        errors.append(field_errors.invalid(path, list(values), f"if '*' is present, must not specify other {words}"))


def _validate_resource_rule(errors: Errors, path: str, rule: JSON) -> None:
    _validate_verbs(errors, f"{path}.verbs", rule.get("verbs") or ())
    for name, word, words in (
        ("apiGroups", "api group", "api groups"),
        ("resources", "resource", "resources"),
    ):
        values: list[str] = rule.get(name) or []
        if not values:
            detail = f"resource rules must supply at least one {word}"
            errors.append(field_errors.required(f"{path}.{name}", detail))
        _alone(errors, f"{path}.{name}", values, words)
    namespaces: list[str] = rule.get("namespaces") or []
    where = f"{path}.namespaces"
    if not namespaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        errors.append(field_errors.required(where, detail))
    elif "*" in namespaces:
        _alone(errors, where, namespaces, "namespaces")
    else:
        for index, namespace in enumerate(namespaces):
            problems = [_NAMESPACE + problem for problem in formats.label_problems(namespace)]
            formats.complain(errors, f"{where}[{index}]", namespace, problems)


def _validate_path_rule(errors: Errors, path: str, rule: JSON) -> None:
    _validate_verbs(errors, f"{path}.verbs", rule.get("verbs") or ())
    paths: list[str] = rule.get("nonResourceURLs") or []
    where = f"{path}.nonResourceURLs"
    if not paths:
        errors.append(field_errors.required(where, "nonResourceURLs must contain at least one value"))
    elif "*" in paths:
        _alone(errors, where, paths, "non-resource URLs")
    else:
        for index, value in enumerate(paths):
            formats.complain(errors, f"{where}[{index}]", value, _path_problems(value))


def _path_problems(path: str) -> list[str]:
    checks = (
        (not path, "must not be empty"),
        (not path.startswith("/"), "must start with slash"),
        (" " in path, "must not contain white-space"),
        ("//" in path, "must not contain double slash"),
        ("*" in path and (path.count("*") > 1 or not path.endswith("/*")), "wildcard can only do suffix matching"),
    )
    return [text for wrong, text in checks if wrong][:1]
