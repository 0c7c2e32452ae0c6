"""How a refused apply names what stood in its way. Pure."""

from __future__ import annotations

from podwright.api.apply.elements import shown
from podwright.api.apply.entries import UPDATE, Writer
from podwright.api.apply.owning import Conflicts
from podwright.api.errors import ApiError, apply_conflict
from podwright.api.quoting import quote


def conflict_error(conflicts: Conflicts) -> ApiError:
    """The 409 for an apply: a message for people, a cause a field for programs."""
    found = [(_named(entry.writer), "".join(map(shown, path))) for entry, path in conflicts.found]
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": path}
        for manager, path in found
    ]
    if len(found) == 1:
        ((manager, path),) = found
        return apply_conflict(f"Apply failed with 1 conflict: conflict with {manager}: {path}", causes)
    lines: list[str] = []
    for manager in dict.fromkeys(manager for manager, _ in found):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {path}" for other, path in found if other == manager]
    return apply_conflict(f"Apply failed with {len(found)} conflicts: " + "\n".join(lines), causes)


def _named(writer: Writer) -> str:
    text = quote(writer.manager)
    if writer.subresource:
        text += f" with subresource {quote(writer.subresource)}"
    return f"{text} using {writer.api_version}" if writer.operation == UPDATE else text
