"""Reads a container's state off its folder, /proc and the OCI runtime's own folder; keeps nothing in memory.

What the agent wrote itself is believed only where the kernel cannot know better, so the same code serves every look
at a container, the first one after a crash included.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.processes import alive
from podwright.agent.pods.ports import ContainerInfo, ContainerState, PodRef
from podwright.agent.runtime import naming
from podwright.agent.runtime.records import ContainerFolder, ContainerRecord, Processes

REFUSED_EXIT_CODE = 128


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found; decides the state."""

    record: bool
    processes: bool
    refused: bool
    exited: bool
    monitored: bool  # its conmon runs
    waiting: bool  # the runtime's start fifo is there: created, not yet started
    being_created: bool = False  # right now, by this agent


def state(seen: Evidence) -> ContainerState:
    """The first rule that fits."""
    if seen.being_created:
        return ContainerState.CREATED
    if not seen.record:
        return ContainerState.LOST
    if seen.exited or seen.refused:
        return ContainerState.EXITED
    if not seen.processes or not seen.monitored:
        return ContainerState.LOST
    return ContainerState.CREATED if seen.waiting else ContainerState.RUNNING


class Observer:
    """Looks at containers below one state folder."""

    def __init__(self, containers: Path, runtime_root: Path, cgroups: Cgroups) -> None:
        self._containers = containers
        self._runtime_root = runtime_root
        self._cgroups = cgroups

    def folder(self, container_id: str) -> ContainerFolder:
        """A container's folder, there or not."""
        return ContainerFolder(self._containers / container_id)

    def ids(self) -> list[str]:
        """Every container that has a folder."""
        return sorted(entry.name for entry in self._containers.iterdir() if entry.is_dir())

    def look(self, container_id: str, *, being_created: bool = False) -> ContainerInfo | None:
        """One container as it is now; None when there is nothing of it."""
        folder = self.folder(container_id)
        if not folder.path.is_dir():
            return None
        record, processes, refusal = folder.record(), folder.processes(), folder.refusal()
        monitored = processes is not None and alive(processes.monitor)
        # Read after the monitor was seen dead: it writes the exit file before it ends.
        ended = folder.exit()
        seen = Evidence(
            record=record is not None,
            processes=processes is not None,
            refused=refusal is not None,
            exited=ended is not None,
            monitored=monitored,
            waiting=(self._runtime_root / container_id / "exec.fifo").exists(),
            being_created=being_created,
        )
        if record is None:
            return _nameless(container_id, state(seen))
        if ended is None and refusal is not None:
            ended = (REFUSED_EXIT_CODE, refusal[1])
        return self._info(record, folder, state(seen), processes, ended, refusal[0] if refusal else "")

    def _info(
        self,
        record: ContainerRecord,
        folder: ContainerFolder,
        now: ContainerState,
        processes: Processes | None,
        ended: tuple[int, float] | None,
        refusal: str,
    ) -> ContainerInfo:
        started = folder.started_at()
        if not started and now is ContainerState.RUNNING:
            started = record.created_at  # the agent died between starting it and noting when
        return ContainerInfo(
            id=record.id,
            pod=record.pod,
            name=record.name,
            attempt=record.attempt,
            state=now,
            pid=processes.container.pid if processes and now is not ContainerState.EXITED else 0,
            created_at=record.created_at,
            started_at=started,
            # File times are coarse: a short run must not end before it began.
            finished_at=max(ended[1], started) if ended else 0.0,
            exit_code=ended[0] if ended else 0,
            oom_killed=self._oom_killed(record, folder),
            image_id=record.image_id,
            image_digest=record.image_digest,
            log_path=record.log_path,
            labels=record.labels,
            refusal=refusal,
        )

    def _oom_killed(self, record: ContainerRecord, folder: ContainerFolder) -> bool:
        """By the kernel's count; by the monitor's word once the cgroup is gone.

        The monitor is told of every shortage, also when the pod ran out of memory and another container was chosen.
        """
        kills = self._cgroups.oom_kills(record.cgroup)
        return kills > 0 if kills is not None else folder.oom()


def _nameless(container_id: str, now: ContainerState) -> ContainerInfo:
    """A folder without a readable record: all that is known is in its name."""
    name = naming.parse(container_id) or naming.ContainerName("", container_id, 0)
    return ContainerInfo(
        id=container_id,
        pod=PodRef("", "", name.uid),
        name=name.name,
        attempt=name.attempt,
        state=now,
        pid=0,
        created_at=0.0,
        started_at=0.0,
        finished_at=0.0,
        exit_code=0,
        oom_killed=False,
        image_id="",
        image_digest="",
        log_path="",
        labels={},
    )
