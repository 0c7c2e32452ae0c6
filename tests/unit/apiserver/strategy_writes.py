"""Runs one kind's rules over a document as the registry would: decode, default, prepare, validate; no server, no store.

`DROP` as a value in `edit` takes the field away.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from podwright.api.model import prune
from podwright.api.resources import Resource, find
from podwright.apiserver.strategies import meta
from podwright.apiserver.strategies.table import strategy_for
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

JSON = dict[str, Any]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOW_TEXT = "2026-01-02T03:04:05Z"
DROP = object()


@dataclass
class Written:
    """What came of a write: the object as it would be stored, and why it would not be."""

    obj: JSON
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class NoLookup:
    """A cache with nothing in it."""

    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        return None

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        return []


def context(plural: str, group: str = "", subresource: str = "") -> WriteContext:
    """The surroundings of a write by somebody, at NOW."""
    return WriteContext(User("somebody"), NOW, find(plural, group), NoLookup(), subresource=subresource)


def edit(document: JSON, edits: Mapping[str, Any]) -> JSON:
    """A copy of the document with values set at dotted paths; numbers index lists, absent mappings are made.

    `\\.` in a path is a dot within a key; an index one past the end appends.
    """
    result = copy.deepcopy(document)
    for path, value in edits.items():
        keys = [key.replace("\0", ".") for key in path.replace("\\.", "\0").split(".")]
        place: Any = result
        for key, following in itertools.pairwise(keys):
            fresh: Any = [] if following.isdigit() else {}
            if isinstance(place, list):
                if int(key) == len(place):
                    place.append(fresh)
                place = place[int(key)]
            else:
                place = place.setdefault(key, fresh)
        last: Any = int(keys[-1]) if isinstance(place, list) else keys[-1]
        if value is DROP:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(copy.deepcopy(value))
        else:
            place[last] = copy.deepcopy(value)
    return result


def decoded(plural: str, body: JSON, group: str = "") -> JSON:
    """The body as the registry hands it to a strategy."""
    resource = find(plural, group)
    body = {**copy.deepcopy(body), "kind": resource.kind, "apiVersion": resource.api_version}
    return prune(resource.cls, body)


def create(plural: str, body: JSON, group: str = "") -> Written:
    """Run a POST."""
    resource, ctx = find(plural, group), context(plural, group)
    strategy = strategy_for(resource)
    obj = decoded(plural, {"metadata": {}, **body}, group)
    metadata = obj["metadata"]
    if "name" not in body.get("metadata", {}):
        metadata["name"] = "x"
    if resource.namespaced:
        metadata.setdefault("namespace", "ns")
    metadata.update(uid="6f4a", creationTimestamp=NOW_TEXT)
    strategy.default(obj)
    strategy.prepare_create(obj, ctx)
    errors = meta.validate_new(metadata, namespaced=resource.namespaced, name_rule=strategy.validate_name)
    errors += strategy.validate_create(obj, ctx)
    return Written(obj, [error.text() for error in errors], strategy.warnings(obj, None, ctx))


def created(plural: str, body: JSON, group: str = "") -> JSON:
    """Run a POST that must be fine, and return what is stored."""
    written = create(plural, body, group)
    assert written.problems == [], written.problems
    written.obj["metadata"]["resourceVersion"] = "7"
    return written.obj


def update(plural: str, old: JSON, wanted: JSON, group: str = "", subresource: str = "") -> Written:
    """Run a PUT of `wanted` over `old`, which must stay as it was."""
    resource, ctx = find(plural, group), context(plural, group, subresource)
    strategy = strategy_for(resource)
    before = copy.deepcopy(old)
    obj = decoded(plural, wanted, group)
    metadata = obj["metadata"]
    for name in ("uid", "creationTimestamp", "resourceVersion", "generation"):
        if name in old["metadata"]:
            metadata[name] = old["metadata"][name]
    if "namespace" in old["metadata"]:
        metadata.setdefault("namespace", old["metadata"]["namespace"])
    strategy.default(obj)
    if subresource == "status":
        strategy.prepare_status_update(obj, old, ctx)
        errors = meta.validate_change(metadata, old["metadata"]) + strategy.validate_status_update(obj, old, ctx)
    else:
        strategy.prepare_update(obj, old, ctx)
        errors = meta.validate_change(obj["metadata"], old["metadata"]) + strategy.validate_update(obj, old, ctx)
    assert old == before, "a strategy changed the old object"
    return Written(obj, [error.text() for error in errors], strategy.warnings(obj, old, ctx))
