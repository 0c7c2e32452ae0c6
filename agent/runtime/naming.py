"""Container ids, `<pod uid>_<container name>_<attempt>`, and the cgroup that follows from one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContainerName:
    """What an id says."""

    uid: str
    name: str
    attempt: int

    @property
    def id(self) -> str:
        """The id itself."""
        return f"{self.uid}_{self.name}_{self.attempt}"


def parse(container_id: str) -> ContainerName | None:
    """Take an id apart; None when it is not one of ours. Neither uids nor container names hold an underscore."""
    parts = container_id.split("_")
    if len(parts) != 3 or not all(parts[:2]) or not parts[2].isdigit():
        return None
    return ContainerName(parts[0], parts[1], int(parts[2]))


def cgroup(pod_cgroup: str, name: str, attempt: int) -> str:
    """A container's cgroup, below its pod's."""
    return f"{pod_cgroup}/{name}_{attempt}"
