"""Lifecycle hooks: a command, a request or a pause right after a container's start or before its end."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from typing import Any

from podwright.agent.pods.ports import HostError, Runtime
from podwright.agent.pods.probes.http import http_get, target_of
from podwright.agent.pods.spec import Pod, full_name, named_port

_HTTP_SECONDS = 60.0
NO_LIMIT = 86_400.0


class HookError(Exception):
    """A hook failed; the text says how."""


async def run_hook(
    runtime: Runtime,
    pod: Pod,
    container: Mapping[str, Any],
    container_id: str,
    hook: Mapping[str, Any],
    ip: str,
    seconds: float = NO_LIMIT,
) -> None:
    """Run one handler to its end. Raises HookError; a hook that takes longer than `seconds` fails."""
    name = container.get("name", "")
    if "exec" in hook:
        command: list[str] = hook["exec"].get("command") or []
        where = f'Exec lifecycle hook ([{" ".join(command)}]) for Container "{name}" in Pod "{full_name(pod)}"'
        await _exec(runtime, container_id, command, seconds, where)
    elif "httpGet" in hook:
        where = f'HTTP lifecycle hook ({hook["httpGet"].get("path", "")}) for Container "{name}" in Pod'
        await _http(container, hook["httpGet"], ip, min(seconds, _HTTP_SECONDS), f'{where} "{full_name(pod)}"')
    elif "sleep" in hook:
        await asyncio.sleep(min(float(hook["sleep"].get("seconds") or 0), seconds))
    elif "tcpSocket" in hook:
        msg = "invalid handler: a hook cannot be a tcpSocket"
        raise HookError(msg)


async def _exec(runtime: Runtime, container_id: str, command: list[str], seconds: float, where: str) -> None:
    try:
        result = await runtime.exec_sync(container_id, command, seconds)
    except HostError as e:
        msg = f"{where} failed - error: {e.message}"
        raise HookError(msg) from e
    line = " ".join(command) if all(command) else shlex.join(command)
    output = json.dumps((result.stdout + result.stderr).decode("utf-8", "replace"), ensure_ascii=False)
    if result.timed_out:
        msg = f"{where} failed - error: command '{line}' timed out, message: {output}"
        raise HookError(msg)
    if result.exit_code != 0:
        error = result.stderr.decode("utf-8", "replace")
        msg = f"{where} failed - error: command '{line}' exited with {result.exit_code}: {error}, message: {output}"
        raise HookError(msg)


async def _http(container: Mapping[str, Any], get: Mapping[str, Any], ip: str, seconds: float, where: str) -> None:
    try:
        port = named_port(container, get["port"])
        answer = await http_get(target_of(get, ip, port), seconds)
    except (LookupError, OSError, TimeoutError) as e:
        msg = f"{where} failed - error: {e}"
        raise HookError(msg) from e
    if answer.status >= 400:
        msg = f"{where} failed - error: HTTP hook answered {answer.status}"
        raise HookError(msg)
