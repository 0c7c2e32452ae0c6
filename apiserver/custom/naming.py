"""Which names a definition may have: those that no other kind of its group has.

Pure. A definition keeps the names it was given before; what is taken is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from podwright.api.quoting import quote

JSON = dict[str, Any]


@dataclass(slots=True)
class Taken:
    """The names of the other kinds of a group."""

    resources: set[str] = field(default_factory=set[str])
    kinds: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The names that are accepted, and why not all of them ("": they are)."""

    names: JSON
    reason: str = ""
    message: str = ""


_RESOURCES: Final = (("plural", "PluralConflict"), ("singular", "SingularConflict"))
_KINDS: Final = (("kind", "KindConflict"), ("listKind", "ListKindConflict"))


def taken(group: str, others: Iterable[JSON], built_in: Iterable[tuple[JSON, str]]) -> Taken:
    """The names of a group: those accepted for other definitions, and those of built-in kinds with their groups."""
    found = Taken()
    for names, of_group in built_in:
        if of_group == group:
            _add(found, names)
    for other in others:
        if other["spec"]["group"] == group:
            _add(found, (other.get("status") or {}).get("acceptedNames") or {})
    return found


def wanted(definition: JSON) -> Taken:
    """The names that a definition wants."""
    found = Taken()
    _add(found, definition["spec"]["names"])
    return found


def both(some: Taken, others: Taken) -> Taken:
    """The names in both: of what others have, `judge` looks at nothing but the names that a definition wants."""
    return Taken(some.resources & others.resources, some.kinds & others.kinds)


def _add(found: Taken, names: JSON) -> None:
    found.resources |= {names.get("plural") or "", names.get("singular") or "", *(names.get("shortNames") or ())} - {""}
    found.kinds |= {names.get("kind") or "", names.get("listKind") or ""} - {""}


def judge(definition: JSON, others: Taken) -> Verdict:
    """Decide about the names a definition wants."""
    wanted: JSON = definition["spec"]["names"]
    accepted: JSON = dict((definition.get("status") or {}).get("acceptedNames") or {})
    reason = message = ""
    for keys, used in ((_RESOURCES, others.resources), (_KINDS, others.kinds)):
        for key, why in keys:
            name = wanted.get(key) or ""
            if name != accepted.get(key) and name in used:
                reason, message = why, f"{quote(name)} is already in use"
            else:
                accepted[key] = name
        if keys is _RESOURCES:
            mine = set(accepted.get("shortNames") or ())
            bad = [n for n in wanted.get("shortNames") or () if n not in mine and n in used]
            if bad:
                texts = list(dict.fromkeys(f"{quote(name)} is already in use" for name in bad))
                reason, message = "ShortNamesConflict", texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
            else:
                accepted["shortNames"] = wanted.get("shortNames")
    accepted["categories"] = wanted.get("categories")
    order = ("plural", "singular", "shortNames", "kind", "listKind", "categories")
    return Verdict({key: accepted[key] for key in order if accepted.get(key)}, reason, message)
