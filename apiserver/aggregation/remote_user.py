"""Who asks, as headers for a server that trusts our certificate to say so.

Whatever headers of these names a client sent are taken out first: nobody says for himself who he is. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from podwright.apiserver.user import COMPONENT, MASTERS, User, outer

Headers = tuple[tuple[str, str], ...]
USER, GROUP, UID, EXTRA = "X-Remote-User", "X-Remote-Group", "X-Remote-Uid", "X-Remote-Extra-"
_OURS: Final = "x-remote-"
_SPENT: Final = frozenset(("content-encoding", "expect"))  # the body was read, and unpacked
_LINE_BREAKS: Final = str.maketrans("\r\n", "  ")
_KEY_SAFE: Final = "!#$&'*+^`|"  # besides letters, digits and _.-~: what may stand in a header's name


def without_claims(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a request that may go on, names in lower case."""
    kept = [(name, value) for name, value in headers if not name.startswith(_OURS) and name not in _SPENT]
    ends = {token.strip().lower() for name, value in kept if name == "connection" for token in value.split(",")}
    return tuple((name, value) for name, value in kept if name not in ends)


def claims(user: User) -> Headers:
    """The headers that say who asks."""
    return tuple((name, value.translate(_LINE_BREAKS)) for name, value in _claims(user))


def _claims(user: User) -> Iterator[tuple[str, str]]:
    yield USER, user.name
    if user.uid:
        yield UID, user.uid
    for group in (*outer(user.groups), *((MASTERS,) if COMPONENT in user.groups else ())):
        yield GROUP, group  # what may do anything here may so there: nobody else can tell it by its group
    for key, values in user.extra.items():
        for value in values:
            yield f"{EXTRA}{quote(key, safe=_KEY_SAFE)}", value
