"""One stage of one request as the audit log has it: a JSON object like the original's audit Event.

`Moment` is what a request leaves behind, raw; `rendered` makes the line of it, in the writer's thread. Bodies are
decoded here and pass `confidential`; one that cannot be decoded is left out, never written as it came. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from podwright.api.times import format_micro_time
from podwright.apiserver import confidential
from podwright.apiserver.audit.policy import NAMES, Level, Verdict
from podwright.apiserver.documents import document_of
from podwright.apiserver.media import JSON_TYPE, body_type
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User
from podwright.client.transport import Content, Request, Response, whole

JSON = dict[str, Any]
MOST_BYTES: Final = 1 << 20
"""Of a body; what is larger is left out."""
_AGENT_LENGTH: Final = 1024
_TRUNCATED: Final = "audit.k8s.io/truncated"
_CHANGES: Final = "patch.webhook.admission.k8s.io/"
"""Annotations that hold parts of the object."""
_STATUS_FIELDS: Final = ("status", "message", "reason", "details", "code")
_NAMING: Final = ("create", "update")
"""Verbs whose bodies say what object they are about."""
_STATUS_MARK: Final = b'"kind":"Status"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A request at one of its stages. `user` is None while nobody is known, `acting` is whom it acts as, if anybody."""

    id: str
    stage: str
    verdict: Verdict
    request: Request
    target: Target
    user: User | None
    acting: User | None
    sources: tuple[str, ...]
    received: datetime
    now: datetime
    code: int = 0
    message: str = ""
    """What is said in the place of the answer."""
    response: Response | None = None
    annotations: Mapping[str, str]

    @property
    def size(self) -> int:
        """About the bytes that it keeps in memory."""
        return 1024 + len(self.request.body) + (len(self.response.content) if self.response is not None else 0)


def rendered(moment: Moment) -> bytes:
    """The line of a moment, with its line break."""
    return orjson.dumps(event(moment), default=str, option=orjson.OPT_APPEND_NEWLINE)


def event(moment: Moment) -> JSON:
    """The audit event of a moment."""
    target, level = moment.target, moment.verdict.level
    annotations = _annotations(moment)
    headers = dict(moment.request.headers)
    wanted = level >= Level.REQUEST or target.verb in _NAMING
    body = moment.request.body if wanted else b""
    sent = _Body(body, headers.get("content-type", ""), target, moment.verdict, confidential.sent)
    made: JSON = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": NAMES[level],
        "auditID": moment.id,
        "stage": moment.stage,
        "requestURI": _uri(moment.request),
        "verb": target.verb or target.method.lower(),
        "user": {} if moment.user is None else _user(moment.user),
    }
    if moment.acting is not None:
        made["impersonatedUser"] = _user(moment.acting)
    if moment.sources:
        made["sourceIPs"] = list(moment.sources)
    agent = _text(headers.get("user-agent", ""))
    if agent:
        made["userAgent"] = agent if len(agent) <= _AGENT_LENGTH else f"{agent[:_AGENT_LENGTH]}...TRUNCATED"
    if target.resource:
        made["objectRef"] = _reference(target, sent)
    answer = moment.response
    if moment.code:
        made["responseStatus"] = _status(moment)
    if level >= Level.REQUEST and sent.document is not None:
        made["requestObject"] = sent.document
    if level >= Level.REQUEST_RESPONSE and answer is not None:
        content_type = answer.headers.get("content-type", "")
        given = _Body(answer.content, content_type, target, moment.verdict, confidential.answered)
        if given.document is not None:
            made["responseObject"] = given.document
        if given.large:
            annotations[_TRUNCATED] = "true"
    if level >= Level.REQUEST and sent.large:
        annotations[_TRUNCATED] = "true"
    made["requestReceivedTimestamp"] = format_micro_time(moment.received)
    made["stageTimestamp"] = format_micro_time(moment.now)
    if annotations:
        made["annotations"] = {name: _text(value) for name, value in annotations.items()}
    return made


def _annotations(moment: Moment) -> dict[str, str]:
    """What was noted on the way; what webhooks changed is part of the object, and as confidential."""
    target = moment.target
    hidden = moment.verdict.level < Level.REQUEST
    hidden |= bool(confidential.kind_of(target.group, target.plural, target.subresource))
    return {k: v for k, v in moment.annotations.items() if not (hidden and k.startswith(_CHANGES))}


class _Body:
    """A body, decoded, without what is confidential. `document` is None when there is nothing to show."""

    def __init__(
        self, content: Content, content_type: str, target: Target, verdict: Verdict, show: Callable[[Any, str], Any]
    ) -> None:
        self.large = len(content) > MOST_BYTES
        self.document: Any = None
        if not content or self.large or not target.resource or target.subresource == "proxy":
            return
        found = document_of(whole(content), body_type(content_type))
        if found is not None:
            kind = confidential.kind_of(target.group, target.plural, target.subresource)
            self.document = show(found, kind)
            if not verdict.managed_fields:
                self.document = _without_managed(self.document)


def _without_managed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("items"), list):
        value = {**value, "items": [_without_managed(item) for item in value["items"]]}
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and "managedFields" in metadata:
        value = {**value, "metadata": {name: part for name, part in metadata.items() if name != "managedFields"}}
    return value


def _user(user: User) -> JSON:
    made: JSON = {"username": _text(user.name)}
    if user.uid:
        made["uid"] = _text(user.uid)
    if user.groups:
        made["groups"] = [_text(group) for group in user.groups]
    if user.extra:
        made["extra"] = {_text(key): [_text(value) for value in values] for key, values in user.extra.items()}
    return made


def _reference(target: Target, sent: _Body) -> JSON:
    """What the request is about; what the path does not say of an object, the object that was sent may."""
    body = sent.document if isinstance(sent.document, dict) and target.verb in _NAMING else {}
    metadata = body.get("metadata") if not target.subresource or target.verb == "update" else None
    held: JSON = metadata if isinstance(metadata, dict) else {}
    parts = {
        "resource": target.plural,
        "namespace": target.namespace,
        "name": target.name or held.get("name"),
        "uid": held.get("uid"),
        "apiGroup": target.group,
        "apiVersion": target.version,
        "resourceVersion": held.get("resourceVersion"),
        "subresource": target.subresource,
    }
    return {name: _text(value) for name, value in parts.items() if isinstance(value, str) and value}


def _status(moment: Moment) -> JSON:
    """The code of the answer; of a Status, what it says."""
    made: JSON = {"metadata": {}}
    answer = moment.response
    if answer is not None and isinstance(answer.content, bytes) and _STATUS_MARK in answer.content[:64]:
        found = document_of(answer.content, JSON_TYPE)
        if isinstance(found, dict):
            made |= {name: found[name] for name in _STATUS_FIELDS if name in found}
    if moment.message:
        made["message"] = moment.message
        if moment.code >= 400:
            made["status"] = "Failure"
    made["code"] = moment.code
    return made


def _uri(request: Request) -> str:
    from urllib.parse import quote, urlencode

    path = quote(_text(request.path), safe="/:@!$&'()*+,;=~")
    if not request.query:
        return path
    return f"{path}?{urlencode([(_text(k), _text(confidential.query_value(k, v))) for k, v in request.query])}"


def _text(value: str) -> str:
    """Text that can be written: clients may send bytes that are none."""
    return value.encode("utf-8", "replace").decode()
