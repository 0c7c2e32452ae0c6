"""Containers through conmon and an OCI runtime: the agent's `Runtime` (agent/pods/ports.py) on this host.

Every container has a folder that is made before and deleted after everything else of it. The agent may be killed at
any moment: containers run on, and a new `HostRuntime` on the same state folder finds them again by looking.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import orjson

from podwright.agent.linux import mounts, spawn
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.locks import KeyedLocks
from podwright.agent.linux.processes import ProcessId, identify, send_signal
from podwright.agent.linux.threads import to_its_end
from podwright.agent.pods.ports import (
    ContainerConfig,
    ContainerInfo,
    ContainerState,
    ExecResult,
    HostError,
    IOStream,
    Limits,
)
from podwright.agent.runtime import attachments, conmon, host_facts, naming, oci_spec, removal, seccomp
from podwright.agent.runtime.executions import Execution, Executor, run_bounded
from podwright.agent.runtime.exits import ExitWatch
from podwright.agent.runtime.observe import Observer
from podwright.agent.runtime.oci_runtime import OciRuntime, choose
from podwright.agent.runtime.records import ContainerFolder, ContainerRecord, Processes
from podwright.agent.runtime.refusals import explain

log = logging.getLogger(__name__)
CREATE_SECONDS: Final = 60.0
START_SECONDS: Final = 30.0


class HostRuntime:
    """Implements `Runtime` on this host. Make it with `open`."""

    def __init__(
        self, *, state_dir: Path, cgroups: Cgroups, runtime: OciRuntime, facts: host_facts.HostFacts, conmon_path: str
    ) -> None:
        self._containers = state_dir / "containers"
        self._exits_folder = state_dir / "exits"
        self._runtime_root = Path(runtime.root)
        for folder in (self._containers, self._exits_folder, self._runtime_root):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._cgroups = cgroups
        self._runtime = runtime
        self._facts = facts
        self._conmon = conmon_path
        self._observer = Observer(self._containers, self._runtime_root, cgroups)
        self._exits = ExitWatch(self._exits_folder)
        self._executor = Executor(runtime)
        self._owners = KeyedLocks()
        self._creating: set[str] = set()
        self._closed = False

    @classmethod
    async def open(
        cls, *, state_dir: Path, cgroup_root: str, cgroups: Cgroups, conmon_path: str = "/usr/bin/conmon"
    ) -> HostRuntime:
        """Choose the OCI runtime, look at what is there and watch over it. Raises HostError(RuntimeNotReady)."""
        if not await asyncio.to_thread(Path(conmon_path).exists):
            raise HostError("RuntimeNotReady", f"cannot run containers: {conmon_path} is not installed")
        runtime = await choose(cgroups, str(state_dir / "runtime"), cgroup_root.strip("/"))
        facts = await asyncio.to_thread(host_facts.measure, cgroups, str(state_dir / "seccomp"))
        if facts.oom_score_floor > -1000:
            log.warning("Cannot lower oom_score_adj below %d here: raising lower ones", facts.oom_score_floor)
        self = cls(state_dir=state_dir, cgroups=cgroups, runtime=runtime, facts=facts, conmon_path=conmon_path)
        self._exits.open()
        for container_id, monitor in await asyncio.to_thread(self._monitors):
            await self._exits.monitored(container_id, monitor)
        return self

    @property
    def runtime_version(self) -> str:
        """Name and version of the OCI runtime in use, as "crun://1.8.1"."""
        return self._runtime.label

    def close(self) -> None:
        """Let go of descriptors; containers run on. Idempotent."""
        self._exits.close()
        if not self._closed:
            self._closed = True
            self._runtime.close()

    async def create(self, config: ContainerConfig) -> None:
        """Mount the root file system, write the bundle, start conmon, create the container (not started).

        A command that cannot be executed is not an error here but of `start`, as it is with other runtimes.
        Raises HostError(CreateContainerError).
        """
        async with self._owners.hold(config.id):
            cgroup = naming.cgroup(config.sandbox.cgroup, config.name, config.attempt)
            record = ContainerRecord.of(config, cgroup, time.time())
            folder = self._observer.folder(config.id)
            self._creating.add(config.id)
            try:
                await to_its_end(self._prepare, config, record, folder)
                answer = await self._monitor(record, folder, keep_stdin=not config.stdin_once)
                processes = await to_its_end(self._note, answer, config, folder)
            except (OSError, TimeoutError) as error:
                message = f"cannot create container {config.name}: {str(error) or 'the runtime does not answer'}"
                raise HostError("CreateContainerError", message) from error
            finally:
                self._creating.discard(config.id)
            if processes is not None:
                await self._exits.monitored(config.id, processes.monitor)

    async def start(self, container_id: str) -> None:
        """Run its process. Raises HostError(StartError) when the command cannot be executed (exit code 128)."""
        async with self._owners.hold(container_id):
            folder = self._observer.folder(container_id)
            refusal = await asyncio.to_thread(folder.refusal)
            if refusal is not None:
                raise HostError("StartError", refusal[0], retry=False)
            now = time.time()
            try:
                # Starting writes to a fifo and looks at no cgroup, so it can do without the private mounts.
                result = await self._runtime.run("start", container_id, timeout=START_SECONDS, isolated=False)
            except (OSError, TimeoutError) as error:
                raise HostError("StartError", f"cannot start container: {str(error) or 'no answer'}") from error
            if result.returncode != 0:
                message = explain(result.stderr.decode(errors="replace"), ())
                await to_its_end(folder.write_refusal, message, time.time())
                raise HostError("StartError", message)
            await to_its_end(folder.write_started, now)

    async def signal(self, container_id: str, signal: int) -> None:
        """Send a signal to PID 1; nothing when it has ended."""

        def send() -> None:
            processes = self._observer.folder(container_id).processes()
            if processes is not None:
                send_signal(processes.container, signal)

        await asyncio.to_thread(send)

    async def remove(self, container_id: str) -> None:
        """Kill what runs, then remove process, monitor, cgroup, mounts and bundle; logs stay. Idempotent."""
        async with self._owners.hold(container_id):
            self._exits.forget(container_id)
            folder = self._observer.folder(container_id)
            record = await asyncio.to_thread(folder.record)
            places = removal.Places(
                folder=folder,
                runtime_folder=self._runtime_root / container_id,
                exit_file=self._exits_folder / container_id,
                cgroup=record.cgroup if record else "",
            )
            try:
                await removal.remove(container_id, places, self._cgroups)
            except (OSError, TimeoutError) as error:
                raise HostError("KillContainerError", f"cannot remove container {container_id}: {error}") from error

    async def list(self) -> list[ContainerInfo]:
        """Every container of this node found on the host, in any state."""
        creating = frozenset(self._creating)

        def look() -> list[ContainerInfo]:
            found = (self._observer.look(each, being_created=each in creating) for each in self._observer.ids())
            return [info for info in found if info is not None]

        return await asyncio.to_thread(look)

    async def inspect(self, container_id: str) -> ContainerInfo | None:
        """One container as it is now."""
        creating = container_id in self._creating
        return await asyncio.to_thread(self._observer.look, container_id, being_created=creating)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back with a container id right after it exited or its monitor died; returns the unsubscriber."""
        return self._exits.subscribe(callback)

    async def set_limits(self, container_id: str, limits: Limits) -> None:
        """Change the container's cgroup in place. Raises HostError(FailedResize)."""
        record = await asyncio.to_thread(self._observer.folder(container_id).record)
        if record is None:
            raise HostError("FailedResize", f"cannot change limits of container {container_id}: no such container")
        try:
            await asyncio.to_thread(self._cgroups.apply, record.cgroup, limits)
        except OSError as error:
            raise HostError("FailedResize", f"cannot change limits of container {container_id}: {error}") from error

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        """Run a command in the container and collect at most 16 KiB of each output. `timeout`: seconds.

        Raises HostError(StartError) when the command cannot be run.
        """
        execution = await self._execute(container_id, command, tty=False, stdin=False)
        return await run_bounded(execution, timeout)

    async def exec(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool) -> IOStream:
        """Run a command with streams. `wait` of the result raises HostError(StartError) when it cannot be run."""
        return await self._execute(container_id, command, tty=tty, stdin=stdin)

    async def attach(self, container_id: str, *, stdin: bool) -> IOStream:
        """Join the streams of the container's own process. Raises HostError(ContainerNotRunning, AttachError)."""
        return await attachments.attach(await self._running(container_id), stdin=stdin)

    async def reopen_log(self, container_id: str) -> None:
        """Tell the monitor to open its log file anew (after rotation); returns when the new file is there."""
        folder = self._observer.folder(container_id)
        record = await asyncio.to_thread(folder.record)
        try:
            if record is not None:
                await attachments.reopen_log(folder, record.log_path)
        except (OSError, TimeoutError) as error:
            message = f"cannot reopen log of container {container_id}: {str(error) or 'the monitor does not answer'}"
            raise HostError("ReopenLogError", message) from error

    def rootfs(self, container_id: str) -> str:
        """The container's mounted root file system on the host."""
        return str(self._observer.folder(container_id).rootfs)

    def _monitors(self) -> list[tuple[str, ProcessId]]:
        """Monitors that should be running; blocks."""
        folders = {container_id: self._observer.folder(container_id) for container_id in self._observer.ids()}
        found = {container_id: folder.processes() for container_id, folder in folders.items() if not folder.exit()}
        return [(container_id, processes.monitor) for container_id, processes in found.items() if processes]

    async def _running(self, container_id: str) -> ContainerFolder:
        """The folder of a container that runs. Raises HostError(ContainerNotRunning)."""
        info = await self.inspect(container_id)
        if info is None or info.state is not ContainerState.RUNNING:
            raise HostError("ContainerNotRunning", f'container not running ("{container_id}")', retry=False)
        return self._observer.folder(container_id)

    async def _execute(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool) -> Execution:
        folder = await self._running(container_id)
        return await self._executor.execute(container_id, folder, command, tty=tty, stdin=stdin)

    async def _monitor(self, record: ContainerRecord, folder: ContainerFolder, *, keep_stdin: bool) -> conmon.Answer:
        """Start the container's monitor, which creates the container."""
        runtime, isolation = self._runtime, self._runtime.isolation
        async with spawn.held(isolation) if isolation.hide else nullcontext("") as namespace:
            words = runtime.for_conmon(namespace)
            command = conmon.argv(self._conmon, words, record, folder.path, self._exits_folder, keep_stdin=keep_stdin)
            return await conmon.start(command, cwd=folder.path, inherited=runtime.inherited, timeout=CREATE_SECONDS)

    def _prepare(self, config: ContainerConfig, record: ContainerRecord, folder: ContainerFolder) -> None:
        """Everything up to the bundle; blocks."""
        folder.write_record(record)
        devices = tuple(host_facts.host_devices()) if config.privileged else ()
        filters = self._seccomp(config)
        spec = oci_spec.build(config, self._facts, cgroup=record.cgroup, seccomp=filters, devices=devices)
        mounts.execute([mounts.OverlayMount(str(folder.path), config.image.layers)])
        folder.config.write_bytes(orjson.dumps(spec))
        Path(config.log_path).parent.mkdir(parents=True, exist_ok=True)

    def _seccomp(self, config: ContainerConfig) -> dict[str, Any] | None:
        """The system call filter that a container asks for; blocks."""
        kind = config.seccomp
        if kind in ("", "Unconfined", "unconfined") or config.privileged:
            return None
        if kind in ("RuntimeDefault", "runtime/default"):
            granted = oci_spec.process(config, self._facts)["capabilities"]["bounding"]
            return seccomp.default_profile(granted, os.uname().machine)
        name = kind.removeprefix("localhost/")
        root = Path(self._facts.seccomp_folder)
        file = (root / name).resolve()
        if not file.is_relative_to(root.resolve()):
            raise HostError("CreateContainerError", f'seccomp profile "{name}" lies outside its folder', retry=False)
        try:
            return seccomp.from_file(orjson.loads(file.read_bytes()))
        except FileNotFoundError as error:
            text = f'cannot load seccomp profile "{file}": open {file}: no such file or directory'
            raise HostError("CreateContainerError", text) from error
        except (OSError, ValueError) as error:
            raise HostError("CreateContainerError", f'cannot load seccomp profile "{file}": {error}') from error

    def _note(self, answer: conmon.Answer, config: ContainerConfig, folder: ContainerFolder) -> Processes | None:
        """Write down what came of the creation; blocks."""
        if not answer.pid:
            folder.write_refusal(explain(answer.message, config.args), time.time())
            return None
        processes = Processes(container=_named(answer.pid), monitor=_named(folder.pid_file("conmon.pid")))
        folder.write_processes(processes)
        return processes


def _named(pid: int) -> ProcessId:
    """The process by its full name; one that has ended already gets a name that nothing will ever match."""
    return identify(pid) or ProcessId(pid, 0, "")
