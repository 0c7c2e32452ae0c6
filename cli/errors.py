"""What the CLI says when something goes wrong: what, where, and what to do. Never a traceback.

CliError(message)          the user's input cannot be used
ApiError                   the server refused (podwright.api.errors)
TransportError             the server cannot be reached (podwright.client.transport)
"""

from __future__ import annotations

import re
from typing import Any

from podwright.api.errors import ApiError
from podwright.client.transport import TransportError


class CliError(Exception):
    """The command cannot be carried out as given. `code` is the exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


_WHOLE_PATCH = re.compile(r'^patch: Invalid value: "(?:[^"\\]|\\.)*": ')  # nobody wants to read the object again
_HINTS = {
    401: "\nThe server does not know this identity: is the kubeconfig of this cluster, or has its certificate ended? "
    "`pw config view` shows which is used.",
}


def text(error: Exception, doing: str = "") -> str:
    """The message for people; `doing`, as "creating x", is added where the server does not say what it is about."""
    if isinstance(error, ApiError):
        return _refusal(error, doing)
    if isinstance(error, TransportError):
        hint = getattr(error, "hint", "Is the control plane running?")
        return f"Unable to connect to the server: {error}\n{hint}"
    return f"error: {error}"


def _refusal(error: ApiError, doing: str) -> str:
    details: dict[str, Any] = error.details or {}
    reasons = _reasons(details) if error.reason == "Invalid" else []
    if reasons and details.get("kind"):
        head = f'The {details["kind"]} "{details.get("name", "")}" is invalid: '
        return head + (reasons[0] if len(reasons) == 1 else "".join(f"\n* {reason}" for reason in reasons))
    where = f"error when {doing}: " if doing else ""
    said = "; ".join(reasons) or error.message
    return f"Error from server ({error.reason}): {where}{said}{_HINTS.get(error.code, '')}"


def _reasons(details: dict[str, Any]) -> list[str]:
    """What was found wrong, each once."""
    causes = details.get("causes") or []
    every = [f"{c['field']}: {c.get('message', '')}" if c.get("field") else str(c.get("message", "")) for c in causes]
    return list(dict.fromkeys(_WHOLE_PATCH.sub("", reason) for reason in every))
