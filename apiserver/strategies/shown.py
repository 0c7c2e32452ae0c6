"""Values inside error messages that are structures: their members in the order and spelling API clients know.

Most messages show a string or a number. A few show a whole structure, and clients compare those texts; they are
composed here. It must never decide what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podwright.api import quoting
from podwright.api.field_errors import FieldError

JSON = dict[str, Any]

_SELECTOR = ("matchLabels", "matchExpressions")
_REQUIREMENT = ("key", "operator", "values")
_OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


@dataclass(frozen=True, slots=True)
class ShownError(FieldError):
    """A field error whose `value` is already the text to show."""

    def body(self) -> str:
        """Return the message without the path."""
        words = FieldError(self.type, self.field, "", "").body().removesuffix('""')
        return f"{words}{self.value}" + (f": {self.detail}" if self.detail else "")


def ordered(value: Any, keys: Sequence[str]) -> Any:
    """Return a structure with its known members first, in order."""
    if not isinstance(value, dict):
        return value
    known = {key: value[key] for key in keys if key in value}
    return known | {key: content for key, content in value.items() if key not in known}


def selector(value: JSON | None) -> str:
    """Show a label selector."""
    if value is None:
        return "null"
    shown = ordered(value, _SELECTOR)
    if shown.get("matchLabels"):
        shown["matchLabels"] = dict(sorted(shown["matchLabels"].items()))
    if shown.get("matchExpressions"):
        shown["matchExpressions"] = [ordered(item, _REQUIREMENT) for item in shown["matchExpressions"]]
    return compact({key: content for key, content in shown.items() if content})


def owners(value: Sequence[JSON]) -> str:
    """Show a list of owner references."""
    return compact([ordered(item, _OWNER) for item in value])


def members(value: JSON, spelling: Sequence[tuple[str, str, Any]]) -> str:
    """Show a structure with all of its members: (name shown, JSON name, what an absent one shows)."""
    return compact({shown: value.get(name, absent) for shown, name, absent in spelling})


def compact(value: Any) -> str:
    """Write JSON without blanks, members in the order given."""
    return quoting.compact(value)
