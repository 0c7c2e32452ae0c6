"""One write on its way through admission: what it is about, who makes it, and what became of it so far.

Built-in plugins read `verb`, `name`, `obj`, `old` and `ctx`; the rest is for what clients configured. It must never
ask anybody anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from podwright.api.resources import Resource
from podwright.apiserver.admission.form import Form
from podwright.apiserver.options import DeleteOptions, WriteOptions
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

JSON = dict[str, Any]
_KEPT: Final = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "resourceVersion",
    "managedFields",
)
"""Metadata that is the server's own: whoever changes an object on its way in leaves it as it is."""


@dataclass(slots=True)
class Attributes:
    """One write. `verb` is create, update, delete or connect; `obj` may be changed in place (None on delete)."""

    verb: str
    name: str
    obj: JSON | None
    old: JSON | None
    ctx: WriteContext
    form: Form | None = None
    """What `obj` and `old` are; None where only built-in plugins are asked."""
    options: WriteOptions | DeleteOptions | None = None
    warnings: list[str] = field(default_factory=list[str])
    """Texts for the client."""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """What is noted of the request where it is recorded."""
    changed: bool = False
    """Something that was configured changed the object in this pass."""
    again: bool = False
    """This is the second pass: who was asked already is asked again only if others changed the object since."""
    _memory: dict[object, Any] | None = None

    @property
    def memory(self) -> dict[object, Any]:
        """What a part wants to find again in the second pass, by the part."""
        if self._memory is None:
            self._memory = {}
        return self._memory

    @property
    def operation(self) -> str:
        """CREATE, UPDATE, DELETE or CONNECT."""
        return self.verb.upper()

    @property
    def resource(self) -> Resource:
        """What was asked for: group, version and plural count."""
        return self.ctx.resource

    @property
    def subresource(self) -> str:
        """The part of the resource that was asked for, "" for the object itself."""
        return self.ctx.subresource

    @property
    def namespace(self) -> str:
        """The namespace, "" for what is in none."""
        return self.ctx.namespace

    @property
    def user(self) -> User:
        """Who asks."""
        return self.ctx.user

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be stored."""
        return self.ctx.dry_run

    @property
    def kind(self) -> Resource:
        """What `obj` and `old` are: group, version and kind count."""
        return self.ctx.resource if self.form is None else self.form.kind

    def take(self, obj: JSON) -> bool:
        """Let `obj` become what somebody made of it; tell whether that differs. Raises ApiError for another kind."""
        now = self.obj
        if now is None or self.form is None or obj == now:
            return False
        metadata: JSON = now.get("metadata") or {}
        found = self.form.read(obj)
        for key in _KEPT:
            if key in metadata:
                found["metadata"][key] = metadata[key]
            else:
                found["metadata"].pop(key, None)
        if found == now:
            return False
        now.clear()
        now.update(found)
        self.changed = True
        return True
