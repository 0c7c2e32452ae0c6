"""The order of a merged list: the patch orders what it names, the rest keeps its place in between.

Two sorted runs are merged: elements that the patch names, in the patch's order, and elements that only the
document has, in the document's order. Where both heads stood in the document, the earlier one goes first;
otherwise the patch's goes first. This must stay deterministic: clients compare lists.
"""

from __future__ import annotations

from typing import Any

from podwright.api.patch.shape import identity


def arrange(merged: list[Any], order: list[Any], before: list[Any], key: str) -> list[Any]:
    """Return the elements of `merged` in their final order.

    `order` lists the patch's elements, `before` the document's; both are compared by `key` (or whole).
    """
    wanted = _places(order, key)
    was = _places(before, key)
    named: list[tuple[int, Any]] = []
    others: list[tuple[int, Any]] = []
    for element in merged:
        name = identity(element, key)
        place = was.get(name, -1)
        (named if name in wanted else others).append((place, element))
    named.sort(key=lambda pair: wanted[identity(pair[1], key)])
    others.sort(key=lambda pair: pair[0])
    result: list[Any] = []
    left = right = 0
    while left < len(others) and right < len(named):
        if others[left][0] < named[right][0]:
            result.append(others[left][1])
            left += 1
        else:
            result.append(named[right][1])
            right += 1
    result += [element for _, element in others[left:]]
    result += [element for _, element in named[right:]]
    return result


def _places(elements: list[Any], key: str) -> dict[Any, int]:
    places: dict[Any, int] = {}
    for place, element in enumerate(elements):
        places.setdefault(identity(element, key), place)
    return places
