"""Reading a Pod's JSON: which containers it has, what role each plays, and when each may run again.

Pods travel through the agent as the JSON dict the control plane sent; this is the one place that knows how to
read their spec. It must never ask for the time or touch the host.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from podwright.agent.pods.ports import PodRef
from podwright.api.times import format_time, parse_time

JSON = dict[str, Any]
Pod = Mapping[str, Any]

DEFAULT_GRACE = 30.0


class Role(enum.Enum):
    """What a container is for: it decides when it starts, whether it runs again, and when it is stopped."""

    INIT = "init"  # runs to its end, before the next
    SIDECAR = "sidecar"  # an init container with restartPolicy Always: started in order, runs as long as the pod
    MAIN = "main"
    EPHEMERAL = "ephemeral"  # added to debug a running pod, never restarted


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a spec together with its role."""

    name: str
    role: Role
    spec: Mapping[str, Any]

    @property
    def field_path(self) -> str:
        """The path that events about this container carry."""
        return f"{_FIELDS[self.role]}{{{self.name}}}"


_FIELDS = {
    Role.INIT: "spec.initContainers",
    Role.SIDECAR: "spec.initContainers",
    Role.MAIN: "spec.containers",
    Role.EPHEMERAL: "spec.ephemeralContainers",
}


def ref(pod: Pod) -> PodRef:
    """Name this incarnation of a pod."""
    meta = pod["metadata"]
    return PodRef(meta.get("namespace", ""), meta["name"], meta["uid"])


def full_name(pod: Pod) -> str:
    """`name_namespace(uid)`, as messages about a pod name it."""
    meta = pod["metadata"]
    return f"{meta['name']}_{meta.get('namespace', '')}({meta['uid']})"


def containers(pod: Pod) -> list[Container]:
    """All containers: init ones and sidecars in order, then main ones, then ephemeral ones."""
    return [*init_containers(pod), *main_containers(pod), *ephemeral_containers(pod)]


def init_containers(pod: Pod) -> list[Container]:
    """Init containers and sidecars in the order they start."""
    return [
        Container(c["name"], Role.SIDECAR if c.get("restartPolicy") == "Always" else Role.INIT, c)
        for c in pod["spec"].get("initContainers") or ()
    ]


def main_containers(pod: Pod) -> list[Container]:
    """The pod's own containers."""
    return [Container(c["name"], Role.MAIN, c) for c in pod["spec"].get("containers") or ()]


def ephemeral_containers(pod: Pod) -> list[Container]:
    """Containers added to debug it."""
    return [Container(c["name"], Role.EPHEMERAL, c) for c in pod["spec"].get("ephemeralContainers") or ()]


def find(pod: Pod, name: str) -> Container | None:
    """Look a container up by name."""
    return next((c for c in containers(pod) if c.name == name), None)


def restart_policy(pod: Pod) -> str:
    """Always, OnFailure or Never."""
    return pod["spec"].get("restartPolicy") or "Always"


def runs_again(pod: Pod, container: Container, exit_code: int) -> bool:
    """Say whether a container that ended with this code is to be started again."""
    if container.role is Role.EPHEMERAL:
        return False
    policy = container.spec.get("restartPolicy")
    for rule in (container.spec.get("restartPolicyRules") or ()) if policy else ():
        if rule.get("action") == "Restart" and _rule_matches(rule, exit_code):
            return True
    policy = policy or restart_policy(pod)
    if container.role is Role.INIT:
        return exit_code != 0 and policy != "Never"
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def _rule_matches(rule: Mapping[str, Any], exit_code: int) -> bool:
    codes: Mapping[str, Any] = rule.get("exitCodes") or {}
    listed = exit_code in (codes.get("values") or ())
    return not listed if codes.get("operator") == "NotIn" else listed


def is_deleted(pod: Pod) -> bool:
    """Say whether someone asked for its deletion."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def is_terminal(pod: Pod) -> bool:
    """Say whether its recorded phase is a last one."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def grace_seconds(pod: Pod) -> float:
    """Seconds between the request to stop and the kill: what the deletion says, else what the spec says."""
    deletion = pod["metadata"].get("deletionGracePeriodSeconds")
    if is_deleted(pod) and deletion is not None:
        return float(deletion)
    spec = pod["spec"].get("terminationGracePeriodSeconds")
    return DEFAULT_GRACE if spec is None else float(spec)


def deadline(pod: Pod) -> float | None:
    """Unix time at which activeDeadlineSeconds ends, counted from the recorded start."""
    seconds = pod["spec"].get("activeDeadlineSeconds")
    started = (pod.get("status") or {}).get("startTime")
    return None if seconds is None or not started else unix(started) + float(seconds)


def generation(pod: Pod) -> int:
    """The spec's generation."""
    return int(pod["metadata"].get("generation") or 0)


def qos_class(pod: Pod) -> str:
    """The class that the control plane recorded, else what requests and limits say."""
    recorded = (pod.get("status") or {}).get("qosClass")
    return recorded or compute_qos(pod)


def compute_qos(pod: Pod) -> str:
    """Guaranteed, Burstable or BestEffort from the containers' cpu and memory."""
    guaranteed = True
    any_set = False
    for c in [*init_containers(pod), *main_containers(pod)]:
        resources: Mapping[str, Any] = c.spec.get("resources") or {}
        requests: Mapping[str, Any] = resources.get("requests") or {}
        limits: Mapping[str, Any] = resources.get("limits") or {}
        for name in ("cpu", "memory"):
            any_set = any_set or name in requests or name in limits
            if name not in limits or requests.get(name, limits[name]) != limits[name]:
                guaranteed = False
    if not any_set:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def host_network(pod: Pod) -> bool:
    """Say whether it lives in the node's network namespace."""
    return bool(pod["spec"].get("hostNetwork"))


def conditions(pod: Pod) -> Iterator[Mapping[str, Any]]:
    """Return the recorded conditions."""
    return iter((pod.get("status") or {}).get("conditions") or ())


def hostname(pod: Pod) -> str:
    """Return what `hostname` prints inside: spec.hostname, else the name, cut to what a host name may have."""
    override = pod["spec"].get("hostnameOverride")
    if override:
        return str(override)
    name: str = pod["spec"].get("hostname") or pod["metadata"]["name"]
    return name[:63].rstrip("-.")


def domain(pod: Pod, cluster_domain: str) -> str:
    """Return the pod's full domain name without its host name, or "" when it has no subdomain."""
    sub = pod["spec"].get("subdomain")
    if not sub:
        return ""
    return f"{sub}.{pod['metadata'].get('namespace', '')}.svc.{cluster_domain}".rstrip(".")


def named_port(container: Mapping[str, Any], port: int | str) -> int:
    """Resolve a port that may be given by name. Raises LookupError."""
    if isinstance(port, int):
        return port
    if port.isdigit():
        return int(port)
    ports: Sequence[Mapping[str, Any]] = container.get("ports") or ()
    for p in ports:
        if p.get("name") == port:
            return int(p["containerPort"])
    msg = f"couldn't find port {port!r} of container {container.get('name')!r}"
    raise LookupError(msg)


def unix(text: str) -> float:
    """Turn an API time into Unix seconds."""
    return parse_time(text).timestamp()


def rfc3339(seconds: float) -> str:
    """Turn Unix seconds into an API time."""
    return format_time(datetime.fromtimestamp(max(seconds, 0.0), UTC))
