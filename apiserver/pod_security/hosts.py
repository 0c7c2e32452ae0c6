"""Controls of what reaches into the node: its namespaces, ports and processes, and probes of other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podwright.apiserver.pod_security.violation import (
    JSON,
    Violation,
    containers_of,
    context_of,
    counted,
    found_in,
    named,
    quoted,
    setters,
    use,
)

_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS: Final = ("postStart", "preStop")
_ASKING: Final = ("httpGet", "tcpSocket")


def namespaces(metadata: JSON, spec: JSON) -> Violation | None:
    """A pod has its own network, processes and memory."""
    del metadata
    shared = [f"{name}=true" for name in _NAMESPACES if spec.get(name)]
    return Violation("host namespaces", ", ".join(shared)) if shared else None


def ports(metadata: JSON, spec: JSON) -> Violation | None:
    """No port of the node is taken."""
    del metadata
    taken: set[str] = set()
    names: list[str] = []
    for container in containers_of(spec):
        of_host = {str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")}
        taken |= of_host
        names += [container["name"]] if of_host else []
    if not names:
        return None
    listed = ", ".join(sorted(taken))
    return Violation("hostPort", f"{named(names)} {use(names)} {counted('hostPort', taken)} {listed}")


def probes(metadata: JSON, spec: JSON) -> Violation | None:
    """Probes and hooks ask the pod itself, no other host."""
    del metadata
    asked = {container["name"]: hosts for container in containers_of(spec) if (hosts := set(_hosts(container)))}
    if not asked:
        return None
    names, hosts = sorted(asked), sorted(set[str]().union(*asked.values()))
    noun = counted("probe or lifecycle host", hosts)
    return Violation("probe or lifecycle host", f"{named(names)} {use(names)} {noun} {quoted(hosts)}")


def _hosts(container: JSON) -> Iterator[str]:
    hooks: JSON = container.get("lifecycle") or {}
    for handler in (*map(container.get, _PROBES), *map(hooks.get, _HOOKS)):
        for way in _ASKING:
            host = ((handler or {}).get(way) or {}).get("host")
            if host:
                yield host


def processes(metadata: JSON, spec: JSON) -> Violation | None:
    """No container is a process of the node (Windows)."""
    del metadata
    told = setters(pod=_is_host_process(spec), containers=found_in(spec, _is_host_process))
    what = "must not set securityContext.windowsOptions.hostProcess=true"
    return Violation("hostProcess", f"{' and '.join(told)} {what}") if told else None


def _is_host_process(part: JSON) -> bool:
    return bool((context_of(part).get("windowsOptions") or {}).get("hostProcess"))
