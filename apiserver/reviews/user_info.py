"""An identity as reviews and signing requests show it. Pure."""

from __future__ import annotations

from typing import Any

from podwright.apiserver.user import User

JSON = dict[str, Any]


def user_info(user: User) -> JSON:
    """The UserInfo of an identity; what is empty is left out."""
    shown = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in sorted(user.extra.items())},
    }
    return {key: value for key, value in shown.items() if value}
