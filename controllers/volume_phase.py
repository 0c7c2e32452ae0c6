"""A volume that no claim holds is said to be available. Binding it to one is not done here.

It must never speak of a volume that names a claim: what becomes of that depends on the claim.
"""

from __future__ import annotations

from podwright.controllers.actions import NOTHING, Patch, Plan
from podwright.controllers.meta import Whole
from podwright.controllers.resources import PERSISTENT_VOLUMES

_PENDING = "Pending"
_AVAILABLE = "Available"


def reconcile(volume: Whole | None) -> Plan:
    """Return the write of a new volume's phase, if it is nobody's."""
    if volume is None or volume.meta.deleted is not None or volume.spec.get("claimRef") is not None:
        return NOTHING
    if volume.status.get("phase") != _PENDING:
        return NOTHING
    body = {
        "metadata": {"uid": volume.meta.uid, "resourceVersion": volume.meta.version},
        "status": {"phase": _AVAILABLE},
    }
    return Plan((Patch(PERSISTENT_VOLUMES, "", volume.meta.name, body, subresource="status"),))
