"""Whether a delegate can be asked: what its service and endpoints say, and after that how it answered.

Pure, and the source of every text of the Available condition. Whoever asks it brings what there is now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.api.quoting import quote
from podwright.api.times import format_time
from podwright.apiserver.aggregation.delegate import AVAILABLE, Delegate, condition_of

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the condition shall say."""

    available: bool
    reason: str
    message: str


PASSED = Verdict(available=True, reason="Passed", message="all checks passed")
LOCAL = Verdict(available=True, reason="Local", message="Local APIServices are always available")


def reachable(delegate: Delegate, service: JSON | None, *, endpoints: bool, answering: bool) -> Verdict | None:
    """Why there is nobody to ask, None when there is.

    `endpoints`: the service has endpoints at all; `answering`: some of them are ready on its port.
    """
    place = f"service/{delegate.service.name} in {quote(delegate.service.namespace)}"
    if service is None:
        return _no("ServiceNotFound", f"{place} is not present")
    spec: JSON = service.get("spec") or {}
    if spec.get("type") != "ClusterIP":
        return None
    port = next((each for each in spec.get("ports") or () if each.get("port") == delegate.service.port), None)
    if port is None:
        return _no("ServicePortError", f"{place} is not listening on port {delegate.service.port}")
    if not endpoints:
        return _no("EndpointsNotFound", f"cannot find endpointslices for {place}")
    if not answering:
        name = quote(port.get("name") or "")
        return _no("MissingEndpoints", f"endpointslices for {place} have no addresses with port name {name}")
    return None


def answered(url: str, status: int) -> Verdict:
    """What an answer to a look at its resources means."""
    if 200 <= status < 300:
        return PASSED
    return failed(url, f"bad status from {url}: {status}")


def failed(url: str, why: str) -> Verdict:
    """There was no answer."""
    return _no("FailedDiscoveryCheck", f"failing or missing response from {url}: {why}")


def status_with(api_service: JSON, verdict: Verdict, now: datetime) -> JSON | None:
    """The status with the condition as the verdict has it, None when it says so already."""
    present = condition_of(api_service)
    status = "True" if verdict.available else "False"
    wanted: JSON = {"type": AVAILABLE, "status": status, "reason": verdict.reason, "message": verdict.message}
    since = format_time(now)
    if present is not None:
        if all(present.get(key) == value for key, value in wanted.items()):
            return None
        if present.get("status") == status:
            since = present.get("lastTransitionTime") or since
    made = {**wanted, "lastTransitionTime": since}
    before: JSON = api_service.get("status") or {}
    others = [each for each in before.get("conditions") or () if each is not present]
    return {**before, "conditions": [*others, made]}


def _no(reason: str, message: str) -> Verdict:
    return Verdict(available=False, reason=reason, message=message)
