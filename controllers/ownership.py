"""Whose object is it? Adopting what matches a selector and has no controller, releasing what stopped matching.

Decisions only; the patches carry the object's uid, so they can never hit a namesake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from podwright.api.labels import Selector
from podwright.api.resources import Resource
from podwright.controllers.actions import Patch
from podwright.controllers.meta import Meta, Owner


class HasMeta(Protocol):
    """Anything with metadata."""

    @property
    def meta(self) -> Meta:
        """Its metadata."""
        ...


T = TypeVar("T", bound=HasMeta)


@dataclass(frozen=True, slots=True)
class Claim(Generic[T]):
    """What belongs to an owner, counting what is about to be adopted and not what is about to be released."""

    owned: tuple[T, ...]
    adopted: tuple[T, ...]
    released: tuple[T, ...]


def claim(owner: Meta, selector: Selector, candidates: Iterable[T]) -> Claim[T]:
    """Sort out the objects of the owner's namespace. An owner that is being deleted adopts and releases nothing."""
    owned: list[T] = []
    adopted: list[T] = []
    released: list[T] = []
    for item in candidates:
        controller = item.meta.controller
        matches = selector.matches(item.meta.labels)
        if controller is not None:
            if controller.uid != owner.uid:
                continue
            if matches:
                owned.append(item)
            elif owner.deleted is None:
                released.append(item)
        elif matches and owner.deleted is None and item.meta.deleted is None:
            adopted.append(item)
            owned.append(item)
    return Claim(tuple(owned), tuple(adopted), tuple(released))


def controller_owner(api_version: str, kind: str, meta: Meta) -> Owner:
    """Return the reference by which an object names its controller."""
    return Owner(api_version, kind, meta.name, meta.uid, controller=True, blocks=True)


def adoption(resource: Resource, item: Meta, owner: Owner) -> Patch:
    """Return the patch that puts the owner's reference in."""
    body = {"metadata": {"uid": item.uid, "ownerReferences": [owner.reference()]}}
    return Patch(resource, item.namespace, item.name, body, form="strategic")


def release(resource: Resource, item: Meta, owner_uid: str) -> Patch:
    """Return the patch that takes the owner's reference out."""
    body = {"metadata": {"uid": item.uid, "ownerReferences": [{"$patch": "delete", "uid": owner_uid}]}}
    return Patch(resource, item.namespace, item.name, body, form="strategic")
