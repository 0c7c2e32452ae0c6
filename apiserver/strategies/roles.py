"""The rules of Roles and ClusterRoles: rules that say something, and about either resources or paths.

Whether a writer may grant what a role allows is for authorization to say, never for these rules.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.strategies import meta, selectors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext


class RoleStrategy(Strategy):
    """Roles of one namespace: nothing outside the resources can be allowed there."""

    allow_create_on_update: ClassVar[bool] = True
    namespaced: ClassVar[bool] = True

    def validate_name(self, name: str) -> list[str]:
        """Any name will do that fits into a path."""
        return names.path_segment(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the rules."""
        errors: Errors = []
        for index, rule in enumerate(obj.get("rules") or ()):
            _validate_rule(errors, f"rules[{index}]", rule, namespaced=self.namespaced)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed rules; all may change."""
        repeated = meta.repeated_on_update(
            obj, old, creations=1, namespaced=self.namespaced, name_rule=names.path_segment
        )
        return self.validate_create(obj, ctx) + repeated


class ClusterRoleStrategy(RoleStrategy):
    """Roles of the whole cluster: they may be made of others."""

    namespaced: ClassVar[bool] = False

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the rules and with the selectors of an aggregated role."""
        errors = super().validate_create(obj, ctx)
        aggregation = obj.get("aggregationRule")
        if aggregation is None:
            return errors
        path, chosen = "aggregationRule.clusterRoleSelectors", aggregation.get("clusterRoleSelectors") or ()
        if not chosen:
            detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            errors.append(field_errors.required(path, detail))
        for index, selector in enumerate(chosen):
            where = f"{path}[{index}]"
            selectors.validate(errors, where, selector)
            try:
                Selector.from_label_selector(selector)
            except SelectorError:
                errors.append(field_errors.invalid(where, None, "invalid label selector."))
        return errors


def _validate_rule(errors: Errors, path: str, rule: JSON, *, namespaced: bool) -> None:
    if not rule.get("verbs"):
        errors.append(field_errors.required(f"{path}.verbs", "verbs must contain at least one value"))
    urls, groups, resources, only = (
        rule.get(name) or () for name in ("nonResourceURLs", "apiGroups", "resources", "resourceNames")
    )
    if urls:
        where = f"{path}.nonResourceURLs"
        if namespaced:
            detail = "namespaced rules cannot apply to non-resource URLs"
            errors.append(field_errors.invalid(where, urls, detail))
        if groups or resources or only:
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(field_errors.invalid(where, urls, detail))
        return
    if not groups:
        errors.append(field_errors.required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not resources:
        errors.append(field_errors.required(f"{path}.resources", "resource rules must supply at least one resource"))
    if only and len(resources) > 1:
        detail = "resource names cannot apply to multiple resources"
        errors.append(field_errors.required(f"{path}.resourceNames", detail))
