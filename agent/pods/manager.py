"""All pods of a node: gives each its worker, refuses what does not fit, and removes what nobody wants.

Until the control plane has sent its first complete set, nothing that runs is removed: an agent that starts while the
control plane is down goes on with what it last knew. Pods that are gone stay known by uid until their objects are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from podwright.agent.pods import admission, rotation, teardown
from podwright.agent.pods.host import Host
from podwright.agent.pods.ports import ContainerInfo, ContainerState, HostError, PodRef
from podwright.agent.pods.resizing import Pending
from podwright.agent.pods.spec import JSON, Pod, is_deleted, is_terminal, ref
from podwright.agent.pods.status import rejected
from podwright.agent.pods.worker import PodWorker
from podwright.client.tasks import TaskGroup

log = logging.getLogger(__name__)

RELIST_SECONDS = 30.0
ROTATE_SECONDS = 10.0
REFRESH_SECONDS = 60.0
_WORKER_RESTART_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 2.0


class PodManager:
    """Owns the workers. Methods that change what is wanted never block."""

    def __init__(self, host: Host, facts: Callable[[], admission.NodeFacts]) -> None:
        self._host = host
        self._facts = facts
        self._workers: dict[str, PodWorker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._refused: set[str] = set()  # rejected pods, and those whose end was reported
        self._found: dict[str, list[ContainerInfo]] = {}  # on the host at start, not yet claimed
        self._looking: set[asyncio.Task[None]] = set()
        self._group: TaskGroup | None = None
        self._complete = False
        host.resize_refusal = self._resize_refusal

    # ---- life --------------------------------------------------------------------------------------------------

    async def run(self, ready: asyncio.Event) -> None:
        """Look at the host, set `ready`, then run workers and housekeeping until cancelled."""
        for info in await self._host.runtime.list():
            if info.state is ContainerState.CREATED:
                await self._host.runtime.remove(info.id)  # its start was cut off
            else:
                self._found.setdefault(info.pod.uid, []).append(info)
        unsubscribe = self._host.runtime.subscribe(self._changed)
        try:
            async with TaskGroup() as group:
                self._group = group
                ready.set()
                group.create_task(self._every(RELIST_SECONDS, self._relist), name="relist containers")
                group.create_task(self._every(ROTATE_SECONDS, self._rotate), name="rotate logs")
                group.create_task(self._every(REFRESH_SECONDS, self._refresh), name="refresh volumes")
        finally:
            self._group = None
            unsubscribe()
            for task in list(self._looking):
                task.cancel()

    async def _every(self, seconds: float, work: Callable[[], Any]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except HostError as e:
                log.warning("Cannot keep house: %s", e)

    # ---- what is wanted ----------------------------------------------------------------------------------------

    def set_all(self, pods: Iterable[Pod], *, complete: bool) -> None:
        """Take in the whole set. `complete`: it comes from the control plane, so what is not in it must go."""
        wanted = {pod["metadata"]["uid"]: pod for pod in pods}
        if complete:
            for uid in [*self._workers, *self._refused]:
                if uid not in wanted:
                    self.remove(uid)
        for pod in sorted(wanted.values(), key=lambda p: p["metadata"].get("creationTimestamp") or ""):
            self.put(pod)
        if complete and not self._complete:
            self._complete = True
            self._look(self._remove_unknown)

    def put(self, pod: Pod) -> None:
        """Take in a new pod or a new version of one."""
        uid = pod["metadata"]["uid"]
        worker = self._workers.get(uid)
        if worker is not None:
            worker.update(pod)
        elif uid in self._refused:
            return
        else:
            self._admit(pod)

    def remove(self, uid: str) -> None:
        """A pod's object is gone."""
        self._refused.discard(uid)
        worker = self._workers.get(uid)
        if worker is not None:
            worker.remove()

    def objects_changed(self, namespace: str) -> None:
        """ConfigMaps or Secrets of a namespace are others than before: its pods look again."""
        for worker in self._workers.values():
            if worker.ref.namespace == namespace:
                worker.refresh()

    def _admit(self, pod: Pod) -> None:
        uid = pod["metadata"]["uid"]
        found = self._found.pop(uid, [])
        new = not found and not (pod.get("status") or {}).get("startTime")
        if new and not is_terminal(pod) and not is_deleted(pod):
            others = [w.pod for w in self._workers.values() if w.counts]
            refusal = admission.check(pod, others, self._facts())
            if refusal is not None:
                self._refused.add(uid)
                self._host.events.warning(pod, refusal.reason, refusal.message)
                status = rejected(pod, refusal.reason, refusal.message, self._host.now())
                self._host.reports.status(ref(pod), status)
                return
        self._start(pod, found)

    def _resize_refusal(self, pod: Pod) -> Pending | None:
        uid = pod["metadata"]["uid"]
        others = [w.pod for w in self._workers.values() if w.counts and w.ref.uid != uid]
        return admission.check_resize(pod, others, self._facts())

    # ---- workers -----------------------------------------------------------------------------------------------

    def _start(self, pod: Pod, found: list[ContainerInfo]) -> PodWorker:
        uid = pod["metadata"]["uid"]
        settled = teardown.read_status(self._host, uid) if found or (pod.get("status") or {}).get("startTime") else None
        worker = PodWorker(self._host, pod, found, settled=settled)
        self._workers[uid] = worker
        assert self._group is not None, "pods are taken in while the manager runs"
        self._tasks[uid] = self._group.create_task(self._supervise(worker), name=f"pod {worker.ref.name}")
        return worker

    async def _supervise(self, worker: PodWorker) -> None:
        uid = worker.ref.uid
        while True:
            try:
                await worker.run()
                break
            except Exception:
                log.exception("Cannot go on with pod %s; its worker starts over", worker.ref)
                await asyncio.sleep(_WORKER_RESTART_SECONDS)
                found = [i for i in await self._host.runtime.list() if i.pod.uid == uid]
                worker = self._workers[uid] = PodWorker(self._host, worker.pod, found)
        del self._workers[uid], self._tasks[uid]
        if is_deleted(worker.pod):
            self._refused.add(uid)  # until the object goes: a finalizer may hold it

    def worker(self, namespace: str, name: str, uid: str = "") -> PodWorker | None:
        """Look a pod's worker up."""
        if uid:
            return self._workers.get(uid)
        return next((w for w in self._workers.values() if (w.ref.namespace, w.ref.name) == (namespace, name)), None)

    def pods(self) -> list[Pod]:
        """Every pod that has a worker, with its newest status."""
        return [{**w.pod, "status": w.state.status} for w in self._workers.values()]

    def host_ports(self) -> list[admission.PodPort]:
        """Ports of the node that must lead to pods."""
        found: list[admission.PodPort] = []
        for worker in self._workers.values():
            if worker.state.prepared is not None and not worker.state.over:
                ips = worker.state.ips
                found += admission.forwarded_ports(worker.pod, ips[0] if ips else "")
        return found

    # ---- the host's side ---------------------------------------------------------------------------------------

    def _look(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(self._until_done(work))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _until_done(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it, and again while the host refuses."""
        while True:
            try:
                await work()
            except HostError as e:
                log.warning("Cannot look at the host: %s", e)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            else:
                return

    def _changed(self, container_id: str) -> None:
        worker = self._workers.get(container_id.partition("_")[0])
        if worker is not None:
            self._look(partial(self._inspect, worker, container_id))

    async def _inspect(self, worker: PodWorker, container_id: str) -> None:
        info = await self._host.runtime.inspect(container_id)
        if info is not None:
            worker.container_changed(info)

    async def _relist(self) -> None:
        """Compare everything, in case a callback was lost."""
        before = {a.id: w for w in self._workers.values() for a in w.state.history.all().values() if a.running}
        found = {info.id: info for info in await self._host.runtime.list()}
        for container_id, worker in before.items():
            attempt = worker.state.history.by_id(container_id)
            info = found.get(container_id)
            if info is not None:
                worker.container_changed(info)
            elif attempt is not None and attempt.running:
                worker.container_changed(_vanished(worker.ref, attempt.container, attempt.number, container_id))

    async def _rotate(self) -> None:
        logs = [
            (a.id, self._host.log_path(w.ref.uid, a.container, a.number))
            for w in self._workers.values()
            for a in w.state.history.all().values()
            if a.running
        ]
        await rotation.rotate(self._host.runtime, logs)

    async def _refresh(self) -> None:
        """Tokens run out although no object changes."""
        for worker in list(self._workers.values()):
            if has_tokens(worker.pod):
                worker.renew()

    async def _remove_unknown(self) -> None:
        """Remove what is on the host of pods that the control plane does not know."""
        host = self._host
        names: dict[str, PodRef] = {uid: infos[0].pod for uid, infos in self._found.items()}
        for sandbox in await host.sandboxes.list():
            names.setdefault(sandbox.pod.uid, sandbox.pod)
        folders = await asyncio.to_thread(_folders, host)
        for uid in [*await host.volumes.list(), *folders]:
            names.setdefault(uid, PodRef("", uid, uid))
        for uid, known in names.items():
            if uid not in self._workers and uid not in self._refused:
                log.info("Removing what is left of unknown pod %s/%s (%s)", known.namespace, known.name, uid)
                found = self._found.get(uid, [])
                self._start(_stand_in(known, found), found).remove()
        self._found.clear()


def _folders(host: Host) -> list[str]:
    root = host.settings.pods_dir
    return [each.name for each in root.iterdir()] if root.exists() else []


def _stand_in(known: PodRef, found: list[ContainerInfo]) -> JSON:
    """A pod that lists the containers found, so that a worker can end them."""
    containers = [{"name": info.name} for info in {i.name: i for i in found}.values()]
    meta = {"name": known.name, "namespace": known.namespace, "uid": known.uid}
    return {"metadata": meta, "spec": {"containers": containers}, "status": {}}


def _vanished(pod: PodRef, name: str, number: int, container_id: str) -> ContainerInfo:
    return ContainerInfo(container_id, pod, name, number, ContainerState.LOST, 0, 0, 0, 0, 0, False, "", "", "", {})


def has_tokens(pod: Pod) -> bool:
    """Say whether a pod holds service-account tokens, which must be renewed."""
    return any(
        "serviceAccountToken" in source
        for volume in pod["spec"].get("volumes") or ()
        for source in (volume.get("projected") or {}).get("sources") or ()
    )
