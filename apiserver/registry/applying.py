"""PATCH with application/apply-patch+yaml: server-side apply, from the body to an ordinary change of an object.

The body is YAML or JSON and says what the applier wants; what that means for the object and for who owns its fields
is `api/apply`'s affair. It must never store anything itself: the loop of updates does.
"""

from __future__ import annotations

from typing import Any

import orjson

from podwright.api.apply.checking import Unfit, check
from podwright.api.apply.entries import APPLY, UPDATE, Entry, Writer, encode, read
from podwright.api.apply.last_applied import KUBECTL, allowed_by_last_applied, with_last_applied
from podwright.api.apply.owning import BEFORE_APPLY, Conflicts, applied, updated
from podwright.api.apply.shapes import BadItem, Shape
from podwright.api.apply.wording import conflict_error
from podwright.api.errors import bad_request, conflict
from podwright.api.model import Problem
from podwright.api.modeling.strict import has_duplicates
from podwright.api.resources import Resource
from podwright.api.schema import TypeSchema
from podwright.api.times import format_time
from podwright.apiserver.options import WriteOptions, write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import MAX_DEPTH, decode_patched, kind_of, load_any, too_deep
from podwright.apiserver.registry.managing import mask_of, writer_of
from podwright.apiserver.registry.updating import Change, Created, change_object, check_name
from podwright.apiserver.registry.versions import ServedVersions

JSON = dict[str, Any]
APPLY_TYPE = "application/apply-patch+yaml"


async def apply(registry: Registry, call: Call) -> Result:
    """Handle an apply to an object or to a subresource that shows the object itself. Raises ApiError."""
    application = application_of(registry, call)
    change = Change(application.compute, call.target.subresource, owners=application.owners)
    if not call.target.subresource:
        change.create = application.create
    return await change_object(registry, call, change, application.options)


def application_of(registry: Registry, call: Call) -> Application:
    """Read an apply. Raises ApiError."""
    options = write_options(call.query, "PatchOptions", apply=True)
    config = read_config(call, options, call.endpoint.resource, call.endpoint.schema, call.endpoint.shape)
    return Application(registry, call, options, config)


class Application:
    """One configuration on its way into an object. Computing it again forgets what was computed before."""

    def __init__(self, registry: Registry, call: Call, options: WriteOptions, config: JSON) -> None:
        self._call = call
        self._versions = ServedVersions(registry.endpoints, call.endpoint)
        self.options = options
        self._config = config
        self._owners: list[JSON] = []

    def compute(self, old: JSON) -> JSON:
        """The object that the configuration makes of a present one. Raises ApiError."""
        entries = read(old["metadata"].get("managedFields") or [])
        obj = self._apply(old, entries or self._before(old), self._config)
        check_name(obj["metadata"], self._call)
        return obj

    def create(self) -> Created:
        """The object that the configuration makes of nothing. Raises ApiError."""
        resource = self._call.endpoint.resource
        blank = self._call.endpoint.blank
        live = {"metadata": {}, **blank, "kind": resource.kind, "apiVersion": resource.api_version}
        config = {**self._config, "metadata": dict(self._config.get("metadata") or {})}
        config["metadata"].pop("resourceVersion", None)
        uid = config["metadata"].get("uid")
        if uid:
            why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            raise conflict(resource.qualified, self._call.name, why)
        obj = self._apply(live, [], config)
        check_name(obj["metadata"], self._call)
        return Created(obj, self._owners)

    def owners(
        self, _registry: Registry, _call: Call, _old: JSON, _obj: JSON, _given: Any, _options: WriteOptions
    ) -> list[JSON]:
        """The managedFields of what was computed last."""
        return self._owners

    def _before(self, old: JSON) -> list[Entry]:
        """Records for an object that nobody has kept records of: somebody before us owns what it holds."""
        call = self._call
        resource = call.endpoint.resource
        writer = Writer(BEFORE_APPLY, UPDATE, resource.api_version, call.target.subresource)
        now = format_time(call.now)
        return updated([], writer, self._versions, call.endpoint.blank, old, mask=mask_of(call), now=now)

    def _apply(self, live: JSON, entries: list[Entry], config: JSON) -> JSON:
        call, options = self._call, self.options
        writer = writer_of(call, options, APPLY)
        try:
            result = applied(
                entries,
                writer,
                self._versions,
                live,
                config,
                mask=mask_of(call),
                now=format_time(call.now),
                force=lambda conflicts: options.force or self._allowed(conflicts, live),
            )
        except Conflicts as error:
            raise conflict_error(error) from error
        except BadItem as error:
            raise bad_request(f"cannot apply to {call.endpoint.resource.kind} {call.name}: {error}") from error
        self._owners = encode(result.entries)
        obj = with_last_applied(result.obj, config) if writer.manager == KUBECTL else result.obj
        return decode_patched(call.endpoint.codec, obj, [], options.validation, call.warnings)

    def _allowed(self, conflicts: Conflicts, live: JSON) -> bool:
        return self.options.manager == KUBECTL and allowed_by_last_applied(conflicts, self._call.endpoint.shape, live)


def read_config(call: Call, options: WriteOptions, resource: Resource, schema: TypeSchema, shape: Shape) -> JSON:
    """The configuration in a body, checked to be one of `resource`. Raises ApiError 400."""
    config, repeated = _load(call.body)
    if repeated and options.validation == "Strict":
        raise bad_request(f"error strict decoding YAML: error converting YAML to JSON: {repeated[0].message}")
    if repeated and options.validation == "Warn":
        call.warnings.extend(line.strip() for line in repeated[0].message.split("\n")[1:])
    kind, api_version = config.get("kind") or "", config.get("apiVersion") or ""
    if (kind, api_version) != (resource.kind, resource.api_version):
        raise bad_request(f"invalid object type: {_typed(api_version, kind)}")
    metadata = config.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    try:
        check(schema, shape, config)
    except Unfit as error:
        named: JSON = metadata if isinstance(metadata, dict) else {}
        subject = f"{named.get('namespace') or ''}/{named.get('name') or ''}; {_typed(api_version, kind)}"
        raise bad_request(f"failed to create typed patch object ({subject}): {error}") from error
    return config


def _typed(api_version: Any, kind: Any) -> str:
    group, _, version = str(api_version).rpartition("/")
    return f"{group}/{version}, Kind={kind}"


def _load(body: bytes) -> tuple[JSON, list[Problem]]:
    """Parse JSON or YAML; also the keys that are there twice. Raises ApiError 400."""
    if body.lstrip()[:1] == b"{":
        try:
            value = load_any(body)
        except ValueError:
            value = None  # a flow mapping of YAML may still be what it is
        if isinstance(value, dict) and not has_duplicates(body, orjson.dumps(value)):
            return value, []
    from podwright.apiserver.registry.yaml_body import NoMappingError, load_yaml

    try:
        return load_yaml(body, too_deep=lambda value: too_deep(value, MAX_DEPTH))
    except NoMappingError as error:
        why = f"json: cannot unmarshal {kind_of(error.found)} into Go value of type map[string]interface {{}}"
        raise bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {why}") from error
    except ValueError as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from error
