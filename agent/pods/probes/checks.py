"""One probe's single try: exec, HTTP, TCP or gRPC, answered as a result with the message users know.

A try never raises: what cannot even be tried is UNKNOWN and counts neither way.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.ports import HostError, Runtime
from podwright.agent.pods.probes.grpc_health import check_health
from podwright.agent.pods.probes.http import dial_error, http_get, target_of
from podwright.agent.pods.spec import named_port


class Outcome(enum.Enum):
    """What a try says about the container."""

    SUCCESS = "success"
    WARNING = "warning"  # counts as success
    FAILURE = "failure"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One try's outcome and what to tell people."""

    outcome: Outcome
    message: str = ""


_SUCCESS = Result(Outcome.SUCCESS)


@dataclass(frozen=True, slots=True)
class Subject:
    """The container a probe is about."""

    runtime: Runtime
    container_id: str
    spec: Mapping[str, Any]
    ip: str


async def try_once(probe: Mapping[str, Any], subject: Subject) -> Result:
    """Run the probe's action once within its timeout."""
    seconds = float(probe.get("timeoutSeconds") or 1)
    try:
        if "exec" in probe:
            return await _exec(probe["exec"], subject, seconds)
        if "httpGet" in probe:
            return await _http(probe["httpGet"], subject, seconds)
        if "tcpSocket" in probe:
            return await _tcp(probe["tcpSocket"], subject, seconds)
        if "grpc" in probe:
            return await _grpc(probe["grpc"], subject, seconds)
    except LookupError as e:
        return Result(Outcome.UNKNOWN, str(e))
    return Result(Outcome.UNKNOWN, "missing probe handler")


async def _exec(action: Mapping[str, Any], subject: Subject, seconds: float) -> Result:
    command: list[str] = action.get("command") or []
    try:
        result = await subject.runtime.exec_sync(subject.container_id, command, seconds)
    except HostError as e:
        return Result(Outcome.UNKNOWN, e.message)
    if result.timed_out:
        text = f'command timed out: "{" ".join(command)}" timed out after {seconds:g}s'
        return Result(Outcome.FAILURE, text)
    if result.exit_code:
        return Result(Outcome.FAILURE, (result.stdout + result.stderr).decode("utf-8", "replace"))
    return _SUCCESS


async def _http(action: Mapping[str, Any], subject: Subject, seconds: float) -> Result:
    target = target_of(action, subject.ip, named_port(subject.spec, action["port"]))
    try:
        answer = await http_get(target, seconds)
    except (OSError, TimeoutError) as e:
        return Result(Outcome.FAILURE, str(e))
    if answer.stopped or 300 <= answer.status < 400:
        body = answer.body.decode("utf-8", "replace")
        return Result(Outcome.WARNING, f"Probe terminated redirects, Response body: {body}")
    if 200 <= answer.status < 400:
        return _SUCCESS
    return Result(Outcome.FAILURE, f"HTTP probe failed with statuscode: {answer.status}")


async def _tcp(action: Mapping[str, Any], subject: Subject, seconds: float) -> Result:
    host = action.get("host") or subject.ip
    port = named_port(subject.spec, action["port"])
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Result(Outcome.FAILURE, f"dial tcp {authority}: i/o timeout")
    except OSError as e:
        return Result(Outcome.FAILURE, dial_error(authority, e))
    writer.close()
    return _SUCCESS


async def _grpc(action: Mapping[str, Any], subject: Subject, seconds: float) -> Result:
    port = named_port(subject.spec, action["port"])
    problem = await check_health(subject.ip, port, action.get("service") or "", seconds)
    return Result(Outcome.FAILURE, problem) if problem else _SUCCESS
