"""Static bearer tokens: lines of token,user,uid,"group1,group2". Read once at start."""

from __future__ import annotations

import csv
from pathlib import Path

from podwright.apiserver.user import AUTHENTICATED, User, outer


class TokenFileError(Exception):
    """The file cannot be read or a line is malformed; the message names the line."""


def read_token_file(path: Path) -> dict[str, User]:
    """Return the user of each token. Raises TokenFileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the token file {path}: {error}"
        raise TokenFileError(msg) from error
    return parse_tokens(text, str(path))


def parse_tokens(text: str, where: str = "tokens") -> dict[str, User]:
    """Return the user of each token. Raises TokenFileError."""
    found: dict[str, User] = {}
    for number, row in enumerate(csv.reader(text.splitlines(), skipinitialspace=True), 1):
        if not row or row[0].startswith("#"):
            continue
        if len(row) < 3 or not row[0].strip() or not row[1].strip():
            msg = f'cannot use {where}: line {number} is not token,user,uid[,"group1,group2"]'
            raise TokenFileError(msg)
        groups = [g.strip() for g in row[3].split(",") if g.strip()] if len(row) > 3 else []
        found[row[0].strip()] = User(row[1].strip(), row[2].strip(), (*outer(groups), AUTHENTICATED))
    return found
