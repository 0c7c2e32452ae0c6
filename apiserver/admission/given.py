"""The values that expressions of webhooks and policies read, each made when the first expression reads it.

It must never evaluate anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson

from podwright.api.cel import types
from podwright.api.cel.library.authorization import Asking, Question, Verdict
from podwright.api.cel.values import Opaque
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.request_document import request_document
from podwright.apiserver.admission.seen import Seen, asked_of, namespace_of
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.routes import Target
from podwright.apiserver.user import AUTHENTICATED, SERVICE_ACCOUNTS, User

JSON = dict[str, Any]


class Given(Mapping[str, Any]):
    """Values by name; what `base` has is made there, for everybody who builds on it."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]], base: Given | None = None) -> None:
        self._makers = makers
        self._base = base
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._made:
            return self._made[name]
        if self._base is not None and name not in self._makers:
            return self._base[name]
        found = self._made[name] = self._makers[name]()
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._makers or (self._base is not None and name in self._base)

    def __iter__(self) -> Iterator[str]:
        names = {**self._made, **self._makers}
        return iter({**dict.fromkeys(self._base or ()), **names})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def put(self, name: str, value: Any) -> None:
        """Give a value that is at hand."""
        self._made[name] = value

    def with_params(self, params: JSON | None) -> Given:
        """The same values with these parameters, and room for what depends on them."""
        found = Given(_NOTHING, self)
        found.put("params", params)
        return found


_NOTHING: Final[Mapping[str, Callable[[], Any]]] = {}


def given(attributes: Attributes, seen: Seen, authorizer: Authorizer) -> Given:
    """What expressions about a write may read, but for parameters."""

    def answer(question: Question) -> Verdict:
        return _decide(authorizer, attributes.user, question)

    return Given({
        "object": lambda: _plain(seen, seen.obj),
        "oldObject": lambda: seen.old,
        "request": lambda: request_document(attributes, seen),
        "namespaceObject": lambda: _shown(namespace_of(attributes)),
        "authorizer": lambda: Opaque(types.AUTHORIZER, Asking(answer)),
        "authorizer.requestResource": lambda: Opaque(types.RESOURCE_CHECK, Asking(answer, _about(attributes))),
    })  # fmt: skip


def _plain(seen: Seen, obj: JSON | None) -> JSON | None:
    """An object whose numbers are numbers of the language: those of defined kinds remember how they were written."""
    return obj if obj is None or seen.kind.model else orjson.loads(orjson.dumps(obj))


_HIDDEN: Final = frozenset(("managedFields", "ownerReferences", "selfLink"))


def _shown(namespace: JSON | None) -> JSON | None:
    """A namespace without what is nobody's business here."""
    if namespace is None:
        return None
    metadata = {key: value for key, value in namespace["metadata"].items() if key not in _HIDDEN}
    return {**namespace, "metadata": metadata}


def _about(attributes: Attributes) -> Question:
    resource = attributes.resource
    return Question(
        group=resource.group,
        resource=resource.plural,
        subresource=attributes.subresource,
        namespace=asked_of(attributes).namespace,
        name=attributes.name,
    )


def _decide(authorizer: Authorizer, user: User, question: Question) -> Verdict:
    who = user if question.account is None else _account(*question.account)
    if question.path:
        target = Target("", question.path, question.verb)
    else:
        target = Target(
            "",
            "",
            question.verb,
            resource=True,
            group=question.group,
            version="*",
            namespace=question.namespace,
            plural=question.resource,
            name=question.name,
            subresource=question.subresource,
        )
    decision = authorizer.decide(who, target)
    return Verdict(decision.allowed, decision.reason)


def _account(namespace: str, name: str) -> User:
    groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}", AUTHENTICATED)
    return User(f"system:serviceaccount:{namespace}:{name}", groups=groups)
