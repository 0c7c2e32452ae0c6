"""From documents to strategic merge patches: what changed between two, and what an author's new wish changes in a
document that others write too.

    diff       original -> modified, additions and deletions alike
    three_way  deletions from the author's last wish to the new one, plus additions and changes against what is there

Lists that merge by key yield an element per change, `$patch: delete` per deletion and, when anything moved,
`$setElementOrder`. Nothing here may read a kind's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from podwright.api.patch.directives import DELETE_FROM, PATCH, RETAIN_KEYS, SET_ORDER
from podwright.api.patch.errors import bad_request
from podwright.api.patch.json_patch import same
from podwright.api.patch.shape import Rule, Shape, identity, rule
from podwright.api.schema import TypeSchema

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Mode:
    """Which differences count."""

    changes: bool = True  # additions and changes
    deletions: bool = True


_BOTH = _Mode()
_CHANGES = _Mode(deletions=False)
_DELETIONS = _Mode(changes=False)


def diff(original: JSON, modified: JSON, schema: TypeSchema | None) -> JSON:
    """Return the patch that turns one document into the other. Raises PatchError for lists without merge keys."""
    return _diff_map(original, modified, schema, _BOTH)


def three_way(original: JSON | None, modified: JSON, current: JSON, schema: TypeSchema | None) -> JSON:
    """Return the patch for `current`: add and change what `modified` says, delete what it no longer says.

    `original` is what the same author said last time (None: nothing); what only others have set stays.
    """
    deletions = _diff_map(original or {}, modified, schema, _DELETIONS)
    changes = _diff_map(current, modified, schema, _CHANGES)
    return _combine(deletions, changes, schema)


def _diff_map(before: JSON, after: JSON, shape: Shape, mode: _Mode, *, retain: bool = False) -> JSON:
    patch: JSON = {}
    for key, value in after.items():
        if key not in before:
            if mode.changes:
                patch[key] = value
        else:
            _diff_value(patch, key, before[key], value, rule(shape, key), mode)
    lost = [key for key in before if key not in after]
    if mode.deletions:
        patch |= dict.fromkeys(lost)
    if retain and (patch or lost):
        keys = sorted(key for key, value in after.items() if value is not None)
        if keys:
            patch[RETAIN_KEYS] = keys
    return patch


def _diff_value(patch: JSON, key: str, before: Any, after: Any, how: Rule, mode: _Mode) -> None:
    if isinstance(before, dict) and isinstance(after, dict) and not how.replace:
        inner = _diff_map(before, after, how.inner, mode, retain=how.retain_keys)
        if inner:
            patch[key] = inner
    elif isinstance(before, list) and isinstance(after, list) and how.merge:
        _diff_list(patch, key, before, after, how, mode)
    elif mode.changes and not same(before, after):
        patch[key] = after


def _diff_list(patch: JSON, key: str, before: list[Any], after: list[Any], how: Rule, mode: _Mode) -> None:
    if not before:
        if after and mode.changes:
            patch[key] = after
        return
    if any(isinstance(element, dict) for element in (*before, *after)):
        if not how.key:
            msg = f"cannot compare lists without merge key: {key}"
            raise bad_request(msg)
        found = _diff_elements(before, after, how, mode)
        order: list[Any] = [{how.key: element.get(how.key)} for element in after]
        moved = [identity(e, how.key) for e in before] != [identity(e, how.key) for e in after]
    else:
        known = {identity(value, "") for value in before}
        found = [value for value in after if identity(value, "") not in known] if mode.changes else []
        wanted = {identity(value, "") for value in after}
        gone = [value for value in before if identity(value, "") not in wanted] if mode.deletions else []
        if gone:
            patch[DELETE_FROM + key] = list(dict.fromkeys(gone))
        order, moved = after, not same(before, after)
    if found:
        patch[key] = found
    # Without deletions the order only matters for what is being changed: others' elements may stand in between.
    if order and (found or (mode.deletions and moved)):
        patch[SET_ORDER + key] = order


def _diff_elements(before: list[Any], after: list[Any], how: Rule, mode: _Mode) -> list[Any]:
    left = _by_key(before, how.key)
    right = _by_key(after, how.key)
    found: list[Any] = []
    for name, elements in right.items():
        known = left.get(name, [])
        for place, element in enumerate(elements):
            if place < len(known):
                inner = _diff_map(known[place], element, how.inner, mode, retain=how.retain_keys)
                if inner:
                    found.append({**inner, how.key: element[how.key]})
            elif mode.changes:
                found.append(element)
    if mode.deletions:
        gone = (elements[0][how.key] for name, elements in left.items() if name not in right)
        found += [{PATCH: "delete", how.key: value} for value in gone]
    return found


def _by_key(elements: list[Any], key: str) -> dict[Any, list[JSON]]:
    found: dict[Any, list[JSON]] = {}
    for element in elements:
        if not isinstance(element, dict) or key not in element:
            msg = f"map: {element} does not contain declared merge key: {key}"
            raise bad_request(msg)
        found.setdefault(identity(element, key), []).append(element)
    return found


def _combine(deletions: JSON, changes: JSON, shape: Shape) -> JSON:
    """Put two patches of the same document into one; where both speak, the changes win."""
    result = dict(deletions)
    for key, value in changes.items():
        before = result.get(key)
        how = rule(shape, key)
        if isinstance(before, dict) and isinstance(value, dict):
            result[key] = _combine(before, value, how.inner)
        elif isinstance(before, list) and isinstance(value, list) and how.merge and how.key:
            order = changes.get(SET_ORDER + key) or deletions.get(SET_ORDER + key) or []
            result[key] = _combine_elements(before, value, order, how)
        else:
            result[key] = value
    return result


def _combine_elements(deletions: list[Any], changes: list[Any], order: list[Any], how: Rule) -> list[Any]:
    """Elements that stay, in the order that the patch declares; then those to delete."""
    found = {identity(element, how.key): element for element in changes}
    for element in deletions:
        name = identity(element, how.key)
        mate = found.get(name)
        found[name] = element if mate is None else _combine(element, mate, how.inner)
    last = len(order)
    places = {identity(element, how.key): place for place, element in enumerate(order)}
    return sorted(found.values(), key=lambda element: places.get(identity(element, how.key), last))
