"""Acting as someone else: the Impersonate-* headers, for those whom roles allow it.

Pure. Every part of the other identity (name, uid, each group, each extra value) must be allowed, in one of two ways:
`impersonate` on all of them, or, narrower, `impersonate:MODE` on all of them and `impersonate-on:MODE:VERB` on what the
request is about. It must never add a group that a header does not name, but those that every such user has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from podwright.api.errors import ApiError, bad_request, forbidden
from podwright.apiserver.authorization.authorizer import Authorizer, refusal
from podwright.apiserver.routes import Target
from podwright.apiserver.user import (
    AUTHENTICATED,
    INNER,
    MASTERS,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    User,
)

PREFIX = "impersonate-"
NODE_NAME = "authentication.kubernetes.io/node-name"
"""The extra value that names the node an account's pod runs on."""
_EXTRA = "impersonate-extra-"
_ACCOUNT = "system:serviceaccount:"
_GROUP: Final = "authentication.k8s.io"


def impersonate(user: User, headers: Iterable[tuple[str, str]], target: Target, authorizer: Authorizer) -> User:
    """Return the user a request acts as. Header names are lower-case. Raises ApiError 400, 403."""
    asked = _asked(headers)
    if asked is None:
        return user
    for group in asked.groups:
        if group.startswith(INNER):
            raise forbidden("groups", group, "nobody can act as what stays in this process")
    if not all(authorizer.decide(user, part).allowed for part in _parts(asked)):
        asked = _narrowly(user, asked, target, authorizer)
    return _completed(asked)


def _asked(headers: Iterable[tuple[str, str]]) -> User | None:
    """The identity as the headers have it, or None when there are none."""
    name, uid = "", ""
    groups: list[str] = []
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in headers:
        if key == "impersonate-user":
            name = value
        elif key == "impersonate-uid":
            uid = value
        elif key == "impersonate-group":
            groups.append(value)
        elif key.startswith(_EXTRA):
            where = unquote(key.removeprefix(_EXTRA))
            extra[where] = (*extra.get(where, ()), value)
    if not name and (groups or uid or extra):
        msg = "requested to impersonate groups, a uid or extra fields without impersonating a user name"
        raise bad_request(msg)
    return User(name, uid, tuple(groups), extra) if name else None


def _completed(asked: User) -> User:
    """The identity with the groups it has anyway."""
    groups = asked.groups
    if asked.name == "system:anonymous":
        return replace(asked, groups=(*groups, *_missing(groups, UNAUTHENTICATED)))
    if asked.name.startswith(_ACCOUNT) and not groups:
        namespace = asked.name.removeprefix(_ACCOUNT).partition(":")[0]
        groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}")
    return replace(asked, groups=(*groups, *_missing(groups, AUTHENTICATED)))


def _missing(groups: tuple[str, ...], group: str) -> tuple[str, ...]:
    return () if group in groups else (group,)


def _parts(asked: User, verb: str = "impersonate", group: str = "") -> Iterator[Target]:
    """What somebody must be allowed who acts as this identity; `group` is the API group of users and groups."""
    if asked.name.startswith(_ACCOUNT):
        namespace, _, name = asked.name.removeprefix(_ACCOUNT).partition(":")
        yield _part(verb, group, "serviceaccounts", name, namespace=namespace)
    else:
        yield _part(verb, group, "users", asked.name)
    for each in asked.groups:
        yield _part(verb, group, "groups", each)
    if asked.uid:
        yield _part(verb, _GROUP, "uids", asked.uid)
    for key, values in asked.extra.items():
        for value in values:
            yield _part(verb, _GROUP, "userextras", value, subresource=key)


def _part(verb: str, group: str, plural: str, name: str, *, namespace: str = "", subresource: str = "") -> Target:
    return Target(
        "", "", verb, resource=True, group=group, version="v1", plural=plural, name=name, namespace=namespace,
        subresource=subresource,
    )  # fmt: skip


def _narrowly(user: User, asked: User, target: Target, authorizer: Authorizer) -> User:
    """The identity for who may act as it for this request, in one of the ways there are. Raises ApiError 403."""
    refused: ApiError | None = None
    for mode, parts in _modes(user, asked):
        refused = _refused(user, asked, replace(target, verb=f"impersonate-on:{mode}:{target.verb}"), parts, authorizer)
        if refused is None:
            return replace(asked, groups=(NODES,)) if asked.name.startswith(NODE_PREFIX) else asked
    raise refused or refusal(user, target)


def _modes(user: User, asked: User) -> Iterator[tuple[str, tuple[Target, ...]]]:
    """The narrow ways to act as an identity, and what each needs."""
    if asked.name.startswith(NODE_PREFIX):
        node = asked.name.removeprefix(NODE_PREFIX)
        if user.name.startswith(_ACCOUNT) and user.extra.get(NODE_NAME) == (node,):
            # Whoever may do so for the node that it runs on may do so on every node: names say nothing here.
            yield "associated-node", (_part("impersonate:associated-node", _GROUP, "nodes", "*"),)
        yield "arbitrary-node", (_part("impersonate:arbitrary-node", _GROUP, "nodes", node),)
    elif asked.name.startswith(_ACCOUNT):
        yield "serviceaccount", tuple(_parts(asked, "impersonate:serviceaccount", _GROUP))
    else:
        yield "user-info", tuple(_parts(asked, "impersonate:user-info", _GROUP))


def _refused(
    user: User, asked: User, use: Target, parts: tuple[Target, ...], authorizer: Authorizer
) -> ApiError | None:
    """Why a way is not open."""
    decision = authorizer.decide(user, use)
    if not decision.allowed:
        return refusal(user, use, decision.reason)
    more = bool(asked.groups or asked.uid or asked.extra)
    if MASTERS in asked.groups or (more and not use.verb.startswith("impersonate-on:user-info:")):
        return refusal(user, next(iter(_parts(asked))))  # no narrow way leads there
    for part in parts:
        decision = authorizer.decide(user, part)
        if not decision.allowed:
            return refusal(user, part, decision.reason)
    return None
