"""Controls of what the kernel lets processes do: AppArmor, seccomp, SELinux, the masks of /proc, sysctls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from podwright.api.quoting import quote
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
)

_TYPES: Final = frozenset(("RuntimeDefault", "Localhost"))
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD: Final = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP: Final = "container.seccomp.security.alpha.kubernetes.io/"
_DEFAULTS: Final = frozenset(("runtime/default", "docker/default"))
SELINUX_TYPES: Final = frozenset(("", "container_t", "container_init_t", "container_kvm_t"))
"""SELinux types that anybody may ask for."""
_OWN_PLACE: Final = "localhost/"


def apparmor(metadata: JSON, spec: JSON) -> Violation | None:
    """The runtime's profile or one of the node's, by field or by annotation."""

    def wrong(part: JSON) -> bool:
        profile = context_of(part).get("appArmorProfile")
        return profile is not None and profile.get("type") not in _TYPES

    told = setters(pod=wrong(spec), containers=found_in(spec, wrong))
    values = _types(spec, "appArmorProfile")
    annotations: dict[str, str] = metadata.get("annotations") or {}
    noted = sorted(
        f"{key}={quote(value)}"
        for key, value in annotations.items()
        if key.startswith(_APPARMOR) and value and value != "runtime/default" and not value.startswith(_OWN_PLACE)
    )
    if noted:
        told.append(counted("annotation", noted))
    if not told:
        return None
    values += noted
    what = f"{' and '.join(told)} must not set AppArmor profile type to {quoted(values)}"
    return Violation(counted("forbidden AppArmor profile", values), what)


def _types(spec: JSON, field: str) -> list[str]:
    """The types of profiles that are not allowed, of a pod and its containers."""
    profiles = [context_of(part).get(field) for part in (spec, *containers_of(spec))]
    return sorted({(p.get("type") or "") for p in profiles if p is not None} - _TYPES)


def seccomp_annotations(metadata: JSON, spec: JSON) -> Violation | None:
    """The runtime's profile or one of the node's, as annotations said before there were fields."""
    annotations: dict[str, str] = metadata.get("annotations") or {}
    keys = {_SECCOMP_POD, *(f"{_SECCOMP}{container['name']}" for container in containers_of(spec))}
    given = {key: annotations[key] for key in keys & annotations.keys()}
    wrong = sorted(
        f"{key}={quote(value)}"
        for key, value in given.items()
        if value not in _DEFAULTS and not value.startswith(_OWN_PLACE)
    )
    return (
        Violation("seccompProfile", f"forbidden {counted('annotation', wrong)} {', '.join(wrong)}") if wrong else None
    )


def seccomp(metadata: JSON, spec: JSON) -> Violation | None:
    """Where a profile is named it is the runtime's or one of the node's."""
    del metadata

    def wrong(part: JSON) -> bool:
        profile = context_of(part).get("seccompProfile")
        return profile is not None and profile.get("type") not in _TYPES

    told = setters(pod=wrong(spec), containers=found_in(spec, wrong))
    if not told:
        return None
    values = quoted(_types(spec, "seccompProfile"))
    return Violation(
        "seccompProfile", f"{' and '.join(told)} must not set securityContext.seccompProfile.type to {values}"
    )


def seccomp_named(metadata: JSON, spec: JSON) -> Violation | None:
    """Every container has such a profile, or the pod names one for it."""
    found = seccomp(metadata, spec)
    if found is not None or context_of(spec).get("seccompProfile") is not None:
        return found
    silent = found_in(spec, lambda container: context_of(container).get("seccompProfile") is None)
    if not silent:
        return None
    what = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Violation("seccompProfile", f"pod or {named(silent)} {what}")


def selinux(allowed: frozenset[str]) -> Callable[[JSON, JSON], Violation | None]:
    """A type out of those, and no user or role of one's own."""

    def check(metadata: JSON, spec: JSON) -> Violation | None:
        del metadata
        told = setters(
            pod=_is_labelled(spec, allowed), containers=found_in(spec, lambda each: _is_labelled(each, allowed))
        )
        if not told:
            return None
        labels = [label for part in (spec, *containers_of(spec)) if (label := _label(part))]
        types = sorted({label.get("type") or "" for label in labels} - allowed)
        wrong = [named(types, "type")] if types else []
        wrong += [f"{key} may not be set" for key in ("user", "role") if any(label.get(key) for label in labels)]
        what = f"{' and '.join(told)} set forbidden securityContext.seLinuxOptions: {'; '.join(wrong)}"
        return Violation("seLinuxOptions", what)

    return check


def _label(part: JSON) -> JSON:
    return context_of(part).get("seLinuxOptions") or {}


def _is_labelled(part: JSON, allowed: frozenset[str]) -> bool:
    label = _label(part)
    return (label.get("type") or "") not in allowed or bool(label.get("user") or label.get("role"))


def proc_mount(metadata: JSON, spec: JSON) -> Violation | None:
    """/proc is masked as usual."""
    del metadata
    names = found_in(spec, lambda container: _proc(container) != "Default")
    if not names:
        return None
    types = sorted({_proc(container) for container in containers_of(spec)} - {"Default"})
    return Violation("procMount", f"{named(names)} must not set securityContext.procMount to {quoted(types)}")


def _proc(container: JSON) -> str:
    found: str | None = context_of(container).get("procMount")
    return "Default" if found is None else found


def sysctls(allowed: frozenset[str]) -> Callable[[JSON, JSON], Violation | None]:
    """Only settings of the pod's own that harm nobody else."""

    def check(metadata: JSON, spec: JSON) -> Violation | None:
        del metadata
        given = [setting["name"] for setting in context_of(spec).get("sysctls") or ()]
        wrong = [name for name in given if name not in allowed]
        return Violation("forbidden sysctls", ", ".join(wrong)) if wrong else None

    return check
