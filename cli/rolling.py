"""How far a rollout is, in the words people know, for each kind that has rollouts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from podwright.cli.errors import CliError

JSON = dict[str, Any]


def progress(obj: JSON) -> tuple[str, bool]:
    """What the rollout waits for, and whether it is over. Raises CliError when it has failed, or has no end."""
    kind = obj.get("kind", "Deployment")
    title, tell = _KINDS[kind]
    status = obj.get("status") or {}
    if kind != "Deployment" and _strategy(obj) != "RollingUpdate":
        msg = "rollout status is only available for RollingUpdate strategy type"
        raise CliError(msg)
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return f"Waiting for {title} spec update to be observed...", False
    return tell(obj["metadata"]["name"], obj["spec"], status)


def _strategy(obj: JSON) -> str:
    return (obj["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate")


def _deployment(name: str, spec: JSON, status: JSON) -> tuple[str, bool]:
    for condition in status.get("conditions") or ():
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            msg = f'deployment "{name}" exceeded its progress deadline'
            raise CliError(msg)
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    total, available = status.get("replicas", 0), status.get("availableReplicas", 0)
    head = f'Waiting for deployment "{name}" rollout to finish: '
    if updated < wanted:
        return f"{head}{updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{head}{total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{head}{available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _daemon_set(name: str, _: JSON, status: JSON) -> tuple[str, bool]:
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    head = f'Waiting for daemon set "{name}" rollout to finish: '
    if updated < wanted:
        return f"{head}{updated} out of {wanted} new pods have been updated...", False
    if available < wanted:
        return f"{head}{available} of {wanted} updated pods are available...", False
    return f'daemon set "{name}" successfully rolled out', True


def _stateful_set(_: str, spec: JSON, status: JSON) -> tuple[str, bool]:
    wanted, ready, updated = spec.get("replicas", 1), status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready...", False
    partition = ((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition", 0)
    if partition > 0:
        if updated < wanted - partition:
            text = f"{updated} out of {wanted - partition} new pods have been updated..."
            return f"Waiting for partitioned roll out to finish: {text}", False
        return f"partitioned roll out complete: {updated} new pods have been updated...", True
    revision = status.get("updateRevision", "")
    if revision != status.get("currentRevision", ""):
        text = f"{updated} pods at revision {revision}..."
        return f"waiting for statefulset rolling update to complete {text}", False
    count = status.get("currentReplicas", 0)
    return f"statefulset rolling update complete {count} pods at revision {status.get('currentRevision', '')}...", True


_KINDS: Mapping[str, tuple[str, Callable[[str, JSON, JSON], tuple[str, bool]]]] = {
    "Deployment": ("deployment", _deployment),
    "DaemonSet": ("daemon set", _daemon_set),
    "StatefulSet": ("statefulset", _stateful_set),
}
