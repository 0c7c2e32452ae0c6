"""Whom a binding names, as keys that a request's user can be looked up by. Pure.

It must never make one key of two identities: users and groups of one name are different subjects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from podwright.apiserver.user import User

Key = tuple[str, str]
_USER: Final = "User"
_GROUP: Final = "Group"
ACCOUNT: Final = "system:serviceaccount:"
"""How the user names of service accounts begin."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of a binding: its key, and how people are told of it."""

    key: Key
    shown: str


def subject_of(subject: Mapping[str, Any], namespace: str) -> Subject | None:
    """A binding's subject; `namespace` is the binding's. None for one that nobody can be."""
    kind, name = subject.get("kind") or "", subject.get("name") or ""
    if kind in {_USER, _GROUP}:
        return Subject((kind, name), f"{kind} {quoted(name)}")
    if kind == "ServiceAccount":
        where = subject.get("namespace") or namespace
        if where:
            return Subject((_USER, f"{ACCOUNT}{where}:{name}"), f"{kind} {quoted(f'{name}/{where}')}")
    return None


def keys_of(user: User) -> Iterator[Key]:
    """All keys that mean this user."""
    yield _USER, user.name
    for group in user.groups:
        yield _GROUP, group


def quoted(text: str) -> str:
    """A name as messages show it."""
    return orjson.dumps(text).decode()
