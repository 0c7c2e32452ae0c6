"""Annotations of pods that have a meaning: mirror pods, old security profiles, deletion cost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import affinity
from podwright.apiserver.strategies.pod.paths import descending
from podwright.apiserver.strategies.pod.windows import containers

JSON = dict[str, Any]

MIRROR = "kubernetes.io/config.mirror"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"

_TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_COST = re.compile(r"-?(0|[1-9][0-9]*)|\+(0|[1-9][0-9]*)")
_INIT_CONTAINERS = (
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
)
_DEFAULT_PROFILES = ("runtime/default", "docker/default")


def drop_init_containers(metadata: JSON) -> None:
    """Drop the annotations by which clients long gone described init containers."""
    annotations = metadata.get("annotations")
    if annotations and any(name in annotations for name in _INIT_CONTAINERS):
        metadata["annotations"] = {k: v for k, v in annotations.items() if k not in _INIT_CONTAINERS}


def validate(errors: Errors, path: str, annotations: JSON | None, spec: JSON) -> None:
    """Check the annotations of a pod or template that have a meaning."""
    if not annotations:
        return
    if MIRROR in annotations and not spec.get("nodeName"):
        where = f"{path}[{MIRROR}]"
        detail = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(field_errors.invalid(where, annotations[MIRROR], detail))
    if annotations.get(_TOLERATIONS):
        _validate_tolerations(errors, path, annotations[_TOLERATIONS])
    cost = annotations.get(_DELETION_COST)
    if cost is not None and not _is_int32(cost):
        errors.append(field_errors.invalid(f"{path}[{_DELETION_COST}]", cost, "must be a 32bit integer"))
    for key, value in annotations.items():
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            _validate_seccomp(errors, f"{path}.{key}", value)
    for key, value in annotations.items():
        if key.startswith(APP_ARMOR):
            _validate_app_armor(errors, f"{path}[{key}]", key.removeprefix(APP_ARMOR), value, spec)


def validate_change(errors: Errors, path: str, new: JSON | None, old: JSON | None) -> None:
    """Check that annotations that are fixed at creation have not come, gone or changed."""
    before, after = old or {}, new or {}
    for key, value in before.items():
        if after.get(key) != value:
            if key.startswith(APP_ARMOR):
                detail = "may not remove or update AppArmor annotations"
                errors.append(field_errors.forbidden(f"{path}[{key}]", detail))
            if key == MIRROR:
                detail = "may not remove or update mirror pod annotation"
                errors.append(field_errors.forbidden(f"{path}[{key}]", detail))
    for key in after:
        if key in before:
            continue
        if key.startswith(APP_ARMOR):
            errors.append(field_errors.forbidden(f"{path}[{key}]", "may not add AppArmor annotations"))
        if key == MIRROR:
            errors.append(field_errors.forbidden(f"{path}[{key}]", "may not add mirror pod annotation"))


def validate_profiles_match(errors: Errors, path: str, annotations: JSON | None, spec: JSON) -> None:
    """Check that old profile annotations say the same as the fields that replaced them."""
    if not annotations or not any(key.startswith((SECCOMP_POD, SECCOMP_CONTAINER, APP_ARMOR)) for key in annotations):
        return
    context: JSON = spec.get("securityContext") or {}
    _match_seccomp(errors, f"{path}.securityContext", annotations.get(SECCOMP_POD), context)
    everything = list(containers(path, spec))
    for where, container in everything:
        own: JSON = container.get("securityContext") or {}
        key = f"{SECCOMP_CONTAINER}{container.get('name') or ''}"
        _match_seccomp(errors, f"{where}.securityContext", annotations.get(key), own)
    if (spec.get("os") or {}).get("name") == "windows":
        return
    for where, container in everything:
        own = container.get("securityContext") or {}
        profile = own.get("appArmorProfile") or context.get("appArmorProfile")
        said = annotations.get(f"{APP_ARMOR}{container.get('name') or ''}")
        if profile is not None and said is not None:
            _match(errors, f"{where}.securityContext.appArmorProfile", "apparmor", said, profile, ("runtime/default",))


def app_armor_field(said: str) -> JSON | None:
    """Return the profile an old AppArmor annotation stands for; None when it stands for none."""
    if said == "unconfined":
        return {"type": "Unconfined"}
    if said == "runtime/default":
        return {"type": "RuntimeDefault"}
    if said.startswith("localhost/") and said.removeprefix("localhost/"):
        return {"type": "Localhost", "localhostProfile": said.removeprefix("localhost/")}
    return None


def _match_seccomp(errors: Errors, path: str, said: str | None, context: JSON) -> None:
    profile = context.get("seccompProfile")
    if profile is not None and said is not None:
        _match(errors, f"{path}.seccompProfile", "seccomp", said, profile, _DEFAULT_PROFILES)


def _match(errors: Errors, path: str, what: str, said: str, profile: JSON, defaults: Iterable[str]) -> None:
    kind = profile.get("type")
    local = said.removeprefix("localhost/") if said.startswith("localhost/") else None
    same = {
        "Unconfined": said == "unconfined",
        "RuntimeDefault": said in defaults,
        "Localhost": local is not None,
    }.get(kind or "", True)
    if not same:
        errors.append(field_errors.forbidden(f"{path}.type", f"{what} type in annotation and field must match"))
    elif kind == "Localhost" and local != profile.get("localhostProfile"):
        detail = f"{what} profile in annotation and field must match"
        errors.append(field_errors.forbidden(f"{path}.localhostProfile", detail))


def _validate_tolerations(errors: Errors, path: str, text: str) -> None:
    try:
        tolerations = json.loads(text)
    except ValueError as error:
        errors.append(field_errors.invalid(path, _TOLERATIONS, str(error)))
        return
    if isinstance(tolerations, list):
        affinity.validate_tolerations(errors, f"{path}.{_TOLERATIONS}", tolerations)


def _validate_seccomp(errors: Errors, path: str, profile: str) -> None:
    if profile in {*_DEFAULT_PROFILES, "unconfined"}:
        return
    if profile.startswith("localhost/"):
        descending(errors, path, profile.removeprefix("localhost/"))
    else:
        errors.append(field_errors.invalid(path, profile, "must be a valid seccomp profile"))


def _validate_app_armor(errors: Errors, path: str, name: str, profile: str, spec: JSON) -> None:
    if not any(container.get("name") == name for _, container in containers("", spec)):
        errors.append(field_errors.invalid(path, name, "container not found"))
    if profile not in {"", "runtime/default", "unconfined"} and not profile.startswith("localhost/"):
        errors.append(field_errors.invalid(path, profile, f'invalid AppArmor profile name: "{profile}"'))


def _is_int32(text: str) -> bool:
    return bool(_COST.fullmatch(text)) and not text.startswith("+") and -(2**31) <= int(text) < 2**31
