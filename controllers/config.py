"""The controllers' settings, parsed once by whoever starts them and passed explicitly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Sign = Callable[[bytes, Sequence[str], int | None], bytes]
"""(request, usages, seconds) -> certificate, both PEM. Quick. Raises ValueError that says why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllersConfig:
    """Durations are seconds."""

    root_ca: str = ""
    """PEM of the CA that `kube-root-ca.crt` in every namespace carries; "" publishes none."""
    sign: Sign | None = None
    """Signs certificates that were approved; None signs none."""
    cluster_cidr: str = ""
    """IPv4 range that nodes' pod ranges are cut from; "" leaves spec.podCIDR alone."""
    node_cidr_bits: int = 24
    """Prefix length of one node's pod range."""
    node_grace: float = 8.0
    """A node whose Lease was not renewed for this long is Unknown. Agents renew every 2 s; on a busy machine a few
    renewals may be late, and what follows (eviction) costs more than waiting for them."""
    node_startup_grace: float = 60.0
    """The same for a node that has no Lease yet, and for all nodes when the controllers start anew with none."""
    max_default_toleration: float | None = 2.0
    """Upper bound for the two 300 s tolerations that admission gives every pod (`eviction.py`); None takes them as
    they are. Tolerations that a user wrote are never shortened."""
    orphan_grace: float = 10.0
    """How long a pod may stay bound to a node that does not exist."""
    terminated_pods: int = 12_500
    """Finished pods that are kept over all namespaces; the oldest beyond that are deleted."""
    workers: int = 8
    """Objects of one kind worked on at the same time."""
