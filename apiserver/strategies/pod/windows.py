"""Windows options of pods: part of the API, checked although no node of ours runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]

_SPEC_KIB = 64
_DOMAIN_LENGTH, _USER_LENGTH = 256, 104
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NETBIOS = re.compile(r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}')
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
_BAD_USER = re.compile(r'["/\\:;|=,+*?<>@\[\]]')
_ONLY_DOTS = re.compile(r"[. ]+")

# in the security context?, name, the path shown where it differs
_POD_FIELDS = (
    (True, "appArmorProfile", "securityContext.appArmorProfile"),
    (True, "seLinuxOptions", "securityContext.seLinuxOptions"),
    (False, "hostUsers", ""),
    (False, "hostPID", ""),
    (False, "hostIPC", ""),
    (True, "seccompProfile", "securityContext.seccompProfile"),
    (True, "fsGroup", "securityContext.fsGroup"),
    (True, "fsGroupChangePolicy", "securityContext.fsGroupChangePolicy"),
    (True, "sysctls", "securityContext.sysctls"),
    (False, "shareProcessNamespace", "securityContext.shareProcessNamespace"),
    (True, "runAsUser", "securityContext.runAsUser"),
    (True, "runAsGroup", "securityContext.runAsGroup"),
    (True, "supplementalGroups", "securityContext.supplementalGroups"),
    (True, "supplementalGroupsPolicy", "securityContext.supplementalGroupsPolicy"),
    (True, "seLinuxChangePolicy", "securityContext.seLinuxChangePolicy"),
)
_CONTAINER_FIELDS = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
_NOT_THERE = "cannot be set for a windows pod"


def validate_linux_pod(errors: Errors, path: str, spec: JSON) -> None:
    """Check that a pod for Linux has no Windows options."""
    detail = "windows options cannot be set for a linux pod"
    if (spec.get("securityContext") or {}).get("windowsOptions") is not None:
        errors.append(field_errors.forbidden(f"{path}.securityContext.windowsOptions", detail))
    for where, container in containers(path, spec):
        if (container.get("securityContext") or {}).get("windowsOptions") is not None:
            errors.append(field_errors.forbidden(f"{where}.securityContext.windowsOptions", detail))


def validate_windows_pod(errors: Errors, path: str, spec: JSON) -> None:
    """Check that a pod for Windows has nothing that only Linux knows."""
    context: JSON = spec.get("securityContext") or {}
    for part, name, where in _POD_FIELDS:
        value = (context if part else spec).get(name)
        if value is not None and (value is not False or name in {"hostUsers", "shareProcessNamespace"}):
            errors.append(field_errors.forbidden(f"{path}.{where or name}", _NOT_THERE))
    for where, container in containers(path, spec):
        own: JSON = container.get("securityContext") or {}
        errors.extend(
            field_errors.forbidden(f"{where}.securityContext.{name}", _NOT_THERE)
            for name in _CONTAINER_FIELDS
            if own.get(name) is not None
        )


def validate_host_process(errors: Errors, path: str, spec: JSON) -> None:
    """Check that host-process containers do not mix with others and use the host's network."""
    pod = _host_process(spec)
    total = on_host = 0
    for where, container in containers(path, spec):
        own = _host_process(container)
        total += 1
        on_host += bool(pod if own is None else own)
        if pod is not None and own is not None and pod != own:
            was = "true" if pod else "false"
            detail = f"pod hostProcess value must be identical if both are specified, was {was}"
            field = f"{where}.securityContext.windowsOptions.hostProcess"
            errors.append(field_errors.invalid(field, own, detail))
    if not on_host:
        return
    if on_host != total:
        detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        errors.append(field_errors.invalid(path, "", detail))
    if not spec.get("hostNetwork"):
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(field_errors.invalid(f"{path}.hostNetwork", False, detail))


def uses_windows_options(spec: JSON) -> bool:
    """Tell whether any part of a pod has Windows options."""
    return any(
        (part.get("securityContext") or {}).get("windowsOptions") is not None
        for part in (spec, *(container for _, container in containers("", spec)))
    )


def containers(path: str, spec: JSON) -> Iterator[tuple[str, JSON]]:
    """Walk all containers with their paths: init, regular, ephemeral."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield f"{path}.{kind}[{index}]", container


def validate_options(errors: Errors, path: str, options: JSON) -> None:
    """Check `windowsOptions`."""
    name = options.get("gmsaCredentialSpecName")
    if name is not None:
        formats.complain(errors, f"{path}.gmsaCredentialSpecName", name, names.dns1123_subdomain(name))
    spec = options.get("gmsaCredentialSpec")
    if spec is not None:
        where = f"{path}.gmsaCredentialSpec"
        if not spec:
            errors.append(field_errors.invalid(where, spec, "gmsaCredentialSpec cannot be an empty string"))
        elif len(spec.encode()) > _SPEC_KIB * 1024:
            errors.append(field_errors.invalid(where, spec, f"gmsaCredentialSpec size must be under {_SPEC_KIB} KiB"))
    user = options.get("runAsUserName")
    if user is not None:
        formats.complain(errors, f"{path}.runAsUserName", user, _user_problems(user))


def _user_problems(text: str) -> list[str]:
    if not text:
        return ["runAsUserName cannot be an empty string"]
    if _CONTROL.search(text):
        return ["runAsUserName cannot contain control characters"]
    if text.count("\\") > 1:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, slash, user = text.rpartition("\\")
    problems: list[str] = []
    if len(domain) >= _DOMAIN_LENGTH:
        problems.append(f"runAsUserName's Domain length must be under {_DOMAIN_LENGTH} characters")
    if slash and not (_NETBIOS.fullmatch(domain) or _DNS.fullmatch(domain)):
        problems.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        problems.append("runAsUserName's User cannot be empty")
    elif len(user) > _USER_LENGTH:
        problems.append(f"runAsUserName's User length must not be longer than {_USER_LENGTH} characters")
    if _ONLY_DOTS.fullmatch(user):
        problems.append("runAsUserName's User cannot contain only periods or spaces")
    if _BAD_USER.search(user):
        problems.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return problems


def _host_process(part: JSON) -> bool | None:
    options = (part.get("securityContext") or {}).get("windowsOptions") or {}
    return options.get("hostProcess")
