"""Which line of a manifest a refusal is about. Pure: the server names fields, the manifest knows their lines."""

from __future__ import annotations

from podwright.api.errors import ApiError
from podwright.api.model import check
from podwright.api.resources import Resource
from podwright.cli import errors
from podwright.cli.errors import CliError
from podwright.cli.manifests import Document

_DECODING = frozenset((400, 422))


def text(error: Exception, doing: str, document: Document, resource: Resource | None) -> str:
    """The message for people, then a line "FILE:LINE: FIELD" for every field that is wrong."""
    said = errors.text(error, f"{doing} {document.place}")
    if not document.source or not (isinstance(error, CliError) or getattr(error, "code", 0) in _DECODING):
        return said
    places = dict.fromkeys(
        f"  {document.source}:{document.line_of(field)}: {field}" for field in _fields(error, document, resource)
    )
    return "\n".join([said, *places])


def _fields(error: Exception, document: Document, resource: Resource | None) -> list[str]:
    """The fields that the refusal names; where it does not say, those that the schema knows to be wrong."""
    if isinstance(error, ApiError) and error.reason == "Invalid":
        causes = (error.details or {}).get("causes") or ()
        named = [str(c["field"]) for c in causes if c.get("field") and c["field"] != "patch"]
        if named:
            return named
    if resource is None or not resource.model:
        return []
    return [problem.path for problem in check(resource.cls, document.data)]
