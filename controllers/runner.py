"""Runs one controller: the only place where what it decided is carried out.

    watch event -> keys -> work queue -> [own writes visible?] -> observe -> decide -> steps, one by one

One key is worked on by one worker at a time, many keys side by side. A conflict only means that the cache was behind:
look again. Any other failure is remembered as a value, handed to the next decision, and tried again later and later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import Resource
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.events import EventRecorder
from podwright.client.informer import Informer, key_of
from podwright.client.tasks import TaskGroup
from podwright.client.transport import TransportError
from podwright.client.workqueue import WorkQueue
from podwright.controllers.actions import (
    Action,
    Batch,
    Create,
    Delete,
    DeleteAll,
    Failure,
    Note,
    Patch,
    Plan,
    Step,
    Tell,
)
from podwright.controllers.controller import Controller, Keys, Look
from podwright.controllers.own_writes import Newest, OwnWrites, Written

JSON = dict[str, Any]
_log = logging.getLogger(__name__)

_FIRST_RETRY: Final = 0.1  # seconds
_LAST_RETRY: Final = 30.0
_SOONEST: Final = 0.01  # a wait that rounding left over must not become a loop that never waits
_UNSEEN: Final = 5.0  # how long to wait at most before asking again whether own writes are visible
_PARALLEL: Final = 32  # requests of one batch on their way at the same time


class _StepFailedError(Exception):
    """One step could not be done; the plan ends here."""

    def __init__(self, action: Action, error: ApiError | TransportError) -> None:
        super().__init__(str(error))
        self.action = action
        self.error = error


@dataclass(frozen=True, slots=True)
class _Attempts:
    failure: Failure
    count: int


class Runner:
    """One controller at work."""

    def __init__(
        self,
        controller: Controller,
        client: Client,
        clock: Clock,
        informers: Mapping[str, Informer[Any]],
        newest: Newest,
        recorder: EventRecorder,
    ) -> None:
        self.controller = controller
        self.queue: WorkQueue[str] = WorkQueue(limit=_LAST_RETRY)
        self._client = client
        self._clock = clock
        self._recorder = recorder
        watched = {trigger.informer.resource.qualified for trigger in controller.triggers}
        self._writes = OwnWrites({name: informers[name] for name in watched if name in informers}, newest)
        self._failed: dict[str, _Attempts] = {}
        self._doubts: dict[str, set[tuple[Resource, str]]] = {}

    def listen(self) -> None:
        """Subscribe to the watches; what is there already counts as new."""
        for trigger in self.controller.triggers:
            trigger.informer.add_handler(self._handler(trigger.informer.resource, trigger.keys))
        newcomers = self.controller.newcomers
        if newcomers is not None:
            newcomers.source.listen(lambda resource: self._handler(resource, newcomers.keys(resource)))

    async def run(self) -> None:
        """Work until cancelled. The informers must be complete."""
        self.listen()
        async with TaskGroup() as group:
            for index in range(self.controller.workers):
                group.create_task(self._work(), name=f"{self.controller.name} {index}")

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._look(key)
            except Exception:  # noqa: BLE001 - the worker lives on: one object's defect must not stop the others
                _log.exception("Cannot reconcile %s in %s", key, self.controller.name)
                self.queue.add_rate_limited(key)
            finally:
                self.queue.done(key)

    async def _look(self, key: str) -> None:
        monotonic = self._clock.monotonic()
        if key in self._doubts and not await self._resolve(key):
            return
        if not self._writes.settled(key, monotonic):
            self.queue.add_after(key, _UNSEEN)
            return
        now = self._clock.now()
        failure = self._failure(key)
        if failure is not None and failure.waits(now, failure.generation) and not self.controller.reports_failures:
            return  # its timer is set
        try:
            observed = await self.controller.observe(key) if self.controller.observe is not None else None
            plan = self.controller.decide(key, Look(now, monotonic, observed, failure))
            await self._carry_out(key, plan)
        except _StepFailedError as failed:
            self._stumble(key, failed)
        except (ApiError, TransportError) as error:  # a live read
            _log.warning("Cannot observe %s for %s: %s", key, self.controller.name, error)
            self.queue.add_rate_limited(key)
        else:
            self.queue.forget(key)
            if failure is None or not failure.waits(now, failure.generation):
                self._failed.pop(key, None)
            if plan.again is not None:
                self.queue.add_after(key, max(plan.again, _SOONEST))

    async def _resolve(self, key: str) -> bool:
        """Clear up writes of which no answer came: whatever they led to is live, and the cache must show it first."""
        at = self._clock.monotonic()
        try:
            for resource, namespace in tuple(self._doubts[key]):
                answer = await self._client.list(resource, namespace=namespace or None)
                for item in answer.get("items") or ():
                    meta: JSON = item["metadata"]
                    place = key_of(meta.get("namespace"), meta["name"])
                    version = _number(meta.get("resourceVersion"))
                    self._writes.note(key, Written("create", resource.qualified, place, meta["uid"], version, at))
        except (ApiError, TransportError) as error:
            _log.warning("Cannot find out what became of %s in %s: %s", key, self.controller.name, error)
            self.queue.add_rate_limited(key)
            return False
        del self._doubts[key]
        return True

    def _failure(self, key: str) -> Failure | None:
        attempts = self._failed.get(key)
        if attempts is None:
            return None
        if attempts.failure.generation != self.controller.generation(key):
            del self._failed[key]
            return None
        return attempts.failure

    def _stumble(self, key: str, failed: _StepFailedError) -> None:
        """Decide when to look again after a step failed."""
        error = failed.error
        if isinstance(error, ApiError):
            if error.code == 409 and error.reason == "Conflict":
                self.queue.add_rate_limited(key)
                return
            if error.code == 404 or _namespace_ends(error):
                return  # what it was about is going or gone; its events bring the next look
        _log.warning("Cannot finish %s in %s: %s", key, self.controller.name, error)
        now = self._clock.now()
        before = self._failed.get(key)
        if before is not None and before.failure.waits(now, before.failure.generation):
            self.queue.add_rate_limited(key)  # reporting a failure failed: the failure itself stays
            return
        count = before.count + 1 if before is not None else 1
        delay = min(_FIRST_RETRY * 2.0 ** min(count - 1, 16), _LAST_RETRY)
        if isinstance(error, ApiError) and error.retry_after:
            delay = max(delay, float(error.retry_after))
        failure = Failure(
            failed.action,
            error.reason if isinstance(error, ApiError) else "",
            str(error),
            now + timedelta(seconds=delay),
            self.controller.generation(key),
        )
        self._failed[key] = _Attempts(failure, count)
        if self.controller.reports_failures:
            self.queue.add(key)
        self.queue.add_after(key, delay)

    async def _carry_out(self, key: str, plan: Plan) -> None:
        for step in plan.steps:
            await self._step(key, step)

    async def _step(self, key: str, step: Step) -> None:
        if not isinstance(step, Batch):
            await self._act(key, step)
            return
        size = 1 if step.slow_start else _PARALLEL
        done = 0
        while done < len(step.actions):
            part = step.actions[done : done + size]
            results = await asyncio.gather(*(self._act(key, action) for action in part), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            done += len(part)
            size = min(size * 2, _PARALLEL)

    async def _act(self, key: str, action: Action) -> None:
        try:
            result = await self._request(action)
        except (ApiError, TransportError) as error:
            if _harmless(action, error):
                return
            if isinstance(error, TransportError) and isinstance(action, Create | Delete):
                self._doubts.setdefault(key, set()).add((action.resource, action.namespace))
            if not isinstance(action, DeleteAll | Tell) and (note := getattr(action, "failed", None)) is not None:
                self._tell(key, note, error=str(error))
            raise _StepFailedError(action, error) from error
        if isinstance(action, Tell):
            self._tell(key, action.note)
            return
        if isinstance(action, DeleteAll) or result is None:
            return
        name = action.name if isinstance(action, Delete | Patch) else result["metadata"]["name"]
        self._writes.note(key, self._written(action, name, result))
        if action.done is not None:
            self._tell(key, action.done, name=name)

    async def _request(self, action: Action) -> JSON | None:
        client = self._client
        match action:
            case Create():
                return await client.create(action.resource, action.body, namespace=action.namespace or None)
            case Patch():
                return await client.patch(
                    action.resource, action.name, action.patch, type=action.form,
                    namespace=action.namespace or None, subresource=action.subresource or None,
                    field_manager=action.manager or None, force=action.form == "apply",
                )  # fmt: skip
            case Delete():
                return await client.delete(
                    action.resource, action.name, namespace=action.namespace or None, uid=action.uid or None,
                    resource_version=action.version or None, grace_period=action.grace,
                    propagation=action.propagation or None,
                )  # fmt: skip
            case DeleteAll():
                return await client.delete_collection(action.resource, namespace=action.namespace)
            case Tell():
                return None
            case _:
                return await client.update(
                    action.resource, action.body, namespace=action.namespace or None,
                    subresource=action.subresource or None,
                )  # fmt: skip

    def _written(self, action: Action, name: str, result: JSON) -> Written:
        assert not isinstance(action, Tell | DeleteAll)
        at = self._clock.monotonic()
        key = key_of(action.namespace, name)
        qualified = action.resource.qualified
        if isinstance(action, Delete):
            return Written("delete", qualified, key, action.uid, 0, at)
        meta: JSON = result.get("metadata") or {}
        kind = "create" if isinstance(action, Create) else "change"
        return Written(kind, qualified, key, meta.get("uid", ""), _number(meta.get("resourceVersion")), at)

    def _tell(self, key: str, note: Note, *, name: str = "", error: str = "") -> None:
        about = note.about or self.controller.subject(key)
        if about is not None:
            message = note.message.replace("{name}", name).replace("{error}", error)
            self._recorder.record(about, note.type, note.reason, message)

    def _handler(self, resource: Resource, keys: Keys) -> Any:
        cache = resource.qualified

        def on_change(key: str, old: Any, new: Any) -> None:
            for found in keys(old, new):
                self.queue.add(found)
            for found in self._writes.waiting_for(cache, key):
                self.queue.add(found)

        return on_change


def _number(version: str | None) -> int:
    return int(version) if version and version.isdecimal() else 0


def _harmless(action: Action, error: ApiError | TransportError) -> bool:
    """Tell whether the refusal means that what was wanted is so already."""
    if not isinstance(error, ApiError):
        return False
    if isinstance(action, Create):
        return action.existing_is_fine and error.reason == "AlreadyExists"
    if isinstance(action, Delete):
        # A conflict by uid: the name belongs to another object now, ours is gone.
        return error.code == 404 or (error.code == 409 and not action.version)
    return isinstance(action, DeleteAll) and error.code in {404, 405}


def _namespace_ends(error: ApiError) -> bool:
    causes: list[JSON] = (error.details or {}).get("causes") or []
    return error.code == 403 and any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
