"""The rules of Namespaces: the finalizer that holds one until it is empty, and the label that repeats its name."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from podwright.api import field_errors
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep

NAME_LABEL: Final = "kubernetes.io/metadata.name"
FINALIZER: Final = "kubernetes"


class NamespaceStrategy(Strategy):
    """Namespaces: the spec holds finalizers only, and only /finalize changes it."""

    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = path_getters("status.phase")

    def default(self, obj: JSON) -> None:
        """Label the namespace with its name, whatever the writer says, and call it Active."""
        _label(obj["metadata"])
        status: JSON = obj.get("status") or {}
        obj["status"] = status
        if not status.get("phase"):
            status["phase"] = "Active"

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start Active, held by the finalizer that empties it before it goes."""
        _label(obj["metadata"])
        obj["status"] = {"phase": "Active"}
        finalizers: list[str] = (obj.get("spec") or {}).get("finalizers") or []
        if FINALIZER not in finalizers:
            finalizers = [*finalizers, FINALIZER]
        obj["spec"] = {"finalizers": finalizers}

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep finalizers and status; /finalize owns the finalizers."""
        if ctx.subresource == "finalize":
            keep(obj, old, "status")
        else:
            keep(obj, old, "spec", "status")

    def validate_name(self, name: str) -> list[str]:
        """A namespace is a part of host names: one label."""
        return formats.label_problems(name)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the finalizers."""
        errors: Errors = []
        for finalizer in (obj.get("spec") or {}).get("finalizers") or ():
            formats.qualified_name(errors, "spec.finalizers", finalizer)
            meta.standard_finalizer(errors, finalizer, "spec.finalizers")
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed finalizers."""
        errors = meta.repeated_on_update(obj, old, namespaced=False, name_rule=formats.label_problems)
        if ctx.subresource == "finalize":
            for index, finalizer in enumerate((obj.get("spec") or {}).get("finalizers") or ()):
                formats.qualified_name(errors, f"spec.finalizers[{index}]", finalizer)
                meta.standard_finalizer(errors, finalizer, f"spec.finalizers[{index}]")
        return errors

    def validate_status_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """The phase follows from whether the namespace is being deleted."""
        going = obj["metadata"].get("deletionTimestamp") is not None
        wanted, state = ("Terminating", "not empty") if going else ("Active", "empty")
        phase = (obj.get("status") or {}).get("phase") or ""
        if phase == wanted:
            return []
        detail = f"may only be '{wanted}' if `deletionTimestamp` is {state}"
        return [field_errors.invalid("status.Phase", phase, detail)]


def _label(metadata: JSON) -> None:
    name = metadata.get("name")
    labels: JSON = metadata.get("labels") or {}
    if name and labels.get(NAME_LABEL) != name:
        metadata["labels"] = {**labels, NAME_LABEL: name}
