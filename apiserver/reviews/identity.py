"""SelfSubjectReview and TokenReview: who somebody is, answered by the server's own authentication."""

from __future__ import annotations

from typing import Any

from podwright.api.errors import bad_request
from podwright.api.times import format_time
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.reviews.asking import answer, question
from podwright.apiserver.reviews.user_info import user_info

JSON = dict[str, Any]


async def review_self(registry: Registry, call: Call) -> Result:
    """Handle POST of a SelfSubjectReview. Raises ApiError."""
    review = await question(registry, call)
    review["metadata"] = {"creationTimestamp": format_time(call.now)}
    return answer(call, review, {"userInfo": user_info(call.user)})


async def review_token(registry: Registry, call: Call) -> Result:
    """Handle POST of a TokenReview. Raises ApiError."""
    review = await question(registry, call)
    spec: JSON = review["spec"]
    token = spec.get("token") or ""
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    pending = registry.token_reviewer.pending(f"Bearer {token}")
    if pending is not None:
        await pending
    found = registry.token_reviewer.review(token, tuple(spec.get("audiences") or ()))
    if found.user is None:
        return answer(call, review, {"error": found.error})
    status = {"authenticated": True, "user": user_info(found.user), "audiences": list(found.audiences)}
    return answer(call, review, status)
