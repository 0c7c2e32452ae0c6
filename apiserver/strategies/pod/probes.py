"""Probes and lifecycle hooks of containers: what runs, how often, and which signal stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_SCHEMES = ("HTTP", "HTTPS")
_LINUX_NAMES = (
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
)  # fmt: skip
_REAL_TIME = (*(f"RTMIN+{n}" for n in range(1, 16)), *(f"RTMAX-{n}" for n in range(1, 15)))
_LINUX_SIGNALS = tuple(sorted(f"SIG{name}" for name in (*_LINUX_NAMES, *_REAL_TIME)))
_WINDOWS_SIGNALS = ("SIGKILL", "SIGTERM")


def validate_probes(errors: Errors, path: str, container: JSON, grace: int | None) -> None:
    """Check the three probes of a container that may have them."""
    for name, rule in _PROBES.items():
        probe = container.get(name)
        if probe is not None:
            where = f"{path}.{name}"
            _validate_probe(errors, where, probe, grace)
            rule(errors, where, probe)


def validate_lifecycle(errors: Errors, path: str, lifecycle: JSON, grace: int | None, os_name: str | None) -> None:
    """Check a container's hooks and stop signal."""
    for hook in ("postStart", "preStop"):
        if lifecycle.get(hook) is not None:
            _validate_handler(errors, f"{path}.{hook}", lifecycle[hook], grace, _HOOK_HANDLERS)
    stop = lifecycle.get("stopSignal")
    if stop is None:
        return
    if not os_name:
        detail = "may not be set for containers with empty `spec.os.name`"
        errors.append(field_errors.forbidden(f"{path}.stopSignal", detail))
        return
    allowed = _WINDOWS_SIGNALS if os_name == "windows" else _LINUX_SIGNALS
    if stop not in allowed:
        errors.append(field_errors.not_supported(f"{path}.stopSignal", stop, allowed))


def _validate_probe(errors: Errors, path: str, probe: JSON, grace: int | None) -> None:
    _validate_handler(errors, path, probe, grace, _PROBE_HANDLERS)
    for name in _COUNTS:
        value = probe.get(name)
        if value and value < 0:
            formats.not_negative(errors, f"{path}.{name}", value)
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        errors.append(field_errors.invalid(f"{path}.terminationGracePeriodSeconds", seconds, "must be greater than 0"))


def _once(errors: Errors, path: str, probe: JSON) -> None:
    threshold = probe.get("successThreshold") or 0
    if threshold != 1:
        errors.append(field_errors.invalid(f"{path}.successThreshold", threshold, "must be 1"))


def _no_grace(errors: Errors, path: str, probe: JSON) -> None:
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None:
        where = f"{path}.terminationGracePeriodSeconds"
        errors.append(field_errors.invalid(where, seconds, "must not be set for readinessProbes"))


def _validate_handler(
    errors: Errors, path: str, handler: JSON, grace: int | None, kinds: dict[str, Callable[..., None]]
) -> None:
    found = False
    for name, check in kinds.items():
        action = handler.get(name)
        if action is None:
            continue
        if found:
            errors.append(field_errors.forbidden(f"{path}.{name}", "may not specify more than 1 handler type"))
            continue
        found = True
        check(errors, f"{path}.{name}", action, grace)
    if not found:
        errors.append(field_errors.required(path, "must specify a handler type"))


def _exec(errors: Errors, path: str, action: JSON, _grace: int | None) -> None:
    if not action.get("command"):
        errors.append(field_errors.required(f"{path}.command"))


def _http(errors: Errors, path: str, action: JSON, _grace: int | None) -> None:
    if not action.get("path"):
        errors.append(field_errors.required(f"{path}.path"))
    formats.port_or_name(errors, f"{path}.port", action.get("port"))
    scheme = action.get("scheme") or ""
    if scheme not in _SCHEMES:
        errors.append(field_errors.not_supported(f"{path}.scheme", scheme, _SCHEMES))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        formats.complain(errors, f"{path}.httpHeaders", name, names.http_header_name(name))


def _port(errors: Errors, path: str, action: JSON, _grace: int | None) -> None:
    formats.port_or_name(errors, f"{path}.port", action.get("port"))


def _sleep(errors: Errors, path: str, action: JSON, grace: int | None) -> None:
    seconds = action.get("seconds") or 0
    if grace is not None and not 0 <= seconds <= grace:
        detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        errors.append(field_errors.invalid(path, seconds, detail))


_PROBES = {"livenessProbe": _once, "readinessProbe": _no_grace, "startupProbe": _once}
_PROBE_HANDLERS: dict[str, Callable[..., None]] = {"exec": _exec, "httpGet": _http, "tcpSocket": _port, "grpc": _port}
_HOOK_HANDLERS: dict[str, Callable[..., None]] = {"exec": _exec, "httpGet": _http, "tcpSocket": _port, "sleep": _sleep}
