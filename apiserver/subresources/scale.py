"""The scale subresource: an autoscaling/v1 Scale as a window onto a workload's replicas.

Reads make a Scale from the object; writes change spec.replicas and go the way of an ordinary update.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import orjson

from podwright.api.apply.entries import APPLY, UPDATE, encode, read
from podwright.api.apply.merging import merge
from podwright.api.apply.owning import Conflicts
from podwright.api.apply.scaling import scale_applied, scaled
from podwright.api.apply.shapes import shape_of
from podwright.api.apply.wording import conflict_error
from podwright.api.errors import bad_request, conflict, invalid, invalid_field, not_found, other_uid
from podwright.api.labels import Selector
from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.form import Form
from podwright.apiserver.options import WriteOptions, number_problem, write_options
from podwright.apiserver.registry.applying import APPLY_TYPE, read_config
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode, decode_patched
from podwright.apiserver.registry.managing import writer_of
from podwright.apiserver.registry.patching import patcher_of
from podwright.apiserver.registry.reading import get_item
from podwright.apiserver.registry.updating import Change, change_object, check_name
from podwright.apiserver.strategy import ScalePaths

JSON = dict[str, Any]
SCALE = ClassCodec(Resource("autoscaling", "v1", "Scale", "scales", True, "autoscaling.scale:Scale"))


_FORM: Final = Form(SCALE)


class ScaleWindow:
    """Shows a workload as its Scale to whoever is asked about the write."""

    def __init__(self, paths: ScalePaths) -> None:
        self._paths = paths

    def shown(self, attributes: Attributes) -> Attributes:
        """The write of the Scale."""
        obj, old = attributes.obj or {}, attributes.old or {}
        return replace(
            attributes,
            obj=scale_of(obj, self._paths),
            old=scale_of(old, self._paths),
            ctx=replace(attributes.ctx, subresource="scale"),
            form=_FORM,
        )

    def write(self, obj: JSON, shown: JSON) -> None:
        """Take over the replicas of a Scale that was changed."""
        _write_replicas(obj, self._paths, (shown.get("spec") or {}).get("replicas", 0))


def _window(call: Call) -> ScaleWindow:
    return ScaleWindow(_paths(call))


def _write_replicas(obj: JSON, paths: ScalePaths, replicas: int) -> None:
    place: JSON = obj
    for key in paths.spec_replicas[:-1]:
        place = place.setdefault(key, {})
    place[paths.spec_replicas[-1]] = replicas


def scale_of(obj: JSON, paths: ScalePaths) -> JSON:
    """Make the Scale of an object; fields that are zero are left out."""
    metadata = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = _dig(obj, paths.spec_replicas)
    status: JSON = {"replicas": _dig(obj, paths.status_replicas) or 0}
    selector = _dig(obj, paths.selector) if paths.selector else None
    if isinstance(selector, str):
        status["selector"] = selector
    elif selector:
        is_labels = "matchLabels" in selector or "matchExpressions" in selector
        status["selector"] = str(Selector.from_label_selector(selector) if is_labels else Selector.from_map(selector))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: metadata[k] for k in kept if k in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _dig(obj: JSON, path: tuple[str, ...]) -> Any:
    value: Any = obj
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _paths(call: Call) -> ScalePaths:
    paths = call.endpoint.strategy.scale
    if paths is None:
        raise not_found(call.endpoint.resource.qualified, call.name)
    return paths


async def get_scale(registry: Registry, call: Call) -> Result:
    """Handle GET. Raises ApiError."""
    item = await get_item(registry, call)
    return Result(orjson.dumps(scale_of(call.endpoint.object(item), _paths(call))))


async def put_scale(registry: Registry, call: Call) -> Result:
    """Handle PUT. Raises ApiError."""
    options = write_options(call.query, "UpdateOptions")
    scale = decode(SCALE, call.body, call.content_type, options.validation, call.warnings)
    check_name(scale["metadata"], call)
    change = Change(lambda obj: _apply(call, obj, scale, put=True), owners=_owners, window=_window(call))
    return _answer(call, await change_object(registry, call, change, options))


async def patch_scale(registry: Registry, call: Call) -> Result:
    """Handle PATCH. Raises ApiError."""
    if call.content_type == APPLY_TYPE:
        return await _apply_scale(registry, call)
    patcher = patcher_of(call, SCALE)

    def compute(obj: JSON) -> JSON:
        return _apply(call, obj, patcher(scale_of(obj, _paths(call))), put=False)

    change = Change(compute, owners=_owners, window=_window(call))
    return _answer(call, await change_object(registry, call, change, patcher.options))


async def _apply_scale(registry: Registry, call: Call) -> Result:
    options = write_options(call.query, "PatchOptions", apply=True)
    config = read_config(call, options, SCALE.resource, SCALE.schema, shape_of(SCALE.schema))
    paths = _paths(call)
    writer = writer_of(call, options, APPLY)
    owners: list[JSON] = []

    def compute(obj: JSON) -> JSON:
        wanted = (config.get("spec") or {}).get("replicas")
        entries = read(obj["metadata"].get("managedFields") or [])
        current = _dig(obj, paths.spec_replicas)
        try:
            after = scale_applied(
                entries, writer, paths.spec_replicas, wanted=wanted, current=current, force=options.force
            )
        except Conflicts as error:
            raise conflict_error(error) from error
        owners[:] = encode(after)
        merged: JSON = merge(shape_of(SCALE.schema), scale_of(obj, paths), config)
        scale = decode_patched(SCALE, merged, [], options.validation, call.warnings)
        check_name(scale["metadata"], call)
        return _apply(call, obj, scale, put=False)

    change = Change(compute, owners=lambda *_: owners, window=_window(call))
    return _answer(call, await change_object(registry, call, change, options))


def _owners(_: Registry, call: Call, old: JSON, obj: JSON, _given: Any, options: WriteOptions) -> list[JSON]:
    """The managedFields of an object that was written through its Scale."""
    path = _paths(call).spec_replicas
    before = read(old["metadata"].get("managedFields") or [])
    wanted = _dig(obj, path)
    changed = _dig(old, path) != wanted
    return encode(scaled(before, writer_of(call, options, UPDATE), path, wanted=wanted or 0, changed=changed))


def _apply(call: Call, obj: JSON, scale: JSON, *, put: bool) -> JSON:
    """Write a Scale's replicas into (a copy of) the object it belongs to."""
    metadata, wanted = obj["metadata"], scale["metadata"]
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    if replicas < 0 and call.endpoint.kind.has_class:  # other kinds' own rules tell it
        error = invalid_field("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("autoscaling", "Scale", call.name, [error])
    qualified = call.endpoint.resource.qualified
    revision = wanted.get("resourceVersion")
    if revision and revision != metadata["resourceVersion"]:
        why = number_problem(revision, signed=False)
        if why:
            raise bad_request(why)
        raise conflict(qualified, call.name)
    uid = wanted.get("uid")
    if put and uid and uid != metadata["uid"]:
        raise other_uid(qualified, call.namespace, call.name, wanted=uid, present=metadata["uid"])
    _write_replicas(obj, _paths(call), replicas)
    return obj


def _answer(call: Call, result: Result) -> Result:
    return Result(orjson.dumps(scale_of(orjson.loads(result.body), _paths(call))), result.status)
