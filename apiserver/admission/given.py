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
    """Values by name; `put` adds one that depends on others."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def put(self, name: str, value: Any) -> None:
        """Give a value that is at hand."""
        self._makers[name] = lambda: value
        self._made[name] = value


def given(attributes: Attributes, seen: Seen, authorizer: Authorizer, params: JSON | None = None) -> Given:
    """What expressions about a write may read; `params` is null where there are none."""

    def answer(question: Question) -> Verdict:
        return _decide(authorizer, attributes.user, question)

    return Given({
        "object": lambda: _plain(seen, seen.obj),
        "oldObject": lambda: seen.old,
        "request": lambda: request_document(attributes, seen),
        "namespaceObject": lambda: _shown(namespace_of(attributes)),
        "params": lambda: params,
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
