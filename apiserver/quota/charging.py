"""Whether an object fits into a quota, and what the quota's status is with it.

Pure arithmetic. `used` is everything that is counted without the object; what is returned is to be stored together
with the object or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from podwright.api import quantity
from podwright.api.quantity import Quantity
from podwright.apiserver.quota.usage import Amounts

JSON = dict[str, Any]
_NONE = quantity.parse("0")


def growth(new: Amounts, old: Amounts, names: Iterable[str]) -> Amounts:
    """By how much the use of some resources grows."""
    more = {name: new.get(name, _NONE) - old.get(name, _NONE) for name in names}
    return {name: amount for name, amount in more.items() if amount > _NONE}


def excess(hard: Mapping[str, str], used: Mapping[str, Quantity], more: Amounts) -> list[str]:
    """The resources of which there is too little left, sorted."""
    return sorted(n for n, amount in more.items() if used.get(n, _NONE) + amount > quantity.parse(hard[n]))


def refusal(name: str, hard: Mapping[str, str], used: Mapping[str, Quantity], more: Amounts, over: list[str]) -> str:
    """Say which quota was exceeded, by what."""
    parts = (
        ("requested", {n: more[n] for n in over}),
        ("used", {n: used.get(n, _NONE) for n in over}),
        ("limited", {n: quantity.parse(hard[n]) for n in over}),
    )
    shown = ", ".join(f"{word}: {','.join(f'{n}={a}' for n, a in amounts.items())}" for word, amounts in parts)
    return f"exceeded quota: {name}, {shown}"


def unstated_text(name: str, missing: Mapping[str, list[str]]) -> str:
    """Say what a pod's containers must state because a quota bounds it."""
    parts = (f"{resource} for: {','.join(sorted(set(missing[resource])))}" for resource in sorted(missing))
    return f"failed quota: {name}: must specify {'; '.join(parts)}"


def with_more(used: Mapping[str, Quantity], more: Amounts) -> Amounts:
    """The use including an object."""
    return {**used, **{name: used.get(name, _NONE) + amount for name, amount in more.items()}}


def status(hard: Mapping[str, str], used: Mapping[str, Quantity]) -> JSON:
    """A quota's status; of what is not bounded nothing is said."""
    found: JSON = {}
    if hard:
        found["hard"] = dict(hard)
        found["used"] = {name: str(used[name]) for name in hard if name in used}
    return found


def recorded(quota: JSON, names: Iterable[str]) -> Amounts | None:
    """The use that a quota's status tells, or None when it does not tell all of `names` under the present limits."""
    given: JSON = quota.get("status") or {}
    used: Mapping[str, str] = given.get("used") or {}
    if (given.get("hard") or {}) != ((quota.get("spec") or {}).get("hard") or {}) or any(n not in used for n in names):
        return None
    return {name: quantity.parse(amount) for name, amount in used.items()}
