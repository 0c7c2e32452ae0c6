"""A node without a kernel: containers are scripts with a length and an exit code, in the event loop's own time.

`FakeNode` implements every port that a pod worker needs and records what the worker reports.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from podwright.agent.pods.events import Events
from podwright.agent.pods.fields import NodeAmounts
from podwright.agent.pods.files import ClusterDns
from podwright.agent.pods.host import Host, Settings
from podwright.agent.pods.ports import (
    ContainerConfig,
    ContainerInfo,
    ContainerState,
    ExecResult,
    HostError,
    Image,
    ImageConfig,
    IOStream,
    Limits,
    PodRef,
    Sandbox,
)
from podwright.agent.pods.worker import PodWorker

EPOCH = 1_800_000_000.0
JSON = dict[str, Any]


@dataclass
class Script:
    """How a container behaves: it ends by itself after `seconds` (None: never) and on TERM after `on_term`."""

    seconds: float | None = None
    exit_code: int = 0
    on_term: float | None = 0.0  # None: ignores it
    term_code: int = 0
    says: str = ""  # its termination message
    oom: bool = False
    exec: Callable[[Sequence[str], float], ExecResult] = field(default=lambda _c, _s: ExecResult(0, b"", b""))
    start_error: str = ""
    create_error: str = ""


class FakeRuntime:
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.scripts: dict[str, list[Script]] = {}  # by container name; the last one repeats
        self.infos: dict[str, ContainerInfo] = {}
        self.configs: dict[str, ContainerConfig] = {}
        self.signals: list[tuple[float, str, int]] = []
        self.removed: list[str] = []
        self.limits: dict[str, Limits] = {}  # changed in place
        self.limits_error: HostError | None = None
        self.execs: list[tuple[str, tuple[str, ...]]] = []
        self.callbacks: list[Callable[[str], None]] = []
        self._timers: dict[str, list[asyncio.TimerHandle]] = {}

    def script(self, name: str, attempt: int) -> Script:
        many = self.scripts.get(name) or [Script()]
        return many[min(attempt, len(many) - 1)]

    async def create(self, config: ContainerConfig) -> None:
        await asyncio.sleep(0.005)
        script = self.script(config.name, config.attempt)
        if script.create_error:
            raise HostError("CreateContainerError", script.create_error)
        assert config.id not in self.infos, "an id is used once"
        self.configs[config.id] = config
        self.infos[config.id] = ContainerInfo(
            config.id, config.pod, config.name, config.attempt, ContainerState.CREATED, 0, self.now(), 0, 0, 0, False,
            config.image.id, config.image.digest, config.log_path, dict(config.labels),
        )  # fmt: skip

    async def start(self, container_id: str) -> None:
        await asyncio.sleep(0.005)
        info = self.infos[container_id]
        script = self.script(info.name, info.attempt)
        if script.start_error:
            raise HostError("StartError", script.start_error)
        self.infos[container_id] = replace(info, state=ContainerState.RUNNING, pid=1234, started_at=self.now())
        if script.seconds is not None:
            self._later(container_id, script.seconds, script.exit_code)

    def _later(self, container_id: str, seconds: float, code: int) -> None:
        loop = asyncio.get_running_loop()
        handle = loop.call_later(seconds, self.exit, container_id, code)
        self._timers.setdefault(container_id, []).append(handle)

    def exit(self, container_id: str, code: int) -> None:
        info = self.infos.get(container_id)
        if info is None or info.state is not ContainerState.RUNNING:
            return
        script = self.script(info.name, info.attempt)
        if script.says:
            Path(self.configs[container_id].termination_message_file).write_text(script.says)
        self.infos[container_id] = replace(
            info, state=ContainerState.EXITED, finished_at=self.now(), exit_code=code, oom_killed=script.oom, pid=0
        )
        for handle in self._timers.pop(container_id, []):
            handle.cancel()
        for callback in self.callbacks:
            callback(container_id)

    def lose(self, container_id: str) -> None:
        self.infos[container_id] = replace(self.infos[container_id], state=ContainerState.LOST)
        for callback in self.callbacks:
            callback(container_id)

    async def signal(self, container_id: str, signal: int) -> None:
        self.signals.append((self.now(), container_id, signal))
        info = self.infos.get(container_id)
        if info is None or info.state is not ContainerState.RUNNING:
            return
        script = self.script(info.name, info.attempt)
        if signal == 9:
            self._later(container_id, 0.001, 137)
        elif script.on_term is not None:
            self._later(container_id, script.on_term, script.term_code)

    async def remove(self, container_id: str) -> None:
        await asyncio.sleep(0.001)
        if self.infos.pop(container_id, None):
            self.removed.append(container_id)
        for handle in self._timers.pop(container_id, []):
            handle.cancel()

    async def list(self) -> list[ContainerInfo]:
        return list(self.infos.values())

    async def inspect(self, container_id: str) -> ContainerInfo | None:
        await asyncio.sleep(0)
        return self.infos.get(container_id)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    async def set_limits(self, container_id: str, limits: Limits) -> None:
        if self.limits_error is not None:
            raise self.limits_error
        self.limits[container_id] = limits

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout: float) -> ExecResult:
        self.execs.append((container_id, tuple(command)))
        if command[:1] == ["sleep"]:
            await asyncio.sleep(min(float(command[1]), timeout))
            return ExecResult(0, b"", b"", timed_out=float(command[1]) > timeout)
        info = self.infos[container_id]
        return self.script(info.name, info.attempt).exec(command, timeout)

    async def exec(self, container_id: str, command: Sequence[str], *, tty: bool, stdin: bool) -> IOStream:
        raise NotImplementedError

    async def attach(self, container_id: str, *, stdin: bool) -> IOStream:
        raise NotImplementedError

    async def reopen_log(self, container_id: str) -> None:
        raise NotImplementedError

    def rootfs(self, container_id: str) -> str:
        return f"/fake/{container_id}"


class FakeSandboxes:
    def __init__(self) -> None:
        self.limits: list[Limits] = []  # changed in place
        self.found: dict[str, Sandbox] = {}
        self.error: HostError | None = None
        self._next = 2

    async def ensure(
        self,
        pod: PodRef,
        *,
        hostname: str,
        host_network: bool,
        limits: Limits,
        sysctls: Mapping[str, str],
        ip: str = "",
    ) -> Sandbox:
        await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        if pod.uid not in self.found:
            ips = () if host_network else (ip or f"10.1.0.{self._next}",)
            self._next += 1
            self.found[pod.uid] = Sandbox(pod, f"/run/netns/{pod.uid}", "", "", ips, f"pods/{pod.uid}")
        return self.found[pod.uid]

    async def shared_processes(self, uid: str) -> int:
        return 4711

    async def remove(self, uid: str) -> None:
        self.found.pop(uid, None)

    async def list(self) -> list[Sandbox]:
        return list(self.found.values())

    async def set_limits(self, uid: str, limits: Limits) -> None:
        self.limits.append(limits)


class FakeImages:
    def __init__(self) -> None:
        self.present = {"bb:1": Image("sha256:bb", "bb@sha256:d1", ("bb:1",), 1000, (), ImageConfig(cmd=("sh",)))}
        self.pullable: set[str] = set()
        self.pulls: list[str] = []

    async def find(self, reference: str) -> Image | None:
        if "//" in reference:
            raise HostError("InvalidImageName", f"couldn't parse image name {reference!r}", retry=False)
        return self.present.get(reference)

    async def pull(self, reference: str, credentials: Sequence[Mapping[str, Any]] = ()) -> Image:
        self.pulls.append(reference)
        await asyncio.sleep(0.2)
        if reference not in self.pullable:
            raise HostError("ErrImagePull", "no such host")
        image = Image(f"sha256:{reference}", "", (reference,), 5, (), ImageConfig(entrypoint=("run",)))
        self.present[reference] = image
        return image

    async def list(self) -> list[Image]:
        return list(self.present.values())


class FakeVolumes:
    def __init__(self, objects: FakeObjects) -> None:
        self.objects = objects
        self.made: dict[str, int] = {}  # uid -> number of ensures

    async def ensure(self, pod: Mapping[str, Any]) -> Mapping[str, str]:
        await asyncio.sleep(0.003)
        found: dict[str, str] = {}
        for volume in pod["spec"].get("volumes") or ():
            wanted = volume.get("configMap")
            if wanted and self.objects.get("ConfigMap", "ns", wanted["name"]) is None:
                text = (
                    f'MountVolume.SetUp failed for volume "{volume["name"]}" : configmap "{wanted["name"]}" not found'
                )
                raise HostError("FailedMount", text)
            found[volume["name"]] = f"/volumes/{volume['name']}"
        uid = pod["metadata"]["uid"]
        self.made[uid] = self.made.get(uid, 0) + 1
        return found

    async def subpath(self, uid: str, mount_name: str, volume_path: str, sub: str) -> str:
        return f"{volume_path}/{sub}"

    async def remove(self, uid: str) -> None:
        self.made.pop(uid, None)

    async def list(self) -> list[str]:
        return list(self.made)


class FakeObjects:
    def __init__(self) -> None:
        self.found: dict[tuple[str, str, str], JSON] = {}

    def get(self, kind: str, namespace: str, name: str) -> JSON | None:
        return self.found.get((kind, namespace, name))

    def put(self, kind: str, name: str, **fields: Any) -> None:
        self.found[kind, "ns", name] = {"kind": kind, "metadata": {"name": name, "namespace": "ns"}, **fields}


class FakeNode:
    """All ports, and what came out: `statuses` (time, status), `events` (time, text), `gone` (times)."""

    def __init__(self, folder: Path) -> None:
        self.runtime = FakeRuntime(self.now)
        self.sandboxes = FakeSandboxes()
        self.images = FakeImages()
        self.objects = FakeObjects()
        self.volumes = FakeVolumes(self.objects)
        self.statuses: list[tuple[float, JSON]] = []
        self.events: list[tuple[float, str]] = []
        self.event_objects: list[JSON] = []
        self.gone_at: list[float] = []
        self.workers: list[asyncio.Task[None]] = []
        settings = Settings("node-1", ("192.0.2.2",), folder / "pods", resolv_conf=folder / "resolv.conf")
        self.host = Host(
            self.runtime, self.sandboxes, self.images, self.volumes, self.objects, settings, self.now,
            Events("node-1", self.now, self._event), self, lambda _ns: (), ClusterDns,
            lambda: NodeAmounts({"cpu": "2", "memory": "1Gi"}),
        )  # fmt: skip
        self.runtime.subscribe(self._changed)
        self._pods: dict[str, PodWorker] = {}

    def now(self) -> float:
        try:
            return EPOCH + asyncio.get_running_loop().time()
        except RuntimeError:
            return EPOCH

    def elapsed(self) -> float:
        return round(self.now() - EPOCH, 2)

    # ---- Reports

    def status(self, pod: PodRef, status: JSON) -> None:
        self.statuses.append((self.elapsed(), status))

    def gone(self, pod: PodRef) -> None:
        self.gone_at.append(self.elapsed())

    def _event(self, event: JSON) -> None:
        self.event_objects.append(event)
        self.events.append((self.elapsed(), f"{event['reason']}: {event['message']}"))

    def _changed(self, container_id: str) -> None:
        worker = self._pods.get(container_id.partition("_")[0])
        info = self.runtime.infos.get(container_id)
        if worker and info:
            worker.container_changed(info)

    # ---- running pods

    def run(self, pod: JSON, *, settled: JSON | None = None) -> PodWorker:
        found = [i for i in self.runtime.infos.values() if i.pod.uid == pod["metadata"]["uid"]]
        worker = PodWorker(self.host, pod, found, settled=settled)
        self._pods[pod["metadata"]["uid"]] = worker
        self.workers.append(asyncio.create_task(worker.run()))
        return worker

    async def stop(self) -> None:
        for task in self.workers:
            task.cancel()
        await asyncio.gather(*self.workers, return_exceptions=True)
        self.workers.clear()
        for handles in self.runtime._timers.values():
            for handle in handles:
                handle.cancel()

    # ---- reading what was reported

    def last(self) -> JSON:
        return self.statuses[-1][1]

    def phases(self) -> list[str]:
        """Phases in order, repeats left out."""
        return squeeze(status["phase"] for _, status in self.statuses)

    def states(self, name: str) -> list[str]:
        """What one container's state was, in order, repeats left out: `waiting ContainerCreating`, `running` ..."""
        return squeeze(describe(find_status(status, name)) for _, status in self.statuses)

    def reasons(self) -> list[str]:
        """Reasons of events in order."""
        return [text.partition(":")[0] for _, text in self.events]


def find_status(status: JSON, name: str) -> JSON:
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for each in status.get(key) or ():
            if each["name"] == name:
                return each
    return {"state": {"absent": {}}}


def describe(status: JSON) -> str:
    (word, inside), *_ = status["state"].items()
    detail = inside.get("reason", "")
    code = f" {inside['exitCode']}" if "exitCode" in inside else ""
    restarts = f" #{status['restartCount']}" if status.get("restartCount") else ""
    return f"{word} {detail}{code}{restarts}".replace("  ", " ").strip()


def squeeze(words: Any) -> list[str]:
    found: list[str] = []
    for word in words:
        if not found or found[-1] != word:
            found.append(word)
    return found


def condition(status: JSON, kind: str) -> str:
    """`True`, or `False Reason: message`."""
    for each in status["conditions"]:
        if each["type"] == kind:
            why = f" {each['reason']}" if each.get("reason") else ""
            return each["status"] + why + (f": {each['message']}" if each.get("message") else "")
    return "absent"


def pod(*containers: JSON, uid: str = "u1", **spec: Any) -> JSON:
    """A bound pod in namespace ns. `containers` default to one, `c`."""
    mains = list(containers) or [container("c")]
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "p", "namespace": "ns", "uid": uid, "generation": 1},
        "spec": {"nodeName": "node-1", "restartPolicy": "Always", "containers": mains, **spec},
        "status": {"phase": "Pending", "qosClass": "BestEffort"},
    }


def container(name: str, **fields: Any) -> JSON:
    return {"name": name, "image": "bb:1", "imagePullPolicy": "IfNotPresent", **fields}


def deleted(obj: JSON, grace: float) -> JSON:
    """The same pod with its deletion asked for."""
    meta = {**obj["metadata"], "generation": 2, "deletionTimestamp": "2030-01-01T00:00:00Z"}
    return {**obj, "metadata": {**meta, "deletionGracePeriodSeconds": grace}}


async def lines(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])
