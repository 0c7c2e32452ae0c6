"""One request to a resource on its way through the registry. A plain value holder: no behaviour but small look-ups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from podwright.apiserver.media import Format
from podwright.apiserver.options import Query
from podwright.apiserver.registry.endpoint import Endpoint
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User
from podwright.client.transport import Content, whole


@dataclass(slots=True)
class Call:
    """`namespace` and `name` come from the path; `warnings` collects texts for Warning headers."""

    endpoint: Endpoint
    target: Target
    user: User
    query: Query
    body: bytes
    content_type: str
    format: Format
    now: datetime
    agent: str = ""
    """The User-Agent header."""
    objects: bool = False
    """Whether the events of a watch may be handed over as objects."""
    warnings: list[str] = field(default_factory=list[str])
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """What admission notes of the request where it is recorded."""

    @property
    def namespace(self) -> str:
        """The namespace of a namespaced resource, "" of others."""
        return self.target.namespace if self.endpoint.resource.namespaced else ""

    @property
    def name(self) -> str:
        """The object's name."""
        return self.target.name


@dataclass(slots=True)
class Result:
    """What a handler answers: one JSON object, or a list in the format that the client takes."""

    content: Content
    status: int = 200

    @property
    def body(self) -> bytes:
        """All of it in one piece."""
        return whole(self.content)
