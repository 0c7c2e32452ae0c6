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
        if error.reason == "Invalid":
            return _invalid(error)
        where = f"error when {doing}: " if doing else ""
        hint = _HINTS.get(error.code, "")
        return f"Error from server ({error.reason}): {where}{error.message}{hint}"
    if isinstance(error, TransportError):
        return f"Unable to connect to the server: {error}\n" + getattr(error, "hint", "Is the control plane running?")
    return f"error: {error}"


def _invalid(error: ApiError) -> str:
    """Validation failures, one field a line when there are several."""
    details: dict[str, Any] = error.details or {}
    head = f'The {details["kind"]} "{details.get("name", "")}" is invalid' if details.get("kind") else "It is invalid"
    causes = details.get("causes") or []
    every = [f"{c['field']}: {c.get('message', '')}" if c.get("field") else c.get("message", "") for c in causes]
    lines = list(dict.fromkeys(_WHOLE_PATCH.sub("", line) for line in every))
    if not lines:
        return f"Error from server (Invalid): {error.message}"
    return f"{head}: {lines[0]}" if len(lines) == 1 else "\n".join([f"{head}: ", *(f"* {line}" for line in lines)])
