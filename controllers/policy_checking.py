"""Tells of every validating policy what looks wrong in its rules, once for each generation.

It reports and nothing more: a policy acts as it is written, whatever is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.meta import Whole
from podwright.controllers.resources import VALIDATING_POLICIES

if TYPE_CHECKING:
    from podwright.api.cel.policy_types import Kind

JSON = dict[str, Any]
MANAGER: Final = "validatingadmissionpolicy-status"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that a policy is about, as far as they are known, and that of its parameters."""

    matched: tuple[Kind, ...] = ()
    params: Kind | None = None


def unchecked(policy: Whole | None) -> bool:
    """Tell whether there is something new to check."""
    if policy is None or policy.meta.deleted is not None:
        return False
    # When the last finding goes, apply takes away what held it too: then it has to be said once more.
    said = policy.status.get("typeChecking") is not None
    return not said or policy.meta.generation > (policy.status.get("observedGeneration") or 0)


def reconcile(policy: Whole | None, kinds: Kinds) -> Plan:
    """Return the write of what was found."""
    if policy is None or not unchecked(policy):
        return NOTHING
    from podwright.api.cel.policy_types import findings  # on first use: it takes a while to load

    name, row = policy.meta.name, VALIDATING_POLICIES
    body: JSON = {"apiVersion": row.api_version, "kind": row.kind, "metadata": {"name": name, "uid": policy.meta.uid}}
    found = findings(policy.spec, kinds.matched, kinds.params)
    checking = {"expressionWarnings": found} if found else {}
    body["status"] = {"observedGeneration": policy.meta.generation, "typeChecking": checking}
    return Plan((Patch(row, "", name, body, form="apply", subresource="status", manager=MANAGER),))
