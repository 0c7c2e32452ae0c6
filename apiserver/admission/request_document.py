"""A write as the document that programs and expressions know it by: everything about it but the objects.

Names and values are the public API's. What is not known is left out.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.resources import Resource
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.rule_matching import Gvr
from podwright.apiserver.admission.seen import Seen, asked_of, gvr_of
from podwright.apiserver.options import DeleteOptions, WriteOptions
from podwright.apiserver.user import User

JSON = dict[str, Any]
_META: Final = "meta.k8s.io/v1"
_OPTIONS: Final = {"create": "CreateOptions", "update": "UpdateOptions", "delete": "DeleteOptions"}


def request_document(attributes: Attributes, seen: Seen) -> JSON:
    """Describe a write; `seen` is how the rule means it that asks for this."""
    document: JSON = {
        "kind": _kind(seen.kind),
        "resource": _resource(seen.resource),
        "requestKind": _kind(attributes.kind),
        "requestResource": _resource(gvr_of(attributes.resource)),
        "operation": attributes.operation,
        "userInfo": user_document(attributes.user),
        "dryRun": attributes.dry_run,
        "options": _options(attributes.verb, attributes.options),
    }
    if attributes.subresource:
        document["subResource"] = document["requestSubResource"] = attributes.subresource
    if attributes.name:
        document["name"] = attributes.name
    namespace = asked_of(attributes).namespace
    if namespace:
        document["namespace"] = namespace
    return document


def user_document(user: User) -> JSON:
    """Describe who asks."""
    found: JSON = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        found["uid"] = user.uid
    if user.extra:
        found["extra"] = {key: list(values) for key, values in user.extra.items()}
    return found


def _kind(kind: Resource) -> JSON:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _resource(resource: Gvr) -> JSON:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def _options(verb: str, options: WriteOptions | DeleteOptions | None) -> JSON | None:
    if options is None:
        return None
    head: JSON = {"kind": _OPTIONS[verb], "apiVersion": _META}
    if isinstance(options, DeleteOptions):
        return {**options.raw, **head}
    if options.dry_run:
        head["dryRun"] = ["All"]
    if options.manager:
        head["fieldManager"] = options.manager
    if options.validation != "Warn":
        head["fieldValidation"] = options.validation
    return head
