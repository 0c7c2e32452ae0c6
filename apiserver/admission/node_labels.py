"""Which of a node's labels it may write itself. Pure.

Labels of the API's own domains say where pods may run: of these a node writes only what describes it. It must never
let a node write labels below `node-restriction.kubernetes.io`, which are there to keep nodes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_RESTRICTED: Final = "node-restriction.kubernetes.io"
_DOMAINS: Final = ("kubernetes.io", "k8s.io")
_OWN_DOMAINS: Final = ("kubelet.kubernetes.io", "node.kubernetes.io")
_OWN: Final = frozenset(
    (
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/instance-type",
        "beta.kubernetes.io/os",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.kubernetes.io/region",
        "failure-domain.kubernetes.io/zone",
        "kubernetes.io/arch",
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "node.kubernetes.io/instance-type",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    )
)


def forbidden_labels(new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    """The labels of which a change from `old` to `new` is not the node's to make."""
    changed = {key for key in {*new, *old} if new.get(key) != old.get(key)}
    return sorted(key for key in changed if not _may_write(key))


def _may_write(key: str) -> bool:
    domain = key.partition("/")[0] if "/" in key else ""
    if _within(domain, _RESTRICTED):
        return False
    if not any(_within(domain, own) for own in _DOMAINS):
        return True
    return key in _OWN or any(_within(domain, own) for own in _OWN_DOMAINS)


def _within(domain: str, of: str) -> bool:
    return domain == of or domain.endswith(f".{of}")
