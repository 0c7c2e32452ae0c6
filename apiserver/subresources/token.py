"""serviceaccounts/token: a signed token for a service account, bound to an object if asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from podwright.api.errors import bad_request, conflict, invalid, invalid_field, not_found, service_unavailable
from podwright.api.resources import Resource
from podwright.api.times import format_time
from podwright.apiserver.admission.asking import ask
from podwright.apiserver.admission.form import Form
from podwright.apiserver.admission.node_tokens import check_node_token
from podwright.apiserver.options import write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.class_codec import ClassCodec
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.managing import of_question

JSON = dict[str, Any]
TOKEN_REQUEST = ClassCodec(
    Resource(
        "authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", True, "authentication.tokenrequest:TokenRequest"
    )
)
_FORM = Form(TOKEN_REQUEST)
_DEFAULT_SECONDS = 3600
_MIN_SECONDS = 600
_MAX_SECONDS = 1 << 32
_BINDABLE = {("v1", "Pod"): "pods", ("v1", "Secret"): "secrets", ("v1", "Node"): "nodes"}


async def request_token(registry: Registry, call: Call) -> Result:
    """Handle POST. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    request = decode(TOKEN_REQUEST, call.body, call.content_type, options.validation, call.warnings)
    await ask(registry, call, _FORM, request, options)
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found("serviceaccounts", call.name)
    signer = registry.token_signer
    if signer is None:
        raise service_unavailable("this server has no key to sign service-account tokens with")
    account = call.endpoint.object(item)
    spec: JSON = request.get("spec") or {}
    check_node_token(call.user, registry.lookup, registry.authorizer, call.namespace, call.name, spec)
    seconds = spec.get("expirationSeconds") or _DEFAULT_SECONDS
    _validate(call, request, seconds)
    audiences: list[str] = spec.get("audiences") or [signer.issuer]
    bound = _bound(registry, call, spec.get("boundObjectRef"))
    private: JSON = {"namespace": call.namespace, **bound}
    private["serviceaccount"] = {"name": call.name, "uid": account["metadata"]["uid"]}
    token = signer.sign(
        subject=f"system:serviceaccount:{call.namespace}:{call.name}",
        audiences=audiences,
        seconds=seconds,
        private=private,
        now=call.now,
    )
    kept = ("name", "namespace", "uid")
    asked = {**request, "spec": {**spec, "expirationSeconds": seconds}}
    owners = of_question(call, TOKEN_REQUEST, asked, options)
    answer: JSON = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {k: account["metadata"][k] for k in kept}
        | {"creationTimestamp": format_time(call.now), "managedFields": owners},
        "spec": {
            "audiences": audiences,
            "expirationSeconds": seconds,
            "boundObjectRef": spec.get("boundObjectRef") or None,
        },
        "status": {"token": token, "expirationTimestamp": format_time(call.now + timedelta(seconds=seconds))},
    }
    return Result(orjson.dumps(answer), 201)


def _validate(call: Call, request: JSON, seconds: int) -> None:
    errors = []
    name = request["metadata"].get("name")
    if name and name != call.name:
        errors.append(invalid_field("metadata.name", name, "must match the service account name if specified"))
    namespace = request["metadata"].get("namespace")
    if namespace and namespace != call.namespace:
        text = "must match the service account namespace if specified"
        errors.append(invalid_field("metadata.namespace", namespace, text))
    if seconds < _MIN_SECONDS:
        text = "may not specify a duration less than 10 minutes"
        errors.append(invalid_field("spec.expirationSeconds", seconds, text))
    if seconds > _MAX_SECONDS:
        text = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid_field("spec.expirationSeconds", seconds, text))
    if errors:
        raise invalid("authentication.k8s.io", "TokenRequest", call.name, errors)


def _bound(registry: Registry, call: Call, reference: JSON | None) -> JSON:
    """The claim that binds the token to an object, which must exist. Raises ApiError."""
    if not reference:
        return {}
    api_version, kind, name = (reference.get(k) or "" for k in ("apiVersion", "kind", "name"))
    plural = _BINDABLE.get((api_version, kind))
    if plural is None:
        group, _, version = api_version.rpartition("/")
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    item = registry.endpoints["", "v1", plural].get(call.namespace, name)
    if item is None:
        raise not_found(plural, name)
    uid = item.object()["metadata"]["uid"]
    wanted = reference.get("uid")
    if wanted and wanted != uid:
        why = (
            f"the UID in the bound object reference ({wanted}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise conflict(kind, name, why)
    found = {kind.lower(): {"name": name, "uid": uid}}
    if plural == "pods" and (node := (item.object().get("spec") or {}).get("nodeName")):
        found["node"] = {"name": node}
        runs_on = registry.endpoints["", "v1", "nodes"].get("", node)
        if runs_on is not None:
            found["node"]["uid"] = runs_on.object()["metadata"]["uid"]
    return found
