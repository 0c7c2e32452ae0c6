"""DELETE: marking, waiting for finalizers and grace periods, and the removal itself.

What happens is decided by `decide`, a pure function of the object, the options and the strategy's grace period:
remove it, mark it, or leave it as it is because it is marked already.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from podwright.api.errors import ApiError, conflict, not_found
from podwright.api.times import format_time, parse_time
from podwright.apiserver.cache.item import Item
from podwright.apiserver.options import DeleteOptions, delete_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import NO_CLAIMS, Registry, Saved
from podwright.apiserver.registry.decoding import decode_options
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.registry.metadata import FINALIZER_FOREGROUND, FINALIZER_ORPHAN
from podwright.apiserver.registry.reading import list_items
from podwright.apiserver.registry.rendering import render_list
from podwright.client.tasks import TaskGroup

JSON = dict[str, Any]
_ATTEMPTS = 20
_PARALLEL = 32


@dataclass(frozen=True, slots=True)
class Decision:
    """`remove`: the object goes now, `obj` is its last state. Else `changed` tells whether `obj` must be stored."""

    obj: JSON
    remove: bool
    changed: bool
    announce: bool = False
    """`obj` is shown to watchers as a change of its own before it is removed: its kind has grace periods."""


def decide(obj: JSON, old: JSON, options: DeleteOptions, grace: int | None, default: str, now: datetime) -> Decision:
    """Work out what a DELETE does. `obj` is a copy of `old` that may be changed; `grace` is None for kinds without."""
    metadata: JSON = obj["metadata"]
    finalizers = _finalizers(metadata, options, default)
    marked = "deletionTimestamp" in metadata
    if marked and grace is not None and (present := metadata.get("deletionGracePeriodSeconds")):
        asked = options.grace if options.grace is None or options.grace >= 0 else 1
        if asked is None or asked >= present:  # it ends already: less time may be asked for, nothing else
            return Decision(obj, remove=False, changed=False)
        if asked:
            _shorten(metadata, now, asked)
            return _finish(obj, old, finalizers, remove=False)
    if grace and not marked:
        _mark(metadata, now, grace)
        return _finish(obj, old, finalizers, remove=False)
    is_namespace = obj["kind"] == "Namespace" and obj["apiVersion"] == "v1"
    if grace is None and not marked and not finalizers and not is_namespace:
        return _finish(obj, old, finalizers, remove=True)
    ends = grace == 0 and (not marked or bool(metadata.get("deletionGracePeriodSeconds")))
    if ends or not marked:
        _mark(metadata, now, 0)
    if is_namespace:
        return _namespace(obj, old, finalizers, marked=marked)
    return _finish(obj, old, finalizers, remove=not finalizers, announce=ends and not finalizers)


def _namespace(obj: JSON, old: JSON, finalizers: list[str], *, marked: bool) -> Decision:
    if not marked:
        obj["metadata"].pop("deletionGracePeriodSeconds", None)
        obj.setdefault("status", {})["phase"] = "Terminating"
    remove = not finalizers and not (obj.get("spec") or {}).get("finalizers")
    return _finish(obj, old, finalizers, remove=remove)


def _mark(metadata: JSON, now: datetime, grace: int) -> None:
    if "deletionTimestamp" not in metadata and metadata.get("generation"):
        metadata["generation"] += 1
    metadata["deletionTimestamp"] = format_time(now + timedelta(seconds=grace))
    metadata["deletionGracePeriodSeconds"] = grace


def _shorten(metadata: JSON, now: datetime, grace: int) -> None:
    began = parse_time(metadata["deletionTimestamp"]) - timedelta(seconds=metadata.get("deletionGracePeriodSeconds", 0))
    ends = began + timedelta(seconds=grace)
    if ends < now:  # that much has passed already: the least grace that still leaves the end to the node
        ends, grace = now, 1
    metadata["deletionTimestamp"] = format_time(ends)
    metadata["deletionGracePeriodSeconds"] = grace


def _finalizers(metadata: JSON, options: DeleteOptions, default: str) -> list[str]:
    """The finalizers after the propagation policy: it adds its own one and takes the other away."""
    present: list[str] = list(metadata.get("finalizers") or ())
    policy = options.propagation
    if not default:
        return present
    if not policy and "deletionTimestamp" in metadata:
        return present
    if not policy:
        has = {FINALIZER_ORPHAN: "Orphan", FINALIZER_FOREGROUND: "Foreground"}
        policy = next((p for f, p in has.items() if f in present), default)
    wanted = {"Orphan": FINALIZER_ORPHAN, "Foreground": FINALIZER_FOREGROUND}.get(policy, "")
    kept = [f for f in present if f not in {FINALIZER_ORPHAN, FINALIZER_FOREGROUND} or f == wanted]
    return kept if not wanted or wanted in kept else [*kept, wanted]


def _finish(obj: JSON, old: JSON, finalizers: list[str], *, remove: bool, announce: bool = False) -> Decision:
    if finalizers:
        obj["metadata"]["finalizers"] = finalizers
    else:
        obj["metadata"].pop("finalizers", None)
    return Decision(obj, remove, obj != old, announce)


async def delete(registry: Registry, call: Call) -> Result:
    """Handle a DELETE on one object. Raises ApiError."""
    options = delete_options(call.query, decode_options(call.body, call.content_type))
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found(call.endpoint.named.qualified, call.name)
    decision = await delete_item(registry, call, item, options)
    result = answer(call.endpoint, decision)
    # The old way to ask for the dependents tells by the status that the object is not gone yet; no other way does.
    waits = options.raw.get("orphanDependents") is False and not decision.remove
    return replace(result, status=202) if waits else result


def answer(endpoint: Endpoint, decision: Decision) -> Result:
    """What a DELETE shows: the object when the kind wants so or it is still there, else a Status."""
    if not decision.remove or endpoint.strategy.returns_object_on_delete:
        return Result(orjson.dumps(decision.obj))
    resource, metadata = endpoint.resource, decision.obj["metadata"]
    details: JSON = {"name": metadata["name"]}
    if resource.group:
        details["group"] = resource.group
    details |= {"kind": resource.plural, "uid": metadata["uid"]}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return Result(orjson.dumps(status))


async def delete_item(
    registry: Registry, call: Call, item: Item | None, options: DeleteOptions, *, asks: bool = True
) -> Decision:
    """Delete one object, trying again when it changed meanwhile. Raises ApiError.

    `asks` is False where what was configured has been asked about this in another form already.
    """
    endpoint, admission = call.endpoint, registry.admission
    name = item.name if item is not None else call.name
    for _ in range(_ATTEMPTS):
        if item is None:
            raise not_found(endpoint.named.qualified, name)
        if endpoint.converts:
            await endpoint.prepare((item,))
        old = endpoint.object(item)
        check_preconditions(endpoint, old, options)
        ctx = registry.context(call, dry_run=options.dry_run)
        attributes = registry.attributes(call, "delete", ctx, None, old, options, name=name)
        admission.admit(attributes)
        asked = admission.asked(attributes) if asks else ()
        if asked:
            await admission.mutate(asked, attributes)
        admission.validate(attributes)
        if asked:
            await admission.review(asked, attributes)
        grace = endpoint.strategy.graceful_delete(old, options.raw, ctx)
        decision = _decide(endpoint, endpoint.object(item), old, options, grace, call.now)
        if options.dry_run or not (decision.remove or decision.changed):
            return decision
        current = await _store(registry, endpoint, item, old, decision)
        if current is None:
            return decision
        item = current[0]
    raise conflict(endpoint.named.qualified, name)


def _decide(
    endpoint: Endpoint, obj: JSON, old: JSON, options: DeleteOptions, grace: int | None, now: datetime
) -> Decision:
    if endpoint.strategy.begin_deletion(obj, now):
        return Decision(obj, remove=False, changed=obj != old)
    return decide(obj, old, options, grace, endpoint.strategy.default_propagation, now)


async def _store(
    registry: Registry, endpoint: Endpoint, item: Item, old: JSON, decision: Decision
) -> tuple[Item | None] | None:
    """Write the decision. Returns None when done, else (in a 1-tuple) what is there now."""
    if decision.remove:
        revision = item.revision
        if decision.announce:
            # Two txns: a key changes at most once a revision.
            stored, value = await registry.encoded(endpoint, decision.obj)
            saved = await registry.save(endpoint, item.key, stored, value, revision, NO_CLAIMS)
            if not saved.done:
                return _present(endpoint, saved)
            revision = saved.revision
        claims = registry.claims(endpoint, None, old)
        saved = await registry.save(endpoint, item.key, None, None, revision, claims)
    else:
        stored, value = await registry.encoded(endpoint, decision.obj)
        claims = registry.claims(endpoint, decision.obj, old)
        saved = await registry.save(endpoint, item.key, stored, value, item.revision, claims)
    if saved.done:
        if not decision.remove:
            decision.obj["metadata"]["resourceVersion"] = str(saved.revision)
        return None
    return _present(endpoint, saved)


def _present(endpoint: Endpoint, saved: Saved) -> tuple[Item | None]:
    return (endpoint.cache.item_of(saved.current) if saved.current is not None else None,)


def check_preconditions(endpoint: Endpoint, obj: JSON, options: DeleteOptions) -> None:
    """Refuse a deletion whose preconditions the object does not meet. Raises ApiError 409."""
    metadata, kind = obj["metadata"], endpoint.resource.kind
    for label, wanted, found in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.revision, metadata["resourceVersion"]),
    ):
        if wanted is not None and wanted != found:
            if kind == "Namespace" and not endpoint.resource.group:
                why = f"Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {found}"
                raise conflict(endpoint.resource.qualified, metadata["name"], why)
            more = "deleted and then recreated" if label == "UID" else "modified"
            why = (
                f"the {label} in the precondition ({wanted}) does not match the {label} in record ({found}). "
                f"The object might have been {more}"
            )
            raise conflict(kind, metadata["name"], why, group=endpoint.resource.group)


async def delete_collection(registry: Registry, call: Call) -> Result:
    """Handle a DELETE on a collection: everything selected, some at a time. Raises ApiError."""
    options = delete_options(call.query, decode_options(call.body, call.content_type))
    page = await list_items(registry, call)
    gate = asyncio.Semaphore(_PARALLEL)

    async def one(item: Item) -> None:
        async with gate:
            try:
                await delete_item(registry, call, item, options)
            except ApiError as error:
                if error.code != 404:  # someone else was faster
                    raise

    try:
        async with TaskGroup() as group:
            for item in page.items:
                group.create_task(one(item))
    except ExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from errors
    return Result(await render_list(call, page))
