"""The rules of RoleBindings and ClusterRoleBindings: whom they name, and a role that never changes.

Whether the role exists, and whether the writer may give it away, is for authorization to say.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar, Final

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

GROUP: Final = "rbac.authorization.k8s.io"

_SUBJECTS = ("ServiceAccount", "User", "Group")
_REFERENCE = (("APIGroup", "apiGroup", ""), ("Kind", "kind", ""), ("Name", "name", ""))


class RoleBindingStrategy(Strategy):
    """Bindings within a namespace: to a role there or to a ClusterRole."""

    allow_create_on_update: ClassVar[bool] = True
    namespaced: ClassVar[bool] = True
    role_kinds: ClassVar[tuple[str, ...]] = ("Role", "ClusterRole")

    def default(self, obj: JSON) -> None:
        """Fill in the group of the role and of users and groups."""
        reference: JSON = obj.setdefault("roleRef", {})
        if not reference.get("apiGroup"):
            reference["apiGroup"] = GROUP
        for subject in obj.get("subjects") or ():
            if subject.get("kind") in {"User", "Group"} and not subject.get("apiGroup"):
                subject["apiGroup"] = GROUP

    def validate_name(self, name: str) -> list[str]:
        """Any name will do that fits into a path."""
        return names.path_segment(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the reference and the subjects."""
        errors: Errors = []
        reference: JSON = obj.get("roleRef") or {}
        if reference.get("apiGroup") != GROUP:
            errors.append(field_errors.not_supported("roleRef.apiGroup", reference.get("apiGroup") or "", (GROUP,)))
        if reference.get("kind") not in self.role_kinds:
            kind = reference.get("kind") or ""
            errors.append(field_errors.not_supported("roleRef.kind", kind, self.role_kinds))
        name = reference.get("name") or ""
        if not name:
            errors.append(field_errors.required("roleRef.name"))
        formats.complain(errors, "roleRef.name", name, names.path_segment(name))
        for index, subject in enumerate(obj.get("subjects") or ()):
            _validate_subject(errors, f"subjects[{index}]", subject, namespaced=self.namespaced)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed binding; its role may not change."""
        errors = self.validate_create(obj, ctx)
        errors += meta.repeated_on_update(
            obj, old, creations=1, namespaced=self.namespaced, name_rule=names.path_segment
        )
        if obj.get("roleRef") != old.get("roleRef"):
            text = shown.members(obj.get("roleRef") or {}, _REFERENCE)
            errors.append(shown.ShownError("Invalid", "roleRef", text, "cannot change roleRef"))
        return errors


class ClusterRoleBindingStrategy(RoleBindingStrategy):
    """Bindings in the whole cluster: to ClusterRoles only, and accounts need their namespace."""

    namespaced: ClassVar[bool] = False
    role_kinds: ClassVar[tuple[str, ...]] = ("ClusterRole",)


def _validate_subject(errors: Errors, path: str, subject: JSON, *, namespaced: bool) -> None:
    kind, name, group = (subject.get(key) or "" for key in ("kind", "name", "apiGroup"))
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    if kind not in _SUBJECTS:
        errors.append(field_errors.not_supported(f"{path}.kind", kind, _SUBJECTS))
    elif kind == "ServiceAccount":
        if name:
            formats.dns_subdomain(errors, f"{path}.name", name)
        if group:
            errors.append(field_errors.not_supported(f"{path}.apiGroup", group, ("",)))
        if not namespaced and not subject.get("namespace"):
            errors.append(field_errors.required(f"{path}.namespace"))
    else:
        if not name:
            detail = f"{kind.lower()} name cannot be empty"
            errors.append(field_errors.invalid(f"{path}.name", name, detail))
        if group != GROUP:
            errors.append(field_errors.not_supported(f"{path}.apiGroup", group, (GROUP,)))
