"""Approved requests for our signers get their certificate, or the reason why there will be none."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from podwright.api.times import format_time
from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.certificates.requests import APPROVED, DENIED, FAILED, conditions, read
from podwright.controllers.certificates.signers import is_ours, problem
from podwright.controllers.meta import Whole
from podwright.controllers.resources import SIGNING_REQUESTS

JSON = dict[str, Any]
_UNFIT: Final = "SignerValidationFailure"


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of signing: a certificate (PEM), or why there is none."""

    certificate: bytes = b""
    problem: str = ""


def waits(request: Whole | None) -> bool:
    """Tell whether a request is to be signed by us now."""
    if request is None or request.status.get("certificate") or not is_ours(request.spec.get("signerName") or ""):
        return False
    found = conditions(request.status)
    return APPROVED in found and DENIED not in found and FAILED not in found


def unfit(request: Whole) -> str:
    """Say why a request is not what its signer signs; "" when it is."""
    spec = request.spec
    asked = read(spec)
    return "unable to parse csr" if asked is None else problem(spec["signerName"], asked, spec.get("usages") or ())


def finish(request: Whole | None, signed: Signed | None, now: datetime) -> Plan:
    """Return what is written to a request that was signed or refused."""
    if request is None or signed is None or not waits(request):
        return NOTHING
    meta = request.meta
    status: JSON = {}
    if signed.certificate:
        status["certificate"] = base64.b64encode(signed.certificate).decode()
    else:
        condition = {
            "type": FAILED, "status": "True", "reason": _UNFIT, "message": signed.problem,
            "lastUpdateTime": format_time(now),
        }  # fmt: skip
        status["conditions"] = [*(request.status.get("conditions") or []), condition]
    change = {"metadata": {"resourceVersion": meta.version, "uid": meta.uid}, "status": status}
    return Plan((Patch(SIGNING_REQUESTS, "", meta.name, change, subresource="status"),))
