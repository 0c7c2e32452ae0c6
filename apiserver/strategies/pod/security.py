"""Security contexts of pods and containers: users, profiles, and what may not be combined."""

from __future__ import annotations

import re
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import shown
from podwright.apiserver.strategies.formats import MAX_INT32, Errors
from podwright.apiserver.strategies.pod.paths import descending
from podwright.apiserver.strategies.pod.spelling import spelled_context

JSON = dict[str, Any]

_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS = ("Default", "Unmasked")
_GROUP_CHANGE = ("Always", "OnRootMismatch")
_GROUPS = ("Merge", "Strict")
_RELABEL = ("MountOption", "Recursive")
_PATH_MAX = 4095
_ID = f"must be between 0 and {MAX_INT32}, inclusive"
_SYSCTL = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL_RE = re.compile(_SYSCTL, re.ASCII)
_SYSCTL_LENGTH = 253
_IPC_SYSCTLS = ("kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.")


def validate_pod_context(errors: Errors, path: str, spec: JSON) -> None:
    """Check `spec.securityContext` and the host namespaces that the API counts to it."""
    context: JSON = spec.get("securityContext") or {}
    if not context and not spec.get("shareProcessNamespace"):
        return
    for name in ("fsGroup", "runAsUser", "runAsGroup"):
        user_or_group(errors, f"{path}.{name}", context.get(name))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        user_or_group(errors, f"{path}.supplementalGroups[{index}]", group)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(field_errors.invalid(f"{path}.shareProcessNamespace", True, detail))
    if context.get("sysctls"):
        _validate_sysctls(errors, f"{path}.sysctls", context["sysctls"], spec)
    _optional(errors, f"{path}.fsGroupChangePolicy", context.get("fsGroupChangePolicy"), _GROUP_CHANGE)
    _profiles(errors, path, context)
    _optional(errors, f"{path}.supplementalGroupsPolicy", context.get("supplementalGroupsPolicy"), _GROUPS)
    _optional(errors, f"{path}.seLinuxChangePolicy", context.get("seLinuxChangePolicy"), _RELABEL)


def validate_container_context(errors: Errors, path: str, context: JSON, *, host_users: bool) -> None:
    """Check a container's `securityContext`."""
    user_or_group(errors, f"{path}.runAsUser", context.get("runAsUser"))
    user_or_group(errors, f"{path}.runAsGroup", context.get("runAsGroup"))
    mount = context.get("procMount")
    _optional(errors, f"{path}.procMount", mount, _PROC_MOUNTS)
    if mount == "Unmasked" and host_users:
        errors.append(field_errors.invalid(f"{path}.procMount", mount, "`hostUsers` must be false to use `Unmasked`"))
    _seccomp(errors, f"{path}.seccompProfile", context.get("seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            _contradiction(errors, path, context, "`privileged` to true")
        for capability in (context.get("capabilities") or {}).get("add") or ():
            if capability == "CAP_SYS_ADMIN":
                _contradiction(errors, path, context, "`capabilities.Add` CAP_SYS_ADMIN")
    windows = context.get("windowsOptions")
    if windows is not None:
        from podwright.apiserver.strategies.pod.windows import validate_options

        validate_options(errors, f"{path}.windowsOptions", windows)
    _app_armor(errors, f"{path}.appArmorProfile", context.get("appArmorProfile"))


def user_or_group(errors: Errors, path: str, number: int | None) -> None:
    """Check a user or group id."""
    if number is not None and not 0 <= number <= MAX_INT32:
        errors.append(field_errors.invalid(path, number, _ID))


def is_network_sysctl(name: str) -> bool:
    """Tell whether a kernel parameter belongs to the network namespace."""
    return name.replace("/", ".").startswith("net.")


def is_ipc_sysctl(name: str) -> bool:
    """Tell whether a kernel parameter belongs to the IPC namespace."""
    return name.replace("/", ".").startswith(_IPC_SYSCTLS)


def _optional(errors: Errors, path: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        errors.append(field_errors.not_supported(path, value, allowed))


def _profiles(errors: Errors, path: str, context: JSON) -> None:
    _seccomp(errors, f"{path}.seccompProfile", context.get("seccompProfile"))
    windows = context.get("windowsOptions")
    if windows is not None:
        from podwright.apiserver.strategies.pod.windows import validate_options

        validate_options(errors, f"{path}.windowsOptions", windows)
    _app_armor(errors, f"{path}.appArmorProfile", context.get("appArmorProfile"))


def _contradiction(errors: Errors, path: str, context: JSON, what: str) -> None:
    text = shown.compact(spelled_context(context))
    detail = f"cannot set `allowPrivilegeEscalation` to false and {what}"
    errors.append(shown.ShownError("Invalid", path, text, detail))


def _seccomp(errors: Errors, path: str, profile: JSON | None) -> None:
    if profile is None:
        return
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    if not kind:
        errors.append(field_errors.required(f"{path}.type", "type is required when seccompProfile is set"))
    elif kind not in _PROFILES:
        errors.append(field_errors.not_supported(f"{path}.type", kind, _PROFILES))
    where = f"{path}.localhostProfile"
    if kind == "Localhost":
        if local is None:
            errors.append(field_errors.required(where, "must be set when seccomp type is Localhost"))
        else:
            descending(errors, where, local)
    elif local is not None:
        text = shown.compact({"Type": kind, "LocalhostProfile": local})
        errors.append(shown.ShownError("Invalid", where, text, "can only be set when seccomp type is Localhost"))


def _app_armor(errors: Errors, path: str, profile: JSON | None) -> None:
    if profile is None:
        return
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    where = f"{path}.localhostProfile"
    if not kind:
        errors.append(field_errors.required(f"{path}.type", "type is required when appArmorProfile is set"))
    elif kind not in _PROFILES:
        errors.append(field_errors.not_supported(f"{path}.type", kind, _PROFILES))
    elif kind != "Localhost":
        if local is not None:
            errors.append(field_errors.invalid(where, local, "can only be set when AppArmor type is Localhost"))
    elif not local:
        errors.append(field_errors.required(where, "must be set when AppArmor type is Localhost"))
    else:
        if local.strip() != local:
            errors.append(field_errors.invalid(where, local, "must not be padded with whitespace"))
        if len(local) > _PATH_MAX:
            errors.append(field_errors.too_long(where, "", _PATH_MAX))


def _validate_sysctls(errors: Errors, path: str, sysctls: list[JSON], spec: JSON) -> None:
    seen: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        where, name = f"{path}[{index}].name", sysctl.get("name") or ""
        if not name:
            errors.append(field_errors.required(where))
        elif len(name) > _SYSCTL_LENGTH or not _SYSCTL_RE.fullmatch(name):
            detail = f"must have at most {_SYSCTL_LENGTH} characters and match regex ^{_SYSCTL}$"
            errors.append(field_errors.invalid(where, name, detail))
        elif name in seen:
            errors.append(field_errors.duplicate(where, name))
        if spec.get("hostNetwork") and is_network_sysctl(name):
            errors.append(field_errors.invalid(where, name, "may not be specified when 'hostNetwork' is true"))
        elif spec.get("hostIPC") and is_ipc_sysctl(name):
            errors.append(field_errors.invalid(where, name, "may not be specified when 'hostIPC' is true"))
        seen.add(name)
