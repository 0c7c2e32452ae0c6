"""Answers in YAML, with strings spelled as clients of the API know them. Imported only when one asks for it.

Text of several lines is shown line by line, and a string that would be read as something else is in double quotes. It
must never decide what is answered.
"""

from __future__ import annotations

from typing import Any

import yaml

_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TEXT = "tag:yaml.org,2002:str"
_OLD_WORDS = frozenset(("y", "Y", "n", "N"))  # truth values to some parsers, and text to ours


class _Dumper(_BASE):
    """Writes text as described above, and a value that occurs twice out in full twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write no references."""
        del data
        return True

    def represent_text(self, text: str) -> Any:
        """Choose how a string is spelled; None leaves that to the emitter."""
        style = None
        if "\n" in text:
            style = "|"
        elif text in _OLD_WORDS or self.resolve(yaml.ScalarNode, text, (True, False)) != _TEXT:
            style = '"'
        return self.represent_scalar(_TEXT, text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def dump(document: Any) -> bytes:
    """Spell a document that consists of what JSON has."""
    text: str = yaml.dump(document, Dumper=_Dumper, default_flow_style=False, allow_unicode=True)
    return text.encode()
