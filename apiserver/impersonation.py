"""Acting as someone else: the Impersonate-* headers, for those who may do anything anyway.

Pure. Only system:masters may impersonate until there are roles that say more; the request is then authorized as the
other user. It must never add a group that a header does not name, but the one every user has.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from podwright.api.errors import bad_request, forbidden
from podwright.apiserver.user import AUTHENTICATED, MASTERS, SERVICE_ACCOUNTS, UNAUTHENTICATED, User

PREFIX = "impersonate-"
_EXTRA = "impersonate-extra-"
_ACCOUNT = "system:serviceaccount:"


def impersonate(user: User, headers: Iterable[tuple[str, str]]) -> User:
    """Return the user a request acts as. Header names are lower-case. Raises ApiError 400, 403."""
    name, uid = "", ""
    groups: list[str] = []
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in headers:
        if key == "impersonate-user":
            name = value
        elif key == "impersonate-uid":
            uid = value
        elif key == "impersonate-group":
            groups.append(value)
        elif key.startswith(_EXTRA):
            where = unquote(key.removeprefix(_EXTRA))
            extra[where] = (*extra.get(where, ()), value)
    if not name:
        if groups or uid or extra:
            msg = "requested to impersonate groups, a uid or extra fields without impersonating a user name"
            raise bad_request(msg)
        return user
    if MASTERS not in user.groups:
        raise forbidden("users", name, f'User "{user.name}" cannot impersonate resource "users" in API group ""')
    if name == "system:anonymous":
        return User(name, uid, (*groups, *_missing(groups, UNAUTHENTICATED)), extra)
    if name.startswith(_ACCOUNT) and not groups:
        groups = [SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{name.removeprefix(_ACCOUNT).partition(':')[0]}"]
    return User(name, uid, (*groups, *_missing(groups, AUTHENTICATED)), extra)


def _missing(groups: list[str], group: str) -> tuple[str, ...]:
    return () if group in groups else (group,)
