"""What the CLI says when something goes wrong: what, where, and what to do. Never a traceback.

CliError(message)          the user's input cannot be used
ApiError                   the server refused (podwright.api.errors)
TransportError             the server cannot be reached (podwright.client.transport)
"""

from __future__ import annotations

from typing import Any

from podwright.api.errors import ApiError
from podwright.client.transport import TransportError


class CliError(Exception):
    """The command cannot be carried out as given. `code` is the exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def text(error: Exception) -> str:
    """The message for people."""
    if isinstance(error, ApiError):
        return _invalid(error) if error.reason == "Invalid" else f"Error from server ({error.reason}): {error.message}"
    if isinstance(error, TransportError):
        return (
            f"Unable to connect to the server: {error}\n"
            "Is the control plane running? `podwright up` starts it; --kubeconfig or $KUBECONFIG choose another one."
        )
    return f"error: {error}"


def _invalid(error: ApiError) -> str:
    """Validation failures, one field a line when there are several."""
    details: dict[str, Any] = error.details or {}
    head = f'The {details.get("kind", "object")} "{details.get("name", "")}" is invalid'
    causes = details.get("causes") or []
    lines = [f"{c['field']}: {c.get('message', '')}" if c.get("field") else c.get("message", "") for c in causes]
    if not lines:
        return f"Error from server (Invalid): {error.message}"
    return f"{head}: {lines[0]}" if len(lines) == 1 else "\n".join([f"{head}: ", *(f"* {line}" for line in lines)])
