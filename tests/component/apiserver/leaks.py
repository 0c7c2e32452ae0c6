"""Looks for what must not be seen: values with a mark, plain or in base64, in text and in files."""

import base64
import contextlib
from pathlib import Path

MARK = "zq7X-never"
"""Every value that is confidential begins and ends with it; nothing else has it."""
_START = MARK[:6]


def value(name):
    """A confidential value."""
    return f"{MARK}-{name}-{MARK}"


def b64(text):
    return base64.b64encode(text.encode()).decode()


def _encoded(text):
    """What base64 has of a text wherever it begins in what is encoded: the parts that its neighbours do not change."""
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + text.encode())
        yield whole[4 if shift else 0 : -4]


class Leaks:
    """Needles, and what of them was found where."""

    def __init__(self):
        self.needles = {MARK: [_START.encode(), *_encoded(MARK)]}
        self.found = []

    def look_for(self, name, text):
        """Another text that must not be found: a key or a token that nobody could mark."""
        self.needles[name] = [text.encode(), *_encoded(text)]

    def check(self, where, content):
        if isinstance(content, str):
            content = content.encode(errors="replace")
        for name, forms in self.needles.items():
            for form in forms:
                at = content.find(form)
                if at >= 0:
                    self.found.append(f"{where}: {name}: ...{content[max(0, at - 60) : at + 60]!r}...")
                    return

    def check_files(self, folder: Path, besides=()):
        looked_at = 0
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path not in besides:
                with contextlib.suppress(FileNotFoundError):
                    self.check(path.name, path.read_bytes())
                    looked_at += 1
        return looked_at
