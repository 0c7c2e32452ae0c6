"""The rules of a kind that a client defined: those of its schema, and what all such kinds have in common."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from podwright.api import field_errors, jsonpath, names
from podwright.api.apiextensions.rows import subresources
from podwright.api.apply.masks import Mask, hiding
from podwright.api.errors import forbidden
from podwright.api.field_errors import FieldError
from podwright.api.quoting import quote
from podwright.api.structural.lists import repeated
from podwright.api.structural.node import MISSING
from podwright.api.structural.values import validate
from podwright.apiserver.custom import definition, embedded, scale_rules
from podwright.apiserver.custom.codec import CustomCodec
from podwright.apiserver.custom.rules import Rules
from podwright.apiserver.strategy import (
    JSON,
    ScalePaths,
    Strategy,
    WriteContext,
    keep,
    raise_generation,
    set_generation,
)

_BLOCKING = frozenset(("NotSupported", "Required", "TooLong", "TooMany", "TypeInvalid"))
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)
_ENDING = "create not allowed while custom resource definition is terminating"
_STANDARD_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))


class CustomStrategy(Strategy):
    """One version of a client's kind."""

    allow_unconditional_update = False
    bare_finalizers: ClassVar[bool] = True
    masks: ClassVar[Mapping[str, Mask]] = {"": hiding("status"), "status": hiding("metadata", "spec")}

    def __init__(self, codec: CustomCodec, version: JSON, rules: Callable[[], Rules], *, ending: bool) -> None:
        self._codec = codec
        self._ending = ending
        self._scale = definition.scale(version)
        self._has_status = "status" in subresources(version)
        self._compile = rules
        # Other kinds have one class each; this one has one object a version.
        self.scale = _scale_paths(self._scale)  # pyright: ignore[reportAttributeAccessIssue]
        paths = [field["jsonPath"] for field in version.get("selectableFields") or ()]
        self.selectable_fields = {path.removeprefix("."): _reader(path) for path in paths}  # pyright: ignore[reportAttributeAccessIssue]

    @cached_property
    def _rules(self) -> Rules:
        return self._compile()

    def default(self, obj: JSON) -> None:
        """Fill in the schema's defaults."""
        self._codec.default(obj)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1; a status has its own writer. Raises ApiError 403 once the definition is ending."""
        if self._ending:
            resource = self._codec.resource
            raise forbidden(resource.plural, obj["metadata"].get("name", ""), _ENDING, group=resource.group)
        if self._has_status:
            obj.pop("status", None)
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status if it has a writer of its own, and count every change but those of metadata."""
        if self._has_status:
            keep(obj, old, "status")
        if {**obj, "metadata": None} != {**old, "metadata": None}:
            raise_generation(obj, old, changed=True)

    def prepare_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep everything but the status."""
        keep(obj, old, *((set(obj) | set(old)) - {"status", "metadata"}))
        kept = {"managedFields", "resourceVersion"}
        keep(obj["metadata"], old["metadata"], *((set(obj["metadata"]) | set(old["metadata"])) - kept))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new object."""
        node = self._codec.node
        errors = self._wrong_kind(obj)
        if not errors:
            errors = validate(node, obj)
            errors += scale_rules.validate_spec(obj, self._scale)
            errors += scale_rules.validate_status(obj, self._scale)
        errors += embedded.validate(node, obj)
        errors += repeated(node, obj)
        return self._with_rules(errors, obj, None, ctx)

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed object; what did not change is let through."""
        node = self._codec.node
        errors = self._wrong_kind(obj)
        if not errors:
            errors = validate(node, obj, old=old)
            errors += scale_rules.validate_spec(obj, self._scale)
            errors += scale_rules.validate_status(obj, self._scale)
        errors += embedded.validate(node, obj)
        errors += self._newly_repeated(obj, old)
        return self._with_rules(errors, obj, old, ctx)

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed status."""
        errors: list[FieldError] = []
        shape = self._codec.node.properties.get("status")
        if shape is not None and "status" in obj:
            found = validate(shape, obj["status"], old=old.get("status", MISSING))
            errors += [replace(error, field=_under("status", error.field)) for error in found]
        errors += scale_rules.validate_status(obj, self._scale)
        errors += self._newly_repeated(obj, old)
        return self._with_rules(errors, obj, old, ctx)

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return a warning for every new finalizer whose name may collide with others."""
        before = set(old["metadata"].get("finalizers") or ()) if old is not None else set[str]()
        found: list[str] = []
        for finalizer in sorted(set(obj["metadata"].get("finalizers") or ()) - before):
            start = f"metadata.finalizers: {quote(finalizer)}: "
            found += [start + problem for problem in names.qualified_name(finalizer)]
            if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
                path = " including a path (/)" if "." in finalizer else ""
                found.append(
                    f"{start}prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other "
                    "finalizer writers"
                )
        return found

    def _wrong_kind(self, obj: JSON) -> list[FieldError]:
        if self._codec.fits(obj):
            return []
        return [field_errors.invalid("kind", obj.get("kind"), f"must be {self._codec.resource.kind}")]

    def _newly_repeated(self, obj: JSON, old: JSON) -> list[FieldError]:
        node = self._codec.node
        found = repeated(node, obj)
        return found if found and not repeated(node, old) else []

    def _with_rules(self, errors: list[FieldError], obj: JSON, old: JSON | None, ctx: WriteContext) -> list[FieldError]:
        """Add what the schema's own conditions find; they are not asked about a value that lacks what they rely on."""
        if not self._rules.present:
            return errors
        if any(error.type in _BLOCKING for error in errors):
            return [*errors, field_errors.invalid("", None, _UNCHECKED)]
        return errors + self._rules.validate(obj, old, ctx.warnings)


def _under(path: str, field: str) -> str:
    return f"{path}.{field}" if field else path


def _scale_paths(scale: Mapping[str, str] | None) -> ScalePaths | None:
    if scale is None:
        return None
    return ScalePaths(
        _split(scale.get("specReplicasPath")),
        _split(scale.get("statusReplicasPath")),
        _split(scale.get("labelSelectorPath")),
    )


def _split(path: str | None) -> tuple[str, ...]:
    return tuple(path.removeprefix(".").split(".")) if path else ()


def _reader(path: str) -> Callable[[JSON], str]:
    find = jsonpath.finder(path)

    def read(obj: JSON) -> str:
        found: list[Any] = find(obj)
        return "" if not found or found[0] is None else jsonpath.show(found[0])

    return read
