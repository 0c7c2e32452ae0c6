"""pods/eviction: a delete that disruption budgets may refuse.

    look at the pod and its budgets -> take a disruption -> say in the pod why it ends -> delete

The disruption is taken before the pod goes: a server that dies in between leaves a budget too small for a while, never
one exceeded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError, bad_request, conflict, not_found
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.asking import ask
from podwright.apiserver.admission.form import Form
from podwright.apiserver.admission.node_restriction import check_eviction
from podwright.apiserver.options import DeleteOptions, WriteOptions, delete_options, write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.deleting import check_preconditions, delete_item
from podwright.apiserver.registry.reading import fresh
from podwright.apiserver.registry.updating import Change, change_object
from podwright.apiserver.subresources import budgets

JSON = dict[str, Any]
_BUDGETS: Final = find("poddisruptionbudgets", "policy")
_SUCCESS: Final = orjson.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})
_ATTEMPTS: Final = 20
_SEVERAL: Final = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


class _EvictionCodec(ClassCodec):
    """Takes an Eviction also in the older version of its group, which has the same fields."""

    def identify(self, obj: JSON) -> None:
        if obj.get("apiVersion") == "policy/v1beta1":
            obj["apiVersion"] = self.resource.api_version
        super().identify(obj)


EVICTION: Final = _EvictionCodec(Resource("policy", "v1", "Eviction", "evictions", True, "policy.eviction:Eviction"))

_FORM: Final = Form(EVICTION)


async def evict(registry: Registry, call: Call) -> Result:
    """Handle POST. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    eviction = decode(EVICTION, call.body, call.content_type, options.validation, call.warnings)
    if eviction["metadata"].get("name") != call.name:
        raise bad_request("name in URL does not match name in Eviction object")
    await ask(registry, call, _FORM, eviction, options)
    wanted: JSON = dict(eviction.get("deleteOptions") or {})
    if options.dry_run:
        wanted["dryRun"] = ["All"]
    deletion = delete_options(call.query, wanted)
    for _ in range(_ATTEMPTS):
        await fresh(registry)
        pod = _pod(call)
        check_eviction(call.user, pod)
        if not budgets.is_beyond(pod):
            await _evict_counted(registry, call, pod, deletion)
            break
        if deletion.revision or not budgets.may_revive(pod):
            await _delete(registry, call, pod, deletion)
            break
        if await _delete_as_seen(registry, call, pod, deletion):
            break
    else:
        raise conflict("pods", call.name)
    return Result(_SUCCESS, 201)


async def _evict_counted(registry: Registry, call: Call, pod: JSON, deletion: DeleteOptions) -> None:
    """Evict a running pod, as its budget allows."""
    covering = budgets.covering(pod, registry.lookup.list(_BUDGETS, call.namespace))
    if len(covering) > 1:
        raise ApiError(500, "", _SEVERAL)
    for budget in covering:
        name = budget["metadata"]["name"]
        if not budgets.spares(budget, pod):
            await _charge(registry, call, pod, deletion, name)
        elif not deletion.revision:
            if not await _delete_as_seen(registry, call, pod, deletion):
                raise budgets.unsettled(name)  # it may be healthy by now
            return
    await _delete(registry, call, pod, deletion)


def _pod(call: Call) -> JSON:
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found("pods", call.name)
    return call.endpoint.object(item)


async def _charge(registry: Registry, call: Call, pod: JSON, deletion: DeleteOptions, name: str) -> None:
    def compute(budget: JSON) -> JSON:
        charged = budgets.charge(budget, call.name, call.now)
        check_preconditions(call.endpoint, pod, deletion)  # what is not deleted takes nothing from the budget
        return charged

    other = replace(
        call,
        endpoint=registry.endpoints[_BUDGETS.group, _BUDGETS.version, _BUDGETS.plural],
        target=replace(call.target, name=name),
    )
    options = WriteOptions(dry_run=deletion.dry_run)
    try:
        await change_object(registry, other, Change(compute, "status", raw=True), options)
    except ApiError as error:
        if error.code == 404:  # the budget is gone: nothing stands in the way any more
            return
        raise


async def _delete_as_seen(registry: Registry, call: Call, pod: JSON, deletion: DeleteOptions) -> bool:
    """Delete just this version of the pod; tell whether it was still that. Raises ApiError for another pod's uid."""
    try:
        await _delete(registry, call, pod, replace(deletion, revision=pod["metadata"]["resourceVersion"]))
    except ApiError as error:
        if error.code != 409 or (deletion.uid and deletion.uid != pod["metadata"]["uid"]):
            raise
        return False
    return True


async def _delete(registry: Registry, call: Call, pod: JSON, deletion: DeleteOptions) -> None:
    """Note the reason in the pod, then delete it."""
    check_preconditions(call.endpoint, pod, deletion)
    if not deletion.dry_run:
        bound = deletion.revision

        def compute(present: JSON) -> JSON:
            check_preconditions(call.endpoint, present, replace(deletion, revision=bound))
            return budgets.targeted(present, call.now)

        result = await change_object(registry, call, Change(compute, "status", raw=True), WriteOptions())
        written: JSON = orjson.loads(result.body)
        if bound:
            deletion = replace(deletion, revision=written["metadata"]["resourceVersion"])
    # What clients configured was asked about the eviction; the deletion is none of its own.
    await delete_item(registry, call, call.endpoint.get(call.namespace, call.name), deletion, asks=False)
