"""Which resources quotas and limit ranges may name.

What a pod may ask for is decided with the pod's own rules; these lists are only about bounds over objects.
"""

from __future__ import annotations

from typing import Final

from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod.resources import container_name, standard_name

POD_COUNT: Final = frozenset(("pods",))
POD_COMPUTE: Final = frozenset(("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"))
CLAIM_USE: Final = frozenset(("persistentvolumeclaims", "requests.storage"))
QUOTA: Final = (
    POD_COUNT
    | POD_COMPUTE
    | CLAIM_USE
    | frozenset(
        (
            "ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage", "resourcequotas", "services",
            "replicationcontrollers", "secrets", "configmaps", "services.nodeports", "services.loadbalancers",
        )
    )
)  # fmt: skip
"""Resources of a quota that have no domain."""

_HUGE_PAGES: Final = ("hugepages-", "requests.hugepages-")


def is_quota_standard(name: str) -> bool:
    """Tell whether a quota knows a resource without a domain."""
    return name in QUOTA or name.startswith(_HUGE_PAGES)


def quota_name(errors: Errors, path: str, name: str) -> None:
    """Check the name of a resource that a quota bounds."""
    standard_name(errors, path, name)
    if "/" not in name and not is_quota_standard(name):
        formats.complain(errors, path, name, ["must be a standard resource for quota"])


def limited_name(errors: Errors, path: str, name: str, kind: str) -> None:
    """Check the name of a resource that a limit range bounds for a type of object."""
    if kind in {"Pod", "Container"}:
        container_name(errors, path, name)
    else:
        standard_name(errors, path, name)
