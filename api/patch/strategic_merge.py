"""Strategic merge patch: maps merge, lists merge by the key that their type declares, directives say the rest.

What a type declares comes from its schema alone; no kind is known by name here. Inputs are never changed; results
share unchanged parts with them. The way back, from documents to patches, is `strategic_diff`, re-exported here.
"""

from __future__ import annotations

from typing import Any

from podwright.api.patch.arranging import arrange
from podwright.api.patch.directives import DELETE_FROM, PATCH, RETAIN_KEYS, SET_ORDER, is_directive, plain, vanishes
from podwright.api.patch.errors import bad_request
from podwright.api.patch.shape import Rule, Shape, identity, rule
from podwright.api.patch.strategic_diff import diff, three_way
from podwright.api.quoting import shown
from podwright.api.schema import TypeSchema

__all__ = ["apply", "diff", "three_way"]

JSON = dict[str, Any]


def apply(document: JSON, patch: Any, schema: TypeSchema | None) -> JSON:
    """Return the patched document. Raises PatchError. A null patch changes nothing."""
    if patch is None:
        return dict(document)
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a strategic merge patch is an object")
    try:
        return _merge_map(document, patch, schema)
    except RecursionError as error:
        raise bad_request("error decoding patch: nested too deeply") from error


def _merge_map(document: JSON, patch: JSON, shape: Shape) -> JSON:
    directive = patch.get(PATCH, "merge")
    if directive == "replace":
        return plain(patch)
    if directive == "delete":
        return {}
    if directive != "merge":
        msg = f"unknown patch type: {directive} in map: {shown(patch)}"
        raise bad_request(msg)
    result = _retain(document, patch)
    for key, value in patch.items():
        if is_directive(key):
            continue
        if value is None or (vanishes(value) and not isinstance(result.get(key), dict)):
            result.pop(key, None)
        else:
            result[key] = _merge_value(result.get(key), value, rule(shape, key))
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            _delete_from(result, key[len(DELETE_FROM) :], value)
    for key, value in patch.items():
        if key.startswith(SET_ORDER):
            name = key[len(SET_ORDER) :]
            _set_order(result, name, value, document.get(name), patch.get(name), rule(shape, name).key)
    return result


def _merge_value(before: Any, value: Any, how: Rule) -> Any:
    if isinstance(before, dict) and isinstance(value, dict) and not how.replace:
        return _merge_map(before, value, how.inner)
    if isinstance(before, list) and isinstance(value, list) and how.merge:
        return _merge_list(before, value, how)
    return plain(value)


def _merge_list(before: list[Any], patch: list[Any], how: Rule) -> list[Any]:
    if not any(isinstance(element, dict) for element in (*before, *patch)):
        merged = list({identity(value, ""): value for value in (*before, *patch)}.values())
        return arrange(merged, patch, before, "")
    if not how.key:
        raise bad_request("cannot merge lists without merge key")
    kept, changes = _split(before, patch, how.key)
    places = {}
    for place, element in enumerate(kept):
        places.setdefault(identity(element, how.key), place)
    merged = list(kept)
    for element in changes:
        place = places.get(identity(element, how.key))
        if place is None:
            places[identity(element, how.key)] = len(merged)
            merged.append(plain(element))
        else:
            merged[place] = _merge_map(merged[place], element, how.inner)
    return arrange(merged, changes, kept, how.key)


def _split(before: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[JSON]]:
    """Carry out the directives among a list's elements; return what is left of the list and of the patch."""
    gone: set[Any] = set()
    changes: list[JSON] = []
    replace = False
    for element in patch:
        if not isinstance(element, dict):
            msg = f"cannot merge {shown(element)} into a list of maps"
            raise bad_request(msg)
        directive = element.get(PATCH, "merge")
        if directive == "replace":
            replace = True
            continue
        if directive not in ("delete", "merge"):
            msg = f"unknown patch type: {directive} in map: {shown(element)}"
            raise bad_request(msg)
        if element.get(key) is None:
            msg = f"map: {shown(element)} does not contain declared merge key: {key}"
            raise bad_request(msg)
        if directive == "delete":
            gone.add(identity(element, key))
        else:
            changes.append(element)
    if replace:
        return [], changes
    return [element for element in before if identity(element, key) not in gone], changes


def _retain(document: JSON, patch: JSON) -> JSON:
    keys = patch.get(RETAIN_KEYS)
    if keys is None:
        return dict(document)
    if not isinstance(keys, list) or any(
        key not in keys for key, value in patch.items() if value is not None and not is_directive(key)
    ):
        raise bad_request("invalid patch format of retainKeys")
    return {key: value for key, value in document.items() if key in keys}


def _delete_from(result: JSON, name: str, values: Any) -> None:
    if not isinstance(values, list):
        raise bad_request("invalid patch format of primitive list")
    before = result.get(name)
    if isinstance(before, list):
        gone = {identity(value, "") for value in values}
        result[name] = [value for value in before if identity(value, "") not in gone]


def _set_order(result: JSON, name: str, order: Any, before: Any, patch: Any, key: str) -> None:
    if not isinstance(order, list):
        raise bad_request("invalid patch format of setElementOrder list")
    merged = result.get(name)
    if not isinstance(merged, list):
        return
    if isinstance(patch, list):
        _check_order(patch, order, key)
    result[name] = arrange(merged, order, before if isinstance(before, list) else [], key)


def _check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """Every element that the patch keeps must be in the order list, in the same order."""
    rest = iter(identity(element, key) for element in order)
    for element in patch:
        if isinstance(element, dict) and PATCH in element:
            continue
        if identity(element, key) not in rest:
            msg = f"The order in patch list:\n{shown(patch)}\n doesn't match $setElementOrder list:\n{shown(order)}\n"
            raise bad_request(msg)
