"""serviceaccounts/token: a signed token for a service account, bound to an object if asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from podwright.api.errors import bad_request, conflict, invalid, invalid_field, not_found, service_unavailable
from podwright.api.quoting import quote
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
_BINDABLE = {("", "Pod"): "pods", ("", "Secret"): "secrets", ("", "Node"): "nodes"}
_GROUP, _KIND = "authentication.k8s.io", "TokenRequest"


async def request_token(registry: Registry, call: Call) -> Result:
    """Handle POST. Raises ApiError."""
    options = write_options(call.query, "CreateOptions")
    request = decode(TOKEN_REQUEST, call.body, call.content_type, options.validation, call.warnings)
    await ask(registry, call, _FORM, request, options)
    _check_place(call, request["metadata"])
    item = call.endpoint.get(call.namespace, call.name)
    if item is None:
        raise not_found("serviceaccounts", call.name)
    signer = registry.token_signer
    if signer is None:
        raise service_unavailable("this server has no key to sign service-account tokens with")
    account = call.endpoint.object(item)
    _check_uid(call, request["metadata"].get("uid") or "", account["metadata"]["uid"])
    spec: JSON = request.get("spec") or {}
    check_node_token(call.user, registry.lookup, registry.authorizer, call.namespace, call.name, spec)
    seconds = spec.get("expirationSeconds")
    seconds = _DEFAULT_SECONDS if seconds is None else seconds
    _check_seconds(seconds)
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


def _check_place(call: Call, metadata: JSON) -> None:
    for field, wanted, what in (("name", call.name, "name"), ("namespace", call.namespace, "namespace")):
        given = metadata.get(field)
        if given and given != wanted:
            text = f"must match the service account {what} if specified"
            raise invalid(_GROUP, _KIND, call.name, [invalid_field(f"metadata.{field}", given, text)])


def _check_uid(call: Call, wanted: str, present: str) -> None:
    if wanted and wanted != present:
        why = f"the UID in the token request ({wanted}) does not match the UID of the service account ({present})"
        raise conflict(_KIND, call.name, why, group=_GROUP)


def _check_seconds(seconds: int) -> None:
    text = ""
    if seconds < _MIN_SECONDS:
        text = "may not specify a duration less than 10 minutes"
    elif seconds > _MAX_SECONDS:
        text = "may not specify a duration larger than 2^32 seconds"
    if text:  # what is asked for has no name of its own
        raise invalid(_GROUP, _KIND, "", [invalid_field("spec.expirationSeconds", seconds, text)])


def _bound(registry: Registry, call: Call, reference: JSON | None) -> JSON:
    """The claim that binds the token to an object, which must exist. Raises ApiError."""
    if not reference:
        return {}
    api_version, kind, name = (reference.get(k) or "" for k in ("apiVersion", "kind", "name"))
    group, _, version = api_version.rpartition("/")
    plural = _BINDABLE.get((group, kind))
    if plural is None:
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    item = registry.endpoints["", "v1", plural].get("" if plural == "nodes" else call.namespace, name)
    if item is None:
        raise not_found(plural, name)
    if plural == "pods" and (item.object().get("spec") or {}).get("serviceAccountName") != call.name:
        other = f"serviceaccount {quote(call.name)} to pod running with different serviceaccount name."
        raise bad_request(f"cannot bind token for {other}")
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
