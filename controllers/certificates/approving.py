"""Nodes' client certificates are approved by themselves: who asks must be allowed to ask for that.

Two rights, of two subresources that exist for this alone: `selfnodeclient`, a node renews its own certificate, and
`nodeclient`, somebody (a bootstrap token) asks for a node. It must never approve anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.times import format_time
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.certificates.requests import APPROVED, DENIED, conditions, read
from podwright.controllers.certificates.signers import NODE_CLIENT, problem
from podwright.controllers.meta import Whole
from podwright.controllers.resources import SIGNING_REQUESTS

JSON = dict[str, Any]
_LATER: Final = 60.0  # seconds until a right that is missing is asked for again
_GROUP: Final = SIGNING_REQUESTS.group


@dataclass(frozen=True, slots=True)
class Way:
    """One right that lets a request pass, and what its approval says."""

    subresource: str
    message: str


OWN: Final = Way("selfnodeclient", "A node may renew its own client certificate.")
ANY: Final = Way("nodeclient", "Who asked may ask for the client certificate of a node.")


def ways(request: Whole) -> Iterator[Way]:
    """The rights of which one lets the request pass; none for what is not ours to approve."""
    spec = request.spec
    if spec.get("signerName") != NODE_CLIENT or _is_settled(request):
        return
    asked = read(spec)
    if asked is None or problem(NODE_CLIENT, asked, spec.get("usages") or ()):
        return
    if asked.common_name == spec.get("username"):
        yield OWN
    yield ANY


def review(spec: Mapping[str, Any], way: Way) -> JSON:
    """The question whether who sent a request has the right."""
    who = {
        "user": spec.get("username"),
        "uid": spec.get("uid"),
        "groups": spec.get("groups"),
        "extra": spec.get("extra"),
    }
    asked = {
        "group": _GROUP, "resource": SIGNING_REQUESTS.plural, "verb": "create", "subresource": way.subresource,
    }  # fmt: skip
    return {"spec": {**{key: value for key, value in who.items() if value}, "resourceAttributes": asked}}


def approve(request: Whole | None, way: Way | None, now: datetime, *, asked: bool) -> Plan:
    """Return the approval by a right that was found; `asked` tells whether there was one to ask for."""
    if request is None or _is_settled(request):
        return NOTHING
    if way is None:
        return Plan(again=_LATER) if asked else NOTHING
    condition = {
        "type": APPROVED, "status": "True", "reason": "AutoApproved", "message": way.message,
        "lastUpdateTime": format_time(now),
    }  # fmt: skip
    meta, present = request.meta, request.status.get("conditions") or []
    change = {
        "metadata": {"resourceVersion": meta.version, "uid": meta.uid},
        "status": {"conditions": [*present, condition]},
    }
    return Plan((Patch(SIGNING_REQUESTS, "", meta.name, change, subresource="approval"),))


def _is_settled(request: Whole) -> bool:
    found = conditions(request.status)
    return bool(request.status.get("certificate")) or APPROVED in found or DENIED in found
