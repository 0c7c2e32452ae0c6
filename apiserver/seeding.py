"""The roles and bindings that every cluster has, written all at once when a cluster begins.

There are about a hundred: one by one through the front door they would take most of the time until the server is ready.
So those that are missing are put in a few txns, in the form that the front door would have given them. It must never
overwrite anything: what is there already, or comes meanwhile, is left to the front door.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from podwright.api.errors import service_unavailable
from podwright.api.times import format_time
from podwright.apiserver.authorization.default_roles import updated
from podwright.apiserver.authorization.grants import GROUP
from podwright.apiserver.ensuring import Wanted
from podwright.apiserver.registry import metadata as meta
from podwright.apiserver.registry.core import Registry
from podwright.store.protocol import Compare, Put, StoreUnavailable

JSON = dict[str, Any]
_AT_ONCE: Final = 64
"""Objects a txn: etcd takes no more than 128 operations."""
_VERSION: Final = f"{GROUP}/v1"


async def seed(registry: Registry, objects: list[tuple[str, str, JSON]], now: datetime) -> None:
    """Write those of the objects (plural, namespace, object) that are missing. Raises ApiError 503."""
    ops: list[Put] = []
    for plural, namespace, default in objects:
        endpoint = registry.endpoints[GROUP, "v1", plural]
        name: str = default["metadata"]["name"]
        if endpoint.get(namespace, name) is not None:
            continue
        obj: JSON = {"kind": endpoint.resource.kind, "apiVersion": _VERSION, **default}
        obj["metadata"] = dict(default["metadata"])
        meta.fill_create(obj, namespace, now)
        obj["metadata"]["managedFields"] = _owners(default, format_time(now))
        ops.append(Put(endpoint.key(namespace, name), registry.encode(endpoint, endpoint.codec.prune(obj))[1]))
    try:
        for begin in range(0, len(ops), _AT_ONCE):
            some = ops[begin : begin + _AT_ONCE]
            result = await registry.store.txn([Compare(op.key, 0) for op in some], some)
            await registry.feed.reached(result.revision)
    except StoreUnavailable as error:
        raise service_unavailable(f"the store does not answer: {error}", 1) from error


def outdated(registry: Registry, objects: list[tuple[str, str, JSON]]) -> list[Wanted]:
    """What the front door has to write: those that lack something, and those that could not be seeded."""
    found: list[Wanted] = []
    for plural, namespace, obj in objects:
        resource = registry.endpoints[GROUP, "v1", plural].resource
        present = registry.lookup.get(resource, obj["metadata"]["name"], namespace)
        if present is None or updated(present, obj) is not None:
            found.append(Wanted(resource, obj, namespace, change=updated))
    return found


def _owners(obj: JSON, now: str) -> list[JSON]:
    """Who owns the fields of a new object: this server, and of an aggregated role's rules who keeps them."""
    metadata = {
        f"f:{name}": {".": {}, **{f"f:{key}": {} for key in sorted(obj["metadata"][name])}}
        for name in ("annotations", "labels")
    }
    fields: JSON = {"f:metadata": metadata}
    owners = [_owner("kube-apiserver", "Update", now, fields)]
    if "aggregationRule" in obj:
        fields["f:aggregationRule"] = {".": {}, "f:clusterRoleSelectors": {}}
        owners.insert(0, _owner("clusterrole-aggregation-controller", "Apply", now, {"f:rules": {}}))
    else:
        fields |= {f"f:{name}": {} for name in ("roleRef", "rules", "subjects") if name in obj}
    return owners


def _owner(manager: str, operation: str, now: str, fields: JSON) -> JSON:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": _VERSION,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
