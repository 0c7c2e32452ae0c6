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
    """The target with the name that a field selector asks for."""
    if target.name or target.verb not in {"list", "watch"}:
        return target
    text = query.get("fieldSelector")
    if not text:
        return target
    try:
        name = FieldSelector.parse(text).exact("metadata.name")
    except FieldSelectorError:
        return target  # refused when it is read for what it asks
    return replace(target, name=name) if name and not names.path_segment(name) else target
