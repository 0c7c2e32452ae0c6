"""What wakes the controllers of requests for certificates, and what they look at."""

from __future__ import annotations

from typing import Any

from podwright.api.resources import find
from podwright.client.client import Client
from podwright.controllers.actions import Plan
from podwright.controllers.caches import Caches
from podwright.controllers.certificates import approving, cleaning, signing
from podwright.controllers.certificates.approving import Way
from podwright.controllers.certificates.requests import pem_of
from podwright.controllers.certificates.signing import Signed
from podwright.controllers.config import ControllersConfig, Sign
from podwright.controllers.controller import Controller, Look, Trigger, own_key

_REVIEWS = find("subjectaccessreviews", "authorization.k8s.io")


def approver(caches: Caches, client: Client, workers: int) -> Controller:
    """Return the controller that approves nodes' client certificates."""

    async def observe(key: str) -> tuple[Way | None, bool]:
        request = caches.signing_requests.get(key)
        asked = False
        for way in approving.ways(request) if request is not None else ():
            asked = True
            answer = await client.create(_REVIEWS, approving.review(request.spec, way)) if request is not None else {}
            if (answer.get("status") or {}).get("allowed"):
                return way, True
        return None, asked

    def decide(key: str, look: Look) -> Plan:
        way, asked = look.observed
        return approving.approve(caches.signing_requests.get(key), way, look.now, asked=asked)

    return Controller(
        name="csrapproving",
        triggers=(Trigger(caches.signing_requests, own_key),),
        decide=decide,
        observe=observe,
        workers=workers,
    )


def signer(caches: Caches, config: ControllersConfig) -> Controller | None:
    """Return the controller that signs what was approved, where there is something to sign with."""
    sign = config.sign
    if sign is None:
        return None

    async def observe(key: str) -> Signed | None:
        request = caches.signing_requests.get(key)
        if request is None or not signing.waits(request):
            return None
        problem = signing.unfit(request)
        return Signed(problem=problem) if problem else _sign(sign, request.spec)

    return Controller(
        name="csrsigning",
        triggers=(Trigger(caches.signing_requests, own_key),),
        decide=lambda key, look: signing.finish(caches.signing_requests.get(key), look.observed, look.now),
        observe=observe,
        workers=config.workers,
    )


def cleaner(caches: Caches, workers: int) -> Controller:
    """Return the controller that clears old requests away."""
    return Controller(
        name="csrcleaner",
        triggers=(Trigger(caches.signing_requests, own_key),),
        decide=lambda key, look: cleaning.clean(caches.signing_requests.get(key), look.now),
        workers=workers,
    )


def _sign(sign: Sign, spec: dict[str, Any]) -> Signed:
    try:
        return Signed(sign(pem_of(spec), spec.get("usages") or (), spec.get("expirationSeconds")))
    except ValueError as error:  # what the signer has against it, the request says
        return Signed(problem=str(error))
