"""Names of properties that are no identifiers: under which name an expression reaches them.

x-prop -> x__dash__prop    a.b -> a__dot__b    a/b -> a__slash__b    a__b -> a__underscores__b    if -> __if__
"""

from __future__ import annotations

import re
from typing import Final

RESERVED: Final = frozenset(
    {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
     "let", "loop", "package", "namespace", "return", "var", "void", "while"}
)  # fmt: skip
_PARTS: Final = re.compile(r"__|[-./]")
_NAMES: Final = {"__": "__underscores__", "-": "__dash__", ".": "__dot__", "/": "__slash__"}
_ESCAPED: Final = re.compile(r"__([^_]+)__")
_TEXTS: Final = {name.strip("_"): text for text, name in _NAMES.items()}
_POSSIBLE: Final = re.compile(r"[A-Za-z_.\-/][A-Za-z0-9_.\-/]*")


def escape(name: str) -> str | None:
    """Return the identifier for a property, or None if no expression can reach it."""
    if name in RESERVED:
        return f"__{name}__"
    if _POSSIBLE.fullmatch(name) is None:
        return None
    return _PARTS.sub(lambda match: _NAMES[match.group()], name)


def unescape(name: str) -> str | None:
    """Return the property that an identifier stands for, or None if it stands for none."""
    if name.startswith("__") and name.endswith("__") and name[2:-2] in RESERVED:
        return name[2:-2]
    if any(part not in _TEXTS for part in _ESCAPED.findall(name)):
        return None
    return _ESCAPED.sub(lambda match: _TEXTS[match.group(1)], name)
