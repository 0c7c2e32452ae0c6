"""SubjectAccessReview and its kin: whether somebody may do something, answered by the server's own authorizer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from podwright.api.errors import bad_request, invalid
from podwright.api.fields import FieldSelector, FieldSelectorError
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.reviews.access_rules import validate
from podwright.apiserver.reviews.asking import answer, question
from podwright.apiserver.routes import Target
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.user import User

JSON = dict[str, Any]


async def review_subject(registry: Registry, call: Call) -> Result:
    """Handle POST of a SubjectAccessReview. Raises ApiError."""
    review = await question(registry, call)
    return _answer(registry, call, review, _subject(review["spec"]), validate(review, subject=True))


async def review_local(registry: Registry, call: Call) -> Result:
    """Handle POST of a LocalSubjectAccessReview. Raises ApiError."""
    review = await question(registry, call)
    return _answer(registry, call, review, _subject(review["spec"]), validate(review, subject=True, local=True))


async def review_own(registry: Registry, call: Call) -> Result:
    """Handle POST of a SelfSubjectAccessReview. Raises ApiError."""
    review = await question(registry, call)
    return _answer(registry, call, review, call.user, validate(review, subject=False))


async def review_rules(registry: Registry, call: Call) -> Result:
    """Handle POST of a SelfSubjectRulesReview. Raises ApiError."""
    review = await question(registry, call)
    namespace = review["spec"].get("namespace") or ""
    if not namespace:
        raise bad_request("no namespace on request")
    found = registry.authorizer.rules(call.user, namespace)
    status: JSON = {
        "resourceRules": [
            {
                "verbs": list(rule.verbs),
                "apiGroups": list(rule.groups),
                "resources": list(rule.resources),
                "resourceNames": list(rule.names),
            }
            for rule in found.resources
        ],
        "nonResourceRules": [{"verbs": list(r.verbs), "nonResourceURLs": list(r.paths)} for r in found.paths],
        "incomplete": found.incomplete,
    }
    if found.error:
        status["evaluationError"] = found.error
    return answer(call, {**review, "metadata": {}, "spec": {}}, status)


def _answer(registry: Registry, call: Call, review: JSON, user: User, errors: Errors) -> Result:
    if errors:
        raise invalid(call.endpoint.resource.group, "", "", errors)
    decision = registry.authorizer.decide(user, _target(review["spec"]))
    return answer(call, review, {"allowed": decision.allowed, "denied": decision.denied, "reason": decision.reason})


def _subject(spec: JSON) -> User:
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return User(spec.get("user") or "", spec.get("uid") or "", tuple(spec.get("groups") or ()), extra)


def _target(spec: JSON) -> Target:
    """The request that the review is about."""
    asked = spec.get("resourceAttributes")
    if asked is None:
        path: JSON = spec.get("nonResourceAttributes") or {}
        return Target("", path.get("path") or "", path.get("verb") or "")
    target = Target(
        "",
        "",
        asked.get("verb") or "",
        resource=True,
        group=asked.get("group") or "",
        version=asked.get("version") or "",
        namespace=asked.get("namespace") or "",
        plural=asked.get("resource") or "",
        name=asked.get("name") or "",
        subresource=asked.get("subresource") or "",
    )
    fields = _insisted(asked.get("fieldSelector") or {})
    return replace(target, fields=fields) if fields else target


def _insisted(selector: JSON) -> tuple[tuple[str, str], ...]:
    """The fields and values that a field selector of a question insists on; what cannot be read insists on nothing."""
    raw = selector.get("rawSelector")
    if raw:
        try:
            return tuple((each.field, each.value) for each in FieldSelector.parse(raw).requirements if each.equal)
        except FieldSelectorError:
            return ()
    found: list[tuple[str, str]] = []
    for part in selector.get("requirements") or ():
        values = part.get("values") or ()
        if part.get("operator") == "In" and len(values) == 1:
            found.append((part.get("key") or "", values[0]))
    return tuple(found)
