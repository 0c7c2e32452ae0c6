"""Starting one container: image, configuration, create, start, postStart hook; each step with its events.

Raises StartError when it cannot be done now. A container whose process could not be executed, or whose hook failed,
did run as far as its status goes: it comes back as an attempt that has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from podwright.agent.pods.attempts import (
    LABEL_IMAGE,
    LABEL_STOP,
    LABEL_USER,
    Attempt,
    AttemptState,
    from_info,
    user_label,
)
from podwright.agent.pods.container_status import Waiting
from podwright.agent.pods.env import Surroundings, container_env, merged
from podwright.agent.pods.expand import expand
from podwright.agent.pods.files import PodFiles
from podwright.agent.pods.hooks import HookError, run_hook
from podwright.agent.pods.host import Host
from podwright.agent.pods.mounts import kept_by_node, volume_mounts, with_files
from podwright.agent.pods.ports import ContainerConfig, ContainerInfo, ContainerState, HostError, Image, Mount, Sandbox
from podwright.agent.pods.pull import Puller, StartError
from podwright.agent.pods.resources import container_limits, oom_score_adj
from podwright.agent.pods.security import resolve as resolve_security
from podwright.agent.pods.spec import Container, Pod, Role, full_name, hostname, ref
from podwright.agent.pods.users import Identity, read_user_files
from podwright.agent.pods.users import resolve as resolve_user

T = TypeVar("T")

START_FAILED = 128  # exit code of a container whose process could not be executed
DEFAULT_LOG_PATH = "/dev/termination-log"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A pod's surroundings, ready for containers."""

    sandbox: Sandbox
    volumes: Mapping[str, str]
    files: PodFiles


@dataclass(frozen=True, slots=True)
class Launched:
    """The attempt that came out of it, and why the container waits if it must start again."""

    attempt: Attempt
    info: ContainerInfo | None = None
    waiting: Waiting | None = None


def container_id(uid: str, name: str, attempt: int) -> str:
    """Return the id under which the runtime knows an attempt."""
    return f"{uid}_{name}_{attempt}"


class Launcher:
    """Starts the containers of one pod."""

    def __init__(self, host: Host, puller: Puller) -> None:
        self._host = host
        self._puller = puller

    async def launch(self, pod: Pod, container: Container, number: int, prepared: Prepared) -> Launched:
        """Create and start an attempt. Raises StartError. Cancelling is safe: no step is left half-done."""
        host = self._host
        image = await self._puller.get(pod, container)
        made = await _whole(self._make(pod, container, number, prepared, image))
        if made.waiting is not None:
            return made
        failed = await self._post_start(pod, container, made.attempt, host.ips(pod, prepared.sandbox.ips))
        if failed is None:
            return made
        attempt, info = await self._inspect(made.attempt.id)
        return Launched(attempt, info, failed)

    async def _make(self, pod: Pod, container: Container, number: int, prepared: Prepared, image: Image) -> Launched:
        host, events = self._host, self._host.events
        async with host.starting:
            try:
                config = await self._config(pod, container, number, prepared, image)
                await host.runtime.create(config)
            except HostError as e:
                await host.runtime.remove(container_id(pod["metadata"]["uid"], container.name, number))
                raise StartError.of(e) from e
            events.normal(pod, "Created", "Container created", container)
            try:
                await host.runtime.start(config.id)
            except HostError as e:
                return await self._not_started(pod, container, config, e)
        events.normal(pod, "Started", "Container started", container)
        attempt, info = await self._inspect(config.id)
        return Launched(attempt, info)

    async def _config(
        self, pod: Pod, container: Container, number: int, prepared: Prepared, image: Image
    ) -> ContainerConfig:
        host, spec, sandbox = self._host, container.spec, prepared.sandbox
        pod_spec: Mapping[str, Any] = pod["spec"]
        uid: str = pod["metadata"]["uid"]
        around = Surroundings(
            host.objects, host.services(pod["metadata"].get("namespace", "")), host.ips(pod, sandbox.ips),
            host.settings.host_ips, host.amounts(),
        )  # fmt: skip
        own_env = container_env(pod, spec, around)
        log = host.log_path(uid, container.name, number)
        files = await asyncio.to_thread(read_user_files, image.layers)
        who = resolve_user(pod_spec, spec, image.config.user, files, pod_name=full_name(pod))
        mounts = await self._mounts(uid, spec, prepared, own_env, kept_by_node(pod_spec))
        message_file = await asyncio.to_thread(_make_files, prepared.files, log, container.name, number)
        if message_file:
            mounts = (*mounts, Mount(message_file, spec.get("terminationMessagePath") or DEFAULT_LOG_PATH))
        host_network = bool(pod_spec.get("hostNetwork"))
        name = host.settings.node_name if host_network else hostname(pod)
        security = resolve_security(pod_spec, spec)
        tty = bool(spec.get("tty"))
        return ContainerConfig(
            id=container_id(uid, container.name, number), pod=ref(pod), name=container.name, attempt=number,
            image=image, args=_args(spec, image, own_env),
            env=merged(image.config.env, own_env, hostname=name, tty=tty),
            working_dir=expand(spec.get("workingDir") or "", own_env) or image.config.working_dir or "/",
            mounts=mounts, limits=container_limits(spec), sandbox=sandbox, log_path=str(log), hostname=name,
            uid=who.uid, gid=who.gid, additional_gids=who.groups, tty=tty, stdin=bool(spec.get("stdin")),
            stdin_once=bool(spec.get("stdinOnce")), read_only_rootfs=security.read_only_rootfs,
            privileged=security.privileged, add_capabilities=security.add_capabilities,
            drop_capabilities=security.drop_capabilities, no_new_privileges=security.no_new_privileges,
            share_process_namespace_pid=await self._processes(pod, container),
            host_pid=bool(pod_spec.get("hostPID")), host_ipc=bool(pod_spec.get("hostIPC")),
            oom_score_adj=oom_score_adj(pod, spec, host.settings.memory_capacity), seccomp=security.seccomp,
            apparmor=security.apparmor, masked_proc=security.masked_proc,
            stop_signal=_stop_signal(spec, image), termination_message_file=message_file,
            labels=_labels(spec, image, who),
        )  # fmt: skip

    async def _processes(self, pod: Pod, container: Container) -> int:
        """Return a process whose namespace the container joins: its target's, the pod's, or 0 for one of its own."""
        host, uid = self._host, pod["metadata"]["uid"]
        target: str = container.spec.get("targetContainerName") or ""
        if container.role is Role.EPHEMERAL and target:
            for info in await host.runtime.list():
                if info.pod.uid == uid and info.name == target and info.state is ContainerState.RUNNING:
                    return info.pid
            raise HostError("CreateContainerError", f'target container "{target}" does not run')
        return await host.sandboxes.shared_processes(uid) if pod["spec"].get("shareProcessNamespace") else 0

    async def _mounts(
        self, uid: str, spec: Mapping[str, Any], prepared: Prepared, env: Mapping[str, str], kept: frozenset[str]
    ) -> tuple[Mount, ...]:
        found: list[Mount] = []
        for wanted in volume_mounts(spec, prepared.volumes, env, kept):
            mount = wanted.mount
            if wanted.sub:
                source = await self._host.volumes.subpath(uid, wanted.name, mount.source, wanted.sub)
                mount = Mount(source, mount.target, mount.read_only, mount.propagation)
            found.append(mount)
        return with_files(found, prepared.files)

    async def _not_started(self, pod: Pod, container: Container, config: ContainerConfig, error: HostError) -> Launched:
        await self._host.runtime.remove(config.id)
        self._host.events.warning(pod, "Failed", f"Error: {error.message}", container)
        attempt = Attempt(
            config.name, config.attempt, config.id, AttemptState.EXITED, finished_at=self._host.now(),
            exit_code=START_FAILED, reason="StartError", message=error.message,
            image=config.labels[LABEL_IMAGE], image_id=config.image.digest or config.image.id,
        )  # fmt: skip
        return Launched(attempt, None, Waiting("RunContainerError", error.message))

    async def _post_start(
        self, pod: Pod, container: Container, attempt: Attempt, ips: tuple[str, ...]
    ) -> Waiting | None:
        hook = (container.spec.get("lifecycle") or {}).get("postStart")
        if not hook:
            return None
        host = self._host
        try:
            await run_hook(host.runtime, pod, container.spec, attempt.id, hook, ips[0] if ips else "127.0.0.1")
        except HookError as e:
            host.events.warning(pod, "FailedPostStartHook", "PostStartHook failed", container)
            return Waiting("PostStartHookError", str(e))
        return None

    async def _inspect(self, cid: str) -> tuple[Attempt, ContainerInfo]:
        info = await self._host.runtime.inspect(cid)
        if info is None:
            raise StartError("RunContainerError", f"container {cid} vanished while it was started")
        return from_info(info), info


async def _whole(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end even when the caller is cancelled; the cancellation goes on after it."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _make_files(files: PodFiles, log: Path, name: str, number: int) -> str:
    log.parent.mkdir(parents=True, exist_ok=True)
    return files.make_termination_log(name, number)


def _args(spec: Mapping[str, Any], image: Image, env: Mapping[str, str]) -> tuple[str, ...]:
    command = [expand(word, env) for word in spec.get("command") or ()]
    args = [expand(word, env) for word in spec.get("args") or ()]
    if not command:
        command = list(image.config.entrypoint)
        args = args or list(image.config.cmd)
    if not command and not args:
        raise HostError("CreateContainerError", "no command specified")
    return (*command, *args)


def _stop_signal(spec: Mapping[str, Any], image: Image) -> str:
    return (spec.get("lifecycle") or {}).get("stopSignal") or image.config.stop_signal


def _labels(spec: Mapping[str, Any], image: Image, who: Identity) -> dict[str, str]:
    return {
        LABEL_IMAGE: spec.get("image", ""),
        LABEL_USER: user_label(who.uid, who.gid, who.groups),
        LABEL_STOP: _stop_signal(spec, image),
    }
