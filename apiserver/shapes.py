"""Whether an answer can have the shape that its client takes: the metadata of one object, or of a list of them.

A client that takes the one where the other is to be answered is refused before anything is written, in the words that
clients of the API know, which name the type of what there is. It must never look at objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podwright.api.errors import ApiError

if TYPE_CHECKING:
    from podwright.apiserver.media import Shape
    from podwright.apiserver.registry.endpoint import Endpoint

_LISTING = frozenset({"list", "deletecollection"})
_PACKAGES = {"": "core", "events.k8s.io": "core"}
_REFUSALS: dict[Shape, tuple[bool, str]] = {
    "partial": (True, "you requested PartialObjectMetadata, but the requested object is a list"),
    "partial-list": (False, "you requested PartialObjectMetadataList, but the requested object is not a list"),
}


def check_shape(endpoint: Endpoint, verb: str, shape: Shape) -> None:
    """Raise ApiError 406 if this verb answers a list and the client takes one object, or the other way round."""
    refusal = _REFUSALS.get(shape)
    if refusal is None or verb == "watch":
        return
    refused, text = refusal
    if (verb in _LISTING) is refused:
        raise ApiError(406, "NotAcceptable", f"{text} ({_type_name(endpoint, listing=refused)})")


def _type_name(endpoint: Endpoint, *, listing: bool) -> str:
    resource = endpoint.resource
    if not endpoint.kind.has_class:
        return "*unstructured.UnstructuredList" if listing else "*unstructured.Unstructured"
    package = _PACKAGES.get(resource.group) or resource.group.partition(".")[0]
    return f"*{package}.{resource.list_kind if listing else resource.kind}"
