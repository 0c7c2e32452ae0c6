"""Asking in an expression whether a user may do something: `authorizer.group('apps').resource('pods').check('get')`.

The calls only collect what is asked; the binding of `authorizer` answers. It must be an `Asking`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from podwright.api.cel.costs import LIST_BASE, STRUCT_BASE, Cost, Estimate, Range, Sized, exactly
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.types import AUTHORIZER, DECISION, GROUP_CHECK, PATH_CHECK, RESOURCE_CHECK
from podwright.api.cel.values import Opaque, size_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question."""

    allowed: bool
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a path, or a resource; as a service account ("namespace", "name") if one is named."""

    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""
    account: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """A question in the making, and who answers it."""

    answer: Callable[[Question], Verdict]
    question: Question = Question()


def authorizer(answer: Callable[[Question], Verdict]) -> Opaque:
    """Return the value to bind to `authorizer`."""
    return Opaque(AUTHORIZER, Asking(answer))


def _with(kind: Any, value: Opaque, **parts: Any) -> Opaque:
    asking: Asking = value.content
    return Opaque(kind, Asking(asking.answer, replace(asking.question, **parts)))


def _path(value: Opaque, path: str) -> Opaque:
    if not path:
        msg = "path must not be empty"
        raise EvaluationError(msg)
    return _with(PATH_CHECK, value, path=path)


def _resource(value: Opaque, resource: str) -> Opaque:
    if not resource:
        msg = "resource must not be empty"
        raise EvaluationError(msg)
    return _with(RESOURCE_CHECK, value, resource=resource)


def _account(value: Opaque, namespace: str, name: str) -> Opaque:
    for what, part in (("name", name), ("namespace", namespace)):
        if not part:
            msg = f"Invalid service account {what}"
            raise EvaluationError(msg)
    return _with(AUTHORIZER, value, account=(namespace, name))


def _check(value: Opaque, verb: str) -> Opaque:
    asking: Asking = value.content
    return Opaque(DECISION, asking.answer(replace(asking.question, verb=verb)))


def _selector_cost(size: Range) -> Range:
    return exactly(LIST_BASE).plus(size.scaled(0.1)).plus(size.scaled(0.5).scaled(LIST_BASE + STRUCT_BASE))


def _selector_estimate(args: Sequence[Sized]) -> Estimate:
    return Estimate(_selector_cost(args[1].size))


_SELECTOR: Final = Cost(_selector_estimate, lambda args, _result: _selector_cost(exactly(size_of(args[1]))).high)
_ASKED: Final = Cost(lambda _args: Estimate(exactly(350_000)), lambda _args, _result: 350_000)

AUTHORIZATION: Final[tuple[Overload, ...]] = (
    declare("path", "Authorizer.(string) PathCheck", _path),
    declare("group", "Authorizer.(string) GroupCheck", lambda value, group: _with(GROUP_CHECK, value, group=group)),
    declare("serviceAccount", "Authorizer.(string, string) Authorizer", _account),
    declare("resource", "GroupCheck.(string) ResourceCheck", _resource),
    declare("subresource", "ResourceCheck.(string) ResourceCheck",
            lambda value, name: _with(RESOURCE_CHECK, value, subresource=name)),
    declare("namespace", "ResourceCheck.(string) ResourceCheck",
            lambda value, name: _with(RESOURCE_CHECK, value, namespace=name)),
    declare("name", "ResourceCheck.(string) ResourceCheck",
            lambda value, name: _with(RESOURCE_CHECK, value, name=name)),
    declare("fieldSelector", "ResourceCheck.(string) ResourceCheck",
            lambda value, text: _with(RESOURCE_CHECK, value, field_selector=text), _SELECTOR),
    declare("labelSelector", "ResourceCheck.(string) ResourceCheck",
            lambda value, text: _with(RESOURCE_CHECK, value, label_selector=text), _SELECTOR),
    declare("check", "PathCheck.(string) Decision", _check, _ASKED),
    declare("check", "ResourceCheck.(string) Decision", _check, _ASKED),
    declare("allowed", "Decision.() bool", lambda value: value.content.allowed),
    declare("reason", "Decision.() string", lambda value: value.content.reason),
    declare("errored", "Decision.() bool", lambda value: bool(value.content.error)),
    declare("error", "Decision.() string", lambda value: value.content.error),
)  # fmt: skip
