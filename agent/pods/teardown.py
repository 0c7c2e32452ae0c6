"""Taking a pod apart, step by step and any number of times: containers, sandbox, volumes, folders.

<pods_dir>/<uid>/files/       the small files containers see
<pods_dir>/<uid>/logs/        one file an attempt
<pods_dir>/<uid>/status.json  the last status of a pod that has ended, kept until the pod is deleted
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from podwright.agent.pods.attempts import Attempt
from podwright.agent.pods.files import PodFiles
from podwright.agent.pods.host import Host
from podwright.agent.pods.ports import HostError
from podwright.agent.pods.spec import JSON

STATUS_FILE = "status.json"


def files_of(host: Host, uid: str) -> PodFiles:
    """The small files of a pod."""
    return PodFiles(host.pod_dir(uid) / "files")


async def sweep(host: Host, uid: str, attempt: Attempt) -> None:
    """Remove an old attempt's container, and the logs of those before it."""
    await host.runtime.remove(attempt.id)
    await asyncio.to_thread(_sweep_files, host, uid, attempt)


def _sweep_files(host: Host, uid: str, attempt: Attempt) -> None:
    files_of(host, uid).termination_log(attempt.container, attempt.number).unlink(missing_ok=True)
    for log in host.log_path(uid, attempt.container, 0).parent.glob("*.log*"):
        number = log.name.partition(".")[0]
        if number.isdigit() and int(number) < attempt.number:
            log.unlink(missing_ok=True)


async def remove_sandbox(host: Host, uid: str, container_ids: Iterable[str]) -> None:
    """Remove the pod's containers and then its sandbox. Raises HostError."""
    await asyncio.gather(*(host.runtime.remove(container_id) for container_id in container_ids))
    await host.sandboxes.remove(uid)


async def keep_status(host: Host, uid: str, status: JSON) -> None:
    """Write down how a pod ended, before its containers are removed: a crash must not make it run again."""
    await asyncio.to_thread(_write, host.pod_dir(uid) / STATUS_FILE, json.dumps(status))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(path)


def read_status(host: Host, uid: str) -> JSON | None:
    """Read what `keep_status` wrote; None when the pod has not ended here."""
    try:
        return json.loads((host.pod_dir(uid) / STATUS_FILE).read_text())
    except (OSError, ValueError):
        return None


async def remove_folder(host: Host, uid: str) -> None:
    """Remove the pod's folder with its logs. Raises HostError."""
    try:
        await asyncio.to_thread(_remove_tree, host.pod_dir(uid))
    except OSError as e:
        raise HostError("FailedUnmount", f"cannot remove the folder of pod {uid}: {e}") from e


def _remove_tree(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)
