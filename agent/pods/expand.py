"""`$(NAME)` in commands, arguments and variables: replaced where NAME is known, left alone where not, `$$` escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:\$|\(([^()]*)\))")


def expand(text: str, *known: Mapping[str, str]) -> str:
    """Replace references by the first mapping that knows them."""

    def replacement(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "$"
        for values in known:
            if name in values:
                return values[name]
        return found.group(0)

    return _REFERENCE.sub(replacement, text)
