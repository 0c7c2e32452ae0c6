"""What single pods, containers and volume claims of a namespace may ask for, and what silent containers get.

Defaults are given when a pod is created; bounds hold for new pods, for resized ones, and for volume claims always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from podwright.api.errors import forbidden
from podwright.api.quantity import compare, milli
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.strategies.quantities import canonical_amount, copy_missing

JSON = dict[str, Any]
Amounts = Mapping[str, str]

NOTE: Final = "kubernetes.io/limit-ranger"
"""The annotation that tells which requests and limits came from here."""
_PODS, _RANGES = find("pods"), find("limitranges")
_CLAIMS: Final = "persistentvolumeclaims"
_NOTHING: Final[Amounts] = {}


class LimitRanges(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates and updates of pods and volume claims."""
        return verb in {"create", "update"} and (resource is _PODS or resource.qualified == _CLAIMS)

    def admit(self, attributes: Attributes) -> None:
        """Fill in what containers of a new pod do not say."""
        ctx, obj = attributes.ctx, attributes.obj
        if obj is None or ctx.resource is not _PODS or attributes.verb != "create":
            return
        for limits in _limits(attributes):
            notes = [note for limit in limits if limit.get("type") == "Container" for note in _complete(obj, limit)]
            if notes:
                annotations: JSON = obj["metadata"].setdefault("annotations", {})
                annotations[NOTE] = f"LimitRanger plugin set: {'; '.join(notes)}"

    def validate(self, attributes: Attributes) -> None:
        """Refuse what is out of bounds. Raises ApiError 403."""
        ctx, obj = attributes.ctx, attributes.obj
        is_pod = ctx.resource is _PODS
        allowed = {"", "resize"} if attributes.verb == "create" else {"resize"} if is_pod else {""}
        if obj is None or ctx.subresource not in allowed:
            return
        for limits in _limits(attributes):
            problems: dict[str, None] = {}
            for limit in limits:
                problems |= dict.fromkeys(_pod_problems(obj, limit) if is_pod else _claim_problems(obj, limit))
            if problems:
                texts = list(problems)
                why = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
                raise forbidden(ctx.resource.qualified, attributes.name, why)


def _limits(attributes: Attributes) -> Iterator[list[JSON]]:
    ctx = attributes.ctx
    for found in ctx.lookup.list(_RANGES, ctx.namespace):
        yield (found.get("spec") or {}).get("limits") or []


def _complete(pod: JSON, limit: JSON) -> Iterator[str]:
    """Give every container the defaults it lacks, and say what was given."""
    for field, words in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            resources: JSON = container.setdefault("resources", {})
            for kind, defaults in (("requests", "defaultRequest"), ("limits", "default")):
                amounts: JSON = resources.get(kind) or {}
                missing = sorted((limit.get(defaults) or {}).keys() - amounts.keys())
                if missing:
                    copy_missing(limit[defaults], amounts)
                    resources[kind] = amounts
                    yield f"{', '.join(missing)} {kind[:-1]} for {words} {container['name']}"


def _pod_problems(pod: JSON, limit: JSON) -> Iterator[str]:
    spec: JSON = pod["spec"]
    if limit.get("type") == "Container":
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            resources: JSON = container.get("resources") or {}
            yield from _problems(limit, resources.get("requests") or {}, resources.get("limits") or {})
    elif limit.get("type") == "Pod":
        from podwright.apiserver.strategies.pod.pod_resources import aggregate  # on first use: start-up time

        whole: JSON = spec.get("resources") or {}
        requests, limits = ({**aggregate(spec, kind), **(whole.get(kind) or {})} for kind in ("requests", "limits"))
        yield from _problems(limit, requests, limits)


def _claim_problems(claim: JSON, limit: JSON) -> Iterator[str]:
    """A claim only requests: limits are not asked for, and its request is what both bounds are held against."""
    if limit.get("type") != "PersistentVolumeClaim":
        return
    asked: JSON = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    yield from _problems({"type": limit["type"], "min": limit.get("min")}, asked, _NOTHING)
    for name, bound in _sorted(limit, "max"):
        yield from _above(_most(name, limit["type"], bound), name, bound, asked, _NOTHING, limits_count=False)


def _problems(limit: JSON, requests: Amounts, limits: Amounts) -> Iterator[str]:
    kind = limit["type"]
    for name, bound in _sorted(limit, "min"):
        yield from _below(
            f"minimum {name} usage per {kind} is {canonical_amount(bound)}", name, bound, requests, limits
        )
    for name, bound in _sorted(limit, "max"):
        yield from _above(_most(name, kind, bound), name, bound, requests, limits)
    for name, bound in _sorted(limit, "maxLimitRequestRatio"):
        words = f"{name} max limit to request ratio per {kind} is {canonical_amount(bound)}"
        yield from _stretched(words, name, bound, requests, limits)


def _sorted(limit: JSON, field: str) -> list[tuple[str, str]]:
    return sorted((limit.get(field) or {}).items())


def _most(name: str, kind: str, bound: str) -> str:
    return f"maximum {name} usage per {kind} is {canonical_amount(bound)}"


def _below(words: str, name: str, bound: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    request, limit = requests.get(name), limits.get(name)
    if request is None:
        yield f"{words}.  No request is specified"
    elif compare(request, bound) < 0:
        yield f"{words}, but request is {canonical_amount(request)}"
    elif limit is not None and compare(limit, bound) < 0:
        yield f"{words}, but limit is {canonical_amount(limit)}"


def _above(
    words: str, name: str, bound: str, requests: Amounts, limits: Amounts, *, limits_count: bool = True
) -> Iterator[str]:
    request, limit = requests.get(name), limits.get(name)
    if limits_count and limit is None:
        yield f"{words}.  No limit is specified"
    elif not limits_count and request is None:
        yield f"{words}.  No request is specified"
    elif limit is not None and compare(limit, bound) > 0:
        yield f"{words}, but limit is {canonical_amount(limit)}"
    elif request is not None and compare(request, bound) > 0:
        yield f"{words}, but request is {canonical_amount(request)}"


def _stretched(words: str, name: str, bound: str, requests: Amounts, limits: Amounts) -> Iterator[str]:
    request, limit = milli(requests.get(name) or "0"), milli(limits.get(name) or "0")
    if not request:
        yield f"{words}, but no request is specified or request is 0"
    elif not limit:
        yield f"{words}, but no limit is specified or limit is 0"
    elif limit * 1000 > milli(bound) * request:
        yield f"{words}, but provided ratio is {limit / request:f}"
