"""Which object a request is about when its path does not say so. Pure.

A list or watch that a field selector limits to one name is about the object of that name: who may read just that one
may ask so. It must never name an object that the selector does not insist on.
"""

from __future__ import annotations

from dataclasses import replace

from podwright.api import names
from podwright.api.fields import FieldSelector, FieldSelectorError
from podwright.apiserver.options import Query
from podwright.apiserver.routes import Target


def named(target: Target, query: Query) -> Target:
    """The target with what a field selector insists on, and the name if that is one of them."""
    if target.name or target.verb not in {"list", "watch", "deletecollection"}:
        return target
    text = query.get("fieldSelector")
    if not text:
        return target
    try:
        selector = FieldSelector.parse(text)
    except FieldSelectorError:
        return target  # refused when it is read for what it asks
    return insisting(target, tuple((each.field, each.value) for each in selector.requirements if each.equal))


def insisting(target: Target, fields: tuple[tuple[str, str], ...]) -> Target:
    """The target of a request whose selector insists on these fields."""
    found = replace(target, fields=fields)
    name = dict(reversed(fields)).get("metadata.name")
    if name and target.verb in {"list", "watch"} and not names.path_segment(name):
        found.name = name
    return found
