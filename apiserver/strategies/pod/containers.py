"""Containers of a pod: regular, init (sidecars among them) and ephemeral ones.

What all have in common is checked in one place; each kind adds who may share names with whom and which fields it
may not have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import env, mounts, network, probes, resources, security

JSON = dict[str, Any]

_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_RESIZABLE = ("cpu", "memory")
_RESIZE_POLICIES = ("NotRequired", "RestartContainer")
_EXIT_OPERATORS = ("In", "NotIn")
_NOT_FOR_INIT = "may not be set for init containers without restartPolicy=Always"
_NOT_FOR_EPHEMERAL = "cannot be set for an Ephemeral Container"
# In the order in which they are reported.
_EPHEMERAL_FORBIDDEN = (
    "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
    "startupProbe", "lifecycle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks of a container must know of its pod."""

    volumes: dict[str, JSON]
    claims: Collection[str]
    grace: int | None
    os_name: str | None
    restart_policy: str
    host_users: bool


def validate_regular(errors: Errors, path: str, containers: Sequence[JSON], pod: Surroundings) -> None:
    """Check `spec.containers`."""
    if not containers:
        errors.append(field_errors.required(path))
        return
    taken: set[str] = set()
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        validate_common(errors, where, container, pod)
        name = container.get("name") or ""
        if name in taken:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        taken.add(name)
        if container.get("lifecycle") is not None:
            probes.validate_lifecycle(errors, f"{where}.lifecycle", container["lifecycle"], pod.grace, pod.os_name)
        probes.validate_probes(errors, where, container, pod.grace)
        if "restartPolicy" in container or "restartPolicyRules" in container:
            _validate_restart(errors, where, container)
    network.validate_host_ports(errors, path, containers)


def validate_init(
    errors: Errors, path: str, containers: Sequence[JSON], regular: Sequence[JSON], pod: Surroundings
) -> None:
    """Check `spec.initContainers`."""
    taken = {container.get("name") or "" for container in regular}
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        validate_common(errors, where, container, pod)
        sidecar = container.get("restartPolicy") == "Always"
        if sidecar:
            if container.get("restartPolicyRules"):
                detail = "restartPolicyRules are not allowed for init containers with restart policy Always"
                errors.append(field_errors.forbidden(f"{where}.restartPolicyRules", detail))
        elif container.get("restartPolicy") is not None:
            _validate_restart(errors, where, container)
        name = container.get("name") or ""
        if name in taken:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        elif name:
            taken.add(name)
        network.validate_host_ports(errors, path, (container,))
        lifecycle = container.get("lifecycle")
        if not sidecar:
            errors.extend(
                field_errors.forbidden(f"{where}.{field}", _NOT_FOR_INIT)
                for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if container.get(field) is not None
            )
            if container.get("resizePolicy"):
                text = shown.compact(
                    [
                        {"ResourceName": item.get("resourceName"), "RestartPolicy": item.get("restartPolicy")}
                        for item in container["resizePolicy"]
                    ]
                )
                detail = "must not be set for init containers"
                errors.append(shown.ShownError("Invalid", f"{where}.resizePolicy", text, detail))
            continue
        if lifecycle is not None:
            probes.validate_lifecycle(errors, f"{where}.lifecycle", lifecycle, pod.grace, pod.os_name)
        probes.validate_probes(errors, where, container, pod.grace)


def validate_ephemeral(
    errors: Errors, path: str, containers: Sequence[JSON], others: Sequence[JSON], pod: Surroundings
) -> None:
    """Check `spec.ephemeralContainers`; `others` are the pod's regular and init containers."""
    targets = {container.get("name") or "" for container in others}
    taken = set(targets)
    for index, container in enumerate(containers):
        where = f"{path}[{index}]"
        validate_common(errors, where, container, pod)
        validate_image_padding(errors, where, container)
        name = container.get("name") or ""
        if name in taken:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        taken.add(name)
        target = container.get("targetContainerName")
        if target and target not in targets:
            errors.append(field_errors.not_found(f"{where}.targetContainerName", target))
        errors.extend(
            field_errors.forbidden(f"{where}.{field}", _NOT_FOR_EPHEMERAL)
            for field in _EPHEMERAL_FORBIDDEN
            if container.get(field)
        )
        for position, mount in enumerate(container.get("volumeMounts") or ()):
            errors.extend(
                field_errors.forbidden(f"{where}.volumeMounts[{position}].{field}", _NOT_FOR_EPHEMERAL)
                for field in ("subPath", "subPathExpr")
                if mount.get(field)
            )


def validate_image_padding(errors: Errors, path: str, container: JSON) -> None:
    """Check that an image's name has no blanks around it (templates may: some tools fill them in later)."""
    image = container.get("image") or ""
    if image != image.strip():
        detail = "must not have leading or trailing whitespace"
        errors.append(field_errors.invalid(f"{path}.image", image, detail))


def validate_common(errors: Errors, path: str, container: JSON, pod: Surroundings) -> None:
    """Check what all kinds of containers have."""
    get = container.get
    name = get("name")
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    else:
        formats.dns_label(errors, f"{path}.name", name)
    if not get("image"):
        errors.append(field_errors.required(f"{path}.image"))
    if get("terminationMessagePolicy") not in _MESSAGE_POLICIES:
        where = f"{path}.terminationMessagePolicy"
        formats.one_of(errors, where, get("terminationMessagePolicy"), _MESSAGE_POLICIES)
    if get("ports"):
        network.validate_ports(errors, f"{path}.ports", container["ports"])
    if get("env"):
        env.validate_env(errors, f"{path}.env", container["env"])
    if get("envFrom"):
        env.validate_env_from(errors, f"{path}.envFrom", container["envFrom"])
    if get("volumeMounts") or get("volumeDevices"):
        mounts.validate_mounts(errors, path, container, pod.volumes)
    if get("imagePullPolicy") not in _PULL_POLICIES:
        formats.one_of(errors, f"{path}.imagePullPolicy", get("imagePullPolicy"), _PULL_POLICIES)
    if get("resources"):
        resources.validate_requirements(errors, f"{path}.resources", container["resources"], pod.claims)
    if get("resizePolicy"):
        _validate_resize_policy(errors, f"{path}.resizePolicy", container["resizePolicy"], pod.restart_policy)
    context = get("securityContext")
    if context:
        where = f"{path}.securityContext"
        security.validate_container_context(errors, where, context, host_users=pod.host_users)


def _validate_resize_policy(errors: Errors, path: str, policies: Sequence[JSON], pod_restarts: str) -> None:
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        resource, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if resource in seen:
            errors.append(field_errors.duplicate(f"{path}[{index}]", resource))
        seen.add(resource)
        formats.one_of(errors, path, resource, _RESIZABLE)
        formats.one_of(errors, path, restart, _RESIZE_POLICIES)
        if pod_restarts == "Never" and restart != "NotRequired":
            detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            errors.append(field_errors.invalid(path, restart, detail))


def _validate_restart(errors: Errors, path: str, container: JSON) -> None:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    where = f"{path}.restartPolicy"
    if policy is None:
        if rules:
            errors.append(field_errors.required(where, "must specify restartPolicy when restart rules are used"))
    elif policy not in _RESTART_POLICIES:
        errors.append(field_errors.not_supported(where, policy, _RESTART_POLICIES))
    if len(rules) > 20:
        errors.append(field_errors.too_long(f"{path}.restartPolicyRules", "", 20))
    for index, rule in enumerate(rules):
        where = f"{path}.restartPolicyRules[{index}]"
        action, codes = rule.get("action") or "", rule.get("exitCodes")
        if action not in {"Restart", "RestartAllContainers"}:
            errors.append(field_errors.not_supported(f"{where}.action", action, ("Restart", "RestartAllContainers")))
        if codes is None:
            errors.append(field_errors.required(f"{where}.exitCodes", "must be specified"))
            continue
        operator = codes.get("operator") or ""
        if operator not in _EXIT_OPERATORS:
            errors.append(field_errors.not_supported(f"{where}.exitCodes.operator", operator, _EXIT_OPERATORS))
        if len(codes.get("values") or ()) > 255:
            errors.append(field_errors.too_long(f"{where}.exitCodes.values", "", 255))
