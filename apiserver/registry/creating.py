"""POST: a new object, from bytes to a durable revision."""

from __future__ import annotations

from typing import Any

from podwright.api.errors import ApiError, already_exists, bad_request, conflict, internal, invalid
from podwright.apiserver.options import WriteOptions, write_options
from podwright.apiserver.registry import metadata as meta
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.managing import after_create
from podwright.apiserver.strategies.meta import validate_new

JSON = dict[str, Any]
_NAME_ATTEMPTS = 8
_CLAIM_ATTEMPTS = 16
_ACCOUNT_ATTEMPTS = 100


async def create(registry: Registry, call: Call) -> Result:
    """Handle a POST on a collection. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    obj = decode(call.endpoint.codec, call.body, call.content_type, options.validation, call.warnings)
    match_namespace(obj["metadata"], call)
    if obj["metadata"].get("resourceVersion"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    return await create_object(registry, call, obj, options)


async def create_object(
    registry: Registry, call: Call, obj: JSON, options: WriteOptions, *, owners: list[JSON] | None = None
) -> Result:
    """Complete, admit, validate and store a decoded object; `owners` are its managedFields if they are known already.

    Raises ApiError.
    """
    endpoint, strategy = call.endpoint, call.endpoint.strategy
    metadata: JSON = obj["metadata"]
    given = metadata.pop("managedFields", None)
    meta.fill_create(obj, call.namespace, call.now)
    prefix = "" if metadata.get("name") else str(metadata.get("generateName") or "")
    if prefix:
        metadata["name"] = meta.generated_name(prefix)
    ctx = registry.context(call, dry_run=options.dry_run)
    strategy.default(obj)
    if owners is None and endpoint.converts:
        owners = await settled(lambda: after_create(registry, call, obj, given, options))
    elif owners is None:
        owners = after_create(registry, call, obj, given, options)
    if owners:
        metadata["managedFields"] = owners
    admission = registry.admission
    attributes = registry.attributes(call, "create", ctx, obj, None, options, name=metadata.get("name", ""))
    admission.admit(attributes)
    asked = admission.asked(attributes)
    if asked:
        await admission.mutate(asked, attributes)
        metadata = obj["metadata"]
        match_namespace(metadata, call)
        meta.place(metadata, call.namespace)
    strategy.prepare_create(obj, ctx)  # after admission: a pod's QoS class follows from limits that came in there
    errors = validate_new(
        metadata,
        namespaced=endpoint.resource.namespaced,
        name_rule=strategy.validate_name,
        bare_finalizers=strategy.bare_finalizers,
    )
    errors += strategy.validate_create(obj, ctx)
    if errors:
        raise invalid(endpoint.named.group, obj["kind"], metadata.get("name", ""), errors)
    call.warnings.extend(strategy.warnings(obj, None, ctx))  # of a good object, also where admission refuses it
    admission.validate(attributes)
    if asked:
        await admission.review(asked, attributes)
    if endpoint.converts:
        await registry.encoded(endpoint, obj)  # now, so that nobody waits for a turn meanwhile
    return await _store(registry, call, obj, prefix, options)


async def _store(registry: Registry, call: Call, obj: JSON, prefix: str, options: WriteOptions) -> Result:
    if registry.charger is None:
        return await _store_now(registry, call, obj, prefix, options)
    async with registry.charger.turn(call.endpoint, call.namespace):
        return await _store_now(registry, call, obj, prefix, options)


async def _store_now(registry: Registry, call: Call, obj: JSON, prefix: str, options: WriteOptions) -> Result:
    endpoint = call.endpoint
    metadata: JSON = obj["metadata"]
    names_left, claims_left, accounts_left = _NAME_ATTEMPTS, _CLAIM_ATTEMPTS, _ACCOUNT_ATTEMPTS
    while True:
        key = endpoint.key(call.namespace, metadata["name"])
        claims = registry.claims(endpoint, obj, None)
        stored, value = (
            registry.encode(endpoint, obj) if not endpoint.converts else await registry.encoded(endpoint, obj)
        )
        if options.dry_run:
            if endpoint.get(call.namespace, metadata["name"]) is not None:
                raise already_exists(endpoint.named.qualified, metadata["name"])
            return Result(value if endpoint.view is None else _plain(obj), 201)
        saved = await registry.save(endpoint, key, stored, value, 0, claims)
        if saved.done:
            if endpoint.converts:
                return Result(await registry.answered(endpoint, value, saved.revision), 201)
            return Result(endpoint.wire_of(value, saved.revision), 201)
        if saved.moved and accounts_left:
            accounts_left -= 1
        elif saved.taken and claims_left:
            claims_left -= 1
            for taken in saved.taken:
                claims.take[taken]()
        elif prefix and names_left and not saved.taken and not saved.moved:
            names_left -= 1
            metadata["name"] = meta.generated_name(prefix)
        elif saved.taken:
            raise internal("no free value could be allocated, try again")
        elif saved.moved:
            raise conflict(
                endpoint.named.qualified, metadata["name"], "the namespace's quotas change too fast, try again"
            )
        else:
            raise _taken(call, metadata["name"], generated=bool(prefix))


def _plain(obj: JSON) -> bytes:
    import orjson

    return orjson.dumps(obj)


def _taken(call: Call, name: str, *, generated: bool) -> ApiError:
    error = already_exists(call.endpoint.named.qualified, name)
    if generated:
        error.retry_after = 1
    return error


def match_namespace(metadata: JSON, call: Call) -> None:
    """Refuse an object that names another namespace than the path. Raises ApiError 400."""
    namespace = metadata.get("namespace")
    if namespace and call.endpoint.resource.namespaced and namespace != call.namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
