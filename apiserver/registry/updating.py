"""PUT, and the read-change-write loop that PUT, PATCH and the subresources share.

A write is bound to the revision it was computed from; when another one came between, the change is computed again
on what is there now. It must never write an object that was not validated against exactly its predecessor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from podwright.api.errors import bad_request, conflict, invalid, invalid_field, not_found, other_uid
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import Asked
from podwright.apiserver.authorization.authorizer import authorize
from podwright.apiserver.cache.item import Item
from podwright.apiserver.options import WriteOptions, number_problem, write_options
from podwright.apiserver.registry import metadata as meta
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.creating import create_object, match_namespace
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.managing import Owners, after_update, same_owners
from podwright.apiserver.strategies.meta import validate_change

JSON = dict[str, Any]
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Created:
    """An object that is to be created, with its managedFields if they are known already."""

    obj: JSON
    owners: list[JSON] | None = None


class Window(Protocol):
    """Shows an object as one of another kind, such as its Scale."""

    def shown(self, attributes: Attributes) -> Attributes:
        """The write as one of the other kind."""
        ...

    def write(self, obj: JSON, shown: JSON) -> None:
        """Let the object become what the other one says."""
        ...


@dataclass(slots=True)
class Change:
    """How to get from the present object to the wanted one.

    `compute` gets a fresh copy of the present object and returns the wanted one (it may be the same dict, changed).
    One that is `pure` changes nothing of what it is given, but its metadata is a dict of its own: no copy is made.
    `put` marks a whole-object write, which does not ask for the present one. With `strict_uid` (every PUT) an uid that
    differs is a failed precondition, else an immutable field.
    """

    compute: Callable[[JSON], JSON]
    subresource: str = ""
    put: bool = False
    pure: bool = False
    create: Callable[[], Created] | None = None
    strict_uid: bool = False
    raw: bool = False
    """The server's own write: the kind's rules for users' updates do not apply, and no field changes its owner."""
    owners: Owners = after_update
    """Tells the managedFields of the wanted object."""
    window: Window | None = None
    """Set where what is written is seen as an object of another kind."""


async def update(registry: Registry, call: Call) -> Result:
    """Handle a PUT on an object or its status. Raises ApiError."""
    options = write_options(call.query, "UpdateOptions")
    subresource = call.target.subresource
    first = decode(call.endpoint.codec, call.body, call.content_type, options.validation, call.warnings)
    check_name(first["metadata"], call)
    copies = [first]

    def compute(_: JSON) -> JSON:
        if copies:
            return copies.pop()
        return decode(call.endpoint.codec, call.body, call.content_type, "Ignore", [])

    change = Change(compute, subresource, put=True, strict_uid=True)
    if call.endpoint.strategy.allow_create_on_update and not subresource:
        change.create = lambda: Created(compute({}))
    return await change_object(registry, call, change, options)


def check_name(metadata: JSON, call: Call) -> None:
    """Refuse a body whose name or namespace is not the path's; fill the namespace in. Raises ApiError 400."""
    name = metadata.get("name")
    if not name:
        msg = f"the name of the object ({call.name} based on URL) was undeterminable: name must be provided"
        raise bad_request(msg)
    if name != call.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({call.name})")
    match_namespace(metadata, call)


async def change_object(registry: Registry, call: Call, change: Change, options: WriteOptions) -> Result:
    """Run the read-change-write loop for one object. Raises ApiError."""
    endpoint = call.endpoint
    item = endpoint.get(call.namespace, call.name)
    for _ in range(_ATTEMPTS):
        if item is None:
            if change.create is not None:
                made = change.create()
                metadata: JSON = made.obj["metadata"]
                if not metadata.get("uid") and not metadata.get("resourceVersion"):
                    match_namespace(metadata, call)
                    authorize(registry.authorizer, call.user, replace(call.target, verb="create"))
                    return await create_object(registry, call, made.obj, options, owners=made.owners)
            raise not_found(endpoint.named.qualified, call.name)
        outcome = await _attempt(registry, call, change, options, item)
        if isinstance(outcome, Result):
            return outcome
        item = outcome.item
    raise conflict(endpoint.named.qualified, call.name)


@dataclass(frozen=True, slots=True)
class _Again:
    item: Item | None


async def _attempt(
    registry: Registry, call: Call, change: Change, options: WriteOptions, item: Item
) -> Result | _Again:
    endpoint = call.endpoint
    if endpoint.converts:
        await endpoint.prepare((item,))
    old = endpoint.object(item)
    # `compute` may work on the copy it is given; `old` stays as it was for comparisons.
    shared = change.put or change.pure
    if endpoint.converts:
        obj = await settled(lambda: change.compute(old if shared else _copy(old)))
    else:
        obj = change.compute(old if shared else _copy(old))
    _check_preconditions(call, obj["metadata"], old["metadata"], change)
    if not change.raw:
        write = _Write(registry, call, change, options, obj, old)
        changed = await settled(write.complete) if endpoint.converts else write.complete()
        asked = registry.admission.asked(write.shown)
        if changed or asked:
            registry.admission.admit(write.attributes)
            if asked:
                await write.mutate(asked)
            write.check()
            if asked:
                await registry.admission.review(asked, write.shown)
    if leaves(obj, old):
        return await _remove(registry, call, options, item, obj)
    if obj == old and item.key not in registry.stale:
        return Result(endpoint.wire(item))
    claims = registry.claims(endpoint, obj, old)
    stored, value = registry.encode(endpoint, obj) if not endpoint.converts else await registry.encoded(endpoint, obj)
    if options.dry_run:
        return Result(orjson.dumps(obj))
    saved = await registry.save(endpoint, item.key, stored, value, item.revision, claims)
    if saved.done:
        if endpoint.converts:
            return Result(await registry.answered(endpoint, value, saved.revision))
        return Result(endpoint.wire_of(value, saved.revision))
    if saved.taken:
        for taken in saved.taken:
            claims.take[taken]()  # raises when the user chose the value
        return _Again(item)
    if saved.moved:
        return _Again(item)
    return _Again(endpoint.cache.item_of(saved.current) if saved.current is not None else None)


def _copy(old: JSON) -> JSON:
    """A copy of an object; its managedFields, which nobody changes in place, are shared."""
    metadata: JSON = old["metadata"]
    if "managedFields" not in metadata:
        return orjson.loads(orjson.dumps(old))
    plain = {name: value for name, value in metadata.items() if name != "managedFields"}
    copy: JSON = orjson.loads(orjson.dumps({**old, "metadata": plain}))
    copy["metadata"]["managedFields"] = metadata["managedFields"]
    return copy


def _check_preconditions(call: Call, metadata: JSON, old: JSON, change: Change) -> None:
    resource = call.endpoint.named
    wanted = metadata.get("resourceVersion")
    if wanted in (None, "", "0"):
        if not call.endpoint.strategy.allow_unconditional_update:
            error = invalid_field("metadata.resourceVersion", 0, "must be specified for an update")
            raise invalid(resource.group, resource.plural, call.name, [error])
    elif wanted != old["resourceVersion"]:
        why = number_problem(wanted, signed=False)
        if why:
            raise bad_request(why)
        raise conflict(resource.qualified, call.name)
    metadata["resourceVersion"] = old["resourceVersion"]
    uid = metadata.get("uid")
    if change.strict_uid and uid and uid != old["uid"]:
        raise other_uid(resource.qualified, call.namespace, call.name, wanted=uid, present=old["uid"])


class _Write:
    """The new state of an object on its way to the store: completed, admitted, and judged by its kind."""

    def __init__(
        self, registry: Registry, call: Call, change: Change, options: WriteOptions, obj: JSON, old: JSON
    ) -> None:
        self._registry = registry
        self._call = call
        self._change = change
        self._options = options
        self._obj = obj
        self._old = old
        self._given = obj["metadata"].pop("managedFields", None)
        self._owners: list[JSON] = []
        self._ctx = registry.context(call, dry_run=options.dry_run, subresource=change.subresource)
        self.attributes = registry.attributes(call, "update", self._ctx, obj, old, options, name=call.name)
        self.shown = self.attributes
        """The write as what clients configured sees it: another object where it goes through a window."""

    def complete(self) -> bool:
        """Fill in what is missing, keep what this writer must not touch; tell whether anything changes."""
        obj, old, change = self._obj, self._old, self._change
        metadata: JSON = obj["metadata"]
        meta.keep_system_fields(metadata, old["metadata"])
        self._call.endpoint.strategy.default(obj)
        self._owners = change.owners(self._registry, self._call, old, obj, self._given, self._options)
        if self._owners:
            metadata["managedFields"] = self._owners
        changed = self._settle()
        if change.window is not None:
            self.shown = change.window.shown(self.attributes)
        return changed

    def _settle(self) -> bool:
        obj, old = self._obj, self._old
        strategy, metadata = self._call.endpoint.strategy, obj["metadata"]
        if self._change.subresource == "status":
            for key in ("finalizers", "ownerReferences"):
                if key in old["metadata"]:
                    metadata[key] = old["metadata"][key]
                else:
                    metadata.pop(key, None)
            strategy.prepare_status_update(obj, old, self._ctx)
        else:
            strategy.prepare_update(obj, old, self._ctx)
        if not (_same_but_owners(obj, old) and same_owners(self._owners, old)):
            return True
        if "managedFields" in old["metadata"]:
            metadata["managedFields"] = old["metadata"]["managedFields"]
        return False

    async def mutate(self, asked: Asked) -> None:
        """Let what clients configured change the new state. Raises ApiError."""
        window, shown, obj = self._change.window, self.shown, self._obj
        await self._registry.admission.mutate(asked, shown, plugins=window is None)
        if not shown.changed:
            return
        if window is not None:
            window.write(obj, shown.obj or {})
        check_name(obj["metadata"], self._call)
        meta.keep_system_fields(obj["metadata"], self._old["metadata"])
        self._settle()

    def check(self) -> None:
        """Judge the new state. Raises ApiError."""
        registry, call, obj, old, ctx = self._registry, self._call, self._obj, self._old, self._ctx
        endpoint, strategy = call.endpoint, call.endpoint.strategy
        status = self._change.subresource == "status"
        errors = validate_change(obj["metadata"], old["metadata"], bare_finalizers=strategy.bare_finalizers)
        ctx = ctx if errors else replace(ctx, metadata_good=True)
        errors += strategy.validate_status_update(obj, old, ctx) if status else strategy.validate_update(obj, old, ctx)
        if errors:
            raise invalid(endpoint.named.group, endpoint.named.kind, call.name, errors)
        if not status:
            call.warnings.extend(strategy.warnings(obj, old, ctx))
        registry.admission.validate(self.attributes)


def _same_but_owners(obj: JSON, old: JSON) -> bool:
    """Tell whether two objects differ at most in who owns their fields."""
    if len(obj) != len(old):
        return False
    for name, value in obj.items():
        if name != "metadata" and (name not in old or value != old[name]):
            return False
    metadata, before = obj["metadata"], old["metadata"]
    names = (metadata.keys() | before.keys()) - {"managedFields"}
    return all(name in metadata and name in before and metadata[name] == before[name] for name in names)


def leaves(obj: JSON, old: JSON) -> bool:
    """Tell whether this update takes the last thing that kept a deleted object alive."""
    metadata, before = obj["metadata"], old["metadata"]
    if "deletionTimestamp" not in before or metadata.get("finalizers") or before.get("deletionGracePeriodSeconds"):
        return False
    if obj["kind"] == "Namespace" and obj["apiVersion"] == "v1":
        return not (obj.get("spec") or {}).get("finalizers")
    return bool(before.get("finalizers"))


async def _remove(registry: Registry, call: Call, options: WriteOptions, item: Item, obj: JSON) -> Result | _Again:
    if not options.dry_run:
        endpoint = call.endpoint
        claims = registry.claims(endpoint, None, obj)
        saved = await registry.save(endpoint, item.key, None, None, item.revision, claims)
        if not saved.done:
            return _Again(endpoint.cache.item_of(saved.current) if saved.current is not None else None)
    return Result(orjson.dumps(obj))
