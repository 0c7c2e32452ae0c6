"""The table of role bindings, of a namespace and of the cluster."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import AGE, JSON, NAME, Cells, Column, Printer, age, name


def _cells(binding: JSON, now: datetime) -> Cells:
    role: JSON = binding.get("roleRef") or {}
    held: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in binding.get("subjects") or []:
        shown = subject.get("name") or ""
        if subject.get("kind") == "ServiceAccount":
            shown = f"{subject.get('namespace') or ''}/{shown}"
        held.get(subject.get("kind") or "", []).append(shown)
    return [
        name(binding),
        f"{role.get('kind') or ''}/{role.get('name') or ''}",
        age(binding, now),
        *(", ".join(names) for names in held.values()),
    ]


PRINTER = Printer(
    (
        NAME,
        Column("Role", "The role that is given."),
        AGE,
        Column("Users", "The users who hold it.", priority=1),
        Column("Groups", "The groups that hold it.", priority=1),
        Column("ServiceAccounts", "The accounts that hold it.", priority=1),
    ),
    _cells,
)
