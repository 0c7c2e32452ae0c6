"""A pod's spec as a whole: which checks run, in the order in which messages appear.

The same checks serve pods and pod templates; the few that are stricter for pods are named here.
"""

from __future__ import annotations

from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.formats import MAX_INT32, Errors
from podwright.apiserver.strategies.pod import affinity, annotation_rules, containers, env, network, security, volumes
from podwright.apiserver.strategies.pod.windows import (
    containers as all_containers,
)
from podwright.apiserver.strategies.pod.windows import (
    uses_windows_options,
    validate_host_process,
    validate_linux_pod,
    validate_windows_pod,
)

JSON = dict[str, Any]

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_SYSTEMS = ("linux", "windows")
_DEADLINE = f"must be between 1 and {MAX_INT32}, inclusive"


def validate_pod(pod: JSON) -> Errors:
    """List what is wrong with a pod's annotations and spec, on creation and on every change."""
    errors: Errors = []
    spec: JSON = pod.get("spec") or {}
    metadata: JSON = pod["metadata"]
    annotation_rules.validate(errors, "metadata.annotations", metadata.get("annotations"), spec)
    validate_pod_spec(errors, "spec", spec, metadata.get("name") or "", in_pod=True)
    if not spec.get("serviceAccountName"):
        _validate_no_tokens(errors, spec)
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            containers.validate_image_padding(errors, f"spec.{kind}[{index}]", container)
    return errors


def validate_new_pod(pod: JSON) -> Errors:
    """List what is wrong with a pod that is being created."""
    errors = validate_pod(pod)
    spec: JSON = pod.get("spec") or {}
    if spec.get("ephemeralContainers"):
        errors.append(field_errors.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        errors.append(field_errors.forbidden("spec.nodeName", detail))
    annotation_rules.validate_profiles_match(errors, "spec", pod["metadata"].get("annotations"), spec)
    return errors


def validate_template(errors: Errors, path: str, template: JSON) -> None:
    """Check a pod template."""
    metadata: JSON = template.get("metadata") or {}
    spec: JSON = template.get("spec") or {}
    noted = metadata.get("annotations")
    formats.labels(errors, f"{path}.labels", metadata.get("labels"))
    meta.validate_annotations(errors, noted, f"{path}.annotations")
    annotation_rules.validate(errors, f"{path}.annotations", noted, spec)
    validate_pod_spec(errors, f"{path}.spec", spec, "", in_pod=False)
    annotation_rules.validate_profiles_match(errors, f"{path}.spec", noted, spec)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.append(field_errors.forbidden(f"{path}.spec.ephemeralContainers", detail))


def validate_pod_spec(errors: Errors, path: str, spec: JSON, pod_name: str, *, in_pod: bool) -> None:
    """Check a PodSpec; `pod_name` is "" for templates."""
    get = spec.get
    if get("terminationGracePeriodSeconds") is None:
        errors.append(field_errors.required(f"{path}.terminationGracePeriodSeconds"))
    good_volumes: dict[str, JSON] = {}
    if get("volumes"):
        good_volumes = volumes.validate_volumes(errors, f"{path}.volumes", spec["volumes"], pod_name, in_pod=in_pod)
    claims = _claim_names(errors, path, spec)
    surroundings = containers.Surroundings(
        volumes=good_volumes,
        claims=claims,
        grace=get("terminationGracePeriodSeconds"),
        os_name=(get("os") or {}).get("name"),
        restart_policy=get("restartPolicy") or "",
        host_users=get("hostUsers") is not False,
    )
    regular: list[JSON] = get("containers") or []
    init: list[JSON] = get("initContainers") or []
    ephemeral: list[JSON] = get("ephemeralContainers") or []
    containers.validate_regular(errors, f"{path}.containers", regular, surroundings)
    if init:
        containers.validate_init(errors, f"{path}.initContainers", init, regular, surroundings)
    if ephemeral:
        others = [*regular, *init]
        containers.validate_ephemeral(errors, f"{path}.ephemeralContainers", ephemeral, others, surroundings)
    if get("resources") is not None:
        from podwright.apiserver.strategies.pod.pod_resources import validate_pod_resources

        validate_pod_resources(errors, path, spec, claims)
    network.validate_host_network(errors, path, spec, in_pod=in_pod)
    formats.one_of(errors, f"{path}.restartPolicy", get("restartPolicy"), _RESTART_POLICIES)
    network.validate_dns_policy(errors, f"{path}.dnsPolicy", get("dnsPolicy"))
    if get("nodeSelector"):
        formats.labels(errors, f"{path}.nodeSelector", spec["nodeSelector"])
    security.validate_pod_context(errors, f"{path}.securityContext", spec)
    if get("affinity"):
        affinity.validate_affinity(errors, f"{path}.affinity", spec["affinity"])
    network.validate_dns(errors, f"{path}.dnsConfig", spec)
    if get("readinessGates") or get("schedulingGates"):
        affinity.validate_gates(errors, path, spec)
    if get("topologySpreadConstraints"):
        where = f"{path}.topologySpreadConstraints"
        affinity.validate_spread(errors, where, spec["topologySpreadConstraints"])
    if uses_windows_options(spec):
        validate_host_process(errors, path, spec)
    if get("hostUsers") is False:
        _validate_own_users(errors, path, spec)
    network.validate_host_name(errors, path, spec)
    _validate_names(errors, path, spec)
    if get("overhead"):
        from podwright.apiserver.strategies.pod.resources import validate_requirements

        validate_requirements(errors, f"{path}.overhead", {"limits": spec["overhead"]}, ())
    if get("os") is not None:
        _validate_system(errors, path, spec)
    _validate_file_variables(errors, path, spec)


def _validate_names(errors: Errors, path: str, spec: JSON) -> None:
    get = spec.get
    for name in ("serviceAccountName", "nodeName"):
        value = get(name)
        if value:
            formats.dns_subdomain(errors, f"{path}.{name}", value)
    deadline = get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MAX_INT32:
        errors.append(field_errors.invalid(f"{path}.activeDeadlineSeconds", deadline, _DEADLINE))
    for name in ("hostname", "subdomain"):
        value = get(name)
        if value:
            formats.dns_label(errors, f"{path}.{name}", value)
    if get("tolerations"):
        affinity.validate_tolerations(errors, f"{path}.tolerations", spec["tolerations"])
    if get("hostAliases"):
        network.validate_host_aliases(errors, f"{path}.hostAliases", spec["hostAliases"])
    if get("priorityClassName"):
        formats.dns_subdomain(errors, f"{path}.priorityClassName", spec["priorityClassName"])
    runtime = get("runtimeClassName")
    if runtime is not None:
        formats.dns_subdomain(errors, f"{path}.runtimeClassName", runtime)
    preemption = get("preemptionPolicy")
    if preemption is not None:
        formats.one_of(errors, f"{path}.preemptionPolicy", preemption, _PREEMPTION)


def _claim_names(errors: Errors, path: str, spec: JSON) -> set[str]:
    """Check `spec.resourceClaims` and return their names."""
    claims: list[JSON] = spec.get("resourceClaims") or []
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        where, name = f"{path}.resourceClaims[{index}]", claim.get("name") or ""
        if not name:
            errors.append(field_errors.required(f"{where}.name"))
        elif name in seen:
            errors.append(field_errors.duplicate(f"{where}.name", name))
        else:
            formats.dns_label(errors, f"{where}.name", name)
            seen.add(name)
        _validate_claim(errors, where, claim)
    return {claim["name"] for claim in claims if claim.get("name")}


def _validate_claim(errors: Errors, path: str, claim: JSON) -> None:
    from podwright.apiserver.strategies import shown

    direct, template = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
    if (direct is None) == (template is None):
        detail = (
            "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            if direct is None
            else "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
        )
        text = shown.compact(
            {
                "Name": claim.get("name") or "",
                "ResourceClaimName": direct,
                "ResourceClaimTemplateName": template,
            }
        )
        errors.append(shown.ShownError("Invalid", path, text, detail))
    for name, value in (("resourceClaimName", direct), ("resourceClaimTemplateName", template)):
        if value is not None:
            formats.complain(errors, f"{path}.{name}", value, names.dns1123_subdomain(value))


def _validate_own_users(errors: Errors, path: str, spec: JSON) -> None:
    detail = "when `hostUsers` is false"
    for field, shown_as in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(field):
            errors.append(field_errors.forbidden(f"{path}.{shown_as}", detail))
    for where, container in all_containers(path, spec):
        if container.get("volumeDevices"):
            errors.append(field_errors.forbidden(f"{where}.volumeDevices", detail))


def _validate_system(errors: Errors, path: str, spec: JSON) -> None:
    system = spec["os"].get("name") or ""
    if not system:
        errors.append(field_errors.required(f"{path}.os.name"))
    elif system not in _SYSTEMS:
        errors.append(field_errors.not_supported(f"{path}.os", system, _SYSTEMS))
    elif system == "linux":
        validate_linux_pod(errors, path, spec)
    else:
        validate_windows_pod(errors, path, spec)


def _validate_file_variables(errors: Errors, path: str, spec: JSON) -> None:
    by_name: dict[str, JSON] | None = None
    for where, container in all_containers(path, spec):
        variables = container.get("env")
        if variables:
            if by_name is None:
                by_name = {volume.get("name") or "": volume for volume in spec.get("volumes") or ()}
            env.validate_file_volumes(errors, f"{where}.env", variables, by_name)


def _validate_no_tokens(errors: Errors, spec: JSON) -> None:
    detail = "must not be specified when serviceAccountName is not set"
    for index, volume in enumerate(spec.get("volumes") or ()):
        for position, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                where = f"spec.volumes[{index}].projected.sources[{position}].serviceAccountToken"
                errors.append(field_errors.forbidden(where, detail))
