"""The tables of what extends the server: webhooks, admission policies, API services."""

from __future__ import annotations

from datetime import datetime

from podwright.apiserver.printing.printer import (
    AGE,
    JSON,
    NAME,
    UNSET,
    Cells,
    Column,
    Printer,
    age,
    label_selector,
    meta,
    name,
    section,
)  # fmt: skip


def _policy(key: str, what: str, doc: str) -> Printer:
    def cells(policy: JSON, now: datetime) -> Cells:
        spec = section(policy, "spec")
        kind: JSON | None = spec.get("paramKind")
        shown = UNSET if kind is None else f"{kind.get('apiVersion') or ''}/{kind.get('kind') or ''}"
        return [name(policy), len(spec.get(key) or ()), shown, age(policy, now)]

    return Printer((NAME, Column(what, doc, "integer"), Column("ParamKind", "The kind of its parameters."), AGE), cells)


def _binding(binding: JSON, now: datetime) -> Cells:
    spec = section(binding, "spec")
    reference: JSON | None = spec.get("paramRef")
    shown = UNSET
    if reference is not None:
        if reference.get("name"):
            # Whether the parameters are of a namespace is not known here.
            shown = f"{reference.get('namespace') or '*'}/{reference['name']}"
        else:
            shown = label_selector(reference.get("selector")) or UNSET
    return [name(binding), spec.get("policyName") or "", shown, age(binding, now)]


def _service(row: JSON, now: datetime) -> Cells:
    service: JSON | None = section(row, "spec").get("service")
    place = "Local" if service is None else f"{service.get('namespace') or ''}/{service.get('name') or ''}"
    found = [c for c in section(row, "status").get("conditions") or [] if c.get("type") == "Available"]
    state = found[0].get("status") or "" if found else "Unknown"
    if found and state != "True" and found[0].get("reason"):
        state += f" ({found[0]['reason']})"
    return [meta(row).get("name", ""), place, state, age(row, now)]


WEBHOOKS = Printer(
    (NAME, Column("Webhooks", "How many web servers it names.", "integer"), AGE),
    lambda obj, now: [name(obj), len(obj.get("webhooks") or ()), age(obj, now)],
)
VALIDATING_POLICY = _policy("validations", "Validations", "How many rules it has.")
MUTATING_POLICY = _policy("mutations", "Mutations", "How many changes it makes.")
BINDING = Printer(
    (NAME, Column("PolicyName", "The policy."), Column("ParamRef", "The object with the parameters."), AGE), _binding
)
API_SERVICE = Printer(
    (NAME, Column("Service", "Who serves it."), Column("Available", "Whether it is served."), AGE), _service
)
